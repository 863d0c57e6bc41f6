package bolt

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math"
	"time"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// record is a session in the file: three times of 8 bytes, the items, each with
// the lengths of its name and value before them, and a checksum of 4 bytes over
// all of that and the key.
type record struct {
	created, used time.Duration // since 1970
	indexedAt     time.Duration // its time in the expiry index; 0: not there yet
	items         []store.Item  // the values are encodings
}

// encoding is a value in the form that store.AppendValue gives it. Values are
// encoded before the transaction that writes them, and decoded after the one that
// reads them, so a value that cannot be does no harm to other store.
type encoding string

// encode returns the items with their values encoded. A nil value stays nil.
func encode(items []store.Item) ([]store.Item, error) {
	result := make([]store.Item, len(items))
	for i, item := range items {
		result[i].Name = item.Name
		if item.Value == nil {
			continue
		}
		data, err := store.AppendValue(nil, item.Value)
		if err != nil {
			return nil, err
		}
		result[i].Value = encoding(data)
	}
	return result, nil
}

// decode decodes the values of items in place.
func decode(items []store.Item) (err error) {
	for i := range items {
		if items[i].Value, err = store.ParseValue(string(items[i].Value.(encoding))); err != nil {
			return err
		}
	}
	return nil
}

var errRecord = errors.New("the file is broken: a session in it is damaged")

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
func (r *record) append(dst []byte, key store.Key) []byte {
	for _, t := range []time.Duration{r.created, r.used, r.indexedAt} {
		dst = appendTime(dst, t)
	}
	for _, item := range r.items {
		value := item.Value.(encoding)
		dst = append(binary.AppendUvarint(dst, uint64(len(item.Name))), item.Name...)
		dst = append(binary.AppendUvarint(dst, uint64(len(value))), value...)
	}
	return appendChecksum(dst, key)
}

// parseRecord returns the record that append made data of. It keeps nothing of data.
func parseRecord(key store.Key, data []byte) (r record, err error) {
	n := len(data) - sumSize
	if n < 3*8 || checksum(key, data[:n]) != binary.BigEndian.Uint32(data[n:]) {
		return r, errRecord
	}
	r.created, r.used, r.indexedAt = readTime(data), readTime(data[8:]), readTime(data[16:])
	rest := string(data[3*8 : n])
	for rest != "" {
		var item store.Item
		var value string
		var ok1, ok2 bool
		item.Name, rest, ok1 = cutText(rest)
		value, rest, ok2 = cutText(rest)
		if !ok1 || !ok2 {
			return r, errRecord
		}
		item.Value = encoding(value)
		r.items = append(r.items, item)
	}
	return r, nil
}

// cutText cuts a text off the data, which begins with the length of the text.
func cutText(data string) (text, rest string, ok bool) {
	var n uint64
	for i, shift := 0, 0; i < len(data) && shift < 63; i, shift = i+1, shift+7 {
		n |= uint64(data[i]&0x7f) << shift
		if data[i] < 0x80 {
			rest = data[i+1:]
			if n > uint64(len(rest)) {
				return "", "", false
			}
			return rest[:n], rest[n:], true
		}
	}
	return "", "", false
}

const indexEntrySize = 8 + len(store.Key{})

// indexEntry is a key in the expiry index: the time, and the key of the session.
func indexEntry(key store.Key, at time.Duration) []byte {
	return append(appendTime(make([]byte, 0, indexEntrySize), at), key[:]...)
}

// parseIndexEntry is the reverse of indexEntry. The data has the right size.
func parseIndexEntry(data []byte) (store.Key, time.Duration) {
	return store.Key(data[8:]), readTime(data)
}
