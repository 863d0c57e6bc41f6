package sessions

import (
	"encoding/binary"
	"sync/atomic"
)

// entry is a session. Entries lie side by side in pages and name each other by
// number, so that the garbage collector, whose work grows with the pointers
// that it has to follow to far places, has next to none per session.
//
// A place is used again when its session has ended, perhaps while somebody who
// was looking for that one still reads it. So what is read without the lock is
// atomic, whoever changes an entry to be another session's changes the key
// first, and whoever reads it looks at the key again afterwards: a key never
// comes back.
type entry struct {
	key     [4]atomic.Uint64
	items   atomic.Pointer[[]Item] // what it points to never changes
	created atomic.Int64           // the step when the session began
	used    atomic.Int64           // the step of its last use; 0 if no request has presented it

	// Under the lock:
	list       uint32 // the list that it is in, 0 for none
	prev, next ref    // in that list; next also links the free places of a page
}

// ref is the number of an entry; 0 for none.
type ref uint32

func (e *entry) has(key *Key) bool {
	return e.key[0].Load() == key.word(0) && e.key[1].Load() == key.word(1) &&
		e.key[2].Load() == key.word(2) && e.key[3].Load() == key.word(3)
}

func (e *entry) setKey(key *Key) {
	for i := range e.key {
		e.key[i].Store(key.word(i))
	}
}

func (e *entry) getKey() (key Key) {
	for i := range e.key {
		binary.LittleEndian.PutUint64(key[8*i:], e.key[i].Load())
	}
	return key
}

func (k *Key) word(i int) uint64 { return binary.LittleEndian.Uint64(k[8*i:]) }

// perPage is how many entries have a page: of 72 bytes each they fill nine
// pages of the runtime's to the last byte.
const perPage = 1024

// arena has the entries of a store. Its methods but at are called with the lock held.
type arena struct {
	pages   []atomic.Pointer[[perPage]entry] // nil where there is none
	free    []pageFree                       // by page
	open    []uint32                         // pages with a free place, the one to fill next at the end
	emptied []uint32                         // pages that have come to be empty since trim
}

type pageFree struct {
	head    ref // of the page's free places
	live    int // places in use
	emptied bool
}

func newArena(maxEntries int) arena {
	n := (maxEntries + perPage - 1) / perPage
	a := arena{pages: make([]atomic.Pointer[[perPage]entry], n), free: make([]pageFree, n), open: make([]uint32, n)}
	for i := range a.open {
		a.open[i] = uint32(n - 1 - i)
	}
	return a
}

// at returns the entry of that number, nil if its page is free.
func (a *arena) at(r ref) *entry {
	page := a.pages[(r-1)/perPage].Load()
	if page == nil {
		return nil
	}
	return &page[(r-1)%perPage]
}

// take returns a free place. There is one, as there are no more sessions than
// newArena was told of.
func (a *arena) take() (ref, *entry) {
	n := a.open[len(a.open)-1]
	f := &a.free[n]
	if a.pages[n].Load() == nil {
		page := new([perPage]entry)
		first := ref(n)*perPage + 1
		for i := range perPage - 1 {
			page[i].next = first + ref(i) + 1
		}
		f.head = first
		a.pages[n].Store(page)
	}
	r := f.head
	e := a.at(r)
	f.head, e.next = e.next, 0
	if f.live++; f.live == perPage {
		a.open = a.open[:len(a.open)-1]
	}
	return r, e
}

// put makes a place free.
func (a *arena) put(r ref, e *entry) {
	e.setKey(new(Key))
	e.items.Store(nil)
	n := uint32(r-1) / perPage
	f := &a.free[n]
	e.next, f.head = f.head, r
	if f.live == perPage {
		a.open = append(a.open, n)
	}
	if f.live--; f.live == 0 && !f.emptied {
		f.emptied = true
		a.emptied = append(a.emptied, n)
	}
}

// trim frees the pages that are empty. That is not for put to do, or a lone
// session that comes and goes would have a page made each time.
func (a *arena) trim() {
	for _, n := range a.emptied {
		if a.free[n].emptied = false; a.free[n].live == 0 {
			a.pages[n].Store(nil)
		}
	}
	a.emptied = a.emptied[:0]
}
