package iris_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"gopkg.in/kataras/iris.v6"
)

// newExample has the routes that v6.2.0 was observed with.
func newExample(setters ...iris.OptionSetter) (*iris.Framework, *logs, *browser) {
	app, logged, client := newSessionApp()
	app.Set(setters...)
	app.Get("/secret", func(ctx *iris.Context) {
		if auth, _ := ctx.Session().GetBoolean("authenticated"); !auth {
			ctx.EmitError(iris.StatusForbidden)
			return
		}
		ctx.WriteString("The cake is a lie!")
	})
	app.Get("/login", func(ctx *iris.Context) { ctx.Session().Set("authenticated", true) })
	app.Get("/logout", func(ctx *iris.Context) { ctx.Session().Set("authenticated", false) })
	return app, logged, client
}

// The tests of this file are the rows marked "keep" of the table of what v6.2.0
// was seen to do, over a connection; those of v6_differ_test.go the other rows.

func wantResponse(t *testing.T, app http.Handler, method, path string, status int, contentType, body string) *http.Response {
	t.Helper()
	server := listenTo(t, app)
	resp, got, err := get(t, server.Client(), method, server.URL+path)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "status", resp.StatusCode, status)
	equal(t, "Content-Type", resp.Header.Get("Content-Type"), contentType)
	equal(t, "body", got, body)
	return resp
}

// sniffedText is what net/http makes of a text without a declared type.
const sniffedText = "text/plain; charset=utf-8"

func TestV6KeepSecretWithoutACookieIs403(t *testing.T) {
	app, _, _ := newExample()
	resp := wantResponse(t, app, "GET", "/secret", 403, sniffedText, "Forbidden")
	equal(t, "Content-Length", resp.ContentLength, 9)
}

func TestV6KeepLoginIs200AndEmptyAndSetsAnHttpOnlyCookie(t *testing.T) {
	app, _, _ := newExample()
	resp := wantResponse(t, app, "GET", "/login", 200, "", "")
	equal(t, "Content-Length", resp.Header.Get("Content-Length"), "0")
	cookies := resp.Cookies()
	if len(cookies) != 1 || cookies[0].Name != "my_sessionid" || !cookies[0].HttpOnly || cookies[0].Path != "/" {
		t.Errorf("cookies: %v, want one my_sessionid, HttpOnly, for /", cookies)
	}
}

func TestV6KeepLogoutIs200AndEmptyThenSecretIs403(t *testing.T) {
	_, _, client := newExample()
	client.get("/login")
	wantAnswer(t, client.get("/secret"), 200, "The cake is a lie!")
	wantAnswer(t, client.get("/logout"), 200, "")
	wantAnswer(t, client.get("/secret"), 403, "Forbidden")
}

func TestV6KeepUnknownPathIs404(t *testing.T) {
	app, _, _ := newExample()
	wantResponse(t, app, "GET", "/nowhere", 404, sniffedText, "Not Found")
}

func TestV6KeepAnotherMethodIs404Or405(t *testing.T) {
	app, _, _ := newExample()
	wantResponse(t, app, "POST", "/login", 404, sniffedText, "Not Found")
	app, _, _ = newExample(iris.OptionFireMethodNotAllowed(true))
	wantResponse(t, app, "POST", "/login", 405, sniffedText, "Method Not Allowed")
	wantResponse(t, app, "POST", "/nowhere", 404, sniffedText, "Not Found")
}

func TestV6KeepTrailingSlashIs301ToTheRegisteredPath(t *testing.T) {
	app, _, _ := newExample()
	app.Get("/admin/", func(*iris.Context) {})
	for path, want := range map[string]string{"/login/": "/login", "/admin": "/admin/"} {
		w := answer(app, "GET", path)
		equal(t, "status of "+path, w.Code, 301)
		equal(t, "Location of "+path, w.Header().Get("Location"), want)
	}
}

func TestV6KeepEmitErrorHasTheStatusTextAsBody(t *testing.T) {
	app, _ := newApp()
	app.Get("/", func(ctx *iris.Context) { ctx.EmitError(418) })
	wantResponse(t, app, "GET", "/", 418, sniffedText, "I'm a teapot")
}

func TestV6KeepOnErrorAnswersForEmitError(t *testing.T) {
	app, _ := newApp()
	app.OnError(401, func(ctx *iris.Context) { ctx.WriteString("log in first") })
	app.Get("/", func(ctx *iris.Context) { ctx.EmitError(401) })
	wantResponse(t, app, "GET", "/", 401, sniffedText, "log in first")
}

func TestV6KeepJSONIsEscaped(t *testing.T) {
	app, _ := newApp()
	app.Get("/", func(ctx *iris.Context) { ctx.JSON(200, iris.Map{"a": 1, "b": "<x>"}) })
	wantResponse(t, app, "GET", "/", 200, "application/json; charset=UTF-8", `{"a":1,"b":"\u003cx\u003e"}`)
}

func TestV6KeepHTMLAndTextDeclareUTF8(t *testing.T) {
	app, _ := newApp()
	app.Get("/html", func(ctx *iris.Context) { ctx.HTML(200, "<b>") })
	app.Get("/text", func(ctx *iris.Context) { ctx.Text(200, "b") })
	wantResponse(t, app, "GET", "/html", 200, "text/html; charset=UTF-8", "<b>")
	wantResponse(t, app, "GET", "/text", 200, "text/plain; charset=UTF-8", "b")
}

func TestV6KeepWritefAndWriteStringAreSniffed(t *testing.T) {
	app, _ := newApp()
	app.Get("/writef", func(ctx *iris.Context) { ctx.Writef("%d", 7) })
	app.Get("/string", func(ctx *iris.Context) { ctx.WriteString("seven") })
	wantResponse(t, app, "GET", "/writef", 200, sniffedText, "7")
	wantResponse(t, app, "GET", "/string", 200, sniffedText, "seven")
}

func TestV6KeepRedirectIs302(t *testing.T) {
	app, _ := newApp()
	app.Get("/", func(ctx *iris.Context) { ctx.Redirect("/text") })
	w := answer(app, "GET", "/")
	equal(t, "status", w.Code, 302)
	equal(t, "Location", w.Header().Get("Location"), "/text")
}

func TestV6KeepPathParameters(t *testing.T) {
	app, _ := newApp()
	app.Get("/p/:name/*rest", func(ctx *iris.Context) {
		ctx.Writef("%s %s %s", ctx.Param("name"), ctx.Param("rest"), ctx.ParamsSentence())
	})
	wantAnswer(t, answer(app, "GET", "/p/ab/c/d"), 200, "ab /c/d name=ab,rest=/c/d")
}

func TestV6KeepToHandlersNextRunsTheNextHandler(t *testing.T) {
	app, _ := newApp()
	first := func(w http.ResponseWriter, r *http.Request, next http.HandlerFunc) {
		w.Write([]byte("first "))
		next(w, r)
	}
	app.Get("/", iris.ToHandler(first), func(ctx *iris.Context) { ctx.WriteString("second") })
	wantAnswer(t, answer(app, "GET", "/"), 200, "first second")
}

func TestV6KeepReadJSONOfABrokenBodyIsAnErrorForTheHandler(t *testing.T) {
	app, _ := newApp()
	app.Post("/", func(ctx *iris.Context) {
		if err := ctx.ReadJSON(new(iris.Map)); err != nil {
			ctx.Text(iris.StatusBadRequest, err.Error())
		}
	})
	w := httptest.NewRecorder()
	app.ServeHTTP(w, httptest.NewRequest("POST", "/", strings.NewReader("{")))
	wantAnswer(t, w, 400, "unexpected end of JSON input")
}

func TestV6KeepPartyRunsItsMiddlewareAndPathIsWhole(t *testing.T) {
	app, _ := newApp()
	party := app.Party("/admin", func(ctx *iris.Context) { ctx.WriteString("mw "); ctx.Next() })
	route := party.Get("/x", func(ctx *iris.Context) { ctx.WriteString(ctx.Path()) })
	wantAnswer(t, answer(app, "GET", "/admin/x"), 200, "mw /admin/x")
	equal(t, "Path() of the route", route.Path(), "/admin/x")
}

func TestV6KeepListenOnATakenPortExitsWithAMessage(t *testing.T) {
	taken := listener(t).Addr().String()
	server := start(t, "Listen", taken)
	server.ends()
	equal(t, "exit status", server.ProcessState.ExitCode(), 1)
	if message := server.stderr.String(); !strings.Contains(message, "listen tcp "+taken) {
		t.Errorf("message: %q", message)
	}
}
