package sessions

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"

	"gopkg.in/kataras/iris.v6"
)

// session is the iris.Session of one request: what the store had when the
// request first asked for it, and what the request changes. The store is read
// once, by start, and written once, by Save.
//
// Reads take no lock. Writes take the session's own.
type session struct {
	manager  *manager
	attached bool // to a response of iris, which calls Save and Release
	hasher   hasher

	// What start finds out; it does not change until Release.
	started bool
	w       http.ResponseWriter
	r       *http.Request
	sent    bool   // the client sent the cookie
	found   []Item // what the store had
	readErr error  // why the store could not be read

	turn    uint32                 // counts the requests that this session served
	seen    atomic.Uint32          // the turn in which the handlers last looked at what was found
	current atomic.Pointer[[]Item] // what the session has; nil while that is what was found
	first   []Item                 // what current points to first, in memory used again
	direct  atomic.Bool            // writes go to the store at once: the header has left, or nobody will say when

	mu sync.Mutex
	pending
}

// pending is what write has to do and to know.
type pending struct {
	id        string // "" until the session has or is to have one
	key       Key    // the store's name for it, if it lives
	lives     bool   // it is in the store
	renewed   bool   // id is new, and key still the old one's
	ended     bool   // somebody else ended it since it was found: what is written is lost
	wanted    bool   // it is to live even if it has no items
	doomed    bool   // what has doomedKey is to be destroyed
	doomedKey Key
	unsend    bool // the client is to drop its cookie
	late      bool // the response has left: there is no setting a cookie any more
	changes   []Item
	err       error // why the store could not be read or written
}

func newSession(m *manager, attached bool) *session {
	return &session{manager: m, attached: attached, hasher: newHasher(), turn: 1}
}

func (s *session) start(w http.ResponseWriter, r *http.Request) {
	s.started, s.w, s.r = true, w, r
	var id string
	id, s.sent = s.manager.cookies.read(r)
	s.found, s.readErr = s.read(id)
	s.err = s.readErr
}

// startLate is start when the response has left, or is about to.
func (s *session) startLate(w http.ResponseWriter, r *http.Request) {
	s.start(w, r)
	s.direct.Store(true)
	s.late = true
	if s.readErr != nil {
		s.manager.failed(s.readErr)
	}
}

// startDirect is start without a response of iris.
func (s *session) startDirect(w http.ResponseWriter, r *http.Request) {
	s.start(w, r)
	s.rejoin()
	s.direct.Store(true)
	s.noStore()
	if s.err != nil {
		s.manager.failed(s.err)
		s.abort()
	}
}

// read returns what the session of that id has, if there is one.
func (s *session) read(id string) (items []Item, err error) {
	s.id, s.lives = "", false
	if id == "" {
		return nil, nil
	}
	s.hasher.hash(id, &s.key)
	items, s.lives, err = s.manager.store.Read(s.r.Context(), s.key)
	if err != nil {
		err = fmt.Errorf("sessions: read %s: %w", s.key, err)
	}
	if s.lives {
		s.id = id // an id without a session is never adopted
	}
	return items, err
}

// rejoin goes on with the session that another call of Start for this request
// has meanwhile begun, or moved to a new id, or with none if it was ended: the
// cookie in the response's header tells. It is called with the lock held, or
// before anybody else has the session.
func (s *session) rejoin() {
	id, ok := s.manager.cookies.written(s.w.Header(), s.r)
	if !ok || id == s.id {
		return
	}
	items, err := s.read(id)
	s.err, s.ended = err, false
	s.current.Store(&items) // and not found, which is read without the lock
}

// Release implements iris.Attachment.
func (s *session) Release() {
	if !s.started {
		return
	}
	s.started, s.w, s.r, s.sent, s.found, s.readErr = false, nil, nil, false, nil, nil
	s.turn++
	// An atomic store costs far more than a load, and most requests only read.
	if s.direct.Load() {
		s.direct.Store(false)
	}
	if s.current.Load() != nil {
		s.current.Store(nil)
		clear(s.first)
		clear(s.changes)
	}
	s.pending = pending{changes: s.changes[:0]}
}

// Save implements iris.Attachment.
func (s *session) Save(last bool) error {
	if !s.started {
		return nil
	}
	if s.direct.Load() { // the header has left, and edit stored what was written since, if it could
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.err
	}
	s.noStore()
	err := s.readErr
	if !last || s.current.Load() != nil {
		s.mu.Lock()
		if s.current.Load() != nil {
			err = s.write()
		}
		if !last {
			// In the same hold of the lock, as from now on the server has the
			// header, and whoever writes to the session must leave it alone.
			s.direct.Store(true)
			s.late = true
		}
		s.mu.Unlock()
	}
	if err != nil {
		s.w.Header()["Retry-After"] = retryAfter
		s.manager.failed(err)
	}
	return err
}

// Values of header fields that all responses share: appending to them copies them.
var (
	cacheNothing = []string{"no-store"}
	retryAfter   = []string{"1"}
)

// noStore keeps the response out of caches, unless the handlers decided
// otherwise (ASVS 14.3.2).
func (s *session) noStore() {
	header := s.w.Header()
	if len(header) == 0 || header["Cache-Control"] == nil {
		header["Cache-Control"] = cacheNothing
	}
}

// write does what is to be done in the store, and then in the cookie. It is
// called with the lock held.
func (s *session) write() error {
	if s.err != nil {
		return s.err
	}
	// The client may be gone before its logout is done.
	var header http.Header
	if !s.late {
		header = s.w.Header()
	}
	s.err = s.writeTo(context.WithoutCancel(s.r.Context()), s.manager.store, header)
	clear(s.changes)
	s.changes = s.changes[:0]
	return s.err
}

func (s *session) writeTo(ctx context.Context, store Store, header http.Header) error {
	if s.doomed {
		if err := store.Destroy(ctx, s.doomedKey); err != nil {
			return fmt.Errorf("sessions: destroy %s: %w", s.doomedKey, err)
		}
		s.doomed = false
	}
	if s.unsend && !s.late {
		s.manager.cookies.remove(header, s.r)
	}
	s.unsend = false
	if s.lives && len(s.changes) > 0 {
		if err := s.update(ctx, store, header); err != nil {
			return err
		}
	}
	if items := *s.current.Load(); !s.lives && !s.ended && (len(items) > 0 || s.wanted) {
		return s.create(ctx, store, header, items)
	}
	return nil
}

// update writes the changes to the session if it still lives. If it does not,
// and the handlers have looked at it, nothing is written: what they write may
// stem from what they saw, and would bring that back. It is as if they had
// written just before the session ended. If they have not looked, they begin
// another session.
func (s *session) update(ctx context.Context, store Store, header http.Header) (err error) {
	var renewed Key
	if s.renewed {
		s.hasher.hash(s.id, &renewed)
		s.lives, err = store.Renew(ctx, s.key, renewed, s.changes)
	} else {
		s.lives, err = store.Update(ctx, s.key, s.changes)
	}
	switch {
	case err != nil:
		return fmt.Errorf("sessions: write %s: %w", s.key, err)
	case !s.lives && s.seen.Load() == s.turn:
		s.ended = true
	case !s.lives:
		s.id, s.renewed = "", false
		items := Merge(nil, nil, s.changes)
		s.current.Store(&items)
	case s.renewed:
		s.key, s.renewed = renewed, false
		s.tellRenewed()
		return s.setCookie(header)
	}
	return nil
}

func (s *session) create(ctx context.Context, store Store, header http.Header, items []Item) error {
	if s.id == "" {
		s.id = s.manager.cookies.ids.make()
	}
	s.hasher.hash(s.id, &s.key)
	if err := store.Create(ctx, s.key, items); err != nil {
		return fmt.Errorf("sessions: create %s: %w", s.key, err)
	}
	s.lives = true
	s.tellRenewed()
	return s.setCookie(header)
}

// tellRenewed tells Config.OnRenew of the changes, which have been stored.
func (s *session) tellRenewed() {
	if s.manager.onRenew == nil {
		return
	}
	for _, name := range s.manager.renewOn {
		for _, change := range slices.Backward(s.changes) {
			if change.Name == name {
				s.manager.onRenew(s.r, s.key, name, change.Value)
				break
			}
		}
	}
}

func (s *session) setCookie(header http.Header) error {
	if s.late {
		s.manager.policies.Log(iris.ProdMode, fmt.Sprintf("sessions: session %s began, or got a new id, after its response had left: "+
			"the client does not get the cookie", s.key))
		return nil
	}
	return s.manager.cookies.write(header, s.r, s.id)
}

// view is what the session has.
func (s *session) view() []Item {
	if current := s.current.Load(); current != nil {
		return *current
	}
	return s.found
}

// look is view on behalf of the handlers.
func (s *session) look() []Item {
	if s.seen.Load() != s.turn {
		s.seen.Store(s.turn)
	}
	return s.view()
}

// edit runs f, which calls put, with the lock held.
func (s *session) edit(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.attached {
		s.rejoin()
	}
	f()
	if !s.direct.Load() || s.current.Load() == nil {
		return
	}
	if err := s.write(); err != nil {
		s.manager.failed(err)
		if !s.attached { // or else Save tells
			s.abort()
		}
	}
}

// abort answers with 503 if that is still possible, and ends the handler of a
// plain net/http server: it must not go on as if what it wrote were saved.
func (s *session) abort() {
	s.w.Header()["Retry-After"] = retryAfter
	http.Error(s.w, http.StatusText(http.StatusServiceUnavailable), http.StatusServiceUnavailable)
	if err := http.NewResponseController(s.w).Flush(); err != nil {
		s.manager.policies.Log(iris.DevMode, "sessions: flush: "+err.Error())
	}
	panic(http.ErrAbortHandler)
}

// put changes one item.
func (s *session) put(name string, value any) {
	items := s.view()
	if same(lookup(items, name), value) {
		return
	}
	if s.lives && !s.renewed && slices.Contains(s.manager.renewOn, name) {
		s.id, s.renewed = s.manager.cookies.ids.make(), true
	}
	s.changes = append(s.changes, Item{Name: name, Value: value})
	next := &s.first
	if s.current.Load() != nil {
		next = new([]Item) // somebody may be reading the other
	}
	*next = Merge((*next)[:0], items, s.changes[len(s.changes)-1:])
	s.current.Store(next)
}

// same tells whether there is nothing to change. Values that are pointers, or
// have some in them, never are the same: they may have been changed in place.
func same(a, b any) bool {
	switch a.(type) {
	case nil, bool, int, int64, float32, float64, string:
		return a == b
	}
	return false
}

func (s *session) destroy() {
	s.edit(func() {
		s.unsend = s.sent || s.lives
		if s.lives {
			s.doomed, s.doomedKey = true, s.key
		}
		s.id, s.lives, s.renewed, s.ended, s.wanted = "", false, false, false, false
		s.changes = s.changes[:0]
		s.current.Store(new([]Item))
	})
}
