package memstore

import (
	"encoding/binary"
	"sync/atomic"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// entry is a session. Entries lie side by side in pages and name each other by
// number. So the garbage collector, whose work grows with the pointers that lead
// to other places, has next to none per session.
//
// An entry is used again after its session has ended, perhaps while a Read of
// that session still looks at it. Therefore:
//   - the fields that Read uses are atomic;
//   - a writer that gives the entry to another session changes the key first;
//   - Read compares the key again after it has read the items. A key never comes
//     back.
type entry struct {
	key     [4]atomic.Uint64
	items   atomic.Pointer[[]store.Item] // the items never change
	created atomic.Int64                 // the step of the creation
	used    atomic.Int64                 // the step of the last use; 0 if there was none

	// Under the lock. The first next also links the free entries of a page.
	links [2]links
}

// The lists that an entry is in.
const (
	byEnd  = iota // Store.ends
	byRank        // Store.order
)

// ref is the number of an entry; 0 for none.
type ref uint32

// maxEntries leaves room for the refs that name lists.
const maxEntries = 1 << 30

func (e *entry) has(key *store.Key) bool {
	return e.key[0].Load() == word(key, 0) && e.key[1].Load() == word(key, 1) &&
		e.key[2].Load() == word(key, 2) && e.key[3].Load() == word(key, 3)
}

func (e *entry) setKey(key *store.Key) {
	for i := range e.key {
		e.key[i].Store(word(key, i))
	}
}

func (e *entry) getKey() (key store.Key) {
	for i := range e.key {
		binary.LittleEndian.PutUint64(key[8*i:], e.key[i].Load())
	}
	return key
}

func word(key *store.Key, i int) uint64 { return binary.LittleEndian.Uint64(key[8*i:]) }
