// Package sessions is the session manager:
//
//	app.Adapt(sessions.New(sessions.Config{
//		Cookie:      "my_sessionid",
//		Expires:     24 * time.Hour,
//		IdleTimeout: time.Hour,
//		RenewOn:     []string{"authenticated"},
//	}))
//
// The client gets a random id in a cookie; the values stay on the server, in a
// [Store]. A session begins at its first write; the store is read when a
// handler first asks for the session, and written when the response is about to
// leave. If either fails, the answer is 503, never a decision taken without
// the session.
//
// # Requests at the same time
//
// Two requests that write different keys of a session both keep their write. A
// request that has read a session which another one then ends, or moves to a
// new id (see Config.RenewOn), does not bring it back: what it writes
// afterwards is dropped, as if it had been written just before the end.
//
// # After the response has begun to leave
//
// Writes go to the store at once then, and cookies are not changed any more. If
// one fails, the connection is cut when the handlers are done, so that the
// client does not take the response for a whole one.
//
// # Without Iris
//
// Start and Destroy also take the ResponseWriter of a plain net/http handler.
// There is no moment before the header leaves then, so every write goes to the
// store at once; where that fails, the request is answered with 503 and the
// handler ended by panic(http.ErrAbortHandler). So only the handler's own
// goroutine may write to the session.
//
// Each call of Start returns an iris.Session of its own then. They write to
// one session; each reads what the store had when it was started, or when it
// last found out that another has begun, moved or ended the session, and what
// it wrote itself.
package sessions

import (
	"context"
	"fmt"
	"net/http"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/internal/oncepersecond"
)

// Sessions is a session manager. Adapt a Framework with it.
type Sessions interface {
	// Adapt makes it the framework's session manager.
	Adapt(frame *iris.Policies)
	// UseDatabase keeps the sessions in a Database. With several, a session is
	// read from the first that has it and written to all. Of a single one that
	// has a method Store() Store, that Store is used, without a Database's
	// limits. Only one manager at a time may use what has none: see Database.
	// UseDatabase is to be called before the first request, and panics if
	// Config.Store is set.
	UseDatabase(db Database)
	// Start returns the request's session: in a handler of Iris the same one
	// however often it is called.
	Start(w http.ResponseWriter, r *http.Request) iris.Session
	// Destroy ends the request's session and removes the client's cookie.
	Destroy(w http.ResponseWriter, r *http.Request)
	// DestroyByID ends the session of that id, wherever it is in use. An error
	// of the store is logged.
	DestroyByID(id string)
	// DestroyAll ends all sessions. An error of the store is logged.
	DestroyAll()
}

type manager struct {
	cookies  cookies
	store    Store
	renewOn  []string
	onRenew  func(r *http.Request, session Key, name string, value any)
	attach   func() iris.Attachment
	policies *iris.Policies // without a logger until adapted
	failures oncepersecond.Limit

	limits    Limits
	ownStore  bool // Config.Store was set
	databases []Database
}

// New returns a session manager. It panics if the configuration makes no sense.
func New(c Config) Sessions {
	ownStore := c.Store != nil
	c = c.withDefaults()
	limits := Limits{Expires: max(c.Expires, 0), IdleTimeout: c.IdleTimeout, MaxSessions: c.MaxSessions}
	c.Store.SetLimits(limits)
	m := &manager{
		cookies: newCookies(c), store: c.Store, renewOn: c.RenewOn, onRenew: c.OnRenew,
		policies: new(iris.Policies), limits: limits, ownStore: ownStore,
	}
	m.attach = func() iris.Attachment { return newSession(m, true) }
	return m
}

func (m *manager) Adapt(frame *iris.Policies) {
	m.policies = frame
	iris.SessionsPolicy{Start: m.Start, Destroy: m.Destroy}.Adapt(frame)
}

func (m *manager) Start(w http.ResponseWriter, r *http.Request) iris.Session {
	return m.session(w, r)
}

func (m *manager) Destroy(w http.ResponseWriter, r *http.Request) {
	m.session(w, r).destroy()
}

func (m *manager) session(w http.ResponseWriter, r *http.Request) *session {
	attachment, late := iris.Attach(w, m, m.attach)
	if attachment == nil {
		s := newSession(m, false)
		s.startDirect(w, r)
		return s
	}
	s := attachment.(*session)
	switch {
	case s.started:
	case late:
		s.startLate(w, r)
	default:
		s.start(w, r)
	}
	return s
}

func (m *manager) DestroyByID(id string) {
	if !m.cookies.ids.valid(id) {
		return
	}
	var key Key
	h := newHasher()
	h.hash(id, &key)
	if err := m.store.Destroy(context.Background(), key); err != nil {
		m.failed(fmt.Errorf("sessions: destroy %s: %w", key, err))
	}
}

func (m *manager) DestroyAll() {
	if err := m.store.DestroyAll(context.Background()); err != nil {
		m.failed(fmt.Errorf("sessions: destroy all: %w", err))
	}
}

// failed logs that the store has failed.
func (m *manager) failed(err error) {
	if message, pass := m.failures.Pass(err.Error()); pass {
		m.policies.Log(iris.ProdMode, message)
	}
}
