package bolt

import (
	"slices"
	"sync"
	"sync/atomic"

	"go.etcd.io/bbolt"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// room has what a Store must know to keep to Limits.MaxSessions. It is for the
// goroutine that commits, except for fresh.
type room struct {
	sessions   int         // in the file
	fresh      sync.Map    // sessions created by this process, by key: an *atomic.Bool, whether a request has presented it
	candidates *candidates // nil until they are needed
	undo       []func()    // for the case that the transaction fails
}

// present records that a request has presented the session. It takes no lock. A
// session that has a recorded use has been presented already, which makes this free
// for old sessions.
func (s *Store) present(key store.Key, r *record) {
	if r.used > r.created {
		return
	}
	if presented, ok := s.room.fresh.Load(key); ok && !presented.(*atomic.Bool).Load() {
		presented.(*atomic.Bool).Store(true)
	}
}

// isFresh tells whether no request has presented the session. It is false for
// the sessions of earlier processes.
func (s *Store) isFresh(key store.Key) bool {
	presented, ok := s.room.fresh.Load(key)
	return ok && !presented.(*atomic.Bool).Load()
}

// added counts a session that has just been created.
func (s *Store) added(key store.Key) {
	s.room.sessions++
	if s.limits.Load().MaxSessions > 0 {
		s.room.fresh.Store(key, new(atomic.Bool))
		s.room.undo = append(s.room.undo, func() { s.room.fresh.Delete(key) })
	}
}

// forget removes what is known of a session that is presented by a write, or ends.
func (s *Store) forget(key store.Key) {
	if presented, ok := s.room.fresh.LoadAndDelete(key); ok {
		s.room.undo = append(s.room.undo, func() { s.room.fresh.Store(key, presented) })
	}
}

// rollback takes back the changes of a transaction that began with that number of
// sessions.
func (r *room) rollback(sessions int) {
	r.sessions = sessions
	for _, undo := range slices.Backward(r.undo) {
		undo()
	}
}

// over tells whether there are more sessions and forwards than MaxSessions if there
// are n more than now.
func (s *Store) over(n int) bool {
	limit := s.limits.Load().MaxSessions
	return limit > 0 && s.room.sessions+s.forwards.Len()+n > limit
}

// makeRoom makes room for a new session, in the order of Limits.MaxSessions, or
// returns store.ErrFull. Sessions that have ended go before all others. It looks at
// one session, and at those that have changed since it looked at them last.
func (s *Store) makeRoom(tx *bbolt.Tx) error {
	if !s.over(1) {
		return nil
	}
	if _, err := s.removeEnded(tx); err != nil {
		return err
	}
	for s.over(1) && s.forwards.DropOldest() {
	}
	for s.over(1) {
		key, r, ok, err := s.firstToGo(tx)
		if err != nil {
			return err
		}
		if !ok {
			return store.ErrFull
		}
		if err := s.remove(tx, key, &r); err != nil {
			return err
		}
	}
	return nil
}
