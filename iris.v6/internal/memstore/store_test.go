package memstore

import (
	"crypto/sha256"
	"encoding/binary"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// newTestStore returns a Store whose clock stands still until the test moves it.
// The test calls its ticks.
func newTestStore(l store.Limits) (s *Store, now *time.Duration) {
	s = new(Store)
	now = new(time.Duration)
	s.clock = func() time.Duration { return *now }
	s.after = func(time.Duration, func()) {}
	if err := s.SetLimits(l); err != nil {
		panic(err) // the store is new
	}
	return s, now
}

// hashed returns the n-th key. Its bits are spread like those of a hash.
func hashed(n int) store.Key {
	return sha256.Sum256(binary.LittleEndian.AppendUint64(nil, uint64(n)))
}

// create creates the n-th session.
func create(t *testing.T, s *Store, n int) {
	t.Helper()
	if err := s.Create(hashed(n), []store.Item{{Name: "a", Value: true}}); err != nil {
		t.Fatal(err)
	}
}

// reads tells whether Read finds the n-th session.
func reads(t *testing.T, s *Store, n int) bool {
	t.Helper()
	_, ok, err := s.Read(hashed(n))
	if err != nil {
		t.Fatal(err)
	}
	return ok
}

// updates tells whether Update of the n-th key finds a session.
func updates(t *testing.T, s *Store, n int) bool {
	t.Helper()
	ok, err := s.Update(hashed(n), nil)
	if err != nil {
		t.Fatal(err)
	}
	return ok
}

func renew(t *testing.T, s *Store, old, n int) {
	t.Helper()
	if ok, err := s.Renew(hashed(old), hashed(n), nil); !ok || err != nil {
		t.Fatalf("Renew: %v, %v", ok, err)
	}
}

// TestForwardsAreFreed also shows that this needs no session and no limits.
func TestForwardsAreFreed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(Store)
		if err := s.SetLimits(store.Limits{}); err != nil {
			t.Fatal(err)
		}
		create(t, s, 1)
		renew(t, s, 1, 2)
		if err := s.Destroy(hashed(2)); err != nil {
			t.Fatal(err)
		}
		<-time.After(store.ForwardTime + s.step)
		synctest.Wait()
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.forwards.Len() > 0 || pagesOf(s) > 0 || s.ticking {
			t.Errorf("%d forwards and %d pages are left, a tick is to come: %v", s.forwards.Len(), pagesOf(s), s.ticking)
		}
	})
}

// TestMemoryIsFreedWithoutRequests also shows that the lock is held for a bounded
// time, however many sessions end at once.
func TestMemoryIsFreedWithoutRequests(t *testing.T) {
	const n = 100_000
	s, now := newTestStore(store.Limits{Expires: time.Hour, IdleTimeout: time.Hour, MaxSessions: n})
	for i := range n {
		create(t, s, i)
		if i%2 == 0 {
			reads(t, s, i)
		}
	}
	*now = 2 * time.Hour
	batches := 1
	for s.tickBatch() {
		batches++
	}
	if batches < n/collectBatch {
		t.Errorf("%d sessions were removed in %d batches", n, batches)
	}
	slots, shards := 0, s.table.Load().shards
	for i := range shards {
		if p := shards[i].slots.Load(); p != nil {
			slots += len(*p)
		}
	}
	if s.count != 0 || pagesOf(s) > 0 || slots > minSlots*len(shards) {
		t.Errorf("%d sessions, %d pages and %d slots are left", s.count, pagesOf(s), slots)
	}
	checkStructure(t, s)
}

func pagesOf(s *Store) (n int) {
	pages := s.table.Load().arena.pages
	for i := range pages {
		if pages[i].Load() != nil {
			n++
		}
	}
	return n
}

func TestWithoutLimitsMemoryIsFreedByDestroy(t *testing.T) {
	s, _ := newTestStore(store.Limits{MaxSessions: 10 * entriesPerPage})
	for i := range 10 * entriesPerPage {
		create(t, s, i)
	}
	for i := range 10 * entriesPerPage {
		if err := s.Destroy(hashed(i)); err != nil {
			t.Fatal(err)
		}
	}
	if !s.ticking {
		t.Error("no tick is to come")
	}
	s.tick()
	if n := pagesOf(s); n > 0 || s.ticking {
		t.Errorf("%d pages are left, another tick is to come: %v", n, s.ticking)
	}
	checkStructure(t, s)
}

// TestUnboundedStoreGrowsWithUse also shows that a Read finds its session while
// the arena grows.
func TestUnboundedStoreGrowsWithUse(t *testing.T) {
	const n = (4*minPages + 1) * entriesPerPage
	s, _ := newTestStore(store.Limits{})
	if pages := len(s.table.Load().arena.pages); pages > 0 {
		t.Errorf("an empty store has room for %d pages", pages)
	}
	var created atomic.Int64
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := 0; created.Load() < n; i++ {
			have := int(created.Load())
			if have == 0 {
				continue
			}
			if _, ok, err := s.Read(hashed(have - 1 - i%min(have, 10))); !ok || err != nil {
				t.Errorf("a session is not there after it was created: %v", err)
				return
			}
		}
	})
	for i := range n {
		create(t, s, i)
		created.Store(int64(i + 1))
	}
	wg.Wait()
	for i := range n {
		if !reads(t, s, i) {
			t.Fatalf("session %d is gone", i)
		}
	}
	if pages := len(s.table.Load().arena.pages); pages > 8*minPages {
		t.Errorf("%d sessions have room for %d pages", n, pages)
	}
	checkStructure(t, s)
}

// TestReadThatBeganBeforeTheArenaGrew looks for sessions in the table from before.
func TestReadThatBeganBeforeTheArenaGrew(t *testing.T) {
	const n = minPages*entriesPerPage + 1
	s, _ := newTestStore(store.Limits{})
	create(t, s, 0)
	before := s.table.Load()
	for i := range n - 1 {
		create(t, s, 1+i)
	}
	if s.table.Load() == before {
		t.Fatal("the arena has not grown")
	}
	for i := range n {
		key := hashed(i)
		if _, e := before.find(&key); (e != nil) != (i < n-1) {
			t.Errorf("session %d of %d is found: %v", i, n, e != nil)
		}
	}
}

func TestSessionNeverOutlivesItsLimit(t *testing.T) {
	for _, limit := range []time.Duration{time.Millisecond, 10*time.Millisecond + 1, 1999 * time.Millisecond, time.Hour + time.Second - 1, 400*time.Hour + 1} {
		for i, limits := range []store.Limits{{Expires: limit}, {IdleTimeout: limit}} {
			for offset := range 7 {
				s, now := newTestStore(limits)
				*now = time.Duration(offset) * s.step / 6
				create(t, s, 1)
				begun := *now
				*now = begun + limit - 2*s.step
				if s.tick(); *now >= begun && s.count == 0 {
					t.Errorf("limit %d of %v: the session has ended 2 steps early", i, limit)
				}
				*now = begun + limit
				if s.tick(); s.count > 0 || reads(t, s, 1) {
					t.Errorf("limit %d of %v: the session lives on", i, limit)
				}
			}
		}
	}
}

func TestWriteBeforeTheTickRevivesNothing(t *testing.T) {
	s, now := newTestStore(store.Limits{Expires: time.Hour})
	create(t, s, 1)
	renew(t, s, 1, 2)
	*now = time.Hour
	if updates(t, s, 1) || updates(t, s, 2) || reads(t, s, 2) {
		t.Error("a session lives on at its limit")
	}
	if ok, err := s.Renew(hashed(2), hashed(3), nil); ok || err != nil {
		t.Errorf("Renew at the limit: %v, %v", ok, err)
	}
}

func TestReadAllocatesNothing(t *testing.T) {
	s, _ := newTestStore(store.Limits{IdleTimeout: time.Hour, MaxSessions: 10})
	create(t, s, 1)
	key := hashed(1)
	if n := testing.AllocsPerRun(100, func() { s.Read(key) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestReadTakesNoLock reads while a write of another session holds the lock. So
// the session stays on the list of those that no request has used, and must not
// be pushed out all the same.
func TestReadTakesNoLock(t *testing.T) {
	s, _ := newTestStore(store.Limits{IdleTimeout: time.Hour, MaxSessions: 2})
	create(t, s, 1)
	s.mu.Lock()
	done := make(chan bool)
	go func() {
		_, ok, _ := s.Read(hashed(1))
		done <- ok
	}()
	if !<-done {
		t.Error("the session is not there")
	}
	s.mu.Unlock()
	for i := range 10 {
		create(t, s, 2+i)
	}
	if !reads(t, s, 1) {
		t.Error("a session that was used has been pushed out")
	}
}
