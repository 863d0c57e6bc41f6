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

// The tests named TestV6Keep hold what v6.2.0 does and this module does too. Those
// named TestV6Differ hold what it does otherwise. Some are in other files. Tests of
// sessions alone are in adaptors/sessions.

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

// wireRow is a request over a network and its response.
type wireRow struct {
	rule, request     string // the method and the path
	status            int
	contentType, body string
	field             string // another header field: "Name: value"
}

func wantRows(t *testing.T, app http.Handler, rows []wireRow) {
	for _, row := range rows {
		t.Run(row.rule, func(t *testing.T) {
			resp, body := ask(t, app, row.request)
			equal(t, "status", resp.StatusCode, row.status)
			equal(t, "Content-Type", resp.Header.Get("Content-Type"), row.contentType)
			equal(t, "body", body, row.body)
			if name, value, ok := strings.Cut(row.field, ": "); ok {
				equal(t, name, resp.Header.Get(name), value)
			}
		})
	}
}

// sniffedText is the type that net/http gives to a text without a declared type.
const sniffedText = "text/plain; charset=utf-8"

func TestV6Keep(t *testing.T) {
	app, _, _ := newSessionApp()
	app.Get("/admin/", func(*iris.Context) {})
	app.Get("/418", func(ctx *iris.Context) { ctx.EmitError(418) })
	app.OnError(401, func(ctx *iris.Context) { ctx.WriteString("log in first") })
	app.Get("/401", func(ctx *iris.Context) { ctx.EmitError(401) })
	app.Get("/json", func(ctx *iris.Context) { ctx.JSON(200, iris.Map{"a": 1, "b": "<x>"}) })
	app.Get("/html", func(ctx *iris.Context) { ctx.HTML(200, "<b>") })
	app.Get("/text", func(ctx *iris.Context) { ctx.Text(200, "b") })
	app.Get("/writef", func(ctx *iris.Context) { ctx.Writef("%d", 7) })
	app.Get("/string", func(ctx *iris.Context) { ctx.WriteString("seven") })
	app.Get("/redirect", func(ctx *iris.Context) { ctx.Redirect("/text") })
	app.Get("/redirect/:status", func(ctx *iris.Context) {
		status, err := ctx.ParamInt("status")
		equal(t, "error", err, nil)
		ctx.Redirect("/text", status)
	})
	app.Get("/p/:name/*rest", func(ctx *iris.Context) {
		ctx.Writef("%s %s %s", ctx.Param("name"), ctx.Param("rest"), ctx.ParamsSentence())
	})
	first := func(w http.ResponseWriter, r *http.Request, next http.HandlerFunc) {
		w.Write([]byte("first "))
		next(w, r)
	}
	app.Get("/next", iris.ToHandler(first), func(ctx *iris.Context) { ctx.WriteString("second") })
	app.Post("/read", func(ctx *iris.Context) {
		if err := ctx.ReadJSON(new(iris.Map)); err != nil {
			ctx.Text(iris.StatusBadRequest, err.Error())
		}
	})
	party := app.Party("/party", func(ctx *iris.Context) { ctx.WriteString("mw "); ctx.Next() })
	party.Get("/x", func(ctx *iris.Context) { ctx.WriteString(ctx.Path()) })
	app.Get("/not-found", func(ctx *iris.Context) { ctx.NotFound(); ctx.Next() }, writes(", but"))
	app.Get("/panic", func(ctx *iris.Context) { ctx.Panic(); ctx.Next() }, writes(", but"))
	const html = "text/html; charset=utf-8" // of http.Redirect
	wantRows(t, app, []wireRow{
		{"secret without a cookie is 403", "GET /secret", 403, sniffedText, "Forbidden", "Content-Length: 9"},
		{"login is 200 and empty", "GET /login", 200, "", "", "Content-Length: 0"},
		{"an unknown path is 404", "GET /nowhere", 404, sniffedText, "Not Found", ""},
		{"another method is 404", "POST /login", 404, sniffedText, "Not Found", ""},
		{"a trailing slash too many is a 301", "GET /login/", 301, html, "<a href=\"/login\">Moved Permanently</a>.\n\n", "Location: /login"},
		{"a trailing slash too few is a 301", "GET /admin", 301, html, "<a href=\"/admin/\">Moved Permanently</a>.\n\n", "Location: /admin/"},
		{"EmitError has the status text as body", "GET /418", 418, sniffedText, "I'm a teapot", ""},
		{"OnError answers for EmitError", "GET /401", 401, sniffedText, "log in first", ""},
		{"JSON is escaped", "GET /json", 200, "application/json; charset=UTF-8", `{"a":1,"b":"\u003cx\u003e"}`, ""},
		{"HTML declares UTF-8", "GET /html", 200, "text/html; charset=UTF-8", "<b>", ""},
		{"Text declares UTF-8", "GET /text", 200, "text/plain; charset=UTF-8", "b", ""},
		{"Writef is sniffed", "GET /writef", 200, sniffedText, "7", ""},
		{"WriteString is sniffed", "GET /string", 200, sniffedText, "seven", ""},
		{"Redirect is a 302", "GET /redirect", 302, html, "<a href=\"/text\">Found</a>.\n\n", "Location: /text"},
		{"Redirect with the status 0 is a 302", "GET /redirect/0", 302, html, "<a href=\"/text\">Found</a>.\n\n", "Location: /text"},
		{"Redirect with a negative status is a 302", "GET /redirect/-1", 302, html, "<a href=\"/text\">Found</a>.\n\n", ""},
		{"path parameters", "GET /p/ab/c/d", 200, sniffedText, "ab /c/d name=ab,rest=/c/d", ""},
		{"next runs the next handler in ToHandler", "GET /next", 200, sniffedText, "first second", ""},
		{"ReadJSON returns an error to the handler", "POST /read", 400, "text/plain; charset=UTF-8", "unexpected end of JSON input", ""},
		{"Party runs its middleware, and Path is the whole path", "GET /party/x", 200, sniffedText, "mw /party/x", ""},
		{"NotFound does not stop the chain", "GET /not-found", 404, sniffedText, "Not Found, but", ""},
		{"Panic does not stop the chain", "GET /panic", 500, sniffedText, "Internal Server Error, but", ""},
	})
	app, _, _ = newSessionApp(iris.OptionFireMethodNotAllowed(true))
	wantRows(t, app, []wireRow{
		{"another method is 405 with FireMethodNotAllowed", "POST /login", 405, sniffedText, "Method Not Allowed", ""},
	})
}

func TestV6KeepLoginAndLogout(t *testing.T) {
	_, _, client := newSessionApp()
	login := client.get("/login")
	wantAnswer(t, login, 200, "")
	cookies := login.Result().Cookies()
	if len(cookies) != 1 || cookies[0].Name != "my_sessionid" || !cookies[0].HttpOnly || cookies[0].Path != "/" {
		t.Errorf("cookies: %v, want one my_sessionid, HttpOnly, for /", cookies)
	}
	wantAnswer(t, client.get("/secret"), 200, "The cake is a lie!")
	wantAnswer(t, client.get("/logout"), 200, "")
	wantAnswer(t, client.get("/secret"), 403, "Forbidden")
}

// Programs guard their pages so: the guard answers and then calls Next.
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
		t.Run(row.name, func(t *testing.T) {
			app, _ := newApp()
			ran, stopped := false, false
			app.None("/login", nil).ChangeName("login")
			app.UseFunc(func(ctx *iris.Context) {
				row.guard(ctx)
				stopped = ctx.IsStopped()
				ctx.Next()
			})
			app.OnError(402, (*iris.Context).Next)
			app.Get("/", func(*iris.Context) { ran = true })
			equal(t, "status", answer(app, "GET", "/").Code, row.status)
			equal(t, "IsStopped()", stopped, true)
			equal(t, "the guarded handler ran", ran, false)
		})
	}
}

// The getters of a session have their test in adaptors/sessions.
func TestV6KeepGetIntAndParamInt(t *testing.T) {
	for _, row := range []struct {
		name  string
		value interface{}
		want  int // -1 with an error
	}{
		{"an int", 42, 42},
		{"another numeric type is converted", int64(42), 42},
		{"a float without a fraction is converted", 42.0, 42},
		{"a decimal number in a string is converted", "42", 42},
		{"a negative number in a string is converted", "-7", -7},
		{"a word is -1 and an error", "seven", -1},
		{"a number with a letter is -1 and an error", "7x", -1},
		{"a hexadecimal number is -1 and an error", "0x7", -1},
		{"no value is -1 and an error", nil, -1},
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
	wantCalls(t, app, []call{
		{"elsewhere the root's handler answers", "GET /x", 404, "root"},
		{"the party's handler answers at the party's own path", "GET /admin", 404, "admin"},
		{"the party's handler answers below the party", "GET /admin/x", 404, "admin"},
		{"a path that only begins like the party's is elsewhere", "GET /administrator", 404, "root"},
		{"an inner party's handler wins, by its path before a parameter", "GET /admin/users/7/x", 404, "users"},
		{"a handler whose pattern matches wins", "GET /v1/x", 404, "old"},
		{"one matching pattern suffices", "GET /v2/x", 404, "old"},
		{"a party's pattern counts in the party", "GET /admin/x.jpg", 404, "picture"},
		{"a party's pattern does not count elsewhere", "GET /x.jpg", 404, "root"},
		{"the later of two handlers wins", "GET /403", 403, "second"},
		{"a request without a path gets the root's handler", "GET *", 404, "root"},
	})
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

func TestV6KeepTheLastAdaptedPolicyCounts(t *testing.T) {
	app, before := newApp()
	manager := sessions.New(sessions.Config{Cookie: "second"})
	app.Adapt(sessions.New(sessions.Config{Cookie: "first"}), manager)
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
		"dev: iris: a session manager was adapted again: the last one counts",
		"dev: iris: a router was adapted again: the last one counts",
		"dev: iris: a router was adapted again: the last one counts",
		"dev: iris: a logger was adapted again: the last one counts",
	}, "\n"))
}

func TestV6KeepParamsLenIsTheNumberOfStrings(t *testing.T) {
	var bare iris.Context
	equal(t, "ParamsLen() of nothing", bare.ParamsLen(), 0)
	bare.Set("name", "mia")
	bare.Set("n", 7)
	equal(t, "ParamsLen() of a string and an int", bare.ParamsLen(), 1)

	app, _ := newApp()
	app.UseFunc(func(ctx *iris.Context) { ctx.Set("user", "mia"); ctx.Next() })
	app.Get("/:a/*b", func(ctx *iris.Context) { ctx.Writef("%d %s", ctx.ParamsLen(), ctx.ParamsSentence()) })
	wantAnswer(t, answer(app, "GET", "/x/y"), 200, "3 a=x,b=/y,user=mia")
}

func TestV6KeepARemovedCookieIsGoneFromTheRequest(t *testing.T) {
	r := httptest.NewRequest("GET", "/", nil)
	r.Header["Cookie"] = []string{"a=1; ab=2;a=3", "a=4", `c={"x": 1}; a`}
	inspect(t, r, func(ctx *iris.Context) {
		ctx.RemoveCookie("a")
		equal(t, "GetCookie", ctx.GetCookie("a"), "")
		equal(t, "the others", strings.Join(r.Header["Cookie"], "|"), ` ab=2||c={"x": 1}`)
	})
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
	equal(t, "error of Must(nil)", got, nil)
	app.Must(fault)
	equal(t, "error", got, fault)
	logged.none(t)
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
	equal(t, "data", c.text, "20 °C")
	inspect(t, httptest.NewRequest("POST", "/", nil), func(ctx *iris.Context) {
		equal(t, "error", fmt.Sprint(ctx.ReadJSON(&c)), "no degrees")
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
	wantRows(t, app, []wireRow{{"over the wire", "GET /", 202, sniffedText, "written", "X-Word: one"}})
}
