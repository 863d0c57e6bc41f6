package memstore

import (
	"runtime"
	"time"
)

const (
	stepsPerLimit = 1024
	longestStep   = time.Second
	shortestStep  = time.Millisecond
	wheelSteps    = 4 * stepsPerLimit // as many steps have a list of what may end in them

	// collectBatch is how many sessions are looked at under one hold of the lock.
	collectBatch = 128
)

// present returns the present step. The first one is step, as 0 is the time of a
// use that has not been.
func (s *Store) present() int64 { return int64(s.clock().Truncate(s.step) + s.step) }

// advance begins the present step, unless it has begun.
func (s *Store) advance() {
	if now := s.present(); now != s.now.Load() {
		s.now.Store(now)
		s.order.advance(now / s.epoch)
	}
}

// end returns when the session ends unless it is used before.
func (s *Store) end(e *entry) int64 {
	return int64(s.limits.End(time.Duration(e.created.Load()), time.Duration(e.used.Load())))
}

func (s *Store) entry(r ref) *entry { return s.table.Load().arena.at(r) }

// schedule lists a session that is not in ends under the step in which it may end.
func (s *Store) schedule(r ref, e *entry) {
	// Never under a past step, nor a whole turn ahead: that list is being looked at.
	step := min(max(s.end(e)/int64(s.step), s.swept+1), s.swept+wheelSteps)
	s.ends.push(int(step%wheelSteps), r)
}

// tickLater has the next step looked at, if there will be anything to free.
// Sessions without limits also need a clock, for Read to record when they are used.
func (s *Store) tickLater() {
	if !s.ticking && (s.count > 0 || s.forwards.Len() > 0 || s.table.Load().arena.trimmable()) {
		s.ticking = true
		s.after(s.step-s.clock()%s.step, s.tick)
	}
}

// tick frees what has ended. It lets other goroutines run in between.
func (s *Store) tick() {
	for more := true; more; {
		more = s.tickBatch()
		if s.mirror != nil {
			s.mirror.Flush()
		}
		runtime.Gosched()
	}
}

func (s *Store) tickBatch() (more bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advance()
	if s.collect(collectBatch) {
		return true
	}
	s.forwards.Expire(s.clock())
	s.table.Load().arena.trim()
	s.ticking = false
	s.tickLater()
	return false
}

// collect looks at up to n sessions that may have ended, and removes those that
// have. It tells whether there are more to look at.
func (s *Store) collect(n int) (more bool) {
	now := s.now.Load()
	for ; n > 0; n-- {
		r := s.nextDue(now)
		if r == 0 {
			return false
		}
		if e := s.entry(r); now >= s.end(e) {
			s.remove(r, e)
		} else { // it was used after it was listed
			s.ends.remove(r)
			s.schedule(r, e)
		}
	}
	return true
}

// nextDue returns a session listed under a step that has come, 0 if there is none.
func (s *Store) nextDue(now int64) ref {
	step := now / int64(s.step)
	s.swept = max(s.swept, step-wheelSteps) // one turn finds all there is
	for ; s.swept < step; s.swept++ {
		if r := s.ends.first(int((s.swept + 1) % wheelSteps)); r != 0 {
			return r
		}
	}
	return 0
}
