package memstore

import (
	"sync/atomic"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// table is a hash table of entries. Any number of goroutines may call find while
// one that holds the store's lock changes the table: a slot changes from empty to
// an entry and from there to a tombstone, each by one atomic store. Slots move by
// publishing a copy.
//
// The table is divided into shards with so few entries that copying one takes
// microseconds. Keys are hashes, so their bits choose the place of an entry.
type table struct {
	arena  arena
	shards []shard // their number is a power of two
}

type shard struct {
	slots atomic.Pointer[[]slot] // their number is a power of two
	live  int                    // slots with an entry
	used  int                    // slots with an entry or a tombstone: at most half of all
}

// slot has the ref of an entry, 0, or a tombstone.
type slot = atomic.Uint32

const (
	entriesPerShard = 4096
	maxShards       = 1024 // beyond entriesPerShard × maxShards sessions, shards are larger
	minSlots        = 8

	// tombstone replaces a removed entry, so that find goes on to the next slot.
	tombstone = 1<<32 - 1
)

func newTable(maxEntries int) *table {
	n := 1
	for n < maxShards && n*entriesPerShard < maxEntries {
		n *= 2
	}
	return &table{shards: make([]shard, n)}
}

// grown returns a table with the same shards and an arena that has room. Find
// goes on in the old table meanwhile: it misses only sessions that are younger.
func (t *table) grown() *table { return &table{arena: t.arena.grown(), shards: t.shards} }

func (t *table) shard(key *store.Key) *shard {
	return &t.shards[word(key, 0)&uint64(len(t.shards)-1)]
}

// home is the slot where the search for a key begins.
func home(word uint64, slots []slot) int { return int(word & uint64(len(slots)-1)) }

// find returns the entry of the key, nil if there is none.
func (t *table) find(key *store.Key) (ref, *entry) {
	r, e, _ := t.search(key)
	return r, e
}

func (t *table) search(key *store.Key) (ref, *entry, *slot) {
	p := t.shard(key).slots.Load()
	if p == nil {
		return 0, nil, nil
	}
	slots := *p
	for i := home(word(key, 1), slots); ; i = (i + 1) & (len(slots) - 1) {
		r := slots[i].Load()
		if r == 0 {
			return 0, nil, nil
		}
		if r == tombstone {
			continue
		}
		if e := t.arena.at(ref(r)); e != nil && e.has(key) {
			return ref(r), e, &slots[i]
		}
	}
}

// insert adds an entry whose key has none.
func (t *table) insert(key *store.Key, r ref) {
	s := t.shard(key)
	if p := s.slots.Load(); p == nil || 2*(s.used+1) > len(*p) {
		t.rebuild(s, s.live+1)
	}
	place(*s.slots.Load(), word(key, 1), r)
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
func (t *table) remove(key *store.Key) {
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
				place(slots, t.arena.at(ref(r)).key[1].Load(), ref(r))
			}
		}
	}
	s.slots.Store(&slots)
	s.used = s.live
}
