package bolt

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"go.etcd.io/bbolt"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// writer has the writes that wait for the disk. While a transaction is on its way
// to the disk, they gather for the next one: a single write waits for nothing but
// the disk, and many at once share it.
type writer struct {
	mu      sync.Mutex
	waiting []*write
	busy    bool // a goroutine commits
}

type write struct {
	do   func(tx *bbolt.Tx) (bool, error)
	done chan result
}

type result struct {
	ok  bool
	err error
}

// patience is how long a write waits for the disk. A write that has begun by then
// may still happen.
const patience = time.Second

// write runs do in a transaction, and returns its results when the transaction is
// on the disk. The transaction goes on if do fails, so do must fail before it
// changes anything.
func (s *Store) write(do func(tx *bbolt.Tx) (bool, error)) (bool, error) {
	if s.limits.Load() == nil {
		return false, s.wrapErr(store.ErrNoLimits)
	}
	w := &write{do, make(chan result, 1)}
	s.writer.mu.Lock()
	s.writer.waiting = append(s.writer.waiting, w)
	if !s.writer.busy {
		s.writer.busy = true
		go s.commitAll()
	}
	s.writer.mu.Unlock()

	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	select {
	case r := <-w.done:
		return r.ok, s.wrapErr(r.err)
	case <-timeout.C:
		s.writer.mu.Lock()
		s.writer.waiting = slices.DeleteFunc(s.writer.waiting, func(other *write) bool { return other == w })
		s.writer.mu.Unlock()
		return false, s.wrapErr(fmt.Errorf("the disk took longer than %v", patience))
	}
}

// commitAll commits transactions until no write waits.
func (s *Store) commitAll() {
	for {
		s.writer.mu.Lock()
		batch := s.writer.waiting
		s.writer.waiting = nil
		if len(batch) == 0 {
			s.writer.busy = false
			s.writer.mu.Unlock()
			return
		}
		s.writer.mu.Unlock()
		s.commit(batch)
	}
}

// commit runs the writes in one transaction.
func (s *Store) commit(batch []*write) {
	results, sessions := make([]result, len(batch)), s.room.sessions
	err := s.recoverFault(func() error {
		return s.checkCommit(s.db.Update(func(tx *bbolt.Tx) error {
			s.forwards.Expire(s.clock.now())
			for i, w := range batch {
				results[i].ok, results[i].err = w.do(tx)
			}
			return s.putTime(tx)
		}))
	})
	if err != nil {
		s.room.rollback(sessions)
	}
	s.room.undo = nil
	for i, w := range batch {
		if err != nil {
			results[i] = result{err: err}
		}
		w.done <- results[i]
	}
}

var keyTime = []byte("time")

// putTime stores the time, so that the next process does not go behind it.
func (s *Store) putTime(tx *bbolt.Tx) error {
	return tx.Bucket(bucketFile).Put(keyTime, appendChecksum(appendTime(nil, s.clock.now()), store.Key{}))
}

func parseTime(data []byte) (time.Duration, error) {
	if len(data) != 8+sumSize || !bytes.Equal(data, appendChecksum(data[:8:8], store.Key{})) {
		return 0, errors.New("its time is missing or damaged")
	}
	return readTime(data), nil
}
