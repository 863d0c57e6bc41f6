package sessions

import (
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// AppendValue appends a value of a session to dst in the form in which Stores
// outside this process keep it, and ParseValue returns it from there with its Go
// type: bool, int, int64, float32, float64, string, []byte, time.Time and every
// type that encoding/gob has been told of with gob.Register. It is never empty.
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
		return nil, fmt.Errorf("sessions: a value of type %T cannot be stored: %w", value, err)
	}
	return append(append(dst, tagGob), b.Bytes()...), nil
}

// The first byte of a stored value says what the rest is.
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

// ParseValue returns the value that AppendValue made data of.
func ParseValue(data string) (any, error) {
	if data == "" {
		return nil, errors.New("sessions: a stored value is empty")
	}
	value, err := parse(data[0], data[1:])
	if err != nil {
		return nil, fmt.Errorf("sessions: a stored value of type %q is broken", data[:1]) // err may tell the value
	}
	return value, nil
}

func parse(tag byte, text string) (any, error) {
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
