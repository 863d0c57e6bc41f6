package sessions_test

import (
	"fmt"
	"io"
	"net/http/httptest"
	"sync"
	"testing"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/sessions"
)

// slow returns a handler that reads the session, waits until go, and then
// writes what it read under another name.
func slow(reading chan<- struct{}, go_ <-chan struct{}) iris.HandlerFunc {
	return func(ctx *iris.Context) {
		in, _ := ctx.Session().GetBoolean("authenticated")
		reading <- struct{}{}
		<-go_
		ctx.Session().Set("was in", in)
		ctx.Session().Set("name", "slow")
	}
}

func TestSlowRequestRevivesNoEndedSession(t *testing.T) {
	for name, end := range map[string]func(t *testing.T, app *iris.Framework, m sessions.Sessions, id string){
		"SessionDestroy": func(t *testing.T, app *iris.Framework, _ sessions.Sessions, id string) { get(t, app, "/destroy", id) },
		"DestroyByID":    func(_ *testing.T, _ *iris.Framework, m sessions.Sessions, id string) { m.DestroyByID(id) },
		"DestroyAll":     func(_ *testing.T, _ *iris.Framework, m sessions.Sessions, _ string) { m.DestroyAll() },
		"a renewal":      func(t *testing.T, app *iris.Framework, _ sessions.Sessions, id string) { get(t, app, "/logout", id) },
	} {
		t.Run(name, func(t *testing.T) {
			st := watch()
			manager := sessions.New(sessions.Config{Store: st, RenewOn: []string{"authenticated"}})
			reading, go_ := make(chan struct{}), make(chan struct{})
			app := server(manager, routes{"/slow": slow(reading, go_)})
			id := get(t, app, "/login", "").id(t)
			created := st.creates.Load()

			var wg sync.WaitGroup
			wg.Go(func() {
				a := get(t, app, "/slow", id)
				wantStatus(t, a, 200)
				wantNoCookie(t, a)
			})
			<-reading
			end(t, app, manager, id)
			close(go_)
			wg.Wait()

			wantStatus(t, get(t, app, "/secret", id), 403)
			wantBody(t, get(t, app, "/read", id), "")
			if n := st.creates.Load() - created; n != 0 {
				t.Errorf("%d sessions were created after the end", n)
			}
		})
	}
}

// Each of two logins at once moves the session on, so that nobody who knew the
// first new ID knows the last one.
func TestSecondOfTwoConcurrentLoginsRenewsAgain(t *testing.T) {
	waiting, go_ := make(chan struct{}), make(chan struct{})
	app := server(sessions.New(sessions.Config{RenewOn: []string{"authenticated"}}), routes{
		"/slow": func(ctx *iris.Context) {
			s := ctx.Session()
			waiting <- struct{}{}
			<-go_
			s.Set("authenticated", true)
		},
	})
	out := get(t, app, "/set?v=cart", "").id(t)
	var second string
	var wg sync.WaitGroup
	wg.Go(func() { second = get(t, app, "/slow", out).id(t) })
	<-waiting
	first := get(t, app, "/login", out).id(t)
	close(go_)
	wg.Wait()

	for _, dead := range []string{out, first} {
		wantStatus(t, get(t, app, "/secret", dead), 403)
	}
	wantStatus(t, get(t, app, "/secret", second), 200)
	wantBody(t, get(t, app, "/read", second), "cart")
}

// A request that read the session before another one renewed it still means that
// session: what it does counts as done just before the renewal.
func TestRenewKeepsConcurrentWrites(t *testing.T) {
	for _, row := range []struct {
		rule         string
		do           func(ctx *iris.Context)
		status       int    // of /secret under the last ID known
		name         string // in the session then
		renewedAgain bool
	}{
		{"a write", func(ctx *iris.Context) { ctx.Session().Set("name", "kept") }, 200, "kept", false},
		{"a logout", func(ctx *iris.Context) { ctx.Session().Set("authenticated", false) }, 403, "before", true},
		{"a destruction", func(ctx *iris.Context) { ctx.SessionDestroy() }, 403, "", false},
	} {
		t.Run(row.rule, func(t *testing.T) {
			waiting, go_ := make(chan struct{}), make(chan struct{})
			app := server(sessions.New(sessions.Config{RenewOn: []string{"authenticated", "role"}}), routes{
				"/role": func(ctx *iris.Context) { ctx.Session().Set("role", "admin") },
				"/slow": func(ctx *iris.Context) {
					ctx.Session()
					waiting <- struct{}{}
					<-go_
					row.do(ctx)
				},
			})
			old := get(t, app, "/login", get(t, app, "/set?v=before", "").id(t)).id(t)
			var slow answer
			var wg sync.WaitGroup
			wg.Go(func() { slow = get(t, app, "/slow", old) })
			<-waiting
			id := get(t, app, "/role", old).id(t)
			close(go_)
			wg.Wait()

			wantStatus(t, slow, 200)
			if row.renewedAgain {
				wantStatus(t, get(t, app, "/secret", id), 403)
				wantBody(t, get(t, app, "/read", id), "")
				id = slow.id(t)
			}
			wantStatus(t, get(t, app, "/secret", id), row.status)
			wantBody(t, get(t, app, "/read", id), row.name)
			wantStatus(t, get(t, app, "/secret", old), 403)
		})
	}
}

func TestConcurrentRequestsKeepBothWrites(t *testing.T) {
	reading, go_ := make(chan struct{}), make(chan struct{})
	app := server(sessions.New(sessions.Config{}), routes{"/slow": slow(reading, go_)})
	id := get(t, app, "/login", "").id(t)
	var wg sync.WaitGroup
	wg.Go(func() { get(t, app, "/slow", id) })
	<-reading
	get(t, app, "/logout", id)
	close(go_)
	wg.Wait()
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
