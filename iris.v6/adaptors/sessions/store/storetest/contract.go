package storetest

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
	"gopkg.in/kataras/iris.v6/internal/storecases"
)

// settings are the promises of a store that has no limits yet.
var settings = []row{
	{"before SetLimits every method fails", func(t *testing.T, s store.Store) {
		_, _, read := s.Read(key(1))
		_, update := s.Update(key(1), nil)
		_, renew := s.Renew(key(1), key(2), nil)
		for _, call := range []struct {
			name string
			err  error
		}{
			{"Read", read}, {"Create", s.Create(key(1), nil)}, {"Update", update}, {"Renew", renew},
			{"Destroy", s.Destroy(key(1))}, {"DestroyAll", s.DestroyAll()},
		} {
			if !errors.Is(call.err, store.ErrNoLimits) {
				t.Errorf("%s: %v, want ErrNoLimits", call.name, call.err)
			}
		}
		check(t, s.SetLimits(store.Limits{}))
		wantNone(t, s, key(1))
	}},
	{"limits are set only once", func(t *testing.T, s store.Store) {
		check(t, s.SetLimits(store.Limits{}))
		create(t, s, key(1))
		if err := s.SetLimits(store.Limits{}); !errors.Is(err, store.ErrLimitsSet) {
			t.Errorf("a second SetLimits: %v, want ErrLimitsSet", err)
		}
		want(t, s, key(1))
	}},
}

// basics are the promises about creating, reading and destroying.
var basics = []row{
	{"a session that was never created is not there, and that is no error", func(t *testing.T, s store.Store) {
		wantNone(t, s, key(1))
	}},
	{"what was created is read", func(t *testing.T, s store.Store) {
		create(t, s, key(1), item("a", 1), item("b", "two"))
		want(t, s, key(1), item("a", 1), item("b", "two"))
		wantNone(t, s, key(2))
	}},
	{"a session without values lives", func(t *testing.T, s store.Store) {
		create(t, s, key(1))
		want(t, s, key(1))
	}},
	{"a second session of a key is an error and changes nothing", func(t *testing.T, s store.Store) {
		create(t, s, key(1), item("a", 1))
		wantTaken(t, s.Create(key(1), []store.Item{item("a", 2)}))
		want(t, s, key(1), item("a", 1))
	}},
	{"a value keeps its Go type", func(t *testing.T, s store.Store) {
		create(t, s, key(1), storecases.Values...)
		want(t, s, key(1), storecases.Values...)
	}},
	{"names and values may be long, and names any text", func(t *testing.T, s store.Store) {
		long := string(make([]byte, 64<<10))
		items := []store.Item{item("", "empty"), item("\x00\xff", long), item(long[:1000], 1)}
		for i := range 100 {
			items = append(items, item(fmt.Sprint(i), i))
		}
		create(t, s, key(1), items...)
		want(t, s, key(1), items...)
	}},
	{"what was read does not change with the session", func(t *testing.T, s store.Store) {
		create(t, s, key(1), item("a", 1), item("b", 1))
		before, _ := read(t, s, key(1))
		kept := slices.Clone(before)
		update(t, s, key(1), true, item("a", 2))
		renew(t, s, key(1), key(2), true, item("b", nil))
		destroy(t, s, key(2))
		create(t, s, key(3), item("c", 3), item("d", 3))
		if !reflect.DeepEqual(before, kept) {
			t.Errorf("what was read before the writes is now %v, want %v", before, kept)
		}
	}},
	{"the store keeps no slice that it is handed", func(t *testing.T, s store.Store) {
		handed := []store.Item{item("a", 1)}
		reuse := func(name string, value any) { handed[0] = item(name, value) }
		check(t, s.Create(key(1), handed))
		reuse("b", 2)
		want(t, s, key(1), item("a", 1))
		update(t, s, key(1), true, handed...)
		reuse("c", 3)
		want(t, s, key(1), item("a", 1), item("b", 2))
		renew(t, s, key(1), key(2), true, handed...)
		reuse("d", 4)
		want(t, s, key(2), item("a", 1), item("b", 2), item("c", 3))
	}},
	{"destroying ends a session, and none is no error", func(t *testing.T, s store.Store) {
		create(t, s, key(1), item("a", 1))
		create(t, s, key(2), item("a", 2))
		destroy(t, s, key(1))
		destroy(t, s, key(1))
		wantNone(t, s, key(1))
		want(t, s, key(2), item("a", 2))
		create(t, s, key(1), item("a", 3))
		want(t, s, key(1), item("a", 3))
	}},
	{"destroying all ends every session, and new ones begin", func(t *testing.T, s store.Store) {
		for i := range 100 {
			create(t, s, key(i), item("a", i))
		}
		check(t, s.DestroyAll())
		for i := range 100 {
			wantNone(t, s, key(i))
			update(t, s, key(i), false, item("a", 1))
			renew(t, s, key(i), key(100+i), false)
		}
		create(t, s, key(1), item("a", 1))
		want(t, s, key(1), item("a", 1))
	}},
}

// writes are the promises about Update and Renew.
var writes = []row{
	{"an update sets, replaces and removes, and leaves the rest", func(t *testing.T, s store.Store) {
		create(t, s, key(1), item("stays", 1), item("changes", 1), item("goes", 1))
		update(t, s, key(1), true, item("changes", "2"), item("goes", nil), item("comes", 2), item("never was", nil))
		want(t, s, key(1), item("stays", 1), item("changes", "2"), item("comes", 2))
	}},
	{"the last of several changes of a name counts", func(t *testing.T, s store.Store) {
		create(t, s, key(1), item("a", 0))
		update(t, s, key(1), true, item("a", nil), item("b", 1), item("a", 2), item("b", nil))
		want(t, s, key(1), item("a", 2))
	}},
	{"an update never creates a session", func(t *testing.T, s store.Store) {
		update(t, s, key(1), false, item("a", 1))
		wantNone(t, s, key(1))
	}},
	{"an update never revives a destroyed session", func(t *testing.T, s store.Store) {
		create(t, s, key(1), item("a", 1))
		destroy(t, s, key(1))
		update(t, s, key(1), false, item("a", 2))
		wantNone(t, s, key(1))
	}},
	{"a renewal moves the session to its new key", func(t *testing.T, s store.Store) {
		create(t, s, key(1), item("stays", 1), item("changes", 1))
		renew(t, s, key(1), key(2), true, item("changes", 2))
		wantNone(t, s, key(1))
		want(t, s, key(2), item("stays", 1), item("changes", 2))
		update(t, s, key(2), true, item("stays", nil))
		want(t, s, key(2), item("changes", 2))
	}},
	{"a renewal never creates a session", func(t *testing.T, s store.Store) {
		renew(t, s, key(1), key(2), false, item("a", 1))
		wantNone(t, s, key(1), key(2))
	}},
	{"a renewal never revives a destroyed session", func(t *testing.T, s store.Store) {
		create(t, s, key(1), item("a", 1))
		destroy(t, s, key(1))
		renew(t, s, key(1), key(2), false, item("a", 2))
		wantNone(t, s, key(1), key(2))
	}},
	{"a renewal onto a taken key is an error and changes nothing", func(t *testing.T, s store.Store) {
		create(t, s, key(1), item("a", 1))
		create(t, s, key(2), item("a", 2))
		for _, taken := range []store.Key{key(1), key(2)} {
			_, err := s.Renew(key(1), taken, []store.Item{item("a", 3)})
			wantTaken(t, err)
		}
		want(t, s, key(1), item("a", 1))
		want(t, s, key(2), item("a", 2))
		update(t, s, key(1), true, item("b", 1)) // it does not forward
		want(t, s, key(1), item("a", 1), item("b", 1))
	}},
}

func wantTaken(t *testing.T, err error) {
	t.Helper()
	if !errors.Is(err, store.ErrExists) {
		t.Errorf("a session under a taken key: %v, want ErrExists", err)
	}
}
