package memory_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/httprouter"
	"gopkg.in/kataras/iris.v6/adaptors/sessions"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/memory"
	"gopkg.in/kataras/iris.v6/internal/requesttest"
)

func TestStoreKeepsWhatRequestsSet(t *testing.T) {
	manager := sessions.New(sessions.Config{Store: memory.New()})
	requesttest.Requests(t, manager, manager)
}

// TestLoginSucceedsAfterFlood floods a server with twice as many sessions as fit,
// each presented once, while a user is active.
func TestLoginSucceedsAfterFlood(t *testing.T) {
	const most, idle = 2000, time.Hour
	for _, row := range []struct {
		name, path string
		wait       time.Duration
	}{
		{"of visitors at once", "/visit", 0},
		{"of logins after a tenth of the idle limit", "/login", idle / 10},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				app := iris.New()
				app.Adapt(httprouter.New(), sessions.New(sessions.Config{
					Store: memory.New(), IdleTimeout: idle, MaxSessions: most, RenewOn: []string{"authenticated"},
				}))
				set := func(key string) iris.HandlerFunc {
					return func(ctx *iris.Context) { ctx.Session().Set(key, true) }
				}
				app.Get("/login", set("authenticated"))
				app.Get("/visit", set("visited"))
				app.Get("/secret", func(ctx *iris.Context) {
					if in, _ := ctx.Session().GetBoolean("authenticated"); !in {
						ctx.EmitError(iris.StatusForbidden)
					}
				})
				get := func(path, cookie string) (status int, setCookie string) {
					r, w := httptest.NewRequest("GET", path, nil), httptest.NewRecorder()
					r.Header.Set("Cookie", cookie)
					app.ServeHTTP(w, r)
					setCookie, _, _ = strings.Cut(w.Header().Get("Set-Cookie"), ";")
					return w.Code, setCookie
				}
				want := func(path, cookie string, want int) {
					t.Helper()
					if got, _ := get(path, cookie); got != want {
						t.Errorf("%s after %v: %d, want %d", path, row.wait, got, want)
					}
				}

				_, user := get("/login", "")
				want("/secret", user, http.StatusOK)
				for range 2 * most {
					_, cookie := get(row.path, "")
					get("/secret", cookie)
				}
				if row.wait > 0 {
					want("/login", "", http.StatusServiceUnavailable)
				}
				<-time.After(row.wait)
				want("/secret", user, http.StatusOK)
				want("/login", "", http.StatusOK)
			})
		})
	}
}
