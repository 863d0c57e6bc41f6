package sessions

// list is a ring of entries that know which list they are in. The zero value is empty.
type list struct {
	head *entry
}

// push adds an entry that is in no list, at the end.
func (l *list) push(e *entry) {
	e.in = l
	if l.head == nil {
		l.head, e.prev, e.next = e, e, e
		return
	}
	e.prev, e.next = l.head.prev, l.head
	e.prev.next, e.next.prev = e, e
}

// leave takes the entry out of the list that it is in, if any.
func (e *entry) leave() {
	if e.in == nil {
		return
	}
	if e.in.head == e {
		e.in.head = e.next
		if e.next == e {
			e.in.head = nil
		}
	}
	e.prev.next, e.next.prev = e.next, e.prev
	e.in, e.prev, e.next = nil, nil, nil
}
