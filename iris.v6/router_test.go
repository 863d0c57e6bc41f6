package iris_test

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gopkg.in/kataras/iris.v6"
)

// writes returns a handler that writes s and runs the next one.
func writes(s string) iris.HandlerFunc {
	return func(ctx *iris.Context) {
		ctx.WriteString(s)
		ctx.Next()
	}
}

var allMethods = []string{"GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "CONNECT", "PATCH", "TRACE"}

func TestMethodHelpers(t *testing.T) {
	app, _ := newApp()
	for i, register := range []func(string, ...iris.HandlerFunc) iris.RouteInfo{
		app.Get, app.Post, app.Put, app.Delete, app.Head, app.Options, app.Connect, app.Patch, app.Trace,
	} {
		route := register("/"+allMethods[i], func(ctx *iris.Context) { ctx.SetHeader("Ran", ctx.Method()) })
		equal(t, "Method()", route.Method(), allMethods[i])
	}
	for _, method := range allMethods {
		for _, other := range allMethods {
			w := answer(app, method, "/"+other)
			if method == other || method == "HEAD" && other == "GET" {
				equal(t, method+" at the route for "+other, w.Header().Get("Ran"), method)
			} else {
				equal(t, method+" at the route for "+other, w.Code, 404)
			}
		}
	}
}

func TestV6KeepTheEmptyMethodAndAnyAreEveryMethod(t *testing.T) {
	app, _ := newApp()
	ran := func(ctx *iris.Context) { ctx.SetHeader("Ran", ctx.Method()) }
	app.Any("/any", ran)
	equal(t, "Method()", app.HandleFunc("", "/empty", ran).Method(), "GET")
	for _, path := range []string{"/any", "/empty"} {
		for _, method := range allMethods {
			equal(t, path, answer(app, method, path).Header().Get("Ran"), method)
		}
		equal(t, "status of an unknown method", answer(app, "BREW", path).Code, 404)
	}
}

func TestHandle(t *testing.T) {
	app, _ := newApp()
	app.Handle("BREW", "/pot", writes("one "), writes("two"))
	app.HandleFunc("WHEN", "/pot", writes("stop"))
	app.Get("/twice", writes("first"))
	app.Get("/other", writes("other"))
	app.Get("/twice", writes("second"))
	app.Get("/long", append(slices.Repeat([]iris.HandlerFunc{(*iris.Context).Next}, 1000), writes("end"))...)
	routes := 0
	app.Routes().Visit(func(iris.RouteInfo) { routes++ })
	equal(t, "routes", routes, 5)
	wantCalls(t, app, []call{
		{"takes any method and several handlers", "BREW /pot", 200, "one two"},
		{"takes functions", "WHEN /pot", 200, "stop"},
		{"replaces an earlier route of the same method and path", "GET /twice", 200, "second"},
		{"leaves other routes alone", "GET /other", 200, "other"},
		{"takes a thousand handlers", "GET /long", 200, "end"},
	})
}

func TestUse(t *testing.T) {
	app, _ := newApp()
	app.Get("/before", writes("handler"))
	app.Use(writes("a "), iris.ToHandler(func(w http.ResponseWriter, r *http.Request, next http.HandlerFunc) {
		w.Write([]byte("b "))
		next(w, r)
	}))
	app.UseFunc(writes("c "), writes("d "))
	app.Get("/after", writes("handler"))
	wantCalls(t, app, []call{
		{"runs before later routes, in order", "GET /after", 200, "a b c d handler"},
		{"does not run for earlier routes", "GET /before", 200, "handler"},
		{"does not run without a route", "GET /nowhere", 404, "Not Found"},
	})
}

func TestParty(t *testing.T) {
	app, _ := newApp()
	app.UseFunc(writes("root "), writes("root2 "), writes("root3 "))
	admin, sibling := app.Party("/admin", writes("admin ")), app.Party("/sibling")
	app.UseFunc(writes("late "))
	admin.UseFunc(writes("used "))
	sibling.UseFunc(writes("other "))
	users := admin.Party("users/", writes("users "))
	admin.Get("/x", writes("x"))
	sibling.Get("/x", writes("x"))
	users.Get("/y", writes("y"))
	admin.Get("", writes("index"))
	users.Get("/", writes("list"))
	app.Get("/z", writes("z"))
	admin.Party("").Get("/same", writes("same"))
	wantCalls(t, app, []call{
		{"runs the root's handlers, its own and the route's", "GET /admin/x", 200, "root root2 root3 admin used x"},
		{"does not run a sibling's handlers", "GET /sibling/x", 200, "root root2 root3 other x"},
		{"in a party runs the outer one's handlers first", "GET /admin/users/y", 200, "root root2 root3 admin used users y"},
		{"has its own path for the empty path", "GET /admin", 200, "root root2 root3 admin used index"},
		{"has its own path and a slash for /", "GET /admin/users/", 200, "root root2 root3 admin used users list"},
		{"of the empty path has its parent's path", "GET /admin/same", 200, "root root2 root3 admin used same"},
		{"does not run what the root uses later", "GET /z", 200, "root root2 root3 late z"},
	})
}

func TestUseGlobal(t *testing.T) {
	app, _ := newApp()
	app.UseFunc(writes("use "))
	app.Get("/before", writes("handler"))
	party := app.Party("/p", writes("party "))
	party.UseGlobalFunc(writes("g1 "), writes("g2 "))
	app.UseGlobal(writes("g3 "))
	party.Get("/after", writes("handler"))
	wantCalls(t, app, []call{
		{"runs first, for earlier routes too", "GET /before", 200, "g3 g1 g2 use handler"},
		{"runs for the routes of every party", "GET /p/after", 200, "g3 g1 g2 use party handler"},
		{"does not run without a route", "GET /nowhere", 404, "Not Found"},
		{"does not run for a slash redirect", "GET /before/", 301, "<a href=\"/before\">Moved Permanently</a>.\n\n"},
	})
}

func TestDone(t *testing.T) {
	app, _ := newApp()
	app.Get("/before", writes("handler "))
	app.DoneFunc(writes("d1 "))
	party := app.Party("/p")
	party.Get("/early", writes("handler "))
	party.Done(writes("p "))
	party.Get("/late", writes("handler "))
	party.Party("/q").Get("/x", writes("handler "))
	app.Done(writes("d2 "))
	app.Get("/end", func(ctx *iris.Context) { ctx.WriteString("the end") })
	wantCalls(t, app, []call{
		{"runs last, for earlier routes too", "GET /before", 200, "handler d1 d2 "},
		{"of a party runs before the root's", "GET /p/late", 200, "handler p d1 d2 "},
		{"of a party runs for its earlier routes", "GET /p/early", 200, "handler p d1 d2 "},
		{"of a party runs for inner parties", "GET /p/q/x", 200, "handler p d1 d2 "},
		{"does not run if the handler does not call Next", "GET /end", 200, "the end"},
	})
}

func TestRoutes(t *testing.T) {
	app, _ := newApp()
	app.Post("/form", writes("form"))
	home := app.Party("/p").Get("home", writes("home"), writes("!"))
	equal(t, "Name()", home.Name(), "GET/p/home")
	equal(t, "Path()", home.Path(), "/p/home")
	equal(t, "Subdomain()", home.Subdomain(), "")
	equal(t, "ChangeName()", home.ChangeName("home"), home)
	equal(t, "Name() afterwards", home.Name(), "home")

	equal(t, `Lookup("home")`, app.Routes().Lookup("home"), home)
	equal(t, "Lookup of the old name", app.Routes().Lookup("GET/p/home"), nil)
	equal(t, "Lookup by method and path", app.Routes().Lookup("POST/form").Path(), "/form")

	var visited trail
	app.Routes().Visit(func(r iris.RouteInfo) {
		visited.add(r.Method() + " " + r.Path() + " " + strconv.Itoa(len(r.Middleware())))
	})
	visited.want(t, "POST /form 1", "GET /p/home 2")
}

func TestMisconfigurationPanicsAtOnce(t *testing.T) {
	repo := func(app *iris.Framework) iris.RouteRepository { return app.Routes().(iris.RouteRepository) }
	for _, row := range []struct {
		message string
		mistake func(*iris.Framework)
	}{
		{"a handler is nil", func(app *iris.Framework) { app.Get("/", nil) }},
		{"a handler is nil", func(app *iris.Framework) { app.UseFunc(nil) }},
		{"a handler is nil", func(app *iris.Framework) { app.OnError(404, nil) }},
		{"GET /x: a handler is nil", func(app *iris.Framework) { app.Handle("GET", "/x", writes("x"), nil) }},
		{"GET /y: a handler is nil", func(app *iris.Framework) { app.Get("/y", writes("y")); app.UseGlobal(nil) }},
		{"GET /x: no handler", func(app *iris.Framework) { app.Get("/x") }},
		{"GET /p/x: no handler", func(app *iris.Framework) { app.Party("/p", writes("p")).Get("/x") }},
		{"GET /off: no handler", func(app *iris.Framework) { repo(app).ChangeMethod(app.None("/off"), "GET") }},
		{"no route of this framework", func(app *iris.Framework) { repo(app).ChangePath(iris.New().Get("/", writes("x")), "/x") }},
		{"one of Start and Destroy is nil", func(app *iris.Framework) {
			app.Adapt(iris.SessionsPolicy{Start: func(http.ResponseWriter, *http.Request) iris.Session { return nil }})
		}},
		{"missing closing ]", func(app *iris.Framework) { app.OnError(404, writes("x"), "[") }},
		{`Party("admin."): there is no routing by subdomain`, func(app *iris.Framework) { app.Party("admin.") }},
		{"Regex: []: want pairs", func(app *iris.Framework) { app.Regex() }},
		{`Regex: ["id"]: want pairs`, func(app *iris.Framework) { app.Regex(strings.Fields("id")...) }},
		{`Regex: ["id" "x" "name"]: want pairs`, func(app *iris.Framework) { app.Regex(strings.Fields("id x name")...) }},
		{"Regex: error parsing regexp", func(app *iris.Framework) { app.Regex("id", "(") }},
		{"string is not a handler", func(*iris.Framework) { iris.ToHandler("") }},
		{"<nil> is not a handler", func(*iris.Framework) { iris.ToHandler(nil) }},
		{"func(http.Handler) http.Handler is not a handler", func(*iris.Framework) {
			iris.ToHandler(func(h http.Handler) http.Handler { return h })
		}},
		{"no router that writes paths: adapt one before, with app.Adapt(httprouter.New())", func(app *iris.Framework) {
			app.Get("/", writes("x")).ChangeName("home")
			app.Path("home")
		}},
		{"no router that writes paths", func(app *iris.Framework) { app.RouteParam("id") }},
		{"no router that writes paths", func(app *iris.Framework) { app.RouteWildcardPath("/", "rest") }},
	} {
		message, _ := panicOf(func() { row.mistake(iris.New()) }).(string)
		if !strings.HasPrefix(message, "iris: ") || !strings.Contains(message, row.message) {
			t.Errorf("panic %q, want one that says %q", message, row.message)
		}
	}
}
