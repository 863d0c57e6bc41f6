package memstore

import (
	"sync/atomic"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// order lists the sessions in the order in which they make room for new ones (see
// store.Limits.MaxSessions): by class, then by the epoch of the last use.
//
// A session is listed under its rank or an earlier one. A Read or a login, which
// make its rank later, leave it where it is; it moves when it comes up before its
// turn. A logout makes its rank earlier, so it moves the session at once.
type order struct {
	lists  lists          // by rank
	newest int64          // the present epoch
	oldest [classes]int64 // the class has no session in an earlier epoch
}

// class is the class of a session. All sessions of one make room before those of
// the next.
type class int

const (
	fresh     class = iota // no request has presented it since it was created
	anonymous              // see store.Limits.Anonymous
	known
	classes
)

const (
	// epochsPerUse is how many epochs make up store.Limits.InUse.
	epochsPerUse = 4
	// epochs is how many are told apart. Without an idle limit, which ends sessions
	// after about 40 of them, those that were last used before count as equal.
	epochs = 1024
)

// rank is where a session belongs in the order.
type rank struct {
	class class
	epoch int64 // of the last use, or of the creation of a fresh session
}

// list returns the number of the list of the sessions of that rank.
func (r rank) list() int { return int(r.class)*epochs + int(r.epoch%epochs) }

func newOrder(t *atomic.Pointer[table], now int64) order {
	o := order{lists: newLists(byRank, t, int(classes)*epochs)}
	o.advance(now)
	return o
}

// advance begins the epoch now, unless it has begun. The oldest epochs become one.
func (o *order) advance(now int64) {
	for n := max(o.newest+1, now-epochs+1); n <= now; n++ {
		for c := range classes {
			o.lists.prepend(rank{c, n}.list(), rank{c, n + 1}.list())
		}
	}
	o.newest = max(o.newest, now)
	for c := range classes {
		o.oldest[c] = o.clamp(o.oldest[c])
	}
}

// clamp returns the epoch, or the oldest one that is told apart.
func (o *order) clamp(epoch int64) int64 { return max(epoch, o.newest-epochs+1) }

// push adds a session that is not in the order.
func (o *order) push(to rank, r ref) {
	o.lists.push(to.list(), r)
	o.oldest[to.class] = min(o.oldest[to.class], to.epoch)
}

// first returns the first session and the rank it is listed under; 0 if there is none.
func (o *order) first() (ref, rank) {
	for c := range classes {
		for ; o.oldest[c] <= o.newest; o.oldest[c]++ {
			listed := rank{c, o.oldest[c]}
			if r := o.lists.first(listed.list()); r != 0 {
				return r, listed
			}
		}
	}
	return 0, rank{}
}

// class returns the class of a session.
func (s *Store) class(e *entry) class {
	switch {
	case e.used.Load() == 0:
		return fresh
	case s.limits.Anonymous(*e.items.Load()):
		return anonymous
	}
	return known
}

// rank returns the rank of a session.
func (s *Store) rank(e *entry) rank {
	last := max(e.created.Load(), e.used.Load())
	return rank{s.class(e), s.order.clamp(last / s.epoch)}
}

// reorder lists a session under its rank.
func (s *Store) reorder(r ref, e *entry) {
	s.order.lists.remove(r)
	s.order.push(s.rank(e), r)
}

// use changes a session for a request, which counts as a use of it.
func (s *Store) use(r ref, e *entry, changes []store.Item) {
	class := s.class(e)
	s.changed(e.getKey())
	s.setItems(e, *e.items.Load(), changes)
	e.used.Store(s.now.Load())
	if s.class(e) != class {
		s.reorder(r, e)
	}
}

// markUsed records that a Read at now uses the session, which was used before at used.
// The first Read takes it out of the fresh ones. It does not wait for the lock: what
// is left there is known by its time of use.
func (s *Store) markUsed(key store.Key, e *entry, used, now int64) {
	e.used.Store(now)
	if s.mirror != nil && s.recordDue(e, used, now) {
		s.mirror.Used(key)
	}
	if used == 0 && s.mu.TryLock() {
		defer s.mu.Unlock()
		if r, e := s.table.Load().find(&key); e != nil {
			s.reorder(r, e)
		}
	}
}

// hasRoom tells whether there is room for another session.
func (s *Store) hasRoom() bool { return s.count+s.forwards.Len() < s.limits.MaxSessions }

// roomBatch is how many sessions are looked at under one hold of the lock to make
// room.
const roomBatch = 8 * collectBatch

// makeRoom frees a place, if it may. If it has not and more is true, there are
// more sessions to look at. A session moves at most once an epoch, so making room
// costs the same on average however many sessions there are.
func (s *Store) makeRoom() (more bool) {
	s.collect(roomBatch)
	for !s.hasRoom() && s.forwards.DropOldest() {
	}
	for n := roomBatch; n > 0 && !s.hasRoom(); n-- {
		r, listed := s.order.first()
		if r == 0 {
			return false
		}
		switch e := s.entry(r); {
		case s.rank(e) != listed:
			s.reorder(r, e)
		case listed.class == known && s.now.Load()-e.used.Load() < s.inUse:
			return false
		default:
			s.remove(r, e)
		}
	}
	return true
}
