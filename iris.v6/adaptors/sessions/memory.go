package sessions

import (
	"context"
	"errors"
	"math"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// Memory is a Store in this process's memory: the fastest one, and gone with
// the process. Make it with NewMemory.
//
// Reads take no lock. Writes take one, for about a microsecond. Time runs in
// steps of 1/1024 of the shorter limit, or of a second if that is less; a
// session ends at the last step that is not past its limit, and its memory is
// free at that step: each step looks only at the sessions that may end there.
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
	fresh   list   // sessions that no request has presented, oldest first
	wheel   []list // the others: by the step when they may end, modulo its length
	swept   int64  // the last step whose sessions have been looked at
	ticking bool   // a tick is to come
}

// entry is a session. Its items never change: another entry takes its place.
type entry struct {
	key        Key
	created    int64        // the step when the session began
	used       atomic.Int64 // the step of its last use; 0 if no request has presented it
	in         *list        // the list that it is in, nil for none
	prev, next *entry       // in that list
	items      []Item
	one        [1]Item // what items points to where there is one: one allocation less
}

const (
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
	m.max = l.MaxSessions
	m.expires, m.idle = forever, forever
	shorter := time.Duration(math.MaxInt64)
	for _, limit := range []time.Duration{l.Expires, l.IdleTimeout} {
		if limit > 0 {
			shorter = min(shorter, limit)
		}
	}
	if l.Expires > 0 || l.IdleTimeout > 0 {
		m.step = max(min(shorter/stepsPerLimit, longestStep), shortestStep)
		m.wheel = make([]list, wheelSteps)
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
	return min(e.created+m.expires, max(e.created, e.used.Load())+m.idle)
}

// Read implements Store. It allocates nothing.
func (m *Memory) Read(_ context.Context, key Key) ([]Item, bool, error) {
	e := m.table.Load().find(&key)
	if e == nil {
		return nil, false, nil
	}
	now := m.now.Load()
	if now >= m.end(e) {
		return nil, false, nil
	}
	// One store a step, so that a session in use on several cores does not
	// make them fight for its cache line.
	if used := e.used.Load(); used != now {
		e.used.Store(now)
		if used == 0 {
			m.present(e)
		}
	}
	return e.items, true, nil
}

// present takes a session that is read for the first time off the fresh list.
// It does not wait for the lock: whoever finds the session on that list later
// sees that it was used.
func (m *Memory) present(e *entry) {
	if m.mu.TryLock() {
		if e.in == &m.fresh {
			m.file(e)
		}
		m.mu.Unlock()
	}
}

// Create implements Store.
func (m *Memory) Create(_ context.Context, key Key, items []Item) error {
	e := &entry{key: key}
	e.items = append(e.one[:0:1], items...)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.advance()
	t := m.table.Load()
	if t.find(&key) != nil {
		return errors.New("sessions: a session of that key is there")
	}
	if m.count >= m.max && !m.makeRoom() {
		return ErrFull
	}
	e.created = m.now.Load()
	t.insert(e)
	m.fresh.push(e)
	m.count++
	m.tickLater()
	return nil
}

// makeRoom frees the place of a session, if there is one that no request has
// presented, or that has ended.
func (m *Memory) makeRoom() bool {
	m.collect(8 * collectBatch)
	if m.count < m.max {
		return true
	}
	for e := m.fresh.head; e != nil; e = m.fresh.head {
		if e.used.Load() == 0 {
			m.remove(e)
			return true
		}
		m.file(e)
	}
	return false
}

// Update implements Store.
func (m *Memory) Update(_ context.Context, key Key, changes []Item) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e := m.living(&key)
	if e == nil {
		return false, nil
	}
	changed := m.change(e, key, changes)
	m.table.Load().replace(changed)
	return true, nil
}

// Renew implements Store.
func (m *Memory) Renew(_ context.Context, old, key Key, changes []Item) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e := m.living(&old)
	if e == nil {
		return false, nil
	}
	t := m.table.Load()
	if t.find(&key) != nil {
		return false, errors.New("sessions: a session of that key is there")
	}
	moved := m.change(e, key, changes)
	t.remove(&old)
	t.insert(moved)
	return true, nil
}

// living returns the session of that key if it has not ended.
func (m *Memory) living(key *Key) *entry {
	m.advance()
	e := m.table.Load().find(key)
	if e == nil || m.now.Load() >= m.end(e) {
		return nil
	}
	return e
}

// change returns what the session becomes, and lists it in place of what it was.
func (m *Memory) change(e *entry, key Key, changes []Item) *entry {
	changed := &entry{key: key, created: e.created}
	changed.items = Merge(changed.one[:0:1], e.items, changes)
	changed.used.Store(m.now.Load())
	e.leave()
	m.file(changed)
	return changed
}

// Destroy implements Store.
func (m *Memory) Destroy(_ context.Context, key Key) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e := m.table.Load().find(&key); e != nil {
		m.remove(e)
	}
	return nil
}

// DestroyAll implements Store. What it takes does not depend on how many
// sessions there are.
func (m *Memory) DestroyAll(context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.table.Store(newTable(m.max))
	m.fresh = list{}
	clear(m.wheel)
	m.count = 0
	return nil
}

func (m *Memory) remove(e *entry) {
	m.table.Load().remove(&e.key)
	e.leave()
	m.count--
}

// file lists a session that has been presented under the step when it may end.
func (m *Memory) file(e *entry) {
	e.leave()
	if m.step > 0 {
		// Never under a step that is past, nor a whole turn ahead, where the
		// list is that is being looked at.
		step := min(max(m.end(e), m.swept+1), m.swept+wheelSteps)
		m.wheel[step%wheelSteps].push(e)
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
		e := m.fresh.head
		if e == nil || now < m.end(e) && e.used.Load() == 0 {
			e = m.nextDue(now)
		}
		switch {
		case e == nil:
			return false
		case now >= m.end(e):
			m.remove(e)
		default:
			m.file(e) // it was used since it was listed
		}
	}
	return true
}

// nextDue returns a session listed under a step that has come, nil if there is none.
func (m *Memory) nextDue(now int64) *entry {
	m.swept = max(m.swept, now-wheelSteps) // one turn finds all there is
	for ; m.swept < now; m.swept++ {
		if e := m.wheel[(m.swept+1)%wheelSteps].head; e != nil {
			return e
		}
	}
	return nil
}
