package redis_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/httprouter"
	"gopkg.in/kataras/iris.v6/adaptors/sessions"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis/redistest"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis/service"
	"gopkg.in/kataras/iris.v6/internal/requesttest"
)

// instance is one of several servers that share a Redis, in v6's form. Its
// handlers are the example's.
type instance struct{ *iris.Framework }

func newManager(t *testing.T, server *redistest.Server) sessions.Sessions {
	t.Helper()
	db := redis.New(service.Config{Addr: server.Addr, Password: redistest.Password})
	t.Cleanup(func() { must(t, db.Close()) })
	manager := sessions.New(sessions.Config{})
	manager.UseDatabase(db)
	return manager
}

func newInstance(t *testing.T, server *redistest.Server) instance {
	t.Helper()
	app := iris.New()
	app.Adapt(httprouter.New(), newManager(t, server), iris.LoggerPolicy(func(_ iris.LogMode, message string) { t.Log(message) }))
	app.Get("/login", func(ctx *iris.Context) { ctx.Session().Set("authenticated", true) })
	app.Get("/logout", func(ctx *iris.Context) { ctx.Session().Set("authenticated", false) })
	app.Get("/secret", func(ctx *iris.Context) {
		if in, _ := ctx.Session().GetBoolean("authenticated"); !in {
			ctx.EmitError(iris.StatusForbidden)
		}
	})
	return instance{app}
}

// get sends a GET request with that cookie, "" for none.
func (i instance) get(path, cookie string) *http.Response {
	r, w := httptest.NewRequest("GET", path, nil), httptest.NewRecorder()
	r.Header.Set("Cookie", cookie)
	i.ServeHTTP(w, r)
	return w.Result()
}

func (i instance) want(t *testing.T, path, cookie string, status int) *http.Response {
	t.Helper()
	answer := i.get(path, cookie)
	if answer.StatusCode != status {
		t.Errorf("%s: status %d, want %d", path, answer.StatusCode, status)
	}
	return answer
}

// begin returns the cookie that the answer of a request without one sets.
func (i instance) begin(t *testing.T, path string) string {
	t.Helper()
	cookie, _, ok := strings.Cut(i.want(t, path, "", 200).Header.Get("Set-Cookie"), ";")
	if !ok {
		t.Fatalf("%s sets no cookie", path)
	}
	return cookie
}

func TestV6DifferAnotherInstancesWriteIsSeenAtTheNextRequest(t *testing.T) {
	server := redistest.Start(t)
	a, b := newInstance(t, server), newInstance(t, server)
	cookie := a.begin(t, "/login")
	a.want(t, "/secret", cookie, 200) // which v6 remembers
	b.want(t, "/secret", cookie, 200)
	b.want(t, "/logout", cookie, 200)
	a.want(t, "/secret", cookie, 403)
	a.want(t, "/login", cookie, 200)
	b.want(t, "/secret", cookie, 200)
}

func TestV6DifferAnErrorIs503(t *testing.T) {
	server := redistest.Start(t)
	app := newInstance(t, server)
	cookie := app.begin(t, "/login")
	server.Pause()
	defer server.Resume()
	for _, row := range []struct{ name, path, cookie string }{
		{"a read", "/secret", cookie},
		{"a write", "/logout", cookie},
		{"the first write of a session", "/login", ""},
	} {
		answer := app.want(t, row.path, row.cookie, 503)
		if answer.Header.Get("Retry-After") == "" || answer.Header["Set-Cookie"] != nil {
			t.Errorf("%s: header %v", row.name, answer.Header)
		}
	}
	server.Resume()
	redistest.Eventually(t, "Redis is back, and nothing is lost", func() bool { return app.get("/secret", cookie).StatusCode == 200 })
}

func TestInstancesServeEachOthersRequests(t *testing.T) {
	server := redistest.Start(t)
	requesttest.Requests(t, newManager(t, server), newManager(t, server))
}

func TestDatabaseAloneIsItsStore(t *testing.T) {
	server := redistest.Start(t)
	newInstance(t, server).begin(t, "/login")
	if fields := server.Do("HKEYS", server.Do("KEYS", "session:*")); fields != "born\n=authenticated" {
		t.Errorf("fields %q: want none that sessions.Database speaks of", fields)
	}
}

func TestIDIsNotInRedis(t *testing.T) {
	server := redistest.Start(t)
	manager := sessions.New(sessions.Config{Store: open(t, urlOf("", server), prefix())})
	w := httptest.NewRecorder()
	id := manager.Start(w, httptest.NewRequest("GET", "/", nil)).ID()
	if keys := server.Do("KEYS", "*"); keys == "" || strings.Contains(keys, id) || !strings.Contains(w.Header().Get("Set-Cookie"), id) {
		t.Errorf("the session of id %s has the keys %s", id, keys)
	}
}
