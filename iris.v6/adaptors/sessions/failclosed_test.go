package sessions_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/sessions"
)

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

func TestFailingStoreGives503AndLosesNothing(t *testing.T) {
	st := watch()
	app := server(sessions.New(sessions.Config{Store: st, RenewOn: []string{"authenticated"}}), routes{
		"/answers": func(ctx *iris.Context) {
			ctx.Session()
			ctx.SetHeader("Content-Length", "5")
			ctx.Text(200, "whole")
		},
		"/untouched": func(ctx *iris.Context) { ctx.WriteString("fine") },
	})
	logged(app)
	id := get(t, app, "/login", "").id(t)

	st.failing.Store(true)
	for _, row := range []struct{ rule, path, id string }{
		{"a read that fails is not logged out", "/secret", id},
		{"other paths too", "/answers", id},
		{"a login that fails", "/login", ""},
		{"a login in a session that cannot be read", "/login", id},
		{"a logout that fails", "/logout", id},
		{"a destruction that fails", "/destroy", id},
	} {
		t.Run(row.rule, func(t *testing.T) {
			a := get(t, app, row.path, row.id)
			wantStatus(t, a, 503)
			wantBody(t, a, "Service Unavailable")
			wantNoCookie(t, a)
			if a.header.Get("Retry-After") == "" || a.header.Get("Content-Length") != "" {
				t.Errorf("header %v", a.header)
			}
		})
	}
	wantBody(t, get(t, app, "/untouched", id), "fine")

	st.failing.Store(false)
	wantStatus(t, get(t, app, "/secret", id), 200)
}

func TestFailingWriteAfterReadGives503(t *testing.T) {
	st := watch()
	app := server(sessions.New(sessions.Config{Store: st}), routes{
		"/break": func(ctx *iris.Context) {
			ctx.Session().Set("name", "lost")
			st.failing.Store(true)
			ctx.WriteString("as if")
		},
	})
	logged(app)
	id := get(t, app, "/set?v=kept", "").id(t)
	a := get(t, app, "/break", id)
	wantStatus(t, a, 503)
	wantBody(t, a, "Service Unavailable")

	st.failing.Store(false)
	wantBody(t, get(t, app, "/read", id), "kept")
}

func TestFailureAfterResponseBeganCutsConnection(t *testing.T) {
	for rule, late := range map[string]func(ctx *iris.Context, s iris.Session){
		"a write": func(_ *iris.Context, s iris.Session) { s.Set("name", "lost") },
		"a write from another goroutine, which goes on": func(_ *iris.Context, s iris.Session) {
			var others sync.WaitGroup
			others.Go(func() { s.Set("name", "lost"); s.Set("name", "lost, too") })
			others.Wait()
		},
		"a logout":               func(ctx *iris.Context, _ iris.Session) { ctx.SessionDestroy() },
		"a read that comes late": nil,
	} {
		t.Run(rule, func(t *testing.T) {
			st := watch()
			done := false
			app := server(sessions.New(sessions.Config{Store: st}), routes{
				"/late": func(ctx *iris.Context) {
					var s iris.Session
					if late != nil {
						s = ctx.Session()
					}
					ctx.WriteString("a part")
					ctx.ResponseWriter.Flush()
					st.failing.Store(true)
					if late == nil {
						ctx.Session()
					} else {
						late(ctx, s)
					}
					done = true
				},
			})
			records := logged(app)
			id := get(t, app, "/set?v=kept", "").id(t)
			cause := func() (cause any) {
				defer func() { cause = recover() }()
				get(t, app, "/late", id)
				return nil
			}()
			if cause != http.ErrAbortHandler || !done || len(*records) != 1 {
				t.Errorf("the response ends by %v, the handler is done: %v, records: %q; want http.ErrAbortHandler, true and one", cause, done, *records)
			}
			st.failing.Store(false)
			wantBody(t, get(t, app, "/read", id), "kept")
		})
	}
}

func TestFailuresAreLoggedOncePerSecondWithoutIDs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := watch()
		app := server(sessions.New(sessions.Config{Store: st}))
		records := logged(app)
		id := get(t, app, "/login", "").id(t)
		st.failing.Store(true)
		for range 10 {
			get(t, app, "/secret", id)
		}
		<-time.After(time.Second)
		get(t, app, "/secret", id)

		if n := len(*records); n != 2 {
			t.Fatalf("%d records, want 2: %q", n, *records)
		}
		for _, r := range *records {
			if !strings.Contains(r, errDown.Error()) || strings.Contains(r, id[:6]) || strings.Contains(r, "\n") {
				t.Errorf("record %q", r)
			}
		}
		if second := (*records)[1]; !strings.Contains(second, "9 more") {
			t.Errorf("the second record does not say that 9 were suppressed: %q", second)
		}
	})
}

func TestFailingDestroyByIDIsLogged(t *testing.T) {
	st := watch()
	manager := sessions.New(sessions.Config{Store: st})
	app := server(manager)
	records := logged(app)
	id := get(t, app, "/login", "").id(t)
	st.failing.Store(true)
	manager.DestroyByID(id)
	if len(*records) != 1 || strings.Contains((*records)[0], id) {
		t.Errorf("records %q, want one, without the id", *records)
	}
}

func TestPanickingHandlerSavesNothing(t *testing.T) {
	app := server(sessions.New(sessions.Config{}), routes{
		"/panic": func(ctx *iris.Context) {
			ctx.Session().Set("authenticated", true)
			ctx.SetHeader("Cache-Control", "max-age=60") // of the page, and not of the 500
			panic("halfway")
		},
	})
	logged(app)
	id := get(t, app, "/set?v=x", "").id(t)
	a := get(t, app, "/panic", id)
	wantStatus(t, a, 500)
	if got := a.header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control %q", got)
	}
	wantStatus(t, get(t, app, "/secret", id), 403)
	wantBody(t, get(t, app, "/read", id), "x")
	wantNoCookie(t, get(t, app, "/panic", ""))
}
