package storetest

import (
	"fmt"
	"sync/atomic"
	"testing"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// rounds is how often a row tries to make two calls meet.
const rounds = 50

// atOnce are the promises about several calls at the same time.
var atOnce = []row{
	{"updates of different names at once are all kept", func(t *testing.T, s store.Store) {
		create(t, s, key(1))
		var items []store.Item
		for i := range 50 {
			items = append(items, item(fmt.Sprint(i), i))
		}
		together(len(items), func(i int) { update(t, s, key(1), true, items[i]) })
		want(t, s, key(1), items...)
	}},
	{"renewals of a key at once all succeed, and exactly one key has the session", func(t *testing.T, s store.Store) {
		create(t, s, key(0), item("a", 0))
		items, keys := []store.Item{item("a", 0)}, []store.Key{key(0)}
		for i := range 20 {
			items, keys = append(items, item(fmt.Sprint(i), i)), append(keys, key(1+i))
		}
		together(20, func(i int) { renew(t, s, key(0), keys[1+i], true, items[1+i]) })
		live := living(t, s, keys)
		if len(live) != 1 || live[0] == key(0) {
			t.Fatalf("keys %v have the session, want one of the new ones", live)
		}
		want(t, s, live[0], items...)
		destroy(t, s, key(0))
		wantNone(t, s, keys...)
	}},
	{"updates by the old key during renewals are all kept", func(t *testing.T, s store.Store) {
		create(t, s, key(0))
		var items []store.Item
		keys := []store.Key{key(0)}
		for i := range 20 {
			items, keys = append(items, item(fmt.Sprint(i), i)), append(keys, key(1+i))
		}
		together(2*len(items), func(i int) {
			if n := i / 2; i%2 == 0 {
				update(t, s, key(0), true, items[n])
			} else {
				renew(t, s, key(0), keys[1+n], true)
			}
		})
		live := living(t, s, keys)
		if len(live) != 1 {
			t.Fatalf("keys %v have the session, want one", live)
		}
		want(t, s, live[0], items...)
	}},
	{"a session that is being renewed is readable as it was or under its new key, never both", func(t *testing.T, s store.Store) {
		for round := range rounds {
			old, next := key(2*round), key(2*round+1)
			create(t, s, old, item("a", 1))
			var renewed atomic.Bool
			together(2, func(i int) {
				if i == 0 {
					renew(t, s, old, next, true, item("a", 2))
					renewed.Store(true)
					return
				}
				for done := false; !done; {
					done = renewed.Load()
					_, there := read(t, s, next)
					if items, before := read(t, s, old); before && (there || store.Value(items, "a") != 1) {
						t.Errorf("the old key has %v; the new key had the session before: %v", items, there)
					}
				}
			})
		}
	}},
	{"an update during a destruction never revives the session", func(t *testing.T, s store.Store) {
		for round := range rounds {
			k := key(round)
			create(t, s, k)
			together(2, func(i int) {
				if i == 0 {
					destroy(t, s, k)
					return
				}
				_, err := s.Update(k, []store.Item{item("a", 1)})
				check(t, err)
			})
			wantNone(t, s, k)
		}
	}},
	{"a destruction by the old key during renewals ends the session", func(t *testing.T, s store.Store) {
		for round := range rounds {
			first, second, third := key(3*round), key(3*round+1), key(3*round+2)
			create(t, s, first)
			together(3, func(i int) {
				if i == 0 {
					destroy(t, s, first)
					return
				}
				_, err := s.Renew(first, []store.Key{second, third}[i-1], nil)
				check(t, err)
			})
			wantNone(t, s, first, second, third)
		}
	}},
	{"a read during a destruction finds the whole session or nothing", func(t *testing.T, s store.Store) {
		for round := range rounds {
			k := key(round)
			create(t, s, k, item("a", 1), item("b", 2))
			together(2, func(i int) {
				if i == 0 {
					destroy(t, s, k)
				} else if items, ok := read(t, s, k); ok && len(items) != 2 || !ok && len(items) > 0 {
					t.Errorf("read %v, %v, want both items or none", items, ok)
				}
			})
			wantNone(t, s, k)
		}
	}},
	{"reading and writing at once is free of races", func(t *testing.T, s store.Store) {
		create(t, s, key(1), item("n", 0))
		together(8, func(i int) {
			for n := range 50 {
				if i%2 == 0 {
					update(t, s, key(1), true, item("n", n), item(fmt.Sprint(i), n))
				} else if items, ok := read(t, s, key(1)); !ok || len(items) == 0 {
					t.Errorf("read %v, %v while others write", items, ok)
				}
			}
		})
	}},
}
