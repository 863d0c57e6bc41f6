package memstore

import "sync/atomic"

// lists are numbered lists of entries. A list is a ring of its entries and its
// end. So an entry can leave its list, and lists can be joined, although no entry
// has the number of its list.
type lists struct {
	links int // which links of an entry are for these lists
	table *atomic.Pointer[table]
	ends  []links // by list
}

// links are the neighbours of an entry, or of the end of a list.
type links struct{ prev, next ref }

// isEnd marks a ref that is the number of a list and means its end.
const isEnd ref = 1 << 31

// newLists returns n empty lists of the entries of a table.
func newLists(which int, t *atomic.Pointer[table], n int) lists {
	l := lists{links: which, table: t, ends: make([]links, n)}
	for i := range l.ends {
		l.empty(i)
	}
	return l
}

func (l *lists) empty(list int) {
	end := isEnd | ref(list)
	l.ends[list] = links{end, end}
}

func (l *lists) at(r ref) *links {
	if r&isEnd != 0 {
		return &l.ends[r&^isEnd]
	}
	return &l.table.Load().arena.at(r).links[l.links]
}

// first returns the first entry of a list, 0 if it is empty.
func (l *lists) first(list int) ref {
	if r := l.ends[list].next; r&isEnd == 0 {
		return r
	}
	return 0
}

// push adds an entry that is in none of the lists at the end of one.
func (l *lists) push(list int, r ref) {
	end := &l.ends[list]
	*l.at(r) = links{end.prev, isEnd | ref(list)}
	l.at(end.prev).next = r
	end.prev = r
}

// remove takes an entry out of its list.
func (l *lists) remove(r ref) {
	e := l.at(r)
	l.at(e.prev).next = e.next
	l.at(e.next).prev = e.prev
}

// prepend moves all entries of a list to the beginning of another one.
func (l *lists) prepend(list, to int) {
	from, end := l.ends[list], &l.ends[to]
	if from.next&isEnd != 0 {
		return
	}
	l.at(from.next).prev = isEnd | ref(to)
	l.at(from.prev).next = end.next
	l.at(end.next).prev = from.prev
	end.next = from.next
	l.empty(list)
}
