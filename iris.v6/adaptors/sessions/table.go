package sessions

import (
	"encoding/binary"
	"sync/atomic"
)

// table is a hash table of entries. Any number of goroutines may call find
// while one, that holds the store's lock, changes the table: a slot goes from
// empty to an entry and from there to another entry of the same key or to a
// tombstone, each by one atomic store, and slots are moved by publishing a copy.
//
// It is divided into shards, few enough entries in each that copying one takes
// microseconds. Keys are hashes, so their bits say where an entry belongs.
type table struct {
	shards []shard // their number is a power of two
}

type shard struct {
	slots atomic.Pointer[[]atomic.Pointer[entry]] // their number is a power of two
	live  int                                     // slots with an entry
	used  int                                     // slots with an entry or a tombstone: at most half of all
}

const (
	entriesPerShard = 4096
	minSlots        = 8
)

// tombstone stands where an entry was, so that find goes on to the next slot.
var tombstone = new(entry)

func newTable(maxEntries int) *table {
	n := 1
	for n*entriesPerShard < maxEntries {
		n *= 2
	}
	return &table{shards: make([]shard, n)}
}

func (t *table) shard(key *Key) *shard {
	return &t.shards[binary.LittleEndian.Uint64(key[:8])&uint64(len(t.shards)-1)]
}

// home is the slot where the search for a key begins.
func home(key *Key, slots []atomic.Pointer[entry]) int {
	return int(binary.LittleEndian.Uint64(key[8:16]) & uint64(len(slots)-1))
}

// find returns the entry of the key, nil if there is none.
func (t *table) find(key *Key) *entry {
	e, _ := t.shard(key).find(key)
	return e
}

func (s *shard) find(key *Key) (*entry, *atomic.Pointer[entry]) {
	p := s.slots.Load()
	if p == nil {
		return nil, nil
	}
	slots := *p
	for i := home(key, slots); ; i = (i + 1) & (len(slots) - 1) {
		e := slots[i].Load()
		if e == nil {
			return nil, nil
		}
		if e.key == *key && e != tombstone {
			return e, &slots[i]
		}
	}
}

// insert adds an entry whose key has none.
func (t *table) insert(e *entry) {
	s := t.shard(&e.key)
	if p := s.slots.Load(); p == nil || 2*(s.used+1) > len(*p) {
		s.rebuild(s.live + 1)
	}
	s.place(*s.slots.Load(), e)
	s.live++
	s.used++
}

// place puts the entry into the first empty slot from its home on.
func (s *shard) place(slots []atomic.Pointer[entry], e *entry) {
	i := home(&e.key, slots)
	for slots[i].Load() != nil {
		i = (i + 1) & (len(slots) - 1)
	}
	slots[i].Store(e)
}

// replace puts another entry where the one of the same key is.
func (t *table) replace(e *entry) {
	_, slot := t.shard(&e.key).find(&e.key)
	slot.Store(e)
}

// remove takes out the entry of a key that has one.
func (t *table) remove(key *Key) {
	s := t.shard(key)
	_, slot := s.find(key)
	slot.Store(tombstone)
	s.live--
	if n := len(*s.slots.Load()); n > minSlots && 16*s.live < n {
		s.rebuild(s.live)
	}
}

// rebuild copies the entries into as many slots as n of them want.
func (s *shard) rebuild(n int) {
	size := minSlots
	for 3*size < 8*n {
		size *= 2
	}
	slots := make([]atomic.Pointer[entry], size)
	if p := s.slots.Load(); p != nil {
		for i := range *p {
			if e := (*p)[i].Load(); e != nil && e != tombstone {
				s.place(slots, e)
			}
		}
	}
	s.slots.Store(&slots)
	s.used = s.live
}
