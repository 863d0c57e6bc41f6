package sessions

// list is a ring of entries. The zero value is empty.
type list struct {
	head ref
}

// push adds an entry that is in no list, at the end of the list of that number.
func (m *Memory) push(number uint32, r ref, e *entry) {
	e.list = number
	l := &m.lists[number]
	if l.head == 0 {
		l.head, e.prev, e.next = r, r, r
		return
	}
	head := m.entry(l.head)
	e.prev, e.next = head.prev, l.head
	m.entry(e.prev).next = r
	head.prev = r
}

// leave takes an entry out of the list that it is in, if any.
func (m *Memory) leave(r ref, e *entry) {
	if e.list == 0 {
		return
	}
	if l := &m.lists[e.list]; l.head == r {
		l.head = e.next
		if e.next == r {
			l.head = 0
		}
	}
	m.entry(e.prev).next = e.next
	m.entry(e.next).prev = e.prev
	e.list, e.prev, e.next = 0, 0, 0
}
