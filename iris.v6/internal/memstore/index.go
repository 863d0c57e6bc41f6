package memstore

import (
	"time"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// Index is a Store of which a Mirror has a copy.
type Index struct{ Store }

// Mirror is told what changes in an Index. Reads of the Index take no lock, so they
// see a change as soon as it is made: the Mirror is told just before.
type Mirror interface {
	// Changed says that the session of the key begins, changes, or ends.
	Changed(store.Key)
	// Used says that a use of the session must be recorded: the first one in each
	// tenth of the idle limit, counted from the session's creation.
	Used(store.Key)
	// Cleared says that all sessions end.
	Cleared()
	// Flush is called, without a lock, after some sessions may have expired. No more
	// of them end until it returns.
	Flush()
}

// NewIndex returns an empty Index. The clock never goes back. Its times are those
// of the sessions, and greater than 0.
func NewIndex(clock func() time.Duration, m Mirror) *Index {
	return &Index{Store{clock: clock, mirror: m}}
}

// Session is a session of an Index.
type Session struct {
	Created, Used time.Duration
	Items         []store.Item // they never change
}

// Restore adds a session that the Mirror has, which is not told of it. The session
// counts as presented, and is not refused if there are too many.
func (x *Index) Restore(key store.Key, session Session) {
	x.mu.Lock()
	defer x.mu.Unlock()
	step := func(t time.Duration) int64 { // an Index with longer steps may have been ahead of this one
		return min(int64(t.Truncate(x.step)), x.now.Load())
	}
	x.add(key, step(session.Created), step(session.Used), session.Items)
}

// Freeze calls f while no session begins, changes or ends. f must not call the
// Index, but find, which returns the session of a key. ok is false if there is none.
func (x *Index) Freeze(f func(find func(store.Key) (_ Session, ok bool))) {
	x.mu.Lock()
	defer x.mu.Unlock()
	f(func(key store.Key) (Session, bool) {
		_, e := x.table.Load().find(&key)
		if e == nil {
			return Session{}, false
		}
		created := e.created.Load()
		return Session{time.Duration(created), time.Duration(max(created, e.used.Load())), *e.items.Load()}, true
	})
}

// Clear ends all sessions. The Mirror is not told of it.
func (x *Index) Clear() {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.table.Load() != nil {
		x.clear()
	}
}

// changed tells the Mirror, if there is one.
func (s *Store) changed(key store.Key) {
	if s.mirror != nil {
		s.mirror.Changed(key)
	}
}

// recordDue tells whether a use at now must be recorded that follows one at used.
func (s *Store) recordDue(e *entry, used, now int64) bool {
	created, tenth := e.created.Load(), int64(s.limits.InUse())
	return (now-created)/tenth > (max(used, created)-created)/tenth
}
