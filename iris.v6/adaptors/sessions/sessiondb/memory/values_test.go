package memory_test

import (
	"encoding/gob"
	"strings"
	"testing"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/memory"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

type registered struct{ A int }

type unregistered struct{ A int }

func init() { gob.Register(registered{}) }

// TestValueThatOtherStoresCannotKeepIsRefused shows the error in tests with
// sessions in memory, not first in production.
func TestValueThatOtherStoresCannotKeepIsRefused(t *testing.T) {
	s, key, other := memory.New(), store.Key{1}, store.Key{2}
	if err := s.SetLimits(store.Limits{}); err != nil {
		t.Fatal(err)
	}
	items := []store.Item{{Name: "cart", Value: registered{1}}}
	if err := s.Create(key, items); err != nil {
		t.Fatal(err)
	}
	bad := []store.Item{{Name: "n", Value: 1}, {Name: "cart", Value: unregistered{2}}}
	for _, row := range []struct {
		name  string
		write func() error
	}{
		{"Create", func() error { return s.Create(other, bad) }},
		{"Update", func() error { _, err := s.Update(key, bad); return err }},
		{"Renew", func() error { _, err := s.Renew(key, other, bad); return err }},
	} {
		t.Run(row.name, func(t *testing.T) {
			err := row.write()
			if err == nil || !strings.Contains(err.Error(), "memory_test.unregistered") || !strings.Contains(err.Error(), "gob.Register") {
				t.Errorf("error %v, want one that names the type and gob.Register", err)
			}
			if _, ok, err := s.Read(other); ok || err != nil {
				t.Errorf("a session with the value: %v, %v", ok, err)
			}
			if got, ok, err := s.Read(key); !ok || err != nil || len(got) != 1 || got[0] != items[0] {
				t.Errorf("the session is %v, %v, %v, want %v", got, ok, err, items)
			}
		})
	}
}
