package iris_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/sessions"
)

// browser keeps the cookies that an app sets.
type browser struct {
	app     http.Handler
	cookies map[string]string
}

func newSessionApp() (*iris.Framework, *logs, *browser) {
	app, logged := newApp()
	app.Adapt(sessions.New(sessions.Config{Cookie: "my_sessionid", RenewOn: []string{"authenticated"}}))
	return app, logged, &browser{app, make(map[string]string)}
}

func (b *browser) get(path string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", path, nil)
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	b.app.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if b.cookies[c.Name] = c.Value; c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		}
	}
	return w
}

// show writes what the session has.
func show(ctx *iris.Context) { ctx.Writef("%v", ctx.Session().GetAll()) }

func TestSessionLivesFromRequestToRequest(t *testing.T) {
	app, _, client := newSessionApp()
	app.Get("/set", func(ctx *iris.Context) {
		ctx.Session().Set("name", "mia")
		equal(t, "GetString in the same request", ctx.Session().GetString("name"), "mia")
	})
	app.Get("/show", show)
	app.Get("/destroy", func(ctx *iris.Context) { ctx.SessionDestroy() })
	wantAnswer(t, client.get("/show"), 200, "map[]")
	wantAnswer(t, client.get("/set"), 200, "")
	wantAnswer(t, client.get("/show"), 200, "map[name:mia]")
	wantAnswer(t, (&browser{app, nil}).get("/show"), 200, "map[]")
	old := &browser{app, map[string]string{"my_sessionid": client.cookies["my_sessionid"]}}
	wantAnswer(t, client.get("/destroy"), 200, "")
	wantAnswer(t, client.get("/show"), 200, "map[]")
	wantAnswer(t, old.get("/show"), 200, "map[]")
}

func TestSessionIsSavedWithTheResponse(t *testing.T) {
	for name, test := range map[string]struct {
		after  func(*iris.Context)
		status int
		saved  bool
	}{
		"with a success":        {func(ctx *iris.Context) {}, 200, true},
		"with an error":         {func(ctx *iris.Context) { ctx.EmitError(403) }, 403, true},
		"with a redirect":       {func(ctx *iris.Context) { ctx.Redirect("/show") }, 302, true},
		"with a flush":          {func(ctx *iris.Context) { ctx.ResponseWriter.Flush() }, 200, true},
		"but not after a panic": {func(ctx *iris.Context) { panic("oops") }, 500, false},
		"not if it is aborted":  {func(ctx *iris.Context) { panic(http.ErrAbortHandler) }, 200, false},
		"not if it is ended":    {func(ctx *iris.Context) { ctx.SessionDestroy() }, 200, false},
	} {
		t.Run(name, func(t *testing.T) {
			app, _, client := newSessionApp()
			app.Get("/begin", func(ctx *iris.Context) { ctx.Session().Set("step", 1) })
			app.Get("/set", func(ctx *iris.Context) { ctx.Session().Set("step", 2); test.after(ctx) })
			app.Get("/show", func(ctx *iris.Context) { ctx.Writef("%v", ctx.Session().Get("step")) })
			client.get("/begin")
			kept := &browser{app, map[string]string{"my_sessionid": client.cookies["my_sessionid"]}}
			panicOf(func() { equal(t, "status", client.get("/set").Code, test.status) })
			got := kept.get("/show").Body.String()
			equal(t, "saved", got == "2", test.saved)
		})
	}
}

func TestSessionInAnErrorHandler(t *testing.T) {
	app, _, client := newSessionApp()
	app.OnError(500, func(ctx *iris.Context) { ctx.Session().Set("failed", true) })
	app.Get("/panic", func(ctx *iris.Context) { ctx.Session().Set("half", "done"); panic("oops") })
	app.Get("/show", show)
	equal(t, "status", client.get("/panic").Code, 500)
	wantAnswer(t, client.get("/show"), 200, "map[failed:true]")
}

// The session of a Context that is used again is another one.
func TestSessionDoesNotLeakThroughThePool(t *testing.T) {
	for name, first := range map[string]func(ctx *iris.Context){
		"after a write":   func(ctx *iris.Context) { ctx.Session().Set("secret", "s3cret") },
		"after a read":    func(ctx *iris.Context) { ctx.Session().Get("secret") },
		"after a destroy": func(ctx *iris.Context) { ctx.Session().Set("secret", "s3cret"); ctx.SessionDestroy() },
		"after a flash":   func(ctx *iris.Context) { ctx.Session().SetFlash("secret", "s3cret") },
		"after a flush":   func(ctx *iris.Context) { ctx.Session().Set("secret", "s3cret"); ctx.ResponseWriter.Flush() },
		"after an error":  func(ctx *iris.Context) { ctx.Session().Set("secret", "s3cret"); ctx.EmitError(500) },
	} {
		t.Run(name, func(t *testing.T) {
			app, _, owner := newSessionApp()
			var one, other *iris.Context
			app.Get("/begin", func(ctx *iris.Context) { ctx.Session().Set("secret", "older") })
			app.Get("/first", func(ctx *iris.Context) { one = ctx; first(ctx) })
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
