package store_test

import (
	"encoding/gob"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

func TestStoredValueKeepsItsGoType(t *testing.T) {
	for _, value := range []any{
		true, false, 0, -1, math.MaxInt, int64(math.MinInt64), float32(0.1), math.SmallestNonzeroFloat64, math.Inf(-1),
		"", "\x00ü\xff", []byte{}, []byte{0, 255}, time.Date(2026, 2, 28, 23, 59, 59, 1, time.UTC), uint8(7), []string{"a", ""},
	} {
		data, err := store.AppendValue([]byte("before"), value)
		text, found := strings.CutPrefix(string(data), "before")
		if got, parseErr := store.ParseValue(text); err != nil || !found || parseErr != nil || !reflect.DeepEqual(got, value) {
			t.Errorf("%#v of %T was stored as %q, %v, and is read as %#v, %v", value, value, data, err, got, parseErr)
		}
		if err := store.Check(value); err != nil {
			t.Errorf("Check of a %T: %v", value, err)
		}
	}
}

func TestTypeThatIsNotRegisteredIsAnError(t *testing.T) {
	type late struct{ A int }
	_, err := store.AppendValue(nil, late{1})
	if err == nil || !strings.Contains(err.Error(), "late") || !strings.Contains(err.Error(), "gob.Register") {
		t.Errorf("error %v, want one that names the type and gob.Register", err)
	}
	if checked := store.Check(late{1}); checked == nil || checked.Error() != err.Error() {
		t.Errorf("Check: %v, want %v", checked, err)
	}
	gob.Register(late{})
	if err := store.Check(late{1}); err != nil {
		t.Errorf("Check of a type that was registered since: %v", err)
	}
}

func TestCheckLooksAtEveryValueOfAType(t *testing.T) {
	type unknown struct{ A int }
	gob.Register([]any{})
	if err := store.Check([]any{1}); err != nil {
		t.Error(err)
	}
	if store.Check([]any{unknown{1}}) == nil {
		t.Error("a slice with a value of an unregistered type is accepted")
	}
}

func TestParseValueErrorDoesNotTellTheValue(t *testing.T) {
	for _, data := range []string{"", "b", "bsecret", "i1secret", "l1.5", "fsecret", "d", "tsecret", "gsecret", "?secret"} {
		if value, err := store.ParseValue(data); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q is read as %#v, %v", data, value, err)
		}
	}
}

func FuzzParseValue(f *testing.F) {
	for _, seed := range []string{"", "btrue", "i-1", "l9", "f0.1", "dNaN", "s", "x\x00", "t\x01", "g\x03"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data string) {
		value, err := store.ParseValue(data)
		if err != nil {
			return
		}
		again, err := store.AppendValue(nil, value)
		if err != nil {
			t.Fatalf("%q is read as %#v, which cannot be stored: %v", data, value, err)
		}
		if second, err := store.AppendValue(nil, value); err != nil || string(second) != string(again) && data[0] != 'g' {
			t.Errorf("%#v is stored as %q and as %q", value, again, second)
		}
		if reread, err := store.ParseValue(string(again)); err != nil || data[0] != 'g' && data[0] != 'd' && data[0] != 'f' && !reflect.DeepEqual(reread, value) {
			t.Errorf("%q is read as %#v, and after storing that as %#v, %v", data, value, reread, err)
		}
	})
}
