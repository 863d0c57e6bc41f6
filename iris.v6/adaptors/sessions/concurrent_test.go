package sessions_test

import (
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/sessions"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// during returns the route "/slow": its handler reads the session, others are
// served meanwhile, and then it does do.
func during(others func(), do func(ctx *iris.Context)) routes {
	return routes{"/slow": func(ctx *iris.Context) {
		ctx.Session().GetString("name")
		others()
		do(ctx)
	}}
}

// instance is the Store of another instance of the server, on the same sessions.
type instance struct{ store.Store }

func (instance) SetLimits(store.Limits) error { return nil }

func TestEndedSessionIsEndedOnEveryInstanceAndNotRevived(t *testing.T) {
	for _, row := range []struct {
		rule string
		end  func(app *iris.Framework, m sessions.Sessions, id string) error
	}{
		{"by the handler", func(app *iris.Framework, _ sessions.Sessions, id string) error {
			get(t, app, "/destroy", id)
			return nil
		}},
		{"by DestroyByID", func(_ *iris.Framework, m sessions.Sessions, id string) error { m.DestroyByID(id); return nil }},
		{"by DestroyAll", func(_ *iris.Framework, m sessions.Sessions, _ string) error { m.DestroyAll(); return nil }},
		{"by DestroyByKey", func(_ *iris.Framework, m sessions.Sessions, id string) error {
			return m.DestroyByKey(sha256.Sum256([]byte(id)))
		}},
		{"by DestroyAllSessions", func(_ *iris.Framework, m sessions.Sessions, _ string) error { return m.DestroyAllSessions() }},
	} {
		t.Run(row.rule, func(t *testing.T) {
			st, id, told := watch(), "", 0
			here := sessions.New(sessions.Config{Store: st})
			app := server(here)
			there := server(sessions.New(sessions.Config{
				Store: instance{st}, RenewOn: []string{"user"}, OnRenew: func(*http.Request, sessions.Renewal) { told++ },
			}), during(func() {
				if err := row.end(app, here, id); err != nil {
					t.Error(err)
				}
				st.calls = nil
			}, func(ctx *iris.Context) {
				ctx.Session().Set("name", "late")
				ctx.Session().Set("user", "mia")
				ctx.ResponseWriter.Flush()
				ctx.Session().Set("name", "later still")
			}))
			id = get(t, there, "/login", "").id(t)
			wantStatus(t, get(t, app, "/secret", id), 200)

			a := get(t, there, "/slow", id)
			wantStatus(t, a, 200)
			wantNoCookie(t, a)
			st.want(t, "the late writes", "Renew")
			if told != 0 {
				t.Errorf("OnRenew is told %d times of a change that was dropped", told)
			}
			for _, app := range []*iris.Framework{app, there} {
				wantStatus(t, get(t, app, "/secret", id), 403)
				wantBody(t, get(t, app, "/read", id), "")
			}
		})
	}
}

// A request that read the session before another one renewed it still means that
// session: its writes are in the session under the new ID.
func TestRenewKeepsConcurrentWrites(t *testing.T) {
	for _, row := range []struct {
		rule   string
		do     func(ctx *iris.Context)
		status int    // of /secret under the new ID
		name   string // in the session then
		told   int    // how often OnRenew is called
	}{
		{"a write", func(ctx *iris.Context) { ctx.Session().Set("name", "kept") }, 200, "kept", 0},
		{"a logout", func(ctx *iris.Context) { ctx.Session().Set("authenticated", false) }, 403, "before", 1},
		{"a destruction", func(ctx *iris.Context) { ctx.SessionDestroy() }, 403, "", 0},
	} {
		t.Run(row.rule, func(t *testing.T) {
			var app *iris.Framework
			var old, id string
			var told []sessions.Renewal
			onRenew := func(_ *http.Request, r sessions.Renewal) { told = append(told, r) }
			app = server(sessions.New(sessions.Config{RenewOn: []string{"authenticated", "role"}, OnRenew: onRenew}),
				routes{"/role": func(ctx *iris.Context) { ctx.Session().Set("role", "admin") }},
				during(func() { id = get(t, app, "/role", old).id(t); told = nil }, row.do))
			old = get(t, app, "/login", get(t, app, "/set?v=before", "").id(t)).id(t)
			slow := get(t, app, "/slow", old)
			wantStatus(t, slow, 200)
			if row.name != "" && slow.header.Get("Set-Cookie") != "" {
				t.Error("the response has the ID of a session that another request has renewed")
			}
			wantStatus(t, get(t, app, "/secret", id), row.status)
			wantBody(t, get(t, app, "/read", id), row.name)
			wantStatus(t, get(t, app, "/secret", old), 403)
			wantBody(t, get(t, app, "/read", old), "")
			if len(told) != row.told || row.told > 0 && (told[0].Old != sha256.Sum256([]byte(id)) || told[0].New != told[0].Old) {
				t.Errorf("OnRenew is told %v, want %d renewals of the key that the session has", told, row.told)
			}
		})
	}
}

// Of two logins at once in a session, one may be that of an attacker who knew its ID.
func TestTwoLoginsAtOnceShareNoSession(t *testing.T) {
	var app *iris.Framework
	var old, first string
	var told []sessions.Renewal
	user := func(name string) iris.HandlerFunc {
		return func(ctx *iris.Context) { ctx.Session().Set("name", name); ctx.Session().Set("user", name) }
	}
	app = server(sessions.New(sessions.Config{
		RenewOn: []string{"user"}, OnRenew: func(_ *http.Request, r sessions.Renewal) { told = append(told, r) },
	}), routes{
		"/first": user("eve"),
		"/user": func(ctx *iris.Context) {
			fmt.Fprint(ctx, ctx.Session().GetString("user"), ctx.Session().Get("authenticated"))
		},
	}, during(func() { first = get(t, app, "/first", old).id(t) }, user("mia")))
	old = get(t, app, "/login", "").id(t)
	second := get(t, app, "/slow", old).id(t)
	wantBody(t, get(t, app, "/user", first), "evetrue")
	wantBody(t, get(t, app, "/user", second), "mia<nil>")
	wantBody(t, get(t, app, "/user", old), "<nil>")
	want := sessions.Renewal{New: sha256.Sum256([]byte(second)), Name: "user", After: "mia"}
	if len(told) != 2 || told[1] != want {
		t.Errorf("OnRenew is told %v, want the last to be %v", told, want)
	}
}

func TestConcurrentRequestsKeepBothWrites(t *testing.T) {
	var app *iris.Framework
	id := ""
	app = server(sessions.New(sessions.Config{}), during(func() { get(t, app, "/logout", id) },
		func(ctx *iris.Context) { ctx.Session().Set("name", "slow") }))
	id = get(t, app, "/login", "").id(t)
	get(t, app, "/slow", id)
	wantBody(t, get(t, app, "/read", id), "slow")
	wantStatus(t, get(t, app, "/secret", id), 403)
}

func TestSessionIsSafeForConcurrentUse(t *testing.T) {
	app := server(sessions.New(sessions.Config{RenewOn: []string{"3"}}), routes{
		"/many": func(ctx *iris.Context) {
			s := ctx.Session()
			var wg sync.WaitGroup
			for i := range 8 {
				wg.Go(func() {
					key := fmt.Sprint(i)
					s.Set(key, i)
					s.SetFlash(key, i)
					if n, err := s.GetInt(key); n != i || err != nil {
						t.Errorf("GetInt(%s): %d, %v", key, n, err)
					}
					s.VisitAll(func(string, interface{}) {})
					s.GetAll()
					s.ID()
					if i%2 == 0 {
						s.Delete(key)
					}
					ctx.ResponseWriter.StatusCode()
				})
			}
			wg.Wait()
		},
		"/all": func(ctx *iris.Context) { ctx.Writef("%v", ctx.Session().GetAll()) },
	})
	id := get(t, app, "/many", "").id(t)
	wantBody(t, get(t, app, "/all", id), "map[1:1 3:3 5:5 7:7]")
}

func TestConcurrentRequestsInOneSession(t *testing.T) {
	app := server(sessions.New(sessions.Config{}), routes{
		"/put": func(ctx *iris.Context) { ctx.Session().Set(ctx.URLParam("k"), true) },
		"/n":   func(ctx *iris.Context) { ctx.Writef("%d", len(ctx.Session().GetAll())) },
	})
	id := get(t, app, "/id", "").id(t)
	var wg sync.WaitGroup
	for i := range 32 {
		wg.Go(func() {
			get(t, app, "/n", id)
			wantNoCookie(t, get(t, app, fmt.Sprintf("/put?k=%d", i), id))
		})
	}
	wg.Wait()
	wantBody(t, get(t, app, "/n", id), "32")
}

// TestGoroutinesMayWriteWhileResponseLeaves needs the race detector, and a
// real server, which has the header to itself from some moment on.
func TestGoroutinesMayWriteWhileResponseLeaves(t *testing.T) {
	app := server(sessions.New(sessions.Config{}), routes{
		"/": func(ctx *iris.Context) {
			s := ctx.Session()
			var wg sync.WaitGroup
			for i := range 4 {
				wg.Go(func() { s.Set(fmt.Sprint(i), i) })
			}
			ctx.Write(make([]byte, 9000))
			wg.Wait()
			if n := len(s.GetAll()); n != 4 {
				t.Errorf("%d values, want 4", n)
			}
		},
	})
	logged(app)
	s := httptest.NewServer(app)
	defer s.Close()
	for range 200 {
		resp, err := s.Client().Get(s.URL)
		if err != nil {
			t.Fatal(err)
		}
		if n, err := io.Copy(io.Discard, resp.Body); n != 9000 || err != nil {
			t.Fatalf("body of %d bytes, %v", n, err)
		}
		resp.Body.Close()
	}
}
