// Package bolt keeps sessions in a file, so that they outlive the process:
//
//	store, err := bolt.Open("sessions.db")
//	…
//	defer store.Close()
//	app.Adapt(sessions.New(sessions.Config{Store: store}))
//
// One process at a time can open the file. A write is on the disk when its call
// returns, and a crash after that does not undo it. Writes that arrive while the
// disk is busy share the next transaction.
//
// The file has the SHA-256 of the session IDs only, so reading it does not let an
// attacker take over a session. It grows with the number of live sessions, and
// never shrinks: new sessions use the space of ended ones again. Stop the process
// before you copy the file: a copy of a file in use may be damaged, and then Open
// refuses it, and any copy brings back the sessions that were destroyed after it was
// made.
//
// # Room
//
// Limits.MaxSessions bounds the sessions in the file and the forwards. The forwards
// are in memory: they end with the process, and so do the requests that need them. A
// session that an earlier process created counts as presented. The last use is
// recorded at most once per Limits.InUse, without an idle limit too. So a session
// counts as in use for up to twice InUse after its last use, and never for less than
// InUse. The store needs 140 bytes of memory for each session that no request has
// presented and, once it was full, up to 100 for each session.
//
// # Faults
//
// A full disk fails the writes that need space, and nothing else. After any other
// failure of a write or a sync, and after a read of a damaged part of the file, every
// call fails until another process has opened the file.
//
// # Time
//
// While a process has the file open, the time that passes ends sessions, and
// changes of the system's clock do not. No time passes while the machine is
// suspended. While no process has the file open, the system's clock counts. If it
// is behind the latest time in the file, that time counts instead, so an ended
// session never comes back.
package bolt

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"go.etcd.io/bbolt"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
	"gopkg.in/kataras/iris.v6/internal/forward"
)

// Store keeps sessions in a file. It implements store.Store. Make it with Open.
type Store struct {
	db       *bbolt.DB
	path     string
	clock    clock
	limits   atomic.Pointer[store.Limits] // nil until SetLimits
	writer   writer
	forwards forward.Table // for the goroutine that commits
	room     room
	broken   atomic.Pointer[error] // the fault after which the file is not used
	closed   chan struct{}
	closing  sync.Once
}

// The buckets of the file.
var (
	bucketFile        = []byte("iris sessions") // about the file itself
	bucketSessions    = []byte("sessions")      // the records, by key
	bucketExpiryIndex = []byte("ends")          // see sweep.go
)

// String returns "bolt:" and the path that Open was given.
func (s *Store) String() string { return "bolt:" + s.path }

// Close waits for the transaction in progress, and closes the file. Later calls
// fail, and so do writes that still wait for their transaction. A second Close
// does nothing. A file that broke while it was in use stays open until the process
// ends.
func (s *Store) Close() (err error) {
	s.closing.Do(func() {
		close(s.closed)
		if broken := s.broken.Load(); broken != nil {
			err = s.wrapErr(*broken)
			return
		}
		err = s.wrapErr(s.db.Close())
	})
	return err
}

// SetLimits implements store.Store.
func (s *Store) SetLimits(l store.Limits) error {
	if !s.limits.CompareAndSwap(nil, &l) {
		return s.wrapErr(store.ErrLimitsSet)
	}
	if l.Expires > 0 || l.IdleTimeout > 0 {
		go s.sweep()
	}
	return nil
}

// Read implements store.Store.
func (s *Store) Read(key store.Key) ([]store.Item, bool, error) {
	limits := s.limits.Load()
	if limits == nil {
		return nil, false, s.wrapErr(store.ErrNoLimits)
	}
	var r record
	var ok bool
	err := s.recoverFault(func() error {
		return s.db.View(func(tx *bbolt.Tx) (err error) {
			r, ok, err = s.live(tx, key)
			return err
		})
	})
	if !ok || err != nil {
		return nil, false, s.wrapErr(err)
	}
	s.present(key, &r)
	if s.touchDue(&r) {
		if ok, err = s.Update(key, nil); !ok || err != nil {
			return nil, false, err
		}
	}
	if err := decode(r.items); err != nil {
		return nil, false, s.wrapErr(err)
	}
	return r.items, true, nil
}

// Create implements store.Store.
func (s *Store) Create(key store.Key, items []store.Item) error {
	items, err := encode(items)
	if err != nil {
		return s.wrapErr(err)
	}
	_, err = s.write(func(tx *bbolt.Tx) (bool, error) {
		if err := s.claim(tx, key); err != nil {
			return false, err
		}
		if err := s.makeRoom(tx); err != nil {
			return false, err
		}
		now := s.clock.now()
		r := record{created: now, used: now, items: items}
		if err := s.put(tx, key, &r); err != nil {
			return false, err
		}
		s.added(key)
		s.enlist(key, &r)
		return true, nil
	})
	return err
}

// Update implements store.Store.
func (s *Store) Update(key store.Key, changes []store.Item) (bool, error) {
	changes, err := encode(changes)
	if err != nil {
		return false, s.wrapErr(err)
	}
	return s.write(func(tx *bbolt.Tx) (bool, error) {
		key, r, ok, err := s.find(tx, key)
		if !ok || err != nil {
			return false, err
		}
		before := s.limits.Load().Anonymous(r.items)
		r.used, r.items = s.clock.now(), store.Merge(nil, r.items, changes)
		if err := s.put(tx, key, &r); err != nil {
			return false, err
		}
		s.forget(key)
		if !before && s.limits.Load().Anonymous(r.items) {
			s.enlist(key, &r)
		}
		return true, nil
	})
}

// Renew implements store.Store.
func (s *Store) Renew(old, key store.Key, changes []store.Item) (bool, error) {
	changes, err := encode(changes)
	if err != nil {
		return false, s.wrapErr(err)
	}
	return s.write(func(tx *bbolt.Tx) (bool, error) {
		current, r, ok, err := s.find(tx, old)
		if !ok || err != nil {
			return false, err
		}
		if err := s.claim(tx, key); err != nil {
			return false, err
		}
		now := s.clock.now()
		moved := record{created: r.created, used: now, items: store.Merge(nil, r.items, changes)}
		if err := s.put(tx, key, &moved); err != nil {
			return false, err
		}
		if err := s.remove(tx, current, &r); err != nil {
			return false, err
		}
		s.room.sessions++
		s.enlist(key, &moved)
		s.forwards.Add(current, key, now)
		if old != current {
			s.forwards.Add(old, key, now)
		}
		for s.over(0) && s.forwards.DropOldest() {
		}
		return true, nil
	})
}

// Destroy implements store.Store.
func (s *Store) Destroy(key store.Key) error {
	_, err := s.write(func(tx *bbolt.Tx) (bool, error) {
		key, r, ok, err := s.find(tx, key)
		if !ok || err != nil {
			return false, err
		}
		return true, s.remove(tx, key, &r)
	})
	return err
}

// DestroyAll implements store.Store. The forwards stay: none of them leads to a
// session any more, and they would be missed if the transaction failed.
func (s *Store) DestroyAll() error {
	_, err := s.write(func(tx *bbolt.Tx) (bool, error) {
		for _, name := range [][]byte{bucketSessions, bucketExpiryIndex} {
			if err := tx.DeleteBucket(name); err != nil {
				return false, err
			}
			if _, err := tx.CreateBucket(name); err != nil {
				return false, err
			}
		}
		s.room.sessions = 0
		s.room.fresh.Range(func(key, _ any) bool {
			s.forget(key.(store.Key))
			return true
		})
		return true, nil
	})
	return err
}

// touchDue tells whether Read must record a use. Without an idle limit, the order in
// which sessions make room needs the last use all the same.
func (s *Store) touchDue(r *record) bool {
	l, now := s.limits.Load(), s.clock.now()
	return l.TouchDue(r.used, now) || l.MaxSessions > 0 && now-r.used >= l.InUse()
}

// live returns the session under the key. ok is false if it has ended or there is
// none.
func (s *Store) live(tx *bbolt.Tx, key store.Key) (r record, ok bool, err error) {
	data := tx.Bucket(bucketSessions).Get(key[:])
	if data == nil {
		return r, false, nil
	}
	if r, err = parseRecord(key, data); err != nil {
		return r, false, err
	}
	return r, s.clock.now() < s.limits.Load().End(r.created, r.used), nil
}

// find is live for a write: if the key has no session, it follows the forwards
// from there. A transaction that was not committed leaves forwards from keys that
// still have their sessions, so the key itself comes first.
func (s *Store) find(tx *bbolt.Tx, key store.Key) (at store.Key, r record, ok bool, err error) {
	if r, ok, err = s.live(tx, key); !ok && err == nil {
		key = s.forwards.Follow(key)
		r, ok, err = s.live(tx, key)
	}
	return key, r, ok, err
}

// claim makes the key free for a new session, or returns store.ErrExists if it is
// taken. It removes a session that has ended and was not swept yet.
func (s *Store) claim(tx *bbolt.Tx, key store.Key) error {
	r, ok, err := s.live(tx, key)
	if err != nil {
		return err
	}
	if ok || s.forwards.Has(key) {
		return store.ErrExists
	}
	if r.indexedAt == 0 { // there is none at all
		return nil
	}
	return s.remove(tx, key, &r)
}

// put stores a session, and adds it to the expiry index if it is not there. The
// record is first: bbolt refuses one that is too large, and the transaction goes on.
func (s *Store) put(tx *bbolt.Tx, key store.Key, r *record) error {
	indexed := r.indexedAt != 0
	if !indexed {
		r.indexedAt = min(s.limits.Load().End(r.created, r.used), s.clock.now()+recheckAfter)
	}
	err := tx.Bucket(bucketSessions).Put(key[:], r.append(nil, key))
	if indexed || err != nil {
		return err
	}
	return tx.Bucket(bucketExpiryIndex).Put(indexEntry(key, r.indexedAt), nil)
}

// remove deletes a session and its entry in the expiry index.
func (s *Store) remove(tx *bbolt.Tx, key store.Key, r *record) error {
	s.room.sessions--
	s.forget(key)
	return errors.Join(
		tx.Bucket(bucketExpiryIndex).Delete(indexEntry(key, r.indexedAt)),
		tx.Bucket(bucketSessions).Delete(key[:]))
}

func (s *Store) wrapErr(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("bolt: %s: %w", s.path, err)
}
