package bolt

import (
	"encoding/binary"
	"errors"
	"hash/crc32"

	"gopkg.in/kataras/iris.v6/adaptors/sessions"
)

// record is a session in the file: three times of 8 bytes, the items, each with
// the lengths of its name and value before them, and a checksum of 4 bytes over
// all of that and the key.
type record struct {
	created, used instant
	listed        instant         // its place in the list of ends; 0: none yet
	items         []sessions.Item // whose values are encoded
}

// encoded is a value in the form that sessions.AppendValue gives it. Values are
// encoded before the transaction that writes them, and decoded by who reads
// them: what cannot be is one session's trouble then, and nobody else's.
type encoded string

// encode returns the items with their values encoded. A nil value stays nil.
func encode(items []sessions.Item) ([]sessions.Item, error) {
	result := make([]sessions.Item, len(items))
	for i, item := range items {
		result[i].Name = item.Name
		if item.Value == nil {
			continue
		}
		data, err := sessions.AppendValue(nil, item.Value)
		if err != nil {
			return nil, err
		}
		result[i].Value = encoded(data)
	}
	return result, nil
}

// decode decodes the values of items in place.
func decode(items []sessions.Item) (err error) {
	for i := range items {
		if items[i].Value, err = sessions.ParseValue(string(items[i].Value.(encoded))); err != nil {
			return err
		}
	}
	return nil
}

var errRecord = errors.New("the file is broken: a session in it is damaged")

const sumSize = crc32.Size

func checksum(key sessions.Key, data []byte) uint32 {
	return crc32.Update(crc32.ChecksumIEEE(key[:]), crc32.IEEETable, data)
}

func appendChecksum(data []byte, key sessions.Key) []byte {
	return binary.BigEndian.AppendUint32(data, checksum(key, data))
}

// append appends the record to dst, which is empty.
func (r *record) append(dst []byte, key sessions.Key) []byte {
	for _, t := range []instant{r.created, r.used, r.listed} {
		dst = binary.BigEndian.AppendUint64(dst, uint64(t))
	}
	for _, item := range r.items {
		value := item.Value.(encoded)
		dst = append(binary.AppendUvarint(dst, uint64(len(item.Name))), item.Name...)
		dst = append(binary.AppendUvarint(dst, uint64(len(value))), value...)
	}
	return appendChecksum(dst, key)
}

// parseRecord returns the record that append made data of. It keeps nothing of data.
func parseRecord(key sessions.Key, data []byte) (r record, err error) {
	n := len(data) - sumSize
	if n < 3*8 || checksum(key, data[:n]) != binary.BigEndian.Uint32(data[n:]) {
		return r, errRecord
	}
	for i, t := range []*instant{&r.created, &r.used, &r.listed} {
		*t = instant(binary.BigEndian.Uint64(data[8*i:]))
	}
	rest := string(data[3*8 : n])
	for rest != "" {
		var item sessions.Item
		var value string
		var ok1, ok2 bool
		item.Name, rest, ok1 = cutText(rest)
		value, rest, ok2 = cutText(rest)
		if !ok1 || !ok2 {
			return r, errRecord
		}
		item.Value = encoded(value)
		r.items = append(r.items, item)
	}
	return r, nil
}

// cutText takes a text off the data that begins with its length.
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

// listing is the key in the list of ends: the time, and the key of the session.
func listing(key sessions.Key, end instant) []byte {
	return append(binary.BigEndian.AppendUint64(make([]byte, 0, 8+len(key)), uint64(end)), key[:]...)
}

// parseListing is the reverse of listing.
func parseListing(data []byte) (key sessions.Key, end instant, err error) {
	if len(data) != 8+len(key) {
		return key, 0, errRecord
	}
	return sessions.Key(data[8:]), instant(binary.BigEndian.Uint64(data)), nil
}
