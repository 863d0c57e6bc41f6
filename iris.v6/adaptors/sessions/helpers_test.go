package sessions_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
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

// logged collects an application's log records.
func logged(app *iris.Framework) *[]string {
	var records []string
	app.Adapt(iris.LoggerPolicy(func(mode iris.LogMode, record string) {
		if mode == iris.ProdMode {
			records = append(records, record)
		}
	}))
	return &records
}

// answer is a response, with its change of the cookie "irissessionid".
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

// wantPanic checks that f panics with a message of this package that contains the text.
func wantPanic(t *testing.T, text string, f func()) {
	t.Helper()
	defer func() {
		if message, ok := recover().(string); !ok || !strings.HasPrefix(message, "sessions: ") || !strings.Contains(message, text) {
			t.Errorf("panic %q, want one that says %q", message, text)
		}
	}()
	f()
}

// watched is a store that records its calls. Before each it calls fault, which
// may return the call's error or panic.
type watched struct {
	store.Store
	limits store.Limits
	mu     sync.Mutex
	calls  []string // the methods
	fault  func(method string) error
}

var errDown = errors.New("the store is down")

// down is the fault of a store of which every method fails.
func down(string) error { return errDown }

func watch() *watched { return &watched{Store: memory.New()} }

func (w *watched) call(method string) error {
	w.mu.Lock()
	w.calls = append(w.calls, method)
	w.mu.Unlock()
	if w.fault == nil {
		return nil
	}
	return w.fault(method)
}

// want checks which methods were called, in which order, and starts anew.
func (w *watched) want(t *testing.T, what string, calls ...string) {
	t.Helper()
	if !slices.Equal(w.calls, calls) {
		t.Errorf("%s: calls of the store %v, want %v", what, w.calls, calls)
	}
	w.calls = nil
}

func (w *watched) SetLimits(l store.Limits) error {
	w.limits = l
	return w.Store.SetLimits(l)
}

func (w *watched) Read(key store.Key) ([]store.Item, bool, error) {
	if err := w.call("Read"); err != nil {
		return nil, false, err
	}
	return w.Store.Read(key)
}

func (w *watched) Create(key store.Key, items []store.Item) error {
	if err := w.call("Create"); err != nil {
		return err
	}
	return w.Store.Create(key, items)
}

func (w *watched) Update(key store.Key, changes []store.Item) (bool, error) {
	if err := w.call("Update"); err != nil {
		return false, err
	}
	return w.Store.Update(key, changes)
}

func (w *watched) Renew(old, key store.Key, changes []store.Item) (bool, error) {
	if err := w.call("Renew"); err != nil {
		return false, err
	}
	return w.Store.Renew(old, key, changes)
}

func (w *watched) Destroy(key store.Key) error {
	if err := w.call("Destroy"); err != nil {
		return err
	}
	return w.Store.Destroy(key)
}

func (w *watched) DestroyAll() error {
	if err := w.call("DestroyAll"); err != nil {
		return err
	}
	return w.Store.DestroyAll()
}
