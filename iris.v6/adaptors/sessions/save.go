package sessions

import (
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"slices"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// Save implements iris.Attachment.
func (s *session) Save(last bool) error {
	switch {
	case s.w == nil:
		return nil
	case s.phase == late: // edits have been saved as they came, and failures logged
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.err
	}
	s.noStore()
	if last && s.items.Load() == nil {
		return s.logged(s.readErr)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.items.Load() != nil {
		s.save()
	}
	if !last {
		s.phase = late
	}
	return s.logged(s.err)
}

// save carries out the edits. It is called with the lock held.
func (s *session) save() {
	if s.err == nil {
		s.err = s.carryOut()
	}
	if s.err != nil {
		s.items.Store(&s.stored) // an error page must not show what was not saved
	}
}

func (s *session) carryOut() error {
	e := &s.edits
	if e.destroyed || s.presence != live {
		e.items = store.Merge(e.items[:0], nil, e.changes)
	}
	d := plan(s.presence, s.sent, *e)

	// First the steps that can fail without the store.
	id, key, cookie := s.id, s.key, ""
	if d.cookie == setCookie {
		if id = s.newID; id == "" {
			id = s.manager.cookies.ids.make()
		}
		s.hasher.hash(id, &key)
		var err error
		if cookie, err = s.manager.cookies.line(s.r, id); err != nil {
			return err
		}
	}
	renewal, before := Renewal{Old: s.key, New: key}, s.stored
	if s.presence != live || d.action == replace {
		renewal.Old, before = store.Key{}, nil
	}
	ok, err := s.do(d.action, key)
	moved, hasMoved := errors.AsType[store.Moved](err)
	if hasMoved {
		// Another request has renewed the session, and either may be that of an
		// attacker who knew the ID before. So a login begins a session of its own,
		// and a logout changes the renewed one, but does not get its ID.
		e.items = store.Merge(e.items[:0], nil, e.changes)
		if s.hasUser(e.items) {
			d.action, renewal.Old, before = create, store.Key{}, nil
			items := slices.Clone(e.items)
			s.items.Store(&items)
		} else {
			d, id, key = decision{update, keepCookie, live}, s.id, s.key
			renewal = Renewal{Old: moved.To, New: moved.To}
		}
		ok, err = s.do(d.action, key)
	}
	if err != nil {
		if s.presence == live {
			key = s.key
		}
		return fmt.Errorf("sessions: %s %s: %w", d.action, key, err)
	}
	if !ok {
		d, id, key = plan(ended, s.sent, *e), s.id, s.key
	}
	s.sent = s.sent || d.cookie == setCookie

	s.presence, s.id, s.key, s.stored, s.newID = d.then, id, key, s.view(), ""
	changes := e.changes
	*e = edits{changes: changes[:0], items: e.items[:0]}
	defer clear(changes)
	if ok && (d.cookie == setCookie || hasMoved) {
		s.tell(renewal, before, changes)
	}
	s.updateCookie(d.cookie, cookie)
	return nil
}

// hasUser tells whether there is a user under a key of Config.RenewOn.
func (s *session) hasUser(items []store.Item) bool {
	return slices.ContainsFunc(s.manager.renewOn, func(name string) bool { return isUser(store.Value(items, name)) })
}

// do does it in the store. ok is false if the session is not there.
func (s *session) do(a action, key store.Key) (ok bool, err error) {
	defer recoverStore(&err)
	st, e := s.manager.store, &s.edits
	switch a {
	case create:
		return true, st.Create(key, e.items)
	case update:
		return st.Update(s.key, e.changes)
	case renew:
		return st.Renew(s.key, key, e.changes)
	case destroy:
		return true, st.Destroy(s.key)
	case replace:
		if err := st.Destroy(s.key); err != nil {
			return true, err
		}
		return true, st.Create(key, e.items)
	}
	return true, nil
}

func (s *session) updateCookie(c cookieAction, line string) {
	switch {
	case c == keepCookie:
	case s.phase == late && c == setCookie:
		s.manager.logLimited(fmt.Sprintf("sessions: session %s began, or was renewed, after its response had begun to leave: "+
			"the client does not get the cookie", s.key))
	case s.phase == late:
	case c == setCookie:
		s.manager.cookies.set(s.w.Header(), s.r, line)
	default:
		s.manager.cookies.remove(s.w.Header(), s.r)
	}
}

// tell calls Config.OnRenew for the changes, which have been stored.
func (s *session) tell(r Renewal, before, changes []store.Item) {
	if s.manager.onRenew == nil {
		return
	}
	for _, name := range s.manager.renewOn {
		for _, change := range slices.Backward(changes) {
			if change.Name == name {
				r.Name, r.Before, r.After = name, store.Value(before, name), change.Value
				if !same(r.Before, r.After) {
					s.manager.onRenew(s.r, r)
				}
				break
			}
		}
	}
}

func (s *session) logged(err error) error {
	s.manager.logError(err)
	return err
}

// retryAfter is shared by all responses: appending to it copies it.
var retryAfter = []string{"1"}

// fail logs an error of a session that is not buffered. Iris's response then
// fails at its end. A plain handler must not go on as if its writes were saved: fail
// ends it, with 503 if that is still possible.
func (s *session) fail() {
	if s.logged(s.err) == nil || s.phase != writeThrough {
		return
	}
	header := s.w.Header()
	header.Del("Location")
	header.Del("Set-Cookie")
	header["Cache-Control"], header["Retry-After"] = noStore, retryAfter
	http.Error(s.w, http.StatusText(http.StatusServiceUnavailable), http.StatusServiceUnavailable)
	if err := http.NewResponseController(s.w).Flush(); err != nil {
		s.manager.logLimited("sessions: flush: " + err.Error())
	}
	panic(http.ErrAbortHandler)
}

// recoverStore makes a panic of a Store an error: the store has failed. It is
// deferred.
func recoverStore(err *error) {
	if cause := recover(); cause != nil {
		*err = fmt.Errorf("sessions: panic in the store: %v\n%s", cause, debug.Stack())
	}
}
