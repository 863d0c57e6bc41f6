package store

import (
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// AppendValue appends a value of a session to dst, encoded for Stores that keep
// sessions outside this process. The encoding is never empty. ParseValue decodes
// it to the same Go type: bool, int, int64, float32, float64, string, []byte,
// time.Time, or a type registered with gob.Register. Other types are an error.
func AppendValue(dst []byte, value any) ([]byte, error) {
	switch v := value.(type) {
	case bool:
		return strconv.AppendBool(append(dst, tagBool), v), nil
	case int:
		return strconv.AppendInt(append(dst, tagInt), int64(v), 10), nil
	case int64:
		return strconv.AppendInt(append(dst, tagInt64), v, 10), nil
	case float32:
		return strconv.AppendFloat(append(dst, tagFloat32), float64(v), 'g', -1, 32), nil
	case float64:
		return strconv.AppendFloat(append(dst, tagFloat64), v, 'g', -1, 64), nil
	case string:
		return append(append(dst, tagString), v...), nil
	case []byte:
		return append(append(dst, tagBytes), v...), nil
	case time.Time:
		return v.AppendBinary(append(dst, tagTime))
	}
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(&value); err != nil {
		return nil, fmt.Errorf("store: a value of type %T cannot be stored (see gob.Register): %w", value, err)
	}
	return append(append(dst, tagGob), b.Bytes()...), nil
}

// Check returns an error if AppendValue cannot encode the value. So a Store inside
// this process refuses what the others cannot keep. It costs an encoding, unless the
// value is of one of the usual types.
func Check(value any) error {
	switch value.(type) {
	case bool, int, int64, float32, float64, string, []byte, time.Time:
		return nil
	}
	_, err := AppendValue(nil, value)
	return err
}

// The first byte of an encoded value is its type.
const (
	tagBool    = 'b'
	tagInt     = 'i'
	tagInt64   = 'l'
	tagFloat32 = 'f'
	tagFloat64 = 'd'
	tagString  = 's'
	tagBytes   = 'x'
	tagTime    = 't'
	tagGob     = 'g'
)

// ParseValue decodes a value that AppendValue encoded. An error does not contain
// data, which may be secret.
func ParseValue(data string) (any, error) {
	if data == "" {
		return nil, errors.New("store: a stored value is empty")
	}
	value, err := parseTagged(data[0], data[1:])
	if err != nil {
		return nil, fmt.Errorf("store: a stored value of type %q is broken", data[:1]) // err may contain the value
	}
	return value, nil
}

func parseTagged(tag byte, text string) (any, error) {
	switch tag {
	case tagBool:
		return strconv.ParseBool(text)
	case tagInt:
		return strconv.Atoi(text)
	case tagInt64:
		return strconv.ParseInt(text, 10, 64)
	case tagFloat32:
		v, err := strconv.ParseFloat(text, 32)
		return float32(v), err
	case tagFloat64:
		return strconv.ParseFloat(text, 64)
	case tagString:
		return text, nil
	case tagBytes:
		return []byte(text), nil
	case tagTime:
		var v time.Time
		err := v.UnmarshalBinary([]byte(text))
		return v, err
	case tagGob:
		var v any
		err := gob.NewDecoder(bytes.NewReader([]byte(text))).Decode(&v)
		return v, err
	}
	return nil, errors.New("unknown type")
}
