package iris_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"gopkg.in/kataras/iris.v6"
)

func TestV6Differ(t *testing.T) {
	app, logged, _ := newSessionApp(iris.OptionFireMethodNotAllowed(true))
	app.Get("/partial", func(ctx *iris.Context) { ctx.WriteString("partial"); ctx.EmitError(500) })
	app.Get("/panic", func(*iris.Context) { panic("oops") })
	after := func(ctx *iris.Context) { ctx.SetStatusCode(202); ctx.SetContentType("text/csv") }
	app.Get("/late", func(ctx *iris.Context) { ctx.WriteString("a,b"); after(ctx) })
	app.Get("/flushed", func(ctx *iris.Context) { ctx.WriteString("a,b"); ctx.Flush(); after(ctx) })
	app.Get("/twice", func(ctx *iris.Context) { ctx.SetHeader("X-Word", "first"); ctx.SetHeader("X-Word", "second") })
	app.Party("/before").Get("/", writes("before "))
	app.DoneFunc(writes("done"))
	app.Party("/after").Get("/", writes("after "))
	app.Party("/api").Get("users", writes("users "))
	app.Party("/api/").Get("/teams", writes("teams "))
	const html = "text/html; charset=utf-8" // of http.Redirect
	wantRows(t, app, []wireRow{
		{"secret without a cookie sets none", "GET /secret", 403, sniffedText, "Forbidden", "Set-Cookie: "},
		{"a 405 has Allow", "DELETE /login", 405, sniffedText, "Method Not Allowed", "Allow: GET, HEAD"},
		{"an unknown path is 404 with FireMethodNotAllowed", "POST /nowhere", 404, sniffedText, "Not Found", ""},
		{"a slash redirect has one body and keeps the query", "GET /login/?next=/a/", 301, html,
			"<a href=\"/login?next=/a/\">Moved Permanently</a>.\n\n", "Location: /login?next=/a/"},
		{"EmitError replaces a partial body", "GET /partial", 500, sniffedText, "Internal Server Error", ""},
		{"a panic is 500", "GET /panic", 500, sniffedText, "Internal Server Error", ""},
		{"status and type count after a write", "GET /late", 202, "text/csv", "a,b", ""},
		{"status and type do not count after a flush", "GET /flushed", 200, sniffedText, "a,b", ""},
		{"SetHeader sets", "GET /twice", 200, "", "", "X-Word: second"},
		{"Done on the root is for earlier parties", "GET /before/", 200, sniffedText, "before done", ""},
		{"Done on the root is for later parties", "GET /after/", 200, sniffedText, "after done", ""},
		{"a slash is put between the paths of a party and its route", "GET /api/users", 200, sniffedText, "users done", ""},
		{"a party's path and its route's have one slash between them", "GET /api/teams", 200, sniffedText, "teams done", ""},
	})
	if message := logged.one(t); !strings.Contains(message, "oops") || !strings.Contains(message, "goroutine ") {
		t.Errorf("log record of the panic: %q", message)
	}
}

func TestV6DifferHeadLoginRunsTheGetHandlers(t *testing.T) {
	app, _, _ := newSessionApp()
	w := answer(app, "HEAD", "/login")
	equal(t, "status", w.Code, 200)
	cookies := w.Result().Cookies()
	if len(cookies) != 1 {
		t.Fatalf("cookies: %v, want one", cookies)
	}
	client := &browser{app, map[string]string{cookies[0].Name: cookies[0].Value}}
	wantAnswer(t, client.get("/secret"), 200, "The cake is a lie!")
}

func TestV6DifferSettingNilInASessionDeletesTheKey(t *testing.T) {
	app, _, client := newSessionApp()
	app.Get("/set", func(ctx *iris.Context) { ctx.Session().Set("a", 1); ctx.Session().Set("b", 2) })
	app.Get("/nil", func(ctx *iris.Context) { ctx.Session().Set("a", nil); show(ctx) })
	client.get("/set")
	wantAnswer(t, client.get("/nil"), 200, "map[b:2]")
	wantAnswer(t, client.get("/show"), 200, "map[b:2]")
}

func TestV6DifferReadJSONIntoNoPointerIsAnError(t *testing.T) {
	inspect(t, httptest.NewRequest("POST", "/", strings.NewReader(`{"a": 1}`)), func(ctx *iris.Context) {
		if err := ctx.ReadJSON(iris.Map{}); err == nil {
			t.Error("there is no error")
		}
	})
}

func TestV6DifferSetCookieKVIsForTheWholeHostAndSecureLikeTheSessionsCookie(t *testing.T) {
	for _, row := range []struct {
		name, target string
		session      bool // the session manager says Secure
		secure       bool
	}{
		{"over plain HTTP it is not Secure", "http://x/a/b", false, false},
		{"over TLS it is Secure", "https://x/a/b", false, true},
		{"over plain HTTP it is Secure if the session's cookie is", "http://x/a/b", true, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			app, _ := newApp()
			app.Adapt(iris.SessionsPolicy{
				Start:   func(http.ResponseWriter, *http.Request) iris.Session { return nil },
				Destroy: func(http.ResponseWriter, *http.Request) {},
				Secure:  row.session,
			})
			app.Get("/a/b", func(ctx *iris.Context) { ctx.SetCookieKV("a", "1"); ctx.RemoveCookie("b") })
			cookies := strings.Join(answer(app, "GET", row.target).Header()["Set-Cookie"], "\n")
			secure := ""
			if row.secure {
				secure = "; Secure"
			}
			equal(t, "cookies", cookies, "a=1; Path=/; Max-Age=7200; HttpOnly"+secure+"; SameSite=Lax\n"+
				"b=; Path=/; Max-Age=0; HttpOnly"+secure+"; SameSite=Lax")
		})
	}
}

func TestV6DifferRedirectToIsRelative(t *testing.T) {
	app, _ := newApp(iris.OptionVHost("example.com"), iris.OptionVScheme("https"))
	app.None("/user/:id", nil).ChangeName("user")
	app.Get("/", func(ctx *iris.Context) { ctx.RedirectTo("user", "a b") })
	w := answer(app, "GET", "/")
	equal(t, "status", w.Code, 302)
	equal(t, "Location", w.Header().Get("Location"), "/user/a%20b")
}
