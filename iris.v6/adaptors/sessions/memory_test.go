package sessions

import (
	"crypto/sha256"
	"encoding/binary"
	"flag"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// memory returns a store whose clock stands still until it is told to go on.
// Its ticks are called by the test.
func memory(l Limits) (m *Memory, now *time.Duration) {
	m = NewMemory()
	m.SetLimits(l)
	now = new(time.Duration)
	m.clock = func() time.Duration { return *now }
	m.after = func(time.Duration, func()) {}
	return m, now
}

// hashed returns the n-th key, whose bits are as spread as a hash's.
func hashed(n int) Key {
	return sha256.Sum256(binary.LittleEndian.AppendUint64(nil, uint64(n)))
}

// model is what Memory has to be like, written as plainly as can be.
type model struct {
	limits   Limits
	step     time.Duration
	now      time.Duration
	sessions []*modelSession // oldest first
}

type modelSession struct {
	key       int
	n         int // its one value
	created   time.Duration
	used      time.Duration
	presented bool
}

// alive tells whether the session has not reached a limit. Time counts in whole steps.
func (m *model) alive(s *modelSession) bool {
	passed := func(since time.Duration) time.Duration { return (m.now/m.step - since/m.step) * m.step }
	return (m.limits.Expires == 0 || passed(s.created) < m.limits.Expires/m.step*m.step) &&
		(m.limits.IdleTimeout == 0 || passed(s.used) < m.limits.IdleTimeout/m.step*m.step)
}

func (m *model) find(key int) *modelSession {
	m.sessions = slices.DeleteFunc(m.sessions, func(s *modelSession) bool { return !m.alive(s) })
	for _, s := range m.sessions {
		if s.key == key {
			return s
		}
	}
	return nil
}

func (m *model) use(key int) *modelSession {
	s := m.find(key)
	if s != nil {
		s.used, s.presented = m.now, true
	}
	return s
}

func (m *model) destroy(s *modelSession) {
	m.sessions = slices.DeleteFunc(m.sessions, func(other *modelSession) bool { return other == s })
}

func (m *model) create(key, n int) bool {
	m.find(key) // drops those that have ended
	if len(m.sessions) >= m.limits.MaxSessions {
		oldest := slices.IndexFunc(m.sessions, func(s *modelSession) bool { return !s.presented })
		if oldest < 0 {
			return false
		}
		m.destroy(m.sessions[oldest])
	}
	m.sessions = append(m.sessions, &modelSession{key: key, n: n, created: m.now, used: m.now})
	return true
}

func TestMemoryIsLikeItsModel(t *testing.T) {
	for name, value := range map[string]string{"rapid.checks": "1000", "rapid.steps": "50"} {
		if err := flag.Set(name, value); err != nil {
			t.Fatal(err)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.SampledFrom([]time.Duration{0, 5 * time.Millisecond, 100 * time.Millisecond, 30 * time.Second, 10 * time.Hour})
		limits := Limits{
			Expires:     limit.Draw(t, "expires"),
			IdleTimeout: limit.Draw(t, "idle"),
			MaxSessions: rapid.IntRange(1, 12).Draw(t, "max"),
		}
		store, clock := memory(limits)
		m := &model{limits: limits, step: max(store.step, 1)}
		keys := rapid.IntRange(0, 15)
		fresh := 100 // keys are never used again, as ids are not
		name := map[int]int{}
		key := func() (int, Key) {
			k := name[keys.Draw(t, "key")]
			return k, hashed(k)
		}
		ctx := t.Context()

		agree := func(what string, got, want bool, err error) {
			if err != nil && err != ErrFull || got != want {
				t.Fatalf("%s: %v, %v, want %v", what, got, err, want)
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"create": func(t *rapid.T) {
				fresh++
				name[keys.Draw(t, "key")] = fresh
				err := store.Create(ctx, hashed(fresh), []Item{{"n", fresh}})
				agree("create", err == nil, m.create(fresh, fresh), err)
			},
			"read": func(t *rapid.T) {
				k, h := key()
				items, ok, err := store.Read(ctx, h)
				s := m.use(k)
				agree("read", ok, s != nil, err)
				if s != nil && items[0].Value != s.n {
					t.Fatalf("read %v, want %d", items, s.n)
				}
			},
			"update": func(t *rapid.T) {
				k, h := key()
				fresh++
				ok, err := store.Update(ctx, h, []Item{{"n", fresh}})
				s := m.use(k)
				agree("update", ok, s != nil, err)
				if s != nil {
					s.n = fresh
				}
			},
			"renew": func(t *rapid.T) {
				k, h := key()
				fresh++
				ok, err := store.Renew(ctx, h, hashed(fresh), nil)
				s := m.use(k)
				agree("renew", ok, s != nil, err)
				if s != nil {
					s.key = fresh
					name[keys.Draw(t, "as")] = fresh
				}
			},
			"destroy": func(t *rapid.T) {
				k, h := key()
				if err := store.Destroy(ctx, h); err != nil {
					t.Fatal(err)
				}
				m.destroy(m.find(k))
			},
			"destroy all": func(t *rapid.T) {
				if rapid.IntRange(0, 9).Draw(t, "seldom") == 0 {
					if err := store.DestroyAll(ctx); err != nil {
						t.Fatal(err)
					}
					m.sessions = nil
				}
			},
			"time passes": func(t *rapid.T) {
				shortest := max(store.step, 1)
				unit := rapid.SampledFrom([]time.Duration{shortest / 3, shortest, 100 * shortest, limits.Expires / 3, limits.IdleTimeout / 3, 20 * time.Hour})
				m.now += unit.Draw(t, "unit") * time.Duration(rapid.IntRange(1, 4).Draw(t, "times"))
				*clock = m.now
				store.tick()
			},
			"": func(t *rapid.T) {
				m.find(0)
				if store.count != len(m.sessions) {
					t.Fatalf("%d sessions take up room, want %d", store.count, len(m.sessions))
				}
				checkStructure(t, store)
			},
		})
	})
}

// checkStructure checks that the table and the lists have the same sessions.
func checkStructure(t interface{ Fatalf(string, ...any) }, m *Memory) {
	listed := 0
	for number := range m.lists {
		head := m.lists[number].head
		for r := head; r != 0; {
			e := m.entry(r)
			key := e.getKey()
			if found, _ := m.table.Load().find(&key); e.list != uint32(number) || m.entry(e.next).prev != r || found != r {
				t.Fatalf("list %d is broken at session %s", number, key)
			}
			listed++
			if r = e.next; r == head {
				break
			}
		}
	}
	places := 0
	for i, f := range m.table.Load().free {
		places += f.live
		if there := m.table.Load().pages[i].Load() != nil; f.live < 0 || f.live > perPage || !there && f.live > 0 {
			t.Fatalf("page %d, there: %v, has %d sessions", i, there, f.live)
		}
	}
	if places != m.count {
		t.Fatalf("%d places are in use, want %d", places, m.count)
	}
	live := 0
	for i := range m.table.Load().shards {
		s := &m.table.Load().shards[i]
		live += s.live
		if p := s.slots.Load(); p != nil && (2*s.used > len(*p) || s.live > s.used) {
			t.Fatalf("a shard has %d sessions in %d of %d slots", s.live, s.used, len(*p))
		}
	}
	if live != m.count || m.step > 0 && listed != m.count {
		t.Fatalf("%d sessions in the table, %d in lists, want %d", live, listed, m.count)
	}
}

// TestNoSessionInUseIsPushedOut has many goroutines create far more sessions
// than fit while each keeps using a few.
func TestNoSessionInUseIsPushedOut(t *testing.T) {
	const goroutines, mine, maxSessions = 8, 10, 100
	m, _ := memory(Limits{Expires: time.Hour, IdleTimeout: time.Hour, MaxSessions: maxSessions})
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() {
			key := func(i int) Key { return hashed(g<<32 + i) }
			for i := range mine {
				if err := m.Create(t.Context(), key(i), nil); err != nil {
					t.Error(err)
				}
				if _, ok, _ := m.Read(t.Context(), key(i)); !ok {
					return // a flood may push it out before it was presented
				}
			}
			for i := range 2000 {
				if err := m.Create(t.Context(), key(mine+i), nil); err != nil && err != ErrFull {
					t.Error(err)
				}
				if _, ok, _ := m.Read(t.Context(), key(i%mine)); !ok {
					t.Errorf("session %d, in use, is gone", i%mine)
					return
				}
			}
		})
	}
	wg.Wait()
	if m.count > maxSessions {
		t.Errorf("%d sessions, more than the %d allowed", m.count, maxSessions)
	}
	checkStructure(t, m)
}

func TestAllInUseIsFull(t *testing.T) {
	m, now := memory(Limits{IdleTimeout: time.Hour, MaxSessions: 3})
	for i := range 3 {
		if err := m.Create(t.Context(), hashed(i), nil); err != nil {
			t.Fatal(err)
		}
		m.Read(t.Context(), hashed(i))
	}
	if err := m.Create(t.Context(), hashed(3), nil); err != ErrFull {
		t.Errorf("a session beyond the bound: %v, want ErrFull", err)
	}
	*now = time.Hour
	if err := m.Create(t.Context(), hashed(3), nil); err != nil {
		t.Errorf("after the idle time of all: %v", err)
	}
}

// TestMemoryIsFreedWithoutAnybodyAsking also shows that one look at the
// sessions that may end takes a bounded time, however many there are.
func TestMemoryIsFreedWithoutAnybodyAsking(t *testing.T) {
	const n = 100_000
	m, now := memory(Limits{Expires: time.Hour, IdleTimeout: time.Hour, MaxSessions: n})
	for i := range n {
		if err := m.Create(t.Context(), hashed(i), nil); err != nil {
			t.Fatal(err)
		}
		if i%2 == 0 {
			m.Read(t.Context(), hashed(i))
		}
	}
	*now = 2 * time.Hour
	batches := 1
	for m.tickBatch() {
		batches++
	}
	if batches < n/collectBatch {
		t.Errorf("%d sessions were removed in %d batches", n, batches)
	}
	slots := 0
	for i := range m.table.Load().shards {
		if p := m.table.Load().shards[i].slots.Load(); p != nil {
			slots += len(*p)
		}
	}
	pages := pagesOf(m)
	if m.count != 0 || pages > 0 || slots > minSlots*len(m.table.Load().shards) {
		t.Errorf("%d sessions, %d pages and %d slots are left", m.count, pages, slots)
	}
	checkStructure(t, m)
}

func pagesOf(m *Memory) (n int) {
	for i := range m.table.Load().pages {
		if m.table.Load().pages[i].Load() != nil {
			n++
		}
	}
	return n
}

func TestWithoutLimitsMemoryIsFreedByDestroy(t *testing.T) {
	m, _ := memory(Limits{MaxSessions: 10 * perPage})
	for i := range 10 * perPage {
		if err := m.Create(t.Context(), hashed(i), nil); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 10 * perPage {
		if err := m.Destroy(t.Context(), hashed(i)); err != nil {
			t.Fatal(err)
		}
	}
	if n := pagesOf(m); n > 1 {
		t.Errorf("%d pages are left, want one at most, for the next session", n)
	}
	checkStructure(t, m)
}

// The clock of a Memory is monotonic, so nobody can set it. Should it jump all
// the same, sessions end early rather than come back.
func TestAClockThatJumpsRevivesNothing(t *testing.T) {
	m, now := memory(Limits{Expires: 24 * time.Hour, IdleTimeout: time.Hour, MaxSessions: 10})
	lives := func(n int) bool {
		t.Helper()
		m.tick()
		_, ok, err := m.Read(t.Context(), hashed(n))
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	create := func(n int) {
		t.Helper()
		if err := m.Create(t.Context(), hashed(n), []Item{{"a", true}}); err != nil {
			t.Fatal(err)
		}
	}
	create(1)
	if *now += 24 * time.Hour; lives(1) {
		t.Error("a session lives on when the clock is put forward by a day")
	}
	create(2)
	if *now -= 24 * time.Hour; lives(1) {
		t.Error("a session is back when the clock is put back by a day")
	}
	create(3)
	if !lives(3) {
		t.Error("no session begins after the clock was put back")
	}
	if *now += time.Hour; lives(3) || lives(1) {
		t.Error("a session does not end after the clock was put back")
	}
	if *now += 25 * time.Hour; lives(2) {
		t.Error("a session that began in the future never ends")
	}
	if m.count != 0 {
		t.Errorf("%d sessions are left", m.count)
	}
}

func TestReadAllocatesNothing(t *testing.T) {
	m, _ := memory(Limits{IdleTimeout: time.Hour, MaxSessions: 10})
	key := hashed(1)
	if err := m.Create(t.Context(), key, []Item{{"a", true}}); err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	if n := testing.AllocsPerRun(100, func() { m.Read(ctx, key) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestReadTakesNoLock reads while a write of another session holds the lock. So
// the session stays on the list of those that no request has presented, and
// must not be pushed out all the same.
func TestReadTakesNoLock(t *testing.T) {
	m, _ := memory(Limits{IdleTimeout: time.Hour, MaxSessions: 2})
	if err := m.Create(t.Context(), hashed(1), nil); err != nil {
		t.Fatal(err)
	}
	m.mu.Lock()
	done := make(chan bool)
	go func() {
		_, ok, _ := m.Read(t.Context(), hashed(1))
		done <- ok
	}()
	if !<-done {
		t.Error("the session is not there")
	}
	m.mu.Unlock()
	for i := range 10 {
		if err := m.Create(t.Context(), hashed(2+i), nil); err != nil {
			t.Fatal(err)
		}
	}
	if _, ok, _ := m.Read(t.Context(), hashed(1)); !ok {
		t.Error("a session that was presented has been pushed out")
	}
}

// TestMakingRoomLooksAtNoSessionInUse shows that the sessions in use are not in
// the way when room is made, however many there are.
func TestMakingRoomLooksAtNoSessionInUse(t *testing.T) {
	m, _ := memory(Limits{IdleTimeout: time.Hour, MaxSessions: 10})
	for i := range 10 {
		if err := m.Create(t.Context(), hashed(i), nil); err != nil {
			t.Fatal(err)
		}
		m.Read(t.Context(), hashed(i))
	}
	if m.lists[fresh].head != 0 {
		t.Error("a session that was presented is still listed as one that was not")
	}
}
