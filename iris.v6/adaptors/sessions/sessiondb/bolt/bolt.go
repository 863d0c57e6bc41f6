// Package bolt keeps sessions in a file, so that they outlive the process:
//
//	store, err := bolt.Open("sessions.db")
//	…
//	defer store.Close()
//	app.Adapt(sessions.New(sessions.Config{Store: store}))
//
// One process at a time can have the file. What a call wrote is on the disk when
// it returns, and no crash after that undoes it. Writes that come while the disk
// is busy with others go to it together.
//
// The file has the SHA-256 of the ids only, so who reads it cannot take over a
// session. It grows with the number of sessions that live at the same time, and
// never shrinks: what an ended session leaves is used again. Config.MaxSessions
// does not bound it; the disk and the sessions' limits do.
//
// # Time
//
// Sessions end by the time that passes, whatever the system's clock is set to
// meanwhile; none passes while the machine is suspended. While no process has the file, that clock counts, but it is never
// followed back behind a time that the Store has seen: what has ended does not
// come back.
package bolt

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"go.etcd.io/bbolt"

	"gopkg.in/kataras/iris.v6/adaptors/sessions"
)

// Store keeps sessions in a file. Make it with Open.
type Store struct {
	db      *bbolt.DB
	path    string
	clock   clock
	limits  sessions.Limits
	writer  writer
	sweeper *time.Ticker // nil until there are limits
	closed  chan struct{}
	closing sync.Once
}

// The buckets of the file.
var (
	bucketFile     = []byte("iris sessions") // about the file itself
	bucketSessions = []byte("sessions")      // the records, by key
	bucketEnds     = []byte("ends")          // when to look whether a session has ended: see sweep.go
)

// Close waits for what is being written, and closes the file. The Store cannot
// be used any more.
func (s *Store) Close() (err error) {
	s.closing.Do(func() {
		close(s.closed)
		if s.sweeper != nil {
			s.sweeper.Stop()
		}
		s.writer.close()
		err = s.failed(s.db.Close())
	})
	return err
}

// SetLimits implements sessions.Store.
func (s *Store) SetLimits(l sessions.Limits) {
	s.limits = l
	if l.Expires > 0 || l.IdleTimeout > 0 {
		s.sweeper = time.NewTicker(sweepEvery)
		go s.sweep()
	}
}

// end returns when the session ends unless it is used before.
func (s *Store) end(r *record) instant {
	end := never
	if s.limits.Expires > 0 {
		end = r.created.add(s.limits.Expires)
	}
	if s.limits.IdleTimeout > 0 {
		end = min(end, r.used.add(s.limits.IdleTimeout))
	}
	return end
}

// Read implements sessions.Store.
func (s *Store) Read(_ context.Context, key sessions.Key) ([]sessions.Item, bool, error) {
	var r record
	var found bool
	err := guard(func() error {
		return s.db.View(func(tx *bbolt.Tx) (err error) {
			r, found, err = s.living(tx, key)
			return err
		})
	})
	if !found || err != nil {
		return nil, false, s.failed(err)
	}
	// The time of use is written at most once per tenth of the limit.
	if idle := s.limits.IdleTimeout; idle > 0 && r.used.add(idle/10) <= s.clock.now() {
		if found, err = s.Update(context.Background(), key, nil); !found || err != nil {
			return nil, false, err
		}
	}
	if err := decode(r.items); err != nil {
		return nil, false, s.failed(err)
	}
	return r.items, true, nil
}

// living returns the session of that key if it has not ended.
func (s *Store) living(tx *bbolt.Tx, key sessions.Key) (r record, found bool, err error) {
	data := tx.Bucket(bucketSessions).Get(key[:])
	if data == nil {
		return r, false, nil
	}
	if r, err = parseRecord(key, data); err != nil {
		return r, false, err
	}
	return r, s.clock.now() < s.end(&r), nil
}

// Create implements sessions.Store.
func (s *Store) Create(_ context.Context, key sessions.Key, items []sessions.Item) error {
	items, err := encode(items)
	if err != nil {
		return s.failed(err)
	}
	return s.failed(s.write(func(tx *bbolt.Tx) error {
		old, found, err := s.living(tx, key)
		if err != nil {
			return err
		}
		if found {
			return errTaken
		}
		now := s.clock.now()
		r := record{created: now, used: now, items: items}
		return errors.Join(s.unlist(tx, key, &old), s.put(tx, key, &r))
	}))
}

var errTaken = errors.New("a session of that key is there")

// put stores a session, and lists it if it is not listed.
func (s *Store) put(tx *bbolt.Tx, key sessions.Key, r *record) error {
	if r.listed == 0 {
		r.listed = min(s.end(r), s.clock.now().add(lookAgain))
		if err := tx.Bucket(bucketEnds).Put(listing(key, r.listed), nil); err != nil {
			return err
		}
	}
	return tx.Bucket(bucketSessions).Put(key[:], r.append(nil, key))
}

// unlist takes a session off the list of ends, if it is there.
func (s *Store) unlist(tx *bbolt.Tx, key sessions.Key, r *record) error {
	if r.listed == 0 {
		return nil
	}
	err := tx.Bucket(bucketEnds).Delete(listing(key, r.listed))
	r.listed = 0
	return err
}

// Update implements sessions.Store.
func (s *Store) Update(_ context.Context, key sessions.Key, changes []sessions.Item) (bool, error) {
	changes, err := encode(changes)
	if err != nil {
		return false, s.failed(err)
	}
	return s.change(func(tx *bbolt.Tx) (bool, error) {
		r, found, err := s.living(tx, key)
		if !found || err != nil {
			return false, err
		}
		r.used, r.items = s.clock.now(), sessions.Merge(nil, r.items, changes)
		return true, s.put(tx, key, &r)
	})
}

// change is write for what may find no session.
func (s *Store) change(do func(tx *bbolt.Tx) (bool, error)) (bool, error) {
	found := new(bool) // read only if do has run
	err := s.write(func(tx *bbolt.Tx) (err error) {
		*found, err = do(tx)
		return err
	})
	if err != nil {
		return false, s.failed(err)
	}
	return *found, nil
}

// Renew implements sessions.Store.
func (s *Store) Renew(_ context.Context, old, key sessions.Key, changes []sessions.Item) (bool, error) {
	changes, err := encode(changes)
	if err != nil {
		return false, s.failed(err)
	}
	return s.change(func(tx *bbolt.Tx) (bool, error) {
		r, found, err := s.living(tx, old)
		if !found || err != nil {
			return false, err
		}
		if tx.Bucket(bucketSessions).Get(key[:]) != nil {
			return false, errTaken
		}
		if err := s.remove(tx, old, &r); err != nil {
			return false, err
		}
		r.used, r.items = s.clock.now(), sessions.Merge(nil, r.items, changes)
		return true, s.put(tx, key, &r)
	})
}

// Destroy implements sessions.Store.
func (s *Store) Destroy(_ context.Context, key sessions.Key) error {
	return s.failed(s.write(func(tx *bbolt.Tx) error {
		data := tx.Bucket(bucketSessions).Get(key[:])
		if data == nil {
			return nil
		}
		r, err := parseRecord(key, data)
		if err != nil {
			return err
		}
		return s.remove(tx, key, &r)
	}))
}

func (s *Store) remove(tx *bbolt.Tx, key sessions.Key, r *record) error {
	return errors.Join(s.unlist(tx, key, r), tx.Bucket(bucketSessions).Delete(key[:]))
}

// DestroyAll implements sessions.Store.
func (s *Store) DestroyAll(context.Context) error {
	return s.failed(s.write(func(tx *bbolt.Tx) error {
		for _, name := range [][]byte{bucketSessions, bucketEnds} {
			if err := tx.DeleteBucket(name); err != nil {
				return err
			}
			if _, err := tx.CreateBucket(name); err != nil {
				return err
			}
		}
		return nil
	}))
}

// guard runs f, which looks into the file. It returns an error where f meets
// what cannot be: a part of the file that is broken, or that the disk cannot read.
func guard(f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the file is broken: %v", r)
		}
	}()
	return f()
}

func (s *Store) failed(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("bolt: %s: %w", s.path, err)
}
