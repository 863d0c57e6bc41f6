// Package sessions is the session manager:
//
//	app.Adapt(sessions.New(sessions.Config{
//		Cookie:      "my_sessionid",
//		Expires:     24 * time.Hour,
//		IdleTimeout: time.Hour,
//		RenewOn:     []string{"authenticated"},
//	}))
//
// The client gets a random session ID in a cookie; the values stay on the server,
// in a [store.Store], which knows the ID's SHA-256 only. An ID that the server did
// not issue is never adopted. A session begins at its first write: reading one that
// does not exist stores nothing and sets no cookie.
//
// The store is read when a handler first asks for the session. All writes of a
// request are stored in one step, just before the response leaves. If either fails,
// the response is 503: a request is never answered without its session. A 503 does
// not tell whether the write was stored. If it was a change of the session ID, the
// old ID may be dead, and the user logs in again.
//
// Expires and IdleTimeout are kept on the server, even if the client keeps its
// cookie.
//
// # Requests at the same time
//
// Two requests that write different keys of a session both keep their write. To get
// a value and then to set it is not one step: of two requests that count up, one may
// go uncounted, and a flash message may reach two requests.
//
// A request that has read a session may still write to it after another request has
// renewed it (see Config.RenewOn): these writes, a logout above all, are in the
// session under its new ID, which only the response to the renewal has. A login then
// begins a session of its own. If another request has ended the session, the writes
// are dropped, as if they had been written just before the end.
//
// # After the response has begun to leave
//
// Writes then go to the store at once, and the cookie does not change any more.
// If a write fails, the connection is cut when the handlers are done, so that the
// client does not take the response for a complete one. A handler that writes
// much should ask for the session first: a session that is first used then leaves
// a response without Cache-Control: no-store, and a log record says so.
//
// # Without Iris
//
// Start and Destroy also take the ResponseWriter of a plain net/http handler.
// Nothing tells then when the header leaves, so every write goes to the store at
// once. If that fails, the response is 503 and panic(http.ErrAbortHandler) ends
// the handler. So only the handler's own goroutine may write to the session.
//
// Each call of Start then returns its own view: a snapshot, which an edit refreshes
// if another call has created, renewed or destroyed the session. The same is true in
// a RouterWrapperPolicy, whose view is not that of the handlers.
package sessions

import (
	"crypto/sha256"
	"fmt"
	"net/http"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
	"gopkg.in/kataras/iris.v6/internal/ratelog"
)

// Sessions is a session manager. Adapt a Framework with it.
type Sessions interface {
	// Adapt makes it the framework's session manager.
	Adapt(frame *iris.Policies)
	// UseDatabase keeps the sessions in a Database. With several, a session is
	// read from the first that has it and written to all. If a single one has a
	// method Store() store.Store, that Store is used, without a Database's
	// limits; otherwise only one manager at a time may use it: see Database.
	// Call UseDatabase before the first request. It panics if Config.Store is set.
	UseDatabase(db Database)
	// Start returns the request's session. In a handler of Iris every call
	// returns the same one.
	Start(w http.ResponseWriter, r *http.Request) iris.Session
	// Destroy ends the request's session and removes the client's cookie.
	Destroy(w http.ResponseWriter, r *http.Request)

	// DestroyByID ends the session with that ID, on every instance at its next
	// request. DestroyAll ends all of them. They log an error of the store.
	DestroyByID(id string)
	DestroyAll()
	// DestroyByKey and DestroyAllSessions are the same for a program that keeps
	// the keys of its users' sessions (see Config.OnRenew) and must know whether
	// they have ended: they return the error.
	DestroyByKey(key store.Key) error
	DestroyAllSessions() error
}

type manager struct {
	cookies  cookies
	store    store.Store
	renewOn  []string
	onRenew  func(*http.Request, Renewal)
	attach   func() iris.Attachment
	policies *iris.Policies // without a logger until adapted
	limit    ratelog.Limit

	limits    store.Limits
	ownStore  bool // Config.Store was set
	databases []Database
}

// New returns a session manager. It panics if the configuration is invalid.
func New(c Config) Sessions {
	ownStore := c.Store != nil
	c = c.withDefaults()
	m := &manager{
		cookies: newCookies(c), store: c.Store, renewOn: c.RenewOn, onRenew: c.OnRenew, policies: new(iris.Policies), ownStore: ownStore,
		limits: store.Limits{Expires: max(c.Expires, 0), IdleTimeout: c.IdleTimeout, MaxSessions: c.MaxSessions, Identity: c.RenewOn},
	}
	if err := m.store.SetLimits(m.limits); err != nil {
		panic(fmt.Sprintf("sessions: Config.Store: %v", err))
	}
	m.attach = func() iris.Attachment { return m.newSession() }
	return m
}

func (m *manager) newSession() *session { return &session{manager: m, hasher: newHasher()} }

func (m *manager) Adapt(frame *iris.Policies) {
	m.policies = frame
	iris.SessionsPolicy{Start: m.Start, Destroy: m.Destroy, Secure: m.cookies.alwaysSecure}.Adapt(frame)
	iris.EventPolicy{Build: m.warn}.Adapt(frame)
}

// warn logs, when the framework starts, that the store may lose sessions.
func (m *manager) warn(f *iris.Framework) {
	if st, ok := m.store.(interface{ Warning() string }); ok {
		if warning := st.Warning(); warning != "" {
			f.Log(iris.ProdMode, "sessions: "+warning)
		}
	}
}

func (m *manager) Start(w http.ResponseWriter, r *http.Request) iris.Session {
	return m.session(w, r)
}

func (m *manager) Destroy(w http.ResponseWriter, r *http.Request) {
	m.session(w, r).destroy()
}

func (m *manager) session(w http.ResponseWriter, r *http.Request) *session {
	attachment, isLate := iris.Attach(w, m, m.attach)
	if attachment == nil {
		s := m.newSession()
		s.start(w, r, writeThrough)
		return s
	}
	s := attachment.(*session)
	switch {
	case s.w != nil:
	case isLate:
		s.start(w, r, late)
	default:
		s.start(w, r, buffered)
	}
	return s
}

func (m *manager) DestroyByID(id string) {
	if m.cookies.ids.valid(id) {
		m.logError(m.DestroyByKey(sha256.Sum256([]byte(id))))
	}
}

func (m *manager) DestroyAll() { m.logError(m.DestroyAllSessions()) }

func (m *manager) DestroyByKey(key store.Key) (err error) {
	defer recoverStore(&err)
	if err := m.store.Destroy(key); err != nil {
		return fmt.Errorf("sessions: destroy %s: %w", key, err)
	}
	return nil
}

func (m *manager) DestroyAllSessions() (err error) {
	defer recoverStore(&err)
	if err := m.store.DestroyAll(); err != nil {
		return fmt.Errorf("sessions: destroy all: %w", err)
	}
	return nil
}

// logError logs an error, if there is one: one a second at most, because clients
// can cause many while the store fails.
func (m *manager) logError(err error) {
	if err != nil {
		m.logLimited(err.Error())
	}
}

func (m *manager) logLimited(message string) {
	if message, pass := m.limit.Pass(message); pass {
		m.policies.Log(iris.ProdMode, message)
	}
}
