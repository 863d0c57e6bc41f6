package sessions

import (
	"context"
	"errors"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Memory is a Store in this process's memory: the fastest one, and gone with
// the process. Make it with NewMemory.
//
// Reads take no lock. Writes take one, for about a microsecond. Time runs in
// steps of 1/1024 of the shorter limit, or of a second if that is less; a
// session ends at the last step that is not past its limit (later only if the
// process is held up, and the step with it), and its memory is free at that
// step: each step looks only at the sessions that may end there.
type Memory struct {
	// What reads use. It changes rarely.
	table atomic.Pointer[table]
	now   atomic.Int64 // the current step, from 1 on
	// Limits in steps; forever if there is none.
	expires, idle int64
	step          time.Duration        // 0 if there are no limits
	clock         func() time.Duration // since the Store was made
	after         func(time.Duration, func())
	max           int

	_ [64]byte // what follows changes with every write: not on the same cache line

	mu      sync.Mutex
	count   int
	lists   []list // none, the fresh one and the wheel's
	swept   int64  // the last step whose sessions have been looked at
	ticking bool   // a tick is to come
	merged  []Item // room for setItems to work in
	flags   *[]Item
}

const (
	// fresh is the list of the sessions that no request has presented, oldest
	// first. The others are in the wheel, whose lists begin at wheel: by the
	// step when they may end, modulo their number.
	fresh = 1
	wheel = 2

	forever = math.MaxInt64 / 4

	stepsPerLimit = 1024
	longestStep   = time.Second
	shortestStep  = time.Millisecond
	wheelSteps    = 4 * stepsPerLimit

	// collectBatch is how many sessions are looked at under one hold of the lock.
	collectBatch = 128
)

// NewMemory returns an empty Store.
func NewMemory() *Memory {
	start := time.Now()
	return &Memory{
		clock: func() time.Duration { return time.Since(start) },
		after: func(d time.Duration, f func()) { time.AfterFunc(d, f) },
	}
}

// SetLimits implements Store.
func (m *Memory) SetLimits(l Limits) {
	m.max = min(l.MaxSessions, math.MaxInt32) // a ref has 32 bits
	m.expires, m.idle = forever, forever
	m.lists = make([]list, wheel)
	shorter := time.Duration(math.MaxInt64)
	for _, limit := range []time.Duration{l.Expires, l.IdleTimeout} {
		if limit > 0 {
			shorter = min(shorter, limit)
		}
	}
	if l.Expires > 0 || l.IdleTimeout > 0 {
		m.step = max(min(shorter/stepsPerLimit, longestStep), shortestStep)
		m.lists = make([]list, wheel+wheelSteps)
	}
	if l.Expires > 0 {
		m.expires = max(1, int64(l.Expires/m.step))
	}
	if l.IdleTimeout > 0 {
		m.idle = max(1, int64(l.IdleTimeout/m.step))
	}
	m.now.Store(1)
	m.table.Store(newTable(m.max))
}

// end returns the step at which the session ends unless it is used before.
func (m *Memory) end(e *entry) int64 {
	created := e.created.Load()
	return min(created+m.expires, max(created, e.used.Load())+m.idle)
}

func (m *Memory) entry(r ref) *entry { return m.table.Load().at(r) }

// Read implements Store. It allocates nothing.
func (m *Memory) Read(_ context.Context, key Key) ([]Item, bool, error) {
	r, e := m.table.Load().find(&key)
	if e == nil {
		return nil, false, nil
	}
	now := m.now.Load()
	items, ended := e.items.Load(), now >= m.end(e)
	if ended || items == nil || !e.has(&key) {
		return nil, false, nil
	}
	// One store a step, so that a session in use on several cores does not
	// make them fight for its cache line.
	if used := e.used.Load(); used != now {
		e.used.Store(now)
		if used == 0 {
			m.present(r, e)
		}
	}
	return *items, true, nil
}

// present takes a session that is read for the first time off the fresh list.
// It does not wait for the lock: whoever finds the session on that list later
// sees that it was used.
func (m *Memory) present(r ref, e *entry) {
	if m.mu.TryLock() {
		if e.list == fresh && e == m.entry(r) {
			m.file(r, e)
		}
		m.mu.Unlock()
	}
}

// Create implements Store.
func (m *Memory) Create(_ context.Context, key Key, items []Item) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.advance()
	t := m.table.Load()
	if r, _ := t.find(&key); r != 0 {
		return errTaken
	}
	if m.count >= m.max && !m.makeRoom() {
		return ErrFull
	}
	r, e := t.take()
	e.setKey(&key)
	e.created.Store(m.now.Load())
	e.used.Store(0)
	m.setItems(e, nil, items)
	t.insert(&key, r)
	m.push(fresh, r, e)
	m.count++
	m.tickLater()
	return nil
}

var errTaken = errors.New("sessions: a session of that key is there")

// makeRoom frees the place of a session, if there is one that no request has
// presented, or that has ended.
func (m *Memory) makeRoom() bool {
	m.collect(8 * collectBatch)
	if m.count < m.max {
		return true
	}
	for r := m.lists[fresh].head; r != 0; r = m.lists[fresh].head {
		e := m.entry(r)
		if e.used.Load() == 0 {
			m.remove(r, e)
			return true
		}
		m.file(r, e)
	}
	return false
}

// setItems makes the session have what is in items after the changes. Sessions
// that have the same flags and nothing else share them.
func (m *Memory) setItems(e *entry, items, changes []Item) {
	m.merged = Merge(m.merged[:0], items, changes)
	if m.flags != nil && slices.EqualFunc(m.merged, *m.flags, sameFlag) {
		e.items.Store(m.flags)
		return
	}
	next := new(struct {
		items []Item
		one   [1]Item // what items points to where there is one: one allocation less
	})
	next.items = append(next.one[:0], m.merged...)
	e.items.Store(&next.items)
	if slices.EqualFunc(m.merged, m.merged, sameFlag) {
		m.flags = &next.items
	}
	clear(m.merged)
}

func sameFlag(a, b Item) bool {
	_, isFlag := a.Value.(bool)
	return isFlag && a == b
}

// Update implements Store.
func (m *Memory) Update(_ context.Context, key Key, changes []Item) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r, e := m.living(&key)
	if e == nil {
		return false, nil
	}
	m.setItems(e, *e.items.Load(), changes)
	m.use(r, e)
	return true, nil
}

// Renew implements Store.
func (m *Memory) Renew(_ context.Context, old, key Key, changes []Item) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r, e := m.living(&old)
	if e == nil {
		return false, nil
	}
	t := m.table.Load()
	if taken, _ := t.find(&key); taken != 0 {
		return false, errTaken
	}
	t.remove(&old)
	e.setKey(&key) // before the items: who reads by the old key must not see them
	m.setItems(e, *e.items.Load(), changes)
	t.insert(&key, r)
	m.use(r, e)
	return true, nil
}

// living returns the session of that key if it has not ended.
func (m *Memory) living(key *Key) (ref, *entry) {
	m.advance()
	r, e := m.table.Load().find(key)
	if e == nil || m.now.Load() >= m.end(e) {
		return 0, nil
	}
	return r, e
}

// use marks the session as presented, now.
func (m *Memory) use(r ref, e *entry) {
	e.used.Store(m.now.Load())
	m.file(r, e)
}

// Destroy implements Store.
func (m *Memory) Destroy(_ context.Context, key Key) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	t := m.table.Load()
	if r, e := t.find(&key); e != nil {
		m.remove(r, e)
	}
	if m.step == 0 && len(t.emptied) > 1 { // there are no ticks that do
		t.trim()
	}
	return nil
}

// DestroyAll implements Store. What it takes does not depend on how many
// sessions there are.
func (m *Memory) DestroyAll(context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.table.Store(newTable(m.max))
	clear(m.lists)
	m.count = 0
	return nil
}

func (m *Memory) remove(r ref, e *entry) {
	t := m.table.Load()
	key := e.getKey()
	t.remove(&key)
	m.leave(r, e)
	t.put(r, e)
	m.count--
}

// file lists a session that has been presented under the step when it may end.
func (m *Memory) file(r ref, e *entry) {
	m.leave(r, e)
	if m.step > 0 {
		// Never under a step that is past, nor a whole turn ahead, where the
		// list is that is being looked at.
		step := min(max(m.end(e), m.swept+1), m.swept+wheelSteps)
		m.push(uint32(wheel+step%wheelSteps), r, e)
	}
}

// advance reads the clock.
func (m *Memory) advance() {
	if m.step == 0 {
		return
	}
	if now := int64(m.clock()/m.step) + 1; now != m.now.Load() {
		m.now.Store(now)
	}
}

// tickLater has the next step looked at, if there is anything to look at.
func (m *Memory) tickLater() {
	if m.step > 0 && m.count > 0 && !m.ticking {
		m.ticking = true
		m.after(m.step-m.clock()%m.step, m.tick)
	}
}

// tick removes what has ended. In between it lets other goroutines run.
func (m *Memory) tick() {
	for m.tickBatch() {
		runtime.Gosched()
	}
}

func (m *Memory) tickBatch() (more bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.advance()
	if m.collect(collectBatch) {
		return true
	}
	m.table.Load().trim()
	m.ticking = false
	m.tickLater()
	return false
}

// collect looks at n sessions at most that may have ended, and removes those
// that have. It tells whether there are more to look at.
func (m *Memory) collect(n int) (more bool) {
	if m.step == 0 {
		return false
	}
	now := m.now.Load()
	for ; n > 0; n-- {
		r := m.lists[fresh].head
		if r == 0 || m.entry(r).used.Load() == 0 && now < m.end(m.entry(r)) {
			r = m.nextDue(now)
		}
		if r == 0 {
			return false
		}
		if e := m.entry(r); now >= m.end(e) {
			m.remove(r, e)
		} else {
			m.file(r, e) // it was used since it was listed
		}
	}
	return true
}

// nextDue returns a session listed under a step that has come, 0 if there is none.
func (m *Memory) nextDue(now int64) ref {
	m.swept = max(m.swept, now-wheelSteps) // one turn finds all there is
	for ; m.swept < now; m.swept++ {
		if r := m.lists[wheel+(m.swept+1)%wheelSteps].head; r != 0 {
			return r
		}
	}
	return 0
}
