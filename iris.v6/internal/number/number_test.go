package number_test

import (
	"math"
	"testing"

	"gopkg.in/kataras/iris.v6/internal/number"
)

type celsius float32

func TestAs(t *testing.T) {
	const no = math.Pi // in place of a number
	for _, test := range []struct {
		name    string
		value   any
		integer float64 // what As[int64] returns
		float   float64 // what As[float64] returns
	}{
		{"an int", -42, -42, -42},
		{"an int8", int8(-42), -42, -42},
		{"a uint8", uint8(42), 42, 42},
		{"the largest int64", int64(math.MaxInt64), math.MaxInt64, math.MaxInt64},
		{"a uint64 beyond int64", uint64(1 << 63), no, 1 << 63},
		{"a float64", 42.0, 42, 42},
		{"a float32", float32(1.5), no, 1.5},
		{"a type of its own", celsius(42), 42, 42},
		{"the float64 below 1<<63", math.Nextafter(1<<63, 0), math.Nextafter(1<<63, 0), math.Nextafter(1<<63, 0)},
		{"1<<63 as a float64", float64(1 << 63), no, 1 << 63},
		{"-1<<63 as a float64", float64(-1 << 63), -1 << 63, -1 << 63},
		{"infinity", math.Inf(1), no, math.Inf(1)},
		{"a decimal in a string", "42", 42, 42},
		{"a negative one", "-42", -42, -42},
		{"a fraction in a string", "1.5", no, 1.5},
		{"a number and more", "42x", no, no},
		{"a hexadecimal number in a string", "0x2a", no, no},
		{"spaces", " 42", no, no},
		{"an empty string", "", no, no},
		{"a bool", true, no, no},
		{"bytes", []byte("42"), no, no},
		{"nothing", nil, no, no},
	} {
		t.Run(test.name, func(t *testing.T) {
			if i, ok := number.As[int64](test.value); ok != (test.integer != no) || ok && float64(i) != test.integer {
				t.Errorf("As[int64](%v): %v, %v, want %v", test.value, i, ok, test.integer)
			}
			if f, ok := number.As[float64](test.value); ok != (test.float != no) || ok && f != test.float {
				t.Errorf("As[float64](%v): %v, %v, want %v", test.value, f, ok, test.float)
			}
		})
	}
	if f, ok := number.As[float32](0.1); f != 0.1 || !ok {
		t.Errorf("As[float32](0.1): %v, %v, want the nearest float32", f, ok)
	}
	if f, ok := number.As[float32](1e300); ok {
		t.Errorf("As[float32](1e300): %v, want none", f)
	}
}
