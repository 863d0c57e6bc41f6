// Package storetest has the tests that every sessions.Store must pass, in the
// way of testing/fstest. A store's own tests call Run, and Requests:
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, storetest.Fixture{Open: open})
//	}
package storetest

import (
	"encoding/gob"
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gopkg.in/kataras/iris.v6/adaptors/sessions"
)

// Fixture says how to come by a store.
type Fixture struct {
	// Open returns an empty store that has been told its limits. Others are in
	// use at the same time.
	Open func(t *testing.T, limits sessions.Limits) sessions.Store
	// Bubble runs a test in which Wait may be called. Default: it is just called.
	Bubble func(t *testing.T, test func(t *testing.T))
	// Wait lets time pass for the store. Default: real time, and a little more,
	// as the store may go by another clock.
	Wait func(d time.Duration)
}

// Run runs the whole suite, a subtest for each promise of the contract.
func Run(t *testing.T, f Fixture) {
	if f.Bubble == nil {
		f.Bubble = func(t *testing.T, test func(t *testing.T)) { test(t) }
	}
	if f.Wait == nil {
		f.Wait = func(d time.Duration) { <-time.After(d + d/20) }
	}
	for name, test := range contract {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, f.Open(t, sessions.Limits{MaxSessions: 1000}))
		})
	}
	for name, test := range lives {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f.Bubble(t, func(t *testing.T) { test(t, f) })
		})
	}
}

// Point is a value that only encoding/gob knows how to store.
type Point struct{ X, Y int }

func init() { gob.Register(Point{}) }

// ofEveryType has a value of every type that keeps its type through a store.
var ofEveryType = map[string]any{
	"bool": true, "int": -1, "int64": int64(1) << 62, "float32": float32(0.1), "float64": 0.1,
	"string": "\x00ü\xff", "bytes": []byte{0, 255}, "time": time.Date(2026, 2, 28, 23, 59, 59, 1, time.UTC), "gob": Point{1, 2},
}

var contract = map[string]func(t *testing.T, s sessions.Store){
	"a session that was never created is not there, and that is no error": func(t *testing.T, s sessions.Store) {
		wantNone(t, s, key(1))
	},
	"what was created is read": func(t *testing.T, s sessions.Store) {
		create(t, s, key(1), item("a", 1), item("b", "two"))
		want(t, s, key(1), item("a", 1), item("b", "two"))
		wantNone(t, s, key(2))
	},
	"a session without values lives": func(t *testing.T, s sessions.Store) {
		create(t, s, key(1))
		want(t, s, key(1))
	},
	"a second session of a key is an error and changes nothing": func(t *testing.T, s sessions.Store) {
		create(t, s, key(1), item("a", 1))
		if err := s.Create(t.Context(), key(1), []sessions.Item{item("a", 2)}); err == nil {
			t.Error("Create of a key that has a session: no error")
		}
		want(t, s, key(1), item("a", 1))
	},
	"a value keeps its Go type": func(t *testing.T, s sessions.Store) {
		var items []sessions.Item
		for name, value := range ofEveryType {
			items = append(items, item(name, value))
		}
		create(t, s, key(1), items...)
		want(t, s, key(1), items...)
	},
	"names and values may be long, and names any text": func(t *testing.T, s sessions.Store) {
		long := string(make([]byte, 64<<10))
		items := []sessions.Item{item("", "empty"), item("\x00\xff", long), item(long[:1000], 1)}
		for i := range 100 {
			items = append(items, item(fmt.Sprint(i), i))
		}
		create(t, s, key(1), items...)
		want(t, s, key(1), items...)
	},
	"an update sets, replaces and removes, and leaves the rest": func(t *testing.T, s sessions.Store) {
		create(t, s, key(1), item("stays", 1), item("changes", 1), item("goes", 1))
		update(t, s, key(1), true, item("changes", "2"), item("goes", nil), item("comes", 2), item("never was", nil))
		want(t, s, key(1), item("stays", 1), item("changes", "2"), item("comes", 2))
	},
	"the last of several changes of a name counts": func(t *testing.T, s sessions.Store) {
		create(t, s, key(1), item("a", 0))
		update(t, s, key(1), true, item("a", nil), item("b", 1), item("a", 2), item("b", nil))
		want(t, s, key(1), item("a", 2))
	},
	"an update never creates a session": func(t *testing.T, s sessions.Store) {
		update(t, s, key(1), false, item("a", 1))
		wantNone(t, s, key(1))
	},
	"an update never brings a destroyed session back": func(t *testing.T, s sessions.Store) {
		create(t, s, key(1), item("a", 1))
		destroy(t, s, key(1))
		update(t, s, key(1), false, item("a", 2))
		wantNone(t, s, key(1))
	},
	"what was read does not change with the session": func(t *testing.T, s sessions.Store) {
		create(t, s, key(1), item("a", 1))
		before, _, err := s.Read(t.Context(), key(1))
		check(t, err)
		update(t, s, key(1), true, item("a", 2))
		if !reflect.DeepEqual(before, []sessions.Item{item("a", 1)}) {
			t.Errorf("what was read before the update is now %v", before)
		}
	},
	"a renewal moves the session to its new key": func(t *testing.T, s sessions.Store) {
		create(t, s, key(1), item("stays", 1), item("changes", 1))
		renew(t, s, key(1), key(2), true, item("changes", 2))
		wantNone(t, s, key(1))
		want(t, s, key(2), item("stays", 1), item("changes", 2))
		update(t, s, key(1), false, item("a", 1))
		update(t, s, key(2), true, item("stays", nil))
		want(t, s, key(2), item("changes", 2))
	},
	"a renewal never creates a session": func(t *testing.T, s sessions.Store) {
		renew(t, s, key(1), key(2), false, item("a", 1))
		wantNone(t, s, key(1))
		wantNone(t, s, key(2))
	},
	"a renewal never brings a destroyed session back": func(t *testing.T, s sessions.Store) {
		create(t, s, key(1), item("a", 1))
		destroy(t, s, key(1))
		renew(t, s, key(1), key(2), false, item("a", 2))
		wantNone(t, s, key(2))
	},
	"destroying ends a session, and none is no error": func(t *testing.T, s sessions.Store) {
		create(t, s, key(1), item("a", 1))
		create(t, s, key(2), item("a", 2))
		destroy(t, s, key(1))
		destroy(t, s, key(1))
		wantNone(t, s, key(1))
		want(t, s, key(2), item("a", 2))
		create(t, s, key(1), item("a", 3))
		want(t, s, key(1), item("a", 3))
	},
	"destroying all ends every session, and new ones begin": func(t *testing.T, s sessions.Store) {
		for i := range 100 {
			create(t, s, key(i), item("a", i))
		}
		check(t, s.DestroyAll(t.Context()))
		for i := range 100 {
			wantNone(t, s, key(i))
			update(t, s, key(i), false, item("a", 1))
			renew(t, s, key(i), key(100+i), false)
		}
		create(t, s, key(1), item("a", 1))
		want(t, s, key(1), item("a", 1))
	},
	"updates of different names at once all hold": func(t *testing.T, s sessions.Store) {
		create(t, s, key(1))
		var items []sessions.Item
		for i := range 50 {
			items = append(items, item(fmt.Sprint(i), i))
		}
		atOnce(len(items), func(i int) { update(t, s, key(1), true, items[i]) })
		want(t, s, key(1), items...)
	},
	"of renewals at once exactly one holds": func(t *testing.T, s sessions.Store) {
		create(t, s, key(0), item("a", 0))
		var renewed atomic.Int32
		atOnce(20, func(i int) {
			ok, err := s.Renew(t.Context(), key(0), key(1+i), []sessions.Item{item("by", i)})
			check(t, err)
			if ok {
				renewed.Add(1)
			}
		})
		if n := renewed.Load(); n != 1 {
			t.Errorf("%d of 20 renewals of one session succeeded, want 1", n)
		}
		living := 0
		for i := range 21 {
			if _, ok, err := s.Read(t.Context(), key(i)); ok {
				living++
			} else {
				check(t, err)
			}
		}
		if living != 1 {
			t.Errorf("%d keys have the session, want 1", living)
		}
	},
	"an update during a renewal moves with it or says that it did not hold": func(t *testing.T, s sessions.Store) {
		for round := range 50 {
			old, moved := key(2*round), key(2*round+1)
			create(t, s, old)
			var updated bool
			atOnce(2, func(i int) {
				if i == 0 {
					renew(t, s, old, moved, true)
					return
				}
				var err error
				updated, err = s.Update(t.Context(), old, []sessions.Item{item("a", 1)})
				check(t, err)
			})
			if updated {
				want(t, s, moved, item("a", 1))
			} else {
				want(t, s, moved)
			}
			wantNone(t, s, old)
		}
	},
	"an update during a destruction never brings the session back": func(t *testing.T, s sessions.Store) {
		for round := range 50 {
			k := key(round)
			create(t, s, k)
			atOnce(2, func(i int) {
				if i == 0 {
					destroy(t, s, k)
					return
				}
				_, err := s.Update(t.Context(), k, []sessions.Item{item("a", 1)})
				check(t, err)
			})
			wantNone(t, s, k)
		}
	},
	"reading and writing at once is free of races": func(t *testing.T, s sessions.Store) {
		create(t, s, key(1), item("n", 0))
		atOnce(8, func(i int) {
			for n := range 50 {
				if i%2 == 0 {
					update(t, s, key(1), true, item("n", n), item(fmt.Sprint(i), n))
					continue
				}
				items, ok, err := s.Read(t.Context(), key(1))
				check(t, err)
				if !ok || len(items) == 0 {
					t.Errorf("read %v, %v while others write", items, ok)
				}
			}
		})
	},
}

// limit is long enough for a store across a network to keep it to a tenth.
const limit = 4 * time.Second

var lives = map[string]func(t *testing.T, f Fixture){
	"without limits a session lives on": func(t *testing.T, f Fixture) {
		s := f.Open(t, sessions.Limits{MaxSessions: 10})
		create(t, s, key(1), item("a", 1))
		f.Wait(limit)
		want(t, s, key(1), item("a", 1))
	},
	"an unused session ends with its idle time": func(t *testing.T, f Fixture) {
		s := f.Open(t, sessions.Limits{IdleTimeout: limit, MaxSessions: 10})
		create(t, s, key(1), item("a", 1))
		f.Wait(limit)
		wantNone(t, s, key(1))
		update(t, s, key(1), false, item("a", 1))
		renew(t, s, key(1), key(2), false)
	},
	"reading restarts the idle time": func(t *testing.T, f Fixture) {
		s := f.Open(t, sessions.Limits{IdleTimeout: limit, MaxSessions: 10})
		create(t, s, key(1), item("a", 1))
		for range 3 {
			f.Wait(limit / 2)
			want(t, s, key(1), item("a", 1))
		}
		f.Wait(limit)
		wantNone(t, s, key(1))
	},
	"writing restarts the idle time": func(t *testing.T, f Fixture) {
		s := f.Open(t, sessions.Limits{IdleTimeout: limit, MaxSessions: 10})
		create(t, s, key(0))
		for i := range 3 {
			f.Wait(limit / 2)
			update(t, s, key(i), true, item("a", i))
			renew(t, s, key(i), key(i+1), true)
		}
		want(t, s, key(3), item("a", 2))
		f.Wait(limit)
		wantNone(t, s, key(3))
	},
	"a session ends with its life, however much it is used or renewed": func(t *testing.T, f Fixture) {
		s := f.Open(t, sessions.Limits{Expires: limit, IdleTimeout: limit, MaxSessions: 10})
		create(t, s, key(0), item("a", 1))
		for i := range 3 {
			f.Wait(limit / 4)
			renew(t, s, key(i), key(i+1), true)
			want(t, s, key(i+1), item("a", 1))
		}
		f.Wait(limit / 4)
		wantNone(t, s, key(3))
	},
}

func item(name string, value any) sessions.Item { return sessions.Item{Name: name, Value: value} }

// key returns the n-th key. Its bits are spread as those of a hash are.
func key(n int) sessions.Key {
	var k sessions.Key
	for i := range k {
		n = n*0x5851f42d + 0x14057b7d
		k[i] = byte(n >> 24)
	}
	return k
}

func create(t *testing.T, s sessions.Store, k sessions.Key, items ...sessions.Item) {
	t.Helper()
	check(t, s.Create(t.Context(), k, items))
}

func update(t *testing.T, s sessions.Store, k sessions.Key, wantOK bool, changes ...sessions.Item) {
	t.Helper()
	ok, err := s.Update(t.Context(), k, changes)
	check(t, err)
	if ok != wantOK {
		t.Errorf("Update %s: %v, want %v", k, ok, wantOK)
	}
}

func renew(t *testing.T, s sessions.Store, old, k sessions.Key, wantOK bool, changes ...sessions.Item) {
	t.Helper()
	ok, err := s.Renew(t.Context(), old, k, changes)
	check(t, err)
	if ok != wantOK {
		t.Errorf("Renew %s as %s: %v, want %v", old, k, ok, wantOK)
	}
}

func destroy(t *testing.T, s sessions.Store, k sessions.Key) {
	t.Helper()
	check(t, s.Destroy(t.Context(), k))
}

// want checks that the session lives and has these items, in any order.
func want(t *testing.T, s sessions.Store, k sessions.Key, items ...sessions.Item) {
	t.Helper()
	got, ok, err := s.Read(t.Context(), k)
	check(t, err)
	if !ok {
		t.Errorf("session %s is not there", k)
		return
	}
	if g, w := byName(got), byName(items); len(got) != len(items) || !reflect.DeepEqual(g, w) {
		t.Errorf("session %s has %v, want %v", k, g, w)
	}
}

func wantNone(t *testing.T, s sessions.Store, k sessions.Key) {
	t.Helper()
	got, ok, err := s.Read(t.Context(), k)
	check(t, err)
	if ok || len(got) > 0 {
		t.Errorf("session %s is there, with %v", k, got)
	}
}

func byName(items []sessions.Item) map[string]any {
	m := make(map[string]any, len(items))
	for _, i := range items {
		m[i.Name] = i.Value
	}
	return m
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

// atOnce runs f(0) to f(n-1), started together.
func atOnce(n int, f func(i int)) {
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-start
			f(i)
		})
	}
	close(start)
	wg.Wait()
}
