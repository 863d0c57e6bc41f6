package memstore

import (
	"sync/atomic"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// arena has the entries of a table, in pages. The zero value is empty and full.
// All methods but at need the store's lock.
type arena struct {
	pages   []atomic.Pointer[page] // nil where there is none
	free    []freeEntries          // by page
	open    []uint32               // the pages with a free entry; the last one is filled next
	emptied []uint32               // the pages that have become empty since the last trim
}

// entriesPerPage × 72 bytes fill nine 8 KiB pages of the runtime exactly.
const entriesPerPage = 1024

type page [entriesPerPage]entry

type freeEntries struct {
	head    ref
	live    int // entries in use
	emptied bool
}

// minPages is how many pages the first arena that is not empty can have.
const minPages = 16

// at returns the entry of that number, nil if its page is free.
func (a *arena) at(r ref) *entry {
	n := int(uint32(r-1) / entriesPerPage)
	if n >= len(a.pages) { // the entry is younger than this arena: see table.grown
		return nil
	}
	p := a.pages[n].Load()
	if p == nil {
		return nil
	}
	return &p[(r-1)%entriesPerPage]
}

// full tells whether there is no free entry.
func (a *arena) full() bool { return len(a.open) == 0 }

// grown returns an arena of the same entries that can have twice as many pages.
func (a *arena) grown() arena {
	n := len(a.pages)
	pages := make([]atomic.Pointer[page], max(minPages, 2*n))
	for i := range a.pages {
		pages[i].Store(a.pages[i].Load())
	}
	open := a.open
	for i := len(pages) - 1; i >= n; i-- {
		open = append(open, uint32(i))
	}
	return arena{pages: pages, free: append(a.free, make([]freeEntries, len(pages)-n)...), open: open, emptied: a.emptied}
}

// take returns a free entry of an arena that is not full.
func (a *arena) take() (ref, *entry) {
	n := a.open[len(a.open)-1]
	f := &a.free[n]
	if a.pages[n].Load() == nil {
		p := new(page)
		first := ref(n)*entriesPerPage + 1
		for i := range entriesPerPage - 1 {
			p[i].links[0].next = first + ref(i) + 1
		}
		f.head = first
		a.pages[n].Store(p)
	}
	r := f.head
	e := a.at(r)
	f.head = e.links[0].next
	if f.live++; f.live == entriesPerPage {
		a.open = a.open[:len(a.open)-1]
	}
	return r, e
}

// put makes an entry free.
func (a *arena) put(r ref, e *entry) {
	e.setKey(new(store.Key))
	e.items.Store(nil)
	n := uint32(r-1) / entriesPerPage
	f := &a.free[n]
	e.links[0].next, f.head = f.head, r
	if f.live == entriesPerPage {
		a.open = append(a.open, n)
	}
	if f.live--; f.live == 0 && !f.emptied {
		f.emptied = true
		a.emptied = append(a.emptied, n)
	}
}

// trimmable tells whether trim may have pages to free.
func (a *arena) trimmable() bool { return len(a.emptied) > 0 }

// trim frees the pages that are empty. put does not, or else a lone session that
// comes and goes would have a page made each time.
func (a *arena) trim() {
	for _, n := range a.emptied {
		if a.free[n].emptied = false; a.free[n].live == 0 {
			a.pages[n].Store(nil)
		}
	}
	a.emptied = a.emptied[:0]
}
