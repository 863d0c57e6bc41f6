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
// # Memory
//
// The sessions are in memory as well, and reads are served from there: see
// memory.Store for how fast that is, and for what happens at Limits.MaxSessions.
// 200,000 sessions, each with a login and a name, take 50 MB of memory and 64 MB of the
// file, and Open and SetLimits read them in about a second. A read of a session that
// has just changed waits until the change is on the disk.
//
// Read copies values that can be changed: those of type []byte, and of types that are
// registered with gob.
//
// The forwards, and which sessions a request has presented, are in memory only: the
// sessions of an earlier process count as presented. The file has the first use in
// each tenth of the idle limit (in each hour, without one). So a session may expire up
// to that much early after a restart, and may count as unused for as long when new
// sessions need room.
//
// # Faults
//
// A write that fails for want of space, or because the disk takes longer than a
// second, may happen later. Until it has, its session cannot be read, and further
// writes fail. After any other failure of a write or a sync, and after a read of a
// damaged part of the file, every call fails until another process has opened the
// file.
//
// # Time
//
// While a process has the file open, the time that passes ends sessions, and
// changes of the system's clock do not. No time passes while the machine is
// suspended. While no process has the file open, the system's clock counts. If it
// is behind the latest time in the file, that time counts instead, so a session whose
// end is in the file never comes back.
package bolt

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
	"gopkg.in/kataras/iris.v6/internal/memstore"
)

// Store keeps sessions in a file. It implements store.Store. Make it with Open.
//
// The index decides the outcome of each call. The writer copies the changes to the
// file. A call returns when its own changes are on the disk, and those of other calls
// to the session that it has read.
type Store struct {
	db      *bbolt.DB
	path    string
	clock   clock
	index   *memstore.Index
	writer  writer
	stopped atomic.Pointer[error] // why the file is not used any more
	closing sync.Once
}

// String returns "bolt:" and the path that Open was given.
func (s *Store) String() string { return "bolt:" + s.path }

// Close waits for the transaction in progress, and closes the file. Later calls
// fail, and so do writes that still wait for their transaction. A second Close
// does nothing. A file that broke while it was in use stays open until the process
// ends.
func (s *Store) Close() (err error) {
	s.closing.Do(func() {
		closed := bbolterrors.ErrDatabaseNotOpen
		s.writer.turn.Lock() // no call is changing the index
		first := s.stopped.CompareAndSwap(nil, &closed)
		s.writer.turn.Unlock()
		if first {
			err = s.db.Close()
		} else {
			err = *s.stopped.Load()
		}
		s.index.Clear()
		err = s.wrapErr(err)
	})
	return err
}

// SetLimits implements store.Store. It reads all sessions.
func (s *Store) SetLimits(l store.Limits) error {
	if err := s.index.SetLimits(l); err != nil {
		return s.wrapErr(err)
	}
	return s.wrapErr(s.recoverFault(func() error {
		return s.db.View(func(tx *bbolt.Tx) error {
			_, err := read(tx, func(key store.Key, r record) {
				s.index.Restore(key, memstore.Session{Created: r.created, Used: r.used, Items: r.items})
			})
			return err
		})
	}))
}

// Read implements store.Store. It takes no lock, and allocates nothing, unless there
// are changes on their way to the disk, or values to copy.
func (s *Store) Read(key store.Key) ([]store.Item, bool, error) {
	items, ok, err := s.index.Read(key)
	if err == nil {
		err = s.settled(key)
	}
	if err == nil {
		items, err = decode(items)
	}
	if err != nil {
		return nil, false, s.wrapErr(err)
	}
	return items, ok, nil
}

// settled waits until what was read of the session is on the disk.
func (s *Store) settled(key store.Key) error {
	if b := s.writer.of(key); b != nil {
		timeout := time.NewTimer(patience)
		defer timeout.Stop()
		if err := s.writer.wait(b, timeout.C); err != nil {
			return err
		}
	}
	if stopped := s.stopped.Load(); stopped != nil {
		return *stopped
	}
	return nil
}

// Create implements store.Store.
func (s *Store) Create(key store.Key, items []store.Item) error {
	items, err := encode(items)
	if err != nil {
		return s.wrapErr(err)
	}
	_, err = s.write(func() (bool, error) { return true, s.index.Create(key, items) })
	return err
}

// Update implements store.Store.
func (s *Store) Update(key store.Key, changes []store.Item) (bool, error) {
	changes, err := encode(changes)
	if err != nil {
		return false, s.wrapErr(err)
	}
	return s.write(func() (bool, error) { return s.index.Update(key, changes) })
}

// Renew implements store.Store.
func (s *Store) Renew(old, key store.Key, changes []store.Item) (bool, error) {
	changes, err := encode(changes)
	if err != nil {
		return false, s.wrapErr(err)
	}
	return s.write(func() (bool, error) { return s.index.Renew(old, key, changes) })
}

// Destroy implements store.Store.
func (s *Store) Destroy(key store.Key) error {
	_, err := s.write(func() (bool, error) { return true, s.index.Destroy(key) })
	return err
}

// DestroyAll implements store.Store.
func (s *Store) DestroyAll() error {
	_, err := s.write(func() (bool, error) { return true, s.index.DestroyAll() })
	return err
}

// write changes the index, and waits until what it has found and changed there is on
// the disk. The index is not changed while the disk is behind.
func (s *Store) write(change func() (bool, error)) (bool, error) {
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	if s.writer.behind.Load() {
		if err := s.writer.wait(s.writer.latest(), timeout.C); err != nil {
			return false, s.wrapErr(err)
		}
	}
	ok, b, err := s.writer.during(func() (bool, error) {
		if stopped := s.stopped.Load(); stopped != nil {
			return false, *stopped
		}
		return change()
	})
	if late := s.writer.wait(b, timeout.C); late != nil {
		err = late
	}
	return ok && err == nil, s.wrapErr(err)
}

// take takes the next batch, and looks up what has become of its sessions.
func (s *Store) take() (b *batch, changes []change) {
	s.writer.turn.Lock()
	defer s.writer.turn.Unlock()
	s.index.Freeze(func(find func(store.Key) (memstore.Session, bool)) {
		b = s.writer.take()
		for key := range b.keys {
			session, ok := find(key)
			changes = append(changes, change{key, session, ok})
		}
	})
	return b, changes
}

// commit copies a batch of changes to the file.
func (s *Store) commit() error {
	b, changes := s.take()
	return s.recoverFault(func() error {
		return s.checkCommit(s.db.Update(func(tx *bbolt.Tx) error {
			now := s.clock.now()
			if b.all {
				if err := destroyAll(tx); err != nil {
					return err
				}
			}
			for _, c := range changes {
				if err := c.write(tx, now); err != nil {
					return err
				}
			}
			return putTime(tx, now)
		}))
	})
}

func (s *Store) wrapErr(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("bolt: %s: %w", s.path, err)
}
