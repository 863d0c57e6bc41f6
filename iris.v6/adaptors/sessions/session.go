package sessions

import (
	"slices"
	"sync"
	"sync/atomic"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// session is the iris.Session of one request. Its handlers see what the store
// had when the request first asked for the session, with their own edits on top.
// save.go carries the edits out.
//
// Reads take no lock, edits take mu. A session is used again for later requests,
// so nothing may hold on to it after the handlers have returned.
type session struct {
	manager *manager
	hasher  hasher
	request

	found    []store.Item                 // the items in the store; they do not change while handlers run
	readErr  error                        // why the store could not be read
	items    atomic.Pointer[[]store.Item] // the items after the edits; nil if there is none: found counts
	keepRead bool                         // flash messages that are read stay: the request is a HEAD

	mu    sync.Mutex
	edits edits
	newID string       // the ID that the session gets when it is saved; "" until it is asked for
	first []store.Item // the memory of the first edit's items
}

// view returns what the handlers see.
func (s *session) view() []store.Item {
	if items := s.items.Load(); items != nil {
		return *items
	}
	return s.found
}

// edit runs f, which edits the session, with the lock held.
func (s *session) edit(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.phase == writeThrough {
		s.rejoin()
	}
	f()
	if s.phase != buffered && s.items.Load() != nil {
		s.save()
		s.fail()
	}
}

// put sets a value, unless it is the same already.
func (s *session) put(name string, value any) {
	if !same(store.Value(s.view(), name), value) {
		s.set(name, value)
	}
}

// set is a change that the handlers see.
func (s *session) set(name string, value any) {
	s.change(name, value)
	s.show(s.edits.changes[len(s.edits.changes)-1:])
}

// change records a change.
func (s *session) change(name string, value any) {
	s.edits.changes = append(s.edits.changes, store.Item{Name: name, Value: value})
	s.edits.renewing = s.edits.renewing || slices.Contains(s.manager.renewOn, name)
}

// show makes the handlers see the changes.
func (s *session) show(changes []store.Item) {
	next := &s.first
	if s.items.Load() != nil {
		next = new([]store.Item) // another goroutine may be reading the other one
	}
	*next = store.Merge((*next)[:0], s.view(), changes)
	s.items.Store(next)
}

// same reports whether the two values are equal. Values that contain pointers never
// are, because they may have been changed in place.
func same(a, b any) bool {
	switch a.(type) {
	case nil, bool, int, int64, float32, float64, string:
		return a == b
	}
	return false
}

// destroy ends the session. A later put begins another one.
func (s *session) destroy() {
	s.edit(func() {
		s.edits = edits{destroyed: true, changes: s.edits.changes[:0]}
		s.newID = ""
		s.items.Store(new([]store.Item))
	})
}

func (s *session) ID() (id string) {
	s.edit(func() {
		if !s.edits.destroyed && (s.presence == ended || s.presence == live && !s.edits.renewing) {
			id = s.id
			return
		}
		if s.newID == "" {
			s.newID = s.manager.cookies.ids.make()
		}
		id, s.edits.needed = s.newID, true
		s.show(nil)
	})
	return id
}
