package iris_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/httprouter"
	"gopkg.in/kataras/iris.v6/adaptors/sessions"
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
// was seen to do; those of v6_differ_test.go the other rows.

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

// guarded answers for a page behind a guard that runs guard and then calls Next.
func guarded(t *testing.T, guard iris.HandlerFunc, status int) {
	t.Helper()
	app, _ := newApp()
	ran, stopped := false, false
	app.None("/login", nil).ChangeName("login")
	app.UseFunc(func(ctx *iris.Context) {
		guard(ctx)
		stopped = ctx.IsStopped()
		ctx.Next()
	})
	app.OnError(402, (*iris.Context).Next)
	app.Get("/", func(*iris.Context) { ran = true })
	equal(t, "status", answer(app, "GET", "/").Code, status)
	equal(t, "IsStopped()", stopped, true)
	equal(t, "the guarded handler ran", ran, false)
}

func TestV6KeepTheChainStopsAt(t *testing.T) {
	for _, row := range []struct {
		name   string
		guard  iris.HandlerFunc
		status int
	}{
		{"EmitError", func(ctx *iris.Context) { ctx.EmitError(403) }, 403},
		{"EmitError whose handler calls Next", func(ctx *iris.Context) { ctx.EmitError(402) }, 402},
		{"Redirect", func(ctx *iris.Context) { ctx.Redirect("/login") }, 302},
		{"RedirectTo", func(ctx *iris.Context) { ctx.RedirectTo("login") }, 302},
		{"RedirectTo without such a route", func(ctx *iris.Context) { ctx.RedirectTo("nowhere") }, 500},
	} {
		t.Run(row.name, func(t *testing.T) { guarded(t, row.guard, row.status) })
	}
}

func TestV6KeepNotFoundAndPanicDoNotStopTheChain(t *testing.T) {
	app, _ := newApp()
	app.Get("/404", func(ctx *iris.Context) { ctx.NotFound(); ctx.Next() }, writes(", but"))
	app.Get("/500", func(ctx *iris.Context) { ctx.Panic(); ctx.Next() }, writes(", but"))
	wantAnswer(t, answer(app, "GET", "/404"), 404, "Not Found, but")
	wantAnswer(t, answer(app, "GET", "/500"), 500, "Internal Server Error, but")
}

// The getters of a session are tested in adaptors/sessions.
func TestV6KeepGetIntAndParamInt(t *testing.T) {
	for _, row := range []struct {
		name  string
		value interface{}
		want  int // -1 with an error
	}{
		{"of an int", 42, 42},
		{"of another numeric type are converted", int64(42), 42},
		{"of a float without a fraction are converted", 42.0, 42},
		{"of a decimal in a string are converted", "42", 42},
		{"of a word are -1 and an error", "seven", -1},
		{"of no value are -1 and an error", nil, -1},
	} {
		t.Run(row.name, func(t *testing.T) {
			var ctx iris.Context
			ctx.Set("n", row.value)
			for _, get := range []func(string) (int, error){ctx.GetInt, ctx.ParamInt} {
				n, err := get("n")
				equal(t, "number", n, row.want)
				equal(t, "there is an error", err != nil, row.want == -1)
			}
		})
	}
}

func TestV6KeepOnErrorOfAPartyIsForThePathsBelowIt(t *testing.T) {
	app, _ := newApp()
	admin := app.Party("/admin")
	admin.Party("/users/:id").OnError(404, writes("users"))
	admin.OnError(404, writes("admin"))
	admin.OnError(404, writes("picture"), `\.png$`, `\.jpg$`)
	app.OnError(404, writes("old"), "^/v1/", "^/v2/")
	app.OnError(404, writes("root"))
	app.OnError(403, writes("first"))
	app.OnError(403, writes("second"))
	app.Get("/403", func(ctx *iris.Context) { ctx.EmitError(403) })
	for _, row := range []struct {
		name, path string
		status     int
		body       string
	}{
		{"elsewhere the root's answers", "/x", 404, "root"},
		{"at the party's own path", "/admin", 404, "admin"},
		{"below it", "/admin/x", 404, "admin"},
		{"not if the path only begins like it", "/administrator", 404, "root"},
		{"an inner party's goes first, by its path before a parameter", "/admin/users/7/x", 404, "users"},
		{"a handler whose pattern matches goes first", "/v1/x", 404, "old"},
		{"any of the patterns", "/v2/x", 404, "old"},
		{"a party's patterns, in the party", "/admin/x.jpg", 404, "picture"},
		{"and not elsewhere", "/x.jpg", 404, "root"},
		{"of two the last one counts", "/403", 403, "second"},
	} {
		t.Run(row.name, func(t *testing.T) { wantAnswer(t, answer(app, "GET", row.path), row.status, row.body) })
	}
	equal(t, "of a request without a path", answer(app, "GET", "*").Body.String(), "root")
}

// wrapper returns a wrapper that records when it runs.
func wrapper(name string, got *trail) iris.RouterWrapperPolicy {
	return func(w http.ResponseWriter, r *http.Request, next http.HandlerFunc) {
		got.add(name + " in")
		next(w, r)
		got.add(name + " out")
	}
}

func TestV6KeepTheRouterWrapperAdaptedLastRunsFirst(t *testing.T) {
	var got trail
	app, _ := newApp()
	app.Adapt(wrapper("a", &got), iris.RouterWrapperPolicy(nil), wrapper("b", &got))
	app.Adapt(wrapper("c", &got))
	app.Get("/", func(*iris.Context) { got.add("handler") })
	answer(app, "GET", "/")
	got.want(t, "c in", "b in", "a in", "handler", "a out", "b out", "c out")
}

func TestV6KeepLastOfTwoAdaptedCounts(t *testing.T) {
	app, before := newApp()
	manager := sessions.New(sessions.Config{Cookie: "second"})
	app.Adapt(sessions.New(sessions.Config{Cookie: "first"}), manager, manager)
	app.Adapt(iris.RouterBuilderPolicy(func(iris.RouteRepository, iris.ContextPool) http.Handler { return nil }))
	app.Adapt(httprouter.New())
	logged := new(logs)
	app.Adapt(iris.LoggerPolicy(logged.add))
	app.Get("/", func(ctx *iris.Context) { ctx.Session().Set("a", 1) })
	cookies := answer(app, "GET", "/").Result().Cookies()
	if len(cookies) != 1 || cookies[0].Name != "second" {
		t.Errorf("cookies: %v, want one of the second session manager", cookies)
	}
	before.none(t)
	equal(t, "log records", strings.Join(logged.all(), "\n"), strings.Join([]string{
		"dev: iris: a logger was adapted 2 times: the last one counts",
		"dev: iris: a router was adapted 3 times: the last one counts",
		"dev: iris: a session manager was adapted 3 times: the last one counts",
	}, "\n"))
}

func TestV6KeepTheCookieIsIrissessionidByDefault(t *testing.T) {
	app, _ := newApp()
	app.Adapt(sessions.New(sessions.Config{}))
	app.Get("/", func(ctx *iris.Context) { ctx.Session().Set("a", 1) })
	cookies := answer(app, "GET", "/").Result().Cookies()
	if len(cookies) != 1 || cookies[0].Name != "irissessionid" {
		t.Errorf("cookies: %v, want one irissessionid", cookies)
	}
}

func TestV6KeepAFlashMessageIsThereForTheWholeRequestAndGoneAtTheNext(t *testing.T) {
	app, _, client := newSessionApp()
	app.Get("/set", func(ctx *iris.Context) { ctx.Session().SetFlash("note", "once") })
	app.Get("/get", func(ctx *iris.Context) {
		s := ctx.Session()
		ctx.Writef("%v %v %v", s.GetFlash("note"), s.GetFlash("note"), s.HasFlash())
	})
	client.get("/set")
	wantAnswer(t, client.get("/get"), 200, "once once true")
	wantAnswer(t, client.get("/get"), 200, "<nil> <nil> false")
}

func TestV6KeepParamsLenIsTheNumberOfStrings(t *testing.T) {
	var bare iris.Context
	equal(t, "ParamsLen() of nothing", bare.ParamsLen(), 0)
	bare.Set("name", "mia")
	bare.Set("n", 7)
	equal(t, "ParamsLen() of a string and an int", bare.ParamsLen(), 1)

	app, _ := newApp()
	app.UseFunc(func(ctx *iris.Context) { ctx.Set("user", "mia"); ctx.Next() })
	app.Get("/:a/*b", func(ctx *iris.Context) { ctx.Writef("%d", ctx.ParamsLen()) })
	wantAnswer(t, answer(app, "GET", "/x/y"), 200, "3")
}

func TestV6KeepACookieThatIsRemovedIsGoneFromTheRequest(t *testing.T) {
	r := httptest.NewRequest("GET", "/", nil)
	r.Header["Cookie"] = []string{"a=1; ab=2;a=3", "a=4", `c={"x": 1}; a`}
	inspect(t, r, func(ctx *iris.Context) {
		ctx.RemoveCookie("a")
		equal(t, "GetCookie", ctx.GetCookie("a"), "")
		equal(t, "the others", strings.Join(r.Header["Cookie"], "|"), ` ab=2||c={"x": 1}`)
	})
}

func TestV6KeepNoneWithANilHandlerRegistersTheRoute(t *testing.T) {
	app, _ := newApp()
	route := app.None("/user/:id", nil).ChangeName("user")
	equal(t, "IsOnline()", route.IsOnline(), false)
	equal(t, "Path()", app.Path("user", 7), "/user/7")
	equal(t, "status", answer(app, "GET", "/user/7").Code, 404)
}

func TestV6KeepTheEmptyMethodIsEveryMethod(t *testing.T) {
	app, _ := newApp()
	equal(t, "Method()", app.HandleFunc("", "/", func(ctx *iris.Context) { ctx.SetHeader("Ran", ctx.Method()) }).Method(), "GET")
	for _, method := range []string{"GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "CONNECT", "PATCH", "TRACE"} {
		equal(t, "it ran for", answer(app, method, "/").Header().Get("Ran"), method)
	}
}

func TestV6KeepRedirectWithoutAStatusIs302(t *testing.T) {
	for _, status := range []int{0, -1} {
		w := inspect(t, httptest.NewRequest("GET", "/", nil), func(ctx *iris.Context) { ctx.Redirect("/x", status) })
		equal(t, "status", w.Code, 302)
	}
}

func TestV6KeepMustHandsTheErrorToRecoverOrLogsIt(t *testing.T) {
	fault := errors.New("fault")
	app, logged := newApp()
	app.Must(nil)
	logged.none(t)
	app.Must(fault)
	equal(t, "log record", logged.one(t), "fault")

	var got error
	app, logged = newApp()
	app.Adapt(iris.EventPolicy{Recover: func(_ *iris.Framework, err error) { got = err }})
	app.Must(nil)
	equal(t, "what Recover got of nil", got, nil)
	app.Must(fault)
	equal(t, "what Recover got", got, fault)
	logged.none(t)
}

func TestV6KeepVHostAndVSchemeAreFilledInWhenAServerStarts(t *testing.T) {
	for _, row := range []struct {
		name    string
		options []iris.OptionSetter
		want    string // with ADDR for the address
	}{
		{"with the address", nil, "http ADDR"},
		{"unless they are set", []iris.OptionSetter{iris.OptionVHost("example.com"), iris.OptionVScheme("https")}, "https example.com"},
	} {
		t.Run(row.name, func(t *testing.T) {
			app, _ := newApp(row.options...)
			app.Get("/", func(ctx *iris.Context) { ctx.Writef("%s %s", app.Config.VScheme, app.Config.VHost) })
			addr, served := serving(t, app)
			_, body, err := get(t, over("tcp", addr.String()), "GET", "http://x/")
			equal(t, "error", err, nil)
			equal(t, "VScheme and VHost", body, strings.Replace(row.want, "ADDR", addr.String(), 1))
			shutdown(t, app, served)
		})
	}
}

// celsius decodes itself.
type celsius struct{ text string }

func (c *celsius) Decode(data []byte) error {
	if len(data) == 0 {
		return errors.New("no degrees")
	}
	c.text = string(data)
	return nil
}

func TestV6KeepReadJSONCallsDecode(t *testing.T) {
	var c celsius
	inspect(t, httptest.NewRequest("POST", "/", strings.NewReader("20 °C")), func(ctx *iris.Context) {
		equal(t, "error", ctx.ReadJSON(&c), nil)
	})
	equal(t, "what Decode got", c.text, "20 °C")
	inspect(t, httptest.NewRequest("POST", "/", nil), func(ctx *iris.Context) {
		if err := ctx.ReadJSON(&c); err == nil || err.Error() != "no degrees" {
			t.Errorf("error: %v, want Decode's", err)
		}
	})
}

func TestV6KeepARouterIsAnHTTPHandler(t *testing.T) {
	app, _ := newApp()
	app.Get("/", writes("served"))
	wantAnswer(t, answer(app.Router, "GET", "/"), 200, "served")
	wantAnswer(t, answer(app.Party("/party"), "GET", "/"), 200, "served")
}

func TestV6KeepUseAndDoneReturnTheRouter(t *testing.T) {
	app, _ := newApp()
	app.UseFunc(writes("a ")).Use(writes("b ")).Done(writes(" y")).DoneFunc(writes(" z")).Get("/", writes("handler"))
	wantAnswer(t, answer(app, "GET", "/"), 200, "a b handler y z")
}

func TestV6KeepAContextIsAResponseWriter(t *testing.T) {
	app, _, client := newSessionApp()
	app.Get("/", func(ctx *iris.Context) {
		ctx.Header().Set("X-Word", "one")
		ctx.WriteHeader(202)
		equal(t, "StatusCode()", ctx.StatusCode(), 202)
		equal(t, "error of SetWriteDeadline", http.NewResponseController(ctx).SetWriteDeadline(time.Now().Add(patience)), nil)
		fmt.Fprint(ctx, "written")
	})
	manager := sessions.New(sessions.Config{})
	app.Get("/session", func(ctx *iris.Context) {
		equal(t, "Start", manager.Start(ctx, ctx.Request), manager.Start(ctx, ctx.Request))
	})
	equal(t, "status", client.get("/session").Code, 200)
	resp := wantResponse(t, app, "GET", "/", 202, sniffedText, "written")
	equal(t, "X-Word", resp.Header.Get("X-Word"), "one")
}
