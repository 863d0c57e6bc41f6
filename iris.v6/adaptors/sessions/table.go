package sessions

import (
	"sync/atomic"
)

// table is a hash table of entries. Any number of goroutines may call find
// while one, that holds the store's lock, changes the table: a slot goes from
// empty to an entry and from there to a tombstone, each by one atomic store, and
// slots are moved by publishing a copy.
//
// It is divided into shards, few enough entries in each that copying one takes
// microseconds. Keys are hashes, so their bits say where an entry belongs.
type table struct {
	arena
	shards []shard // their number is a power of two
}

type shard struct {
	slots atomic.Pointer[[]slot] // their number is a power of two
	live  int                    // slots with an entry
	used  int                    // slots with an entry or a tombstone: at most half of all
}

// slot has the ref of an entry, none, or a tombstone.
type slot = atomic.Uint32

const (
	entriesPerShard = 4096
	minSlots        = 8

	// tombstone stands where an entry was, so that find goes on to the next slot.
	tombstone = 1<<32 - 1
)

func newTable(maxEntries int) *table {
	n := 1
	for n*entriesPerShard < maxEntries {
		n *= 2
	}
	return &table{arena: newArena(maxEntries), shards: make([]shard, n)}
}

func (t *table) shard(key *Key) *shard { return &t.shards[key.word(0)&uint64(len(t.shards)-1)] }

// home is the slot where the search for a key begins.
func home(word uint64, slots []slot) int { return int(word & uint64(len(slots)-1)) }

// find returns the entry of the key, nil if there is none.
func (t *table) find(key *Key) (ref, *entry) {
	r, e, _ := t.search(key)
	return r, e
}

func (t *table) search(key *Key) (ref, *entry, *slot) {
	p := t.shard(key).slots.Load()
	if p == nil {
		return 0, nil, nil
	}
	slots := *p
	for i := home(key.word(1), slots); ; i = (i + 1) & (len(slots) - 1) {
		r := slots[i].Load()
		if r == 0 {
			return 0, nil, nil
		}
		if r == tombstone {
			continue
		}
		if e := t.at(ref(r)); e != nil && e.has(key) {
			return ref(r), e, &slots[i]
		}
	}
}

// insert adds an entry whose key has none.
func (t *table) insert(key *Key, r ref) {
	s := t.shard(key)
	if p := s.slots.Load(); p == nil || 2*(s.used+1) > len(*p) {
		t.rebuild(s, s.live+1)
	}
	place(*s.slots.Load(), key.word(1), r)
	s.live++
	s.used++
}

// place puts the entry into the first empty slot from its home on.
func place(slots []slot, word uint64, r ref) {
	i := home(word, slots)
	for slots[i].Load() != 0 {
		i = (i + 1) & (len(slots) - 1)
	}
	slots[i].Store(uint32(r))
}

// remove takes out the entry of a key that has one.
func (t *table) remove(key *Key) {
	s := t.shard(key)
	_, _, slot := t.search(key)
	slot.Store(tombstone)
	s.live--
	if n := len(*s.slots.Load()); n > minSlots && 16*s.live < n {
		t.rebuild(s, s.live)
	}
}

// rebuild copies the entries into as many slots as n of them want.
func (t *table) rebuild(s *shard, n int) {
	size := minSlots
	for 3*size < 8*n {
		size *= 2
	}
	slots := make([]slot, size)
	if p := s.slots.Load(); p != nil {
		for i := range *p {
			if r := (*p)[i].Load(); r != 0 && r != tombstone {
				place(slots, t.at(ref(r)).key[1].Load(), ref(r))
			}
		}
	}
	s.slots.Store(&slots)
	s.used = s.live
}
