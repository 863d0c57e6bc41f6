package bolt

import (
	"reflect"
	"testing"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

func FuzzParseRecord(f *testing.F) {
	key := store.Key{1}
	for _, items := range [][]store.Item{nil, {{Name: "", Value: ""}}, {{Name: "authenticated", Value: true}, {Name: "n", Value: 1}}} {
		raw, err := encode(items)
		if err != nil {
			f.Fatal(err)
		}
		data, err := (&record{1, 2, 3, raw}).append(nil, key)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data[:len(data)-sumSize], true)
	}
	f.Add([]byte("no record"), false)
	f.Fuzz(func(t *testing.T, data []byte, sum bool) {
		if sum { // or what is beyond the checksum is never reached
			data = appendChecksum(data, key)
		}
		r, err := parseRecord(key, data)
		if err != nil {
			return
		}
		again, err := r.append(nil, key)
		if err != nil {
			t.Fatal(err)
		}
		if reread, err := parseRecord(key, again); err != nil || len(reread.items) != len(r.items) || reread.created != r.created {
			t.Errorf("%q is read as %+v, and after storing that as %+v, %v", data, r, reread, err)
		}
	})
}

func TestRecordIsBoundToItsKey(t *testing.T) {
	items := []store.Item{{Name: "a", Value: 1}}
	data, err := (&record{created: 1, items: items}).append(nil, store.Key{1})
	must(t, err)
	if r, err := parseRecord(store.Key{1}, data); err != nil || !reflect.DeepEqual(r.items, items) {
		t.Errorf("read as %+v, %v", r, err)
	}
	if r, err := parseRecord(store.Key{2}, data); err == nil {
		t.Errorf("under another key read as %+v", r)
	}
}

func TestRecordCutOffIsDamaged(t *testing.T) {
	for _, row := range []struct{ name, items string }{
		{"a name of which one byte of five is there", "\x05a"},
		{"a name without a value", "\x01a"},
		{"a value of which one byte of five is there", "\x01a\x05b"},
	} {
		data := append(make([]byte, 3*8), row.items...)
		if r, err := parseRecord(store.Key{}, appendChecksum(data, store.Key{})); err == nil {
			t.Errorf("%s: read as %+v", row.name, r)
		}
	}
}
