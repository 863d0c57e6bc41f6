package bolt_test

import (
	"encoding/gob"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// basket is a value in testdata/format1.db.
type basket struct{ Apples int }

func init() { gob.RegisterName("basket", basket{}) }

// TestFormat1IsRead reads a file that the first version of this package wrote: it
// created three sessions and renewed one. If the bytes of the file ever change, so
// must the number of the format. A bubble begins before the time in the file, so
// that time counts.
func TestFormat1IsRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		data, err := os.ReadFile("testdata/format1.db")
		must(t, err)
		path := filepath.Join(t.TempDir(), "sessions.db")
		must(t, os.WriteFile(path, data, 0o600))
		s := open(t, path, limits)
		rows := []struct {
			name string
			key  store.Key
			want []store.Item
		}{
			{"values of every type", store.Key{1}, []store.Item{
				{Name: "bool", Value: true}, {Name: "int", Value: -1}, {Name: "int64", Value: int64(1) << 62},
				{Name: "float32", Value: float32(0.1)}, {Name: "float64", Value: 0.1},
				{Name: "string", Value: "\x00ü\xff"}, {Name: "bytes", Value: []byte{0, 255}},
				{Name: "time", Value: time.Date(2026, 2, 28, 23, 59, 59, 1, time.UTC)}, {Name: "gob", Value: basket{3}},
			}},
			{"no values", store.Key{2}, []store.Item{}},
			{"a renewed session", store.Key{4}, []store.Item{{Name: "authenticated", Value: true}, {Name: "name", Value: "alice"}}},
		}
		for _, row := range rows {
			if got, ok, err := s.Read(row.key); !ok || err != nil || !reflect.DeepEqual(got, row.want) {
				t.Errorf("%s: %v, %v, %v, want %v", row.name, got, ok, err, row.want)
			}
		}
		wait(limits.IdleTimeout)
		for _, row := range rows {
			if _, ok, err := s.Read(row.key); ok || err != nil {
				t.Errorf("%s, after the idle limit: %v, %v", row.name, ok, err)
			}
		}
	})
}
