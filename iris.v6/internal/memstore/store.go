// Package memstore keeps sessions in memory: for the store in memory, and as the
// index of the store in a file.
package memstore

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
	"gopkg.in/kataras/iris.v6/internal/forward"
)

// Store is a store.Store, without a check of the types of values. The zero value
// is empty. See memory.Store for its behaviour.
type Store struct {
	// Reads use these. They change rarely.
	table  atomic.Pointer[table] // nil until SetLimits
	now    atomic.Int64          // the present step, a time.Duration: see advance
	limits store.Limits          // in whole steps
	step   time.Duration
	clock  func() time.Duration // nil until SetLimits: the time since then
	after  func(time.Duration, func())
	mirror Mirror // nil for none

	_ [64]byte // the rest changes with every write: not on the same cache line

	mu       sync.Mutex
	count    int // of sessions
	forwards forward.Table
	ends     lists // by the step in which the sessions may end, modulo wheelSteps
	swept    int64 // the last step whose sessions have been looked at
	order    order
	epoch    int64        // how long an epoch of the order is
	inUse    int64        // store.Limits.InUse, in whole steps
	ticking  bool         // a tick is to come
	merged   []store.Item // scratch memory of setItems
	flags    *[]store.Item
}

// SetLimits implements store.Store.
func (s *Store) SetLimits(l store.Limits) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.table.Load() != nil {
		return store.ErrLimitsSet
	}
	if s.clock == nil {
		start := time.Now()
		s.clock = func() time.Duration { return time.Since(start) }
	}
	if s.after == nil {
		s.after = func(d time.Duration, f func()) { time.AfterFunc(d, f) }
	}
	if l.MaxSessions == 0 || l.MaxSessions > maxEntries {
		l.MaxSessions = maxEntries
	}
	shorter := longestStep * stepsPerLimit
	for _, limit := range []time.Duration{l.Expires, l.IdleTimeout} {
		if limit > 0 {
			shorter = min(shorter, limit)
		}
	}
	s.step = max(shorter/stepsPerLimit, shortestStep)
	s.inUse = int64(max(l.InUse().Truncate(s.step), s.step))
	s.epoch = int64(max((l.InUse() / epochsPerUse).Truncate(s.step), s.step))
	for _, limit := range []*time.Duration{&l.Expires, &l.IdleTimeout} {
		if *limit > 0 {
			*limit = max(limit.Truncate(s.step), s.step)
		}
	}
	s.limits = l
	s.now.Store(s.present())
	s.swept = s.now.Load()/int64(s.step) - 1
	s.clear()
	return nil
}

// clear gives the Store a new table and new lists.
func (s *Store) clear() {
	s.count = 0
	s.forwards.Clear()
	s.ends = newLists(byEnd, &s.table, wheelSteps)
	s.order = newOrder(&s.table, s.now.Load()/s.epoch)
	s.table.Store(newTable(s.limits.MaxSessions))
}

// Read implements store.Store. It allocates nothing.
func (s *Store) Read(key store.Key) ([]store.Item, bool, error) {
	t := s.table.Load()
	if t == nil {
		return nil, false, store.ErrNoLimits
	}
	_, e := t.find(&key)
	if e == nil {
		return nil, false, nil
	}
	now, used := s.now.Load(), e.used.Load()
	ended := used != now && now >= s.end(e) // a session does not end in a step that it was used in
	items := e.items.Load()
	if ended || items == nil || !e.has(&key) {
		return nil, false, nil
	}
	// One write a step, so that a session in use on several cores does not make
	// them fight for its cache line.
	if used != now {
		s.markUsed(key, e, used, now)
	}
	return *items, true, nil
}

// Create implements store.Store. It releases the lock from time to time while it
// makes room.
func (s *Store) Create(key store.Key, items []store.Item) error {
	for {
		more, err := s.create(key, items)
		if !more {
			return err
		}
		runtime.Gosched()
	}
}

// create is Create under one hold of the lock. If more is true, it has to be
// called again, as there are more sessions to look at to make room.
func (s *Store) create(key store.Key, items []store.Item) (more bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.begin()
	if err != nil {
		return false, err
	}
	if s.taken(t, &key) {
		return false, store.ErrExists
	}
	if !s.hasRoom() {
		if more := s.makeRoom(); !s.hasRoom() {
			return more, store.ErrFull
		}
	}
	s.changed(key)
	s.add(key, s.now.Load(), 0, items)
	return false, nil
}

// add adds a session whose key is not taken.
func (s *Store) add(key store.Key, created, used int64, items []store.Item) {
	t := s.table.Load()
	if t.arena.full() {
		t = t.grown()
		s.table.Store(t)
	}
	r, e := t.arena.take()
	e.setKey(&key)
	e.created.Store(created)
	e.used.Store(used)
	s.setItems(e, nil, items)
	t.insert(&key, r)
	s.schedule(r, e)
	s.order.push(s.rank(e), r)
	s.count++
	s.tickLater()
}

// Update implements store.Store.
func (s *Store) Update(key store.Key, changes []store.Item) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.begin()
	if err != nil {
		return false, err
	}
	r, e := s.living(t, key)
	if e == nil {
		return false, nil
	}
	s.use(r, e, changes)
	return true, nil
}

// Renew implements store.Store.
func (s *Store) Renew(old, key store.Key, changes []store.Item) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.begin()
	if err != nil {
		return false, err
	}
	r, e := s.living(t, old)
	switch {
	case e == nil:
		return false, nil
	case e.getKey() != old:
		return false, store.Moved{To: e.getKey()}
	case s.taken(t, &key):
		return false, store.ErrExists
	}
	s.changed(old)
	t.remove(&old)
	e.setKey(&key) // before the items: a Read of the old key must not return them
	s.use(r, e, changes)
	t.insert(&key, r)
	s.forward(old, key)
	return true, nil
}

// Destroy implements store.Store.
func (s *Store) Destroy(key store.Key) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.begin()
	if err != nil {
		return err
	}
	if r, e := s.living(t, key); e != nil {
		s.remove(r, e)
		s.tickLater()
	}
	return nil
}

// DestroyAll implements store.Store. Its duration does not depend on the number
// of sessions.
func (s *Store) DestroyAll() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.begin(); err != nil {
		return err
	}
	if s.mirror != nil {
		s.mirror.Cleared()
	}
	s.clear()
	return nil
}

// begin is what every write begins with. It returns the table.
func (s *Store) begin() (*table, error) {
	t := s.table.Load()
	if t == nil {
		return nil, store.ErrNoLimits
	}
	s.advance()
	return t, nil
}

// taken tells whether the key has a session or forwards.
func (s *Store) taken(t *table, key *store.Key) bool {
	_, e := t.find(key)
	return e != nil || s.forwards.Has(*key)
}

// living returns the session that the key means, nil if there is none or it has
// ended.
func (s *Store) living(t *table, key store.Key) (ref, *entry) {
	key = s.forwards.Follow(key)
	r, e := t.find(&key)
	if e == nil || s.now.Load() >= s.end(e) {
		return 0, nil
	}
	return r, e
}

// forward makes old forward to key, if there is room.
func (s *Store) forward(old, key store.Key) {
	s.forwards.Add(old, key, s.clock())
	for s.count+s.forwards.Len() > s.limits.MaxSessions && s.forwards.DropOldest() {
	}
	s.tickLater()
}

// remove ends a session.
func (s *Store) remove(r ref, e *entry) {
	t := s.table.Load()
	key := e.getKey()
	s.changed(key)
	t.remove(&key)
	s.ends.remove(r)
	s.order.lists.remove(r)
	t.arena.put(r, e)
	s.count--
}

// setItems gives the session the items as they are after the changes. Sessions
// that have the same flags and nothing else share them.
func (s *Store) setItems(e *entry, items, changes []store.Item) {
	s.merged = store.Merge(s.merged[:0], items, changes)
	if s.flags != nil && slices.EqualFunc(s.merged, *s.flags, sameFlag) {
		e.items.Store(s.flags)
		return
	}
	next := new(struct {
		items []store.Item
		one   [1]store.Item // the memory of a single item: one allocation less
	})
	next.items = append(next.one[:0], s.merged...)
	e.items.Store(&next.items)
	if slices.EqualFunc(s.merged, s.merged, sameFlag) {
		s.flags = &next.items
	}
	clear(s.merged)
}

func sameFlag(a, b store.Item) bool {
	_, isFlag := a.Value.(bool)
	return isFlag && a == b
}
