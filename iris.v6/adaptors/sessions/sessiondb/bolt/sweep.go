package bolt

import (
	"errors"
	"time"

	"go.etcd.io/bbolt"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// The expiry index has an entry for each session: the time when it may end, and
// its key. A use of the session does not change the entry. At that time the
// session is removed if it has ended, and gets a new entry if not.

const (
	sweepEvery = time.Second
	// recheckAfter is the latest time of an entry: the next process may have
	// stricter limits.
	recheckAfter = 24 * time.Hour
	sweepBatch   = 1000 // sessions in one transaction
)

// sweep removes ended sessions until the Store is closed.
func (s *Store) sweep() {
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	for {
		select {
		case <-s.closed:
			return
		case <-ticker.C:
			for s.sweepOnce() {
			}
		}
	}
}

// sweepOnce removes a batch of ended sessions, and reports whether there may be
// more. It stops at an error until the next tick: requests meet the same error,
// and it is logged there.
func (s *Store) sweepOnce() bool {
	due, err := s.sweepDue()
	if !due || err != nil {
		return false
	}
	_, err = s.write(s.removeEnded)
	return err == nil
}

// sweepDue tells whether the time of an entry has passed. It keeps a tick that
// finds nothing from writing.
func (s *Store) sweepDue() (due bool, err error) {
	err = s.recoverFault(func() error {
		return s.db.View(func(tx *bbolt.Tx) error {
			due = len(s.dueKeys(tx, 1)) > 0
			return nil
		})
	})
	return due, err
}

// dueKeys returns the first n keys whose time in the expiry index has passed. The
// index has whole milliseconds, so a time that is just now may be a little early.
func (s *Store) dueKeys(tx *bbolt.Tx, n int) (keys []store.Key) {
	now, cursor := s.clock.now(), tx.Bucket(bucketExpiryIndex).Cursor()
	for data, _ := cursor.First(); data != nil && len(keys) < n; data, _ = cursor.Next() {
		key, at := parseIndexEntry(data)
		if at >= now {
			break
		}
		keys = append(keys, key)
	}
	return keys
}

func (s *Store) removeEnded(tx *bbolt.Tx) (bool, error) {
	for _, key := range s.dueKeys(tx, sweepBatch) {
		r, ok, err := s.live(tx, key)
		if err != nil {
			return false, err
		}
		if ok {
			err = s.reindex(tx, key, &r)
		} else {
			err = s.remove(tx, key, &r)
		}
		if err != nil {
			return false, err
		}
	}
	return true, nil
}

// reindex moves the entry of a session that was used since it was made.
func (s *Store) reindex(tx *bbolt.Tx, key store.Key, r *record) error {
	err := tx.Bucket(bucketExpiryIndex).Delete(indexEntry(key, r.indexedAt))
	r.indexedAt = 0
	return errors.Join(err, s.put(tx, key, r))
}
