package bolt

import (
	"errors"
	"time"

	"go.etcd.io/bbolt"

	"gopkg.in/kataras/iris.v6/adaptors/sessions"
)

// The list of ends has each session once, under the time when it may end, or a
// day ahead if that is sooner, as the limits may be others by then. Using a
// session does not change its place; when that time comes, the session is
// removed if it has ended, and listed anew if not.

const (
	sweepEvery = time.Second
	lookAgain  = 24 * time.Hour
	sweepBatch = 1000 // sessions in one transaction
)

// sweep removes what has ended, until the Store is closed.
func (s *Store) sweep() {
	for {
		select {
		case <-s.closed:
			return
		case <-s.sweeper.C:
			// An error befalls the requests as well, where it is logged. The next
			// tick tries again.
			for more, err := s.due(); more && err == nil && !s.isClosed(); more, err = s.due() {
				if s.write(s.sweepBatch) != nil {
					break
				}
			}
		}
	}
}

func (s *Store) isClosed() bool {
	select {
	case <-s.closed:
		return true
	default:
		return false
	}
}

// due tells whether there are sessions to look at.
func (s *Store) due() (due bool, err error) {
	err = guard(func() error {
		return s.db.View(func(tx *bbolt.Tx) error {
			first, _ := tx.Bucket(bucketEnds).Cursor().First()
			if first == nil {
				return nil
			}
			_, end, err := parseListing(first)
			due = end <= s.clock.now()
			return err
		})
	})
	return due, err
}

func (s *Store) sweepBatch(tx *bbolt.Tx) error {
	var keys []sessions.Key
	now, cursor := s.clock.now(), tx.Bucket(bucketEnds).Cursor()
	for data, _ := cursor.First(); data != nil && len(keys) < sweepBatch; data, _ = cursor.Next() {
		key, end, err := parseListing(data)
		if err != nil {
			return err
		}
		if end > now {
			break
		}
		keys = append(keys, key)
	}
	for _, key := range keys {
		r, lives, err := s.living(tx, key)
		switch {
		case err != nil:
			return err
		case lives:
			err = errors.Join(s.unlist(tx, key, &r), s.put(tx, key, &r))
		default:
			err = s.remove(tx, key, &r)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
