package iris_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/sessions"
)

// browser sends the cookies back that an app sets.
type browser struct {
	app     http.Handler
	cookies map[string]string
}

// newSessionApp returns an app with the routes that v6.2.0 was observed with, and
// /show.
func newSessionApp(setters ...iris.OptionSetter) (*iris.Framework, *logs, *browser) {
	app, logged := newApp(setters...)
	app.Adapt(sessions.New(sessions.Config{Cookie: "my_sessionid", RenewOn: []string{"authenticated"}}))
	app.Get("/secret", func(ctx *iris.Context) {
		if auth, _ := ctx.Session().GetBoolean("authenticated"); !auth {
			ctx.EmitError(iris.StatusForbidden)
			return
		}
		ctx.WriteString("The cake is a lie!")
	})
	app.Get("/login", func(ctx *iris.Context) { ctx.Session().Set("authenticated", true) })
	app.Get("/logout", func(ctx *iris.Context) { ctx.Session().Set("authenticated", false) })
	app.Get("/show", show)
	return app, logged, &browser{app, make(map[string]string)}
}

func (b *browser) get(path string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", path, nil)
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := answerTo(b.app, r)
	for _, c := range w.Result().Cookies() {
		if b.cookies[c.Name] = c.Value; c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		}
	}
	return w
}

// show writes what the session has.
func show(ctx *iris.Context) { ctx.Writef("%v", ctx.Session().GetAll()) }

func TestSessionIsSavedWithTheResponse(t *testing.T) {
	for _, row := range []struct {
		name   string
		after  func(*iris.Context)
		status int
		want   string // of the session that /begin has begun
	}{
		{"a success saves", func(ctx *iris.Context) {}, 200, "map[step:2]"},
		{"an error saves", func(ctx *iris.Context) { ctx.EmitError(403) }, 403, "map[step:2]"},
		{"a redirect saves", func(ctx *iris.Context) { ctx.Redirect("/show") }, 302, "map[step:2]"},
		{"a flush saves", func(ctx *iris.Context) { ctx.ResponseWriter.Flush() }, 200, "map[step:2]"},
		{"a panic does not save", func(ctx *iris.Context) { panic("oops") }, 500, "map[failed:true step:1]"},
		{"an abort does not save", func(ctx *iris.Context) { panic(http.ErrAbortHandler) }, 200, "map[step:1]"},
		{"a destroyed session is gone", func(ctx *iris.Context) { ctx.SessionDestroy() }, 200, "map[]"},
	} {
		t.Run(row.name, func(t *testing.T) {
			app, _, client := newSessionApp()
			app.OnError(500, func(ctx *iris.Context) { ctx.Session().Set("failed", true) })
			app.Get("/begin", func(ctx *iris.Context) { ctx.Session().Set("step", 1) })
			app.Get("/set", func(ctx *iris.Context) { ctx.Session().Set("step", 2); row.after(ctx) })
			client.get("/begin")
			kept := &browser{app, map[string]string{"my_sessionid": client.cookies["my_sessionid"]}}
			panicOf(func() { equal(t, "status", client.get("/set").Code, row.status) })
			wantAnswer(t, kept.get("/show"), 200, row.want)
			wantAnswer(t, (&browser{app, nil}).get("/show"), 200, "map[]") // another client's
		})
	}
}

// A reused Context has the next request's session.
func TestSessionDoesNotLeakThroughThePool(t *testing.T) {
	for _, row := range []struct {
		name  string
		first iris.HandlerFunc
	}{
		{"after a write", func(ctx *iris.Context) { ctx.Session().Set("secret", "s3cret") }},
		{"after a read", func(ctx *iris.Context) { ctx.Session().Get("secret") }},
		{"after a destroy", func(ctx *iris.Context) { ctx.Session().Set("secret", "s3cret"); ctx.SessionDestroy() }},
		{"after a flash message", func(ctx *iris.Context) { ctx.Session().SetFlash("secret", "s3cret") }},
		{"after a flush", func(ctx *iris.Context) { ctx.Session().Set("secret", "s3cret"); ctx.ResponseWriter.Flush() }},
		{"after an error", func(ctx *iris.Context) { ctx.Session().Set("secret", "s3cret"); ctx.EmitError(500) }},
	} {
		t.Run(row.name, func(t *testing.T) {
			app, _, owner := newSessionApp()
			var one, other *iris.Context
			app.Get("/begin", func(ctx *iris.Context) { ctx.Session().Set("secret", "older") })
			app.Get("/first", func(ctx *iris.Context) { one = ctx; row.first(ctx) })
			app.Get("/second", func(ctx *iris.Context) {
				other = ctx
				equal(t, "HasFlash()", ctx.Session().HasFlash(), false)
				show(ctx)
			})
			owner.get("/begin")
			var w *httptest.ResponseRecorder
			onOneContext(t, &one, &other, func() {
				owner.get("/first")
				w = (&browser{app, nil}).get("/second")
			})
			wantAnswer(t, w, 200, "map[]")
			equal(t, "cookies", fmt.Sprint(w.Result().Cookies()), "[]")
		})
	}
}
