package sessions

import (
	"errors"
	"fmt"
	"net/http"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// request is what it takes to save the session of a request. The lock of the
// session guards what changes after start.
type request struct {
	w     http.ResponseWriter // nil between requests
	r     *http.Request
	phase phase

	// The session as the store and the client have it.
	presence presence
	sent     bool // the client has a cookie for it, live or not
	id       string
	key      store.Key
	stored   []store.Item
	err      error // why the store could not be read or written
}

// phase says when edits are saved.
type phase uint8

const (
	buffered     phase = iota // just before the header leaves
	writeThrough              // at once, because nothing tells when the header leaves
	late                      // at once, without a cookie, because the header has left
)

// start reads the session that the request's cookies name.
func (s *session) start(w http.ResponseWriter, r *http.Request, p phase) {
	s.w, s.r, s.phase, s.keepRead = w, r, p, r.Method == http.MethodHead
	s.err, s.readErr = errUnread, errUnread // which stays after a panic
	err := s.find()
	s.err, s.readErr = err, err
	switch p {
	case writeThrough:
		s.rejoin()
		s.noStore()
		s.fail()
	case late:
		s.fail()
		s.manager.logLimited("sessions: a session was first used after its response had begun to leave: " +
			"the response lacks Cache-Control: no-store, and can set no cookie")
	}
}

// find reads the first live session that the request's cookies name. Another host
// may have planted the others.
func (s *session) find() (err error) {
	c := s.manager.cookies.candidates(s.r)
	for s.presence != live && err == nil {
		id := c.next()
		if id == "" {
			break
		}
		s.found, err = s.read(id)
	}
	s.sent = c.sent
	return err
}

// errUnread is the error of a session while it is being read.
var errUnread = errors.New("sessions: the session was not read, because of a panic")

// read makes the session that of the ID, if it is live, and returns its items.
func (s *session) read(id string) ([]store.Item, error) {
	s.presence, s.id, s.stored = absent, "", nil
	if id == "" {
		return nil, nil
	}
	s.hasher.hash(id, &s.key)
	items, ok, err := s.manager.store.Read(s.key)
	if err != nil {
		return nil, fmt.Errorf("sessions: read %s: %w", s.key, err)
	}
	if ok {
		s.presence, s.id, s.stored = live, id, items
	}
	return items, nil
}

// rejoin goes on with the session that another call of Start for this request has
// begun, renewed or destroyed: the cookie in the response's header tells.
func (s *session) rejoin() {
	id, ok := s.manager.cookies.written(s.w.Header(), s.r)
	if !ok || id == s.id {
		return
	}
	items, err := s.read(id)
	if err != nil {
		s.err = err
	}
	s.items.Store(&items) // not found, which is read without the lock
}

// Release implements iris.Attachment.
func (s *session) Release() {
	if s.w == nil {
		return
	}
	if s.items.Load() != nil { // an atomic store costs more than a load, and most requests only read
		s.items.Store(nil)
		clear(s.first)
		clear(s.edits.changes[:cap(s.edits.changes)])
		clear(s.edits.items[:cap(s.edits.items)])
	}
	s.request = request{}
	s.found, s.readErr, s.newID = nil, nil, ""
	s.edits = edits{changes: s.edits.changes[:0], items: s.edits.items[:0]}
}

// noStore keeps the response out of caches, unless the handlers have decided
// otherwise (ASVS 14.3.2).
func (s *session) noStore() {
	header := s.w.Header()
	if header["Cache-Control"] == nil {
		header["Cache-Control"] = noStore
	}
}

// noStore is shared by all responses: appending to it copies it.
var noStore = []string{"no-store"}
