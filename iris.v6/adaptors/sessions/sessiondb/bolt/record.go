package bolt

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math"
	"slices"
	"strings"
	"time"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// record is a session in the file: three times of 8 bytes, the items, each with
// the lengths of its name and value before them, and a checksum of 4 bytes over
// all of that and the key.
type record struct {
	created, used time.Duration // since 1970
	end           time.Duration // its time in bucketEnds
	items         []store.Item  // as in the index
}

// encoding is a value in the form that store.AppendValue gives it. The index has it
// in the place of a value that can be changed, or whose type has code of its own:
// only the request that sets or gets such a value runs into that.
type encoding string

// isPlain tells from the first byte of the encoding whether the index has the value
// itself: a bool, a number or a string.
func isPlain(tag byte) bool { return strings.IndexByte("bildfs", tag) >= 0 }

// encode returns the items as the index has them. A nil value stays nil.
func encode(items []store.Item) ([]store.Item, error) {
	result := slices.Clone(items)
	for i, item := range items {
		if item.Value == nil {
			continue
		}
		data, err := store.AppendValue(nil, item.Value)
		if err != nil {
			return nil, err
		}
		if !isPlain(data[0]) {
			result[i].Value = encoding(data)
		}
	}
	return result, nil
}

// decode is the reverse of encode. It returns the items themselves if it can.
func decode(items []store.Item) ([]store.Item, error) {
	result := items
	for i, item := range items {
		data, ok := item.Value.(encoding)
		if !ok {
			continue
		}
		value, err := store.ParseValue(string(data))
		if err != nil {
			return nil, err
		}
		if &result[0] == &items[0] {
			result = slices.Clone(items)
		}
		result[i].Value = value
	}
	return result, nil
}

var errRecord = errors.New("a session in it is damaged")

const sumSize = crc32.Size

func checksum(key store.Key, data []byte) uint32 {
	return crc32.Update(crc32.ChecksumIEEE(key[:]), crc32.IEEETable, data)
}

func appendChecksum(data []byte, key store.Key) []byte {
	return binary.BigEndian.AppendUint32(data, checksum(key, data))
}

// The file has times in milliseconds since 1970.

func appendTime(dst []byte, t time.Duration) []byte {
	return binary.BigEndian.AppendUint64(dst, uint64(t.Milliseconds()))
}

// readTime returns the time that data begins with, or the latest one that a
// Duration can have.
func readTime(data []byte) time.Duration {
	const latest = math.MaxInt64 / uint64(time.Millisecond)
	return time.Duration(min(binary.BigEndian.Uint64(data), latest)) * time.Millisecond
}

// append appends the record to dst, which is empty.
func (r *record) append(dst []byte, key store.Key) ([]byte, error) {
	for _, t := range []time.Duration{r.created, r.used, r.end} {
		dst = appendTime(dst, t)
	}
	for _, item := range r.items {
		value, ok := item.Value.(encoding)
		if !ok {
			data, err := store.AppendValue(nil, item.Value)
			if err != nil {
				return nil, err
			}
			value = encoding(data)
		}
		dst = append(binary.AppendUvarint(dst, uint64(len(item.Name))), item.Name...)
		dst = append(binary.AppendUvarint(dst, uint64(len(value))), value...)
	}
	return appendChecksum(dst, key), nil
}

// parseRecord returns the record that append made data of. It keeps nothing of data.
func parseRecord(key store.Key, data []byte) (r record, err error) {
	n := len(data) - sumSize
	if n < 3*8 || checksum(key, data[:n]) != binary.BigEndian.Uint32(data[n:]) {
		return r, errRecord
	}
	r.created, r.used, r.end = readTime(data), readTime(data[8:]), readTime(data[16:])
	for rest := data[3*8 : n]; len(rest) > 0; {
		var item store.Item
		var value string
		var ok1, ok2 bool
		item.Name, rest, ok1 = cutText(rest)
		value, rest, ok2 = cutText(rest)
		if !ok1 || !ok2 || value == "" {
			return r, errRecord
		}
		item.Value = encoding(value)
		if isPlain(value[0]) {
			if item.Value, err = store.ParseValue(value); err != nil {
				return r, errRecord
			}
		}
		r.items = append(r.items, item)
	}
	return r, nil
}

// cutText cuts a text off the data, which begins with the length of the text.
func cutText(data []byte) (text string, rest []byte, ok bool) {
	n, size := binary.Uvarint(data)
	if size <= 0 || n > uint64(len(data)-size) {
		return "", nil, false
	}
	rest = data[size:]
	return string(rest[:n]), rest[n:], true
}
