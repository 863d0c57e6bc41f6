// Package storetest has the tests that every store.Store must pass, in the way
// of testing/fstest. The tests of a store call Run:
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, storetest.Fixture{Open: open})
//	}
package storetest

import (
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// Fixture makes the stores to test.
type Fixture struct {
	// Open returns an empty store that has no limits yet. Other stores are in use
	// at the same time.
	Open func(t *testing.T) store.Store
	// Bubble runs a test that calls Wait. Default: it calls the test.
	Bubble func(t *testing.T, test func(t *testing.T))
	// Wait lets time pass for the store. Default: it waits in real time, and a
	// twentieth longer, because the store's clock may be another one.
	Wait func(d time.Duration)
}

// row is a promise of the contract.
type row struct {
	name string
	test func(t *testing.T, s store.Store)
}

// Run runs the whole suite, with a subtest for each promise of the contract.
func Run(t *testing.T, f Fixture) {
	if f.Bubble == nil {
		f.Bubble = func(t *testing.T, test func(t *testing.T)) { test(t) }
	}
	if f.Wait == nil {
		f.Wait = func(d time.Duration) { <-time.After(d + d/20) }
	}
	for _, row := range settings {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			row.test(t, f.Open(t))
		})
	}
	for _, row := range slices.Concat(basics, writes, forwards, atOnce) {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			row.test(t, f.open(t, store.Limits{MaxSessions: 1000}))
		})
	}
	for _, row := range lives {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f.Bubble(t, func(t *testing.T) { row.test(t, f.open(t, row.limits), f.Wait) })
		})
	}
}

func (f Fixture) open(t *testing.T, limits store.Limits) store.Store {
	t.Helper()
	s := f.Open(t)
	if err := s.SetLimits(limits); err != nil {
		t.Fatal(err)
	}
	return s
}

func item(name string, value any) store.Item { return store.Item{Name: name, Value: value} }

// key returns the n-th key. Its bits are spread like those of a hash.
func key(n int) store.Key {
	var k store.Key
	for i := range k {
		n = n*0x5851f42d + 0x14057b7d
		k[i] = byte(n >> 24)
	}
	return k
}

func create(t *testing.T, s store.Store, k store.Key, items ...store.Item) {
	t.Helper()
	check(t, s.Create(k, items))
}

func update(t *testing.T, s store.Store, k store.Key, wantOK bool, changes ...store.Item) {
	t.Helper()
	ok, err := s.Update(k, changes)
	check(t, err)
	if ok != wantOK {
		t.Errorf("Update %s: %v, want %v", k, ok, wantOK)
	}
}

func renew(t *testing.T, s store.Store, old, k store.Key, wantOK bool, changes ...store.Item) {
	t.Helper()
	ok, err := s.Renew(old, k, changes)
	check(t, err)
	if ok != wantOK {
		t.Errorf("Renew %s as %s: %v, want %v", old, k, ok, wantOK)
	}
}

func destroy(t *testing.T, s store.Store, k store.Key) {
	t.Helper()
	check(t, s.Destroy(k))
}

// read returns the items of a session, and whether it lives.
func read(t *testing.T, s store.Store, k store.Key) ([]store.Item, bool) {
	t.Helper()
	items, ok, err := s.Read(k)
	check(t, err)
	return items, ok
}

// want checks that the session lives and has these items, in any order.
func want(t *testing.T, s store.Store, k store.Key, items ...store.Item) {
	t.Helper()
	got, ok := read(t, s, k)
	if !ok {
		t.Errorf("session %s is not there", k)
		return
	}
	if g, w := byName(got), byName(items); len(got) != len(items) || !reflect.DeepEqual(g, w) {
		t.Errorf("session %s has %v, want %v", k, g, w)
	}
}

func wantNone(t *testing.T, s store.Store, keys ...store.Key) {
	t.Helper()
	for _, k := range keys {
		if got, ok := read(t, s, k); ok || len(got) > 0 {
			t.Errorf("session %s is there, with %v", k, got)
		}
	}
}

// living returns those of the keys that have a session.
func living(t *testing.T, s store.Store, keys []store.Key) (live []store.Key) {
	t.Helper()
	for _, k := range keys {
		if _, ok := read(t, s, k); ok {
			live = append(live, k)
		}
	}
	return live
}

func byName(items []store.Item) map[string]any {
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

// together runs f(0) to f(n-1), started at the same time.
func together(n int, f func(i int)) {
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
