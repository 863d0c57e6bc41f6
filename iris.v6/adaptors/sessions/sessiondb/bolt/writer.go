package bolt

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"go.etcd.io/bbolt"

	"gopkg.in/kataras/iris.v6/adaptors/sessions"
)

// writer has the writes that wait for the disk. While it is busy with some, the
// others gather, to be one transaction after that: a single write waits for
// nothing but the disk, and many at once share it.
type writer struct {
	mu      sync.Mutex
	idle    sync.Cond // on mu
	waiting []*write
	busy    bool
}

type write struct {
	do   func(tx *bbolt.Tx) error
	done chan error
}

// patience is how long a write waits for the disk. It may still happen later if
// its transaction has begun.
const patience = time.Second

// write runs do in a transaction, and returns when that is on the disk. If do
// fails, what it has done to the transaction is undone.
func (s *Store) write(do func(tx *bbolt.Tx) error) error {
	w := &write{do, make(chan error, 1)}
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
	case err := <-w.done:
		return err
	case <-timeout.C:
		s.writer.mu.Lock()
		s.writer.waiting = slices.DeleteFunc(s.writer.waiting, func(other *write) bool { return other == w })
		s.writer.mu.Unlock()
		return fmt.Errorf("the disk took longer than %v", patience)
	}
}

// commitAll runs transactions until no write waits.
func (s *Store) commitAll() {
	for {
		s.writer.mu.Lock()
		batch := s.writer.waiting
		s.writer.waiting = nil
		if len(batch) == 0 {
			s.writer.busy = false
			s.writer.idle.Broadcast()
			s.writer.mu.Unlock()
			return
		}
		s.writer.mu.Unlock()
		s.commit(batch)
	}
}

// commit runs the writes in one transaction. If one of them fails, it is left
// out, and the others run again.
func (s *Store) commit(batch []*write) {
	for len(batch) > 0 {
		failed := -1
		err := guard(func() error {
			return s.db.Update(func(tx *bbolt.Tx) error {
				for i, w := range batch {
					if err := w.do(tx); err != nil {
						failed = i
						return err
					}
				}
				return s.putTime(tx)
			})
		})
		if failed < 0 {
			for _, w := range batch {
				w.done <- err
			}
			return
		}
		batch[failed].done <- err
		batch = append(batch[:failed], batch[failed+1:]...)
	}
}

var keyTime = []byte("time")

// putTime stores the time, so that the next process does not go behind it.
func (s *Store) putTime(tx *bbolt.Tx) error {
	data := binary.BigEndian.AppendUint64(nil, uint64(s.clock.now()))
	return tx.Bucket(bucketFile).Put(keyTime, appendChecksum(data, sessions.Key{}))
}

func parseTime(data []byte) (instant, error) {
	if len(data) != 8+sumSize || !bytes.Equal(data, appendChecksum(data[:8:8], sessions.Key{})) {
		return 0, errors.New("it does not tell its time")
	}
	return instant(binary.BigEndian.Uint64(data)), nil
}

// close waits until nothing is being written.
func (w *writer) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for w.busy {
		w.idle.Wait()
	}
}
