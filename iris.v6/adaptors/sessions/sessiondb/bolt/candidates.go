package bolt

import (
	"container/heap"
	"time"

	"go.etcd.io/bbolt"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// candidates has the sessions in the order in which they make room. It is made when
// room is needed for the first time, by reading all sessions. From then on new
// sessions are added, but uses are not: an entry is compared with its session when
// its turn comes, and moved then. So every session has an entry that is not behind
// its true place.
type candidates [ranks]queue

// The ranks of sessions. Those of a lower rank make room first.
const (
	unpresented = iota // by creation
	anonymous          // by last use
	identified         // by last use
	ranks
)

type candidate struct {
	key store.Key
	at  time.Duration // of the creation or the last use
}

// queue is a heap of candidates, the earliest first.
type queue []candidate

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].at < q[j].at }
func (q queue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(c any)        { *q = append(*q, c.(candidate)) }
func (q *queue) Pop() any {
	last := len(*q) - 1
	c := (*q)[last]
	*q = (*q)[:last]
	return c
}

// rank returns the place of a session among the candidates.
func (s *Store) rank(key store.Key, r *record) (rank int, at time.Duration) {
	switch {
	case s.isFresh(key):
		return unpresented, r.created
	case s.limits.Load().Anonymous(r.items):
		return anonymous, r.used
	}
	return identified, r.used
}

// enlist adds an entry for a session that is new, or whose rank is lower than
// before. If more entries are out of date than there may be sessions, all are
// dropped, and made anew when they are needed.
func (s *Store) enlist(key store.Key, r *record) {
	c := s.room.candidates
	if c == nil {
		return
	}
	rank, at := s.rank(key, r)
	heap.Push(&c[rank], candidate{key, at})
	entries := len(c[unpresented]) + len(c[anonymous]) + len(c[identified])
	if entries > s.room.sessions+s.limits.Load().MaxSessions {
		s.room.candidates = nil
	}
}

// readCandidates reads all sessions.
func (s *Store) readCandidates(tx *bbolt.Tx) error {
	c := new(candidates)
	err := tx.Bucket(bucketSessions).ForEach(func(data, value []byte) error {
		key := store.Key(data)
		r, err := parseRecord(key, value)
		if err != nil {
			return err
		}
		rank, at := s.rank(key, &r)
		c[rank] = append(c[rank], candidate{key, at})
		return nil
	})
	if err != nil {
		return err
	}
	for rank := range c {
		heap.Init(&c[rank])
	}
	s.room.candidates = c
	return nil
}

// firstToGo returns the first session that may make room. ok is false if there is
// none. The entry stays until the session is found to be gone.
func (s *Store) firstToGo(tx *bbolt.Tx) (key store.Key, r record, ok bool, err error) {
	if s.room.candidates == nil {
		if err := s.readCandidates(tx); err != nil {
			return key, r, false, err
		}
	}
	for rank := range s.room.candidates {
		for q := &s.room.candidates[rank]; len(*q) > 0; {
			first := (*q)[0]
			if r, ok, err = s.live(tx, first.key); err != nil {
				return key, r, false, err
			}
			if !ok {
				heap.Pop(q)
				s.room.undo = append(s.room.undo, func() { heap.Push(q, first) })
				continue
			}
			current, at := s.rank(first.key, &r)
			if current == rank && at == first.at {
				return first.key, r, rank != identified || !s.inUse(&r), nil
			}
			heap.Pop(q)
			heap.Push(&s.room.candidates[current], candidate{first.key, at})
		}
	}
	return key, r, false, nil
}

// inUse tells whether the session was used within Limits.InUse. The file has each
// use up to that much too early, because Read records one only then.
func (s *Store) inUse(r *record) bool {
	return s.clock.now()-r.used < 2*s.limits.Load().InUse()
}
