// Package number converts values whose type is not known to numbers.
package number

import (
	"math"
	"reflect"
	"strconv"
)

// As returns v as a T. v is a number of any type, or a decimal one in a string.
// ok is false if v is neither or does not fit: 1.5 is no int. A float is rounded
// to the nearest one that T has.
func As[T int | int64 | float32 | float64](v any) (n T, ok bool) {
	if n, ok := v.(T); ok {
		return n, true
	}
	to := reflect.ValueOf(n)
	if to.CanInt() {
		i, ok := integer(reflect.ValueOf(v))
		if !ok || to.OverflowInt(i) {
			return 0, false
		}
		return T(i), true
	}
	f, ok := float(reflect.ValueOf(v))
	if !ok || to.OverflowFloat(f) {
		return 0, false
	}
	return T(f), true
}

func integer(v reflect.Value) (i int64, ok bool) {
	switch {
	case v.CanInt():
		return v.Int(), true
	case v.CanUint():
		return int64(v.Uint()), v.Uint() <= math.MaxInt64
	case v.CanFloat():
		f := v.Float()
		return int64(f), f == math.Trunc(f) && f >= math.MinInt64 && f < math.MaxInt64 // which rounds to 1<<63
	case v.Kind() == reflect.String:
		i, err := strconv.ParseInt(v.String(), 10, 64)
		return i, err == nil
	}
	return 0, false
}

func float(v reflect.Value) (f float64, ok bool) {
	switch {
	case v.CanInt():
		return float64(v.Int()), true
	case v.CanUint():
		return float64(v.Uint()), true
	case v.CanFloat():
		return v.Float(), true
	case v.Kind() == reflect.String:
		f, err := strconv.ParseFloat(v.String(), 64)
		return f, err == nil
	}
	return 0, false
}
