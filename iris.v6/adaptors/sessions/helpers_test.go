package sessions_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/httprouter"
	"gopkg.in/kataras/iris.v6/adaptors/sessions"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/memory"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// routes are GET handlers by path.
type routes map[string]iris.HandlerFunc

// common are the handlers that most tests need.
var common = routes{
	"/read":    func(ctx *iris.Context) { ctx.WriteString(ctx.Session().GetString("name")) },
	"/set":     func(ctx *iris.Context) { ctx.Session().Set("name", ctx.URLParam("v")) },
	"/login":   func(ctx *iris.Context) { ctx.Session().Set("authenticated", true) },
	"/logout":  func(ctx *iris.Context) { ctx.Session().Set("authenticated", false) },
	"/id":      func(ctx *iris.Context) { ctx.WriteString(ctx.Session().ID()) },
	"/destroy": func(ctx *iris.Context) { ctx.SessionDestroy() },
	"/secret": func(ctx *iris.Context) {
		if in, _ := ctx.Session().GetBoolean("authenticated"); !in {
			ctx.EmitError(iris.StatusForbidden)
		}
	},
}

// server returns a framework with the common handlers and those of more.
func server(manager sessions.Sessions, more ...routes) *iris.Framework {
	app := iris.New()
	app.Adapt(httprouter.New(), manager)
	for _, all := range append([]routes{common}, more...) {
		for path, h := range all {
			app.Get(path, h)
		}
	}
	return app
}

// answer is a response, and what it does to the cookie "irissessionid".
type answer struct {
	status int
	body   string
	header http.Header
	cookie *http.Cookie // nil if the response sets none
}

func (a answer) id(t *testing.T) string {
	t.Helper()
	if a.cookie == nil || a.cookie.Value == "" {
		t.Fatalf("the response sets no session cookie: %d %v", a.status, a.header)
	}
	return a.cookie.Value
}

// get sends a GET request with a session cookie of that value; "" for none.
func get(t *testing.T, h http.Handler, path, id string) answer {
	t.Helper()
	r := httptest.NewRequest("GET", path, nil)
	if id != "" {
		r.Header.Set("Cookie", "irissessionid="+id)
	}
	return do(t, h, r)
}

func do(t *testing.T, h http.Handler, r *http.Request) answer {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	a := answer{status: w.Code, body: w.Body.String(), header: w.Result().Header}
	for _, c := range w.Result().Cookies() {
		if strings.TrimPrefix(c.Name, "__Host-") == "irissessionid" {
			if a.cookie != nil {
				t.Errorf("%s: more than one session cookie: %v", r.URL, a.header["Set-Cookie"])
			}
			a.cookie = c
		}
	}
	return a
}

func wantStatus(t *testing.T, a answer, status int) {
	t.Helper()
	if a.status != status {
		t.Errorf("status %d, want %d", a.status, status)
	}
}

func wantNoCookie(t *testing.T, a answer) {
	t.Helper()
	if a.cookie != nil {
		t.Errorf("the response sets a cookie: %v", a.cookie)
	}
}

func wantBody(t *testing.T, a answer, body string) {
	t.Helper()
	if a.body != body {
		t.Errorf("body %q, want %q", a.body, body)
	}
}

// watched is a store that counts the calls, and fails while it is told to.
type watched struct {
	store.Store
	reads, creates, writes atomic.Int64
	failing                atomic.Bool
}

var errDown = errors.New("the store is down")

func watch() *watched { return &watched{Store: memory.New()} }

func (w *watched) count(calls *atomic.Int64) error {
	calls.Add(1)
	if w.failing.Load() {
		return errDown
	}
	return nil
}

func (w *watched) Read(key store.Key) ([]store.Item, bool, error) {
	if err := w.count(&w.reads); err != nil {
		return nil, false, err
	}
	return w.Store.Read(key)
}

func (w *watched) Create(key store.Key, items []store.Item) error {
	if err := w.count(&w.creates); err != nil {
		return err
	}
	return w.Store.Create(key, items)
}

func (w *watched) Update(key store.Key, changes []store.Item) (bool, error) {
	if err := w.count(&w.writes); err != nil {
		return false, err
	}
	return w.Store.Update(key, changes)
}

func (w *watched) Renew(old, key store.Key, changes []store.Item) (bool, error) {
	if err := w.count(&w.writes); err != nil {
		return false, err
	}
	return w.Store.Renew(old, key, changes)
}

func (w *watched) Destroy(key store.Key) error {
	if err := w.count(&w.writes); err != nil {
		return err
	}
	return w.Store.Destroy(key)
}

func (w *watched) DestroyAll() error {
	if err := w.count(&w.writes); err != nil {
		return err
	}
	return w.Store.DestroyAll()
}
