package bolt

import (
	"reflect"
	"testing"

	"gopkg.in/kataras/iris.v6/adaptors/sessions"
)

func FuzzParseRecord(f *testing.F) {
	key := sessions.Key{1}
	for _, items := range [][]sessions.Item{nil, {{Name: "", Value: ""}}, {{Name: "authenticated", Value: true}, {Name: "n", Value: 1}}} {
		raw, err := encode(items)
		if err != nil {
			f.Fatal(err)
		}
		data := (&record{1, 2, 3, raw}).append(nil, key)
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
		again := r.append(nil, key)
		if reread, err := parseRecord(key, again); err != nil || len(reread.items) != len(r.items) || reread.created != r.created {
			t.Errorf("%q is read as %+v, and after storing that as %+v, %v", data, r, reread, err)
		}
	})
}

func TestARecordOfAnotherKeyIsDamaged(t *testing.T) {
	data := (&record{created: 1, items: []sessions.Item{{Name: "a", Value: encoded("i1")}}}).append(nil, sessions.Key{1})
	if r, err := parseRecord(sessions.Key{1}, data); err != nil || !reflect.DeepEqual(r.items, []sessions.Item{{Name: "a", Value: encoded("i1")}}) {
		t.Errorf("read as %+v, %v", r, err)
	}
	if r, err := parseRecord(sessions.Key{2}, data); err == nil {
		t.Errorf("under another key read as %+v", r)
	}
}
