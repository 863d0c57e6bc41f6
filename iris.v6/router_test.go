package iris_test

import (
	"net/http"
	"net/http/httptest"
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

func TestMethodHelpers(t *testing.T) {
	app, _ := newApp()
	for method, register := range map[string]func(string, ...iris.HandlerFunc) iris.RouteInfo{
		"GET": app.Get, "POST": app.Post, "PUT": app.Put, "DELETE": app.Delete, "HEAD": app.Head,
		"OPTIONS": app.Options, "CONNECT": app.Connect, "PATCH": app.Patch, "TRACE": app.Trace,
	} {
		route := register("/"+strings.ToLower(method), func(ctx *iris.Context) { ctx.SetHeader("Ran", ctx.Method()) })
		equal(t, "Method()", route.Method(), method)
	}
	methods := []string{"GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "CONNECT", "PATCH", "TRACE"}
	for _, method := range methods {
		for _, other := range methods {
			w := answer(app, method, "/"+strings.ToLower(other))
			switch {
			case method == other || method == "HEAD" && other == "GET":
				equal(t, method+" at the route for "+other, w.Header().Get("Ran"), method)
			default:
				equal(t, method+" at the route for "+other, w.Code, 404)
			}
		}
	}
}

func TestAnyAnswersEveryMethod(t *testing.T) {
	app, _ := newApp()
	app.Any("/any", func(ctx *iris.Context) { ctx.SetHeader("Ran", ctx.Method()) })
	for _, method := range []string{"GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "CONNECT", "PATCH", "TRACE"} {
		equal(t, method, answer(app, method, "/any").Header().Get("Ran"), method)
	}
	equal(t, "a method of nobody's", answer(app, "BREW", "/any").Code, 404)
}

func TestHandleTakesAnyMethodAndHandlers(t *testing.T) {
	app, _ := newApp()
	app.Handle("BREW", "/pot", writes("one "), writes("two"))
	app.HandleFunc("WHEN", "/pot", writes("stop"))
	wantAnswer(t, answer(app, "BREW", "/pot"), 200, "one two")
	wantAnswer(t, answer(app, "WHEN", "/pot"), 200, "stop")
}

func TestSecondRouteReplacesFirst(t *testing.T) {
	app, _ := newApp()
	app.Get("/", writes("first"))
	app.Get("/other", writes("other"))
	app.Get("/", writes("second"))
	wantAnswer(t, answer(app, "GET", "/"), 200, "second")
	wantAnswer(t, answer(app, "GET", "/other"), 200, "other")
	routes := 0
	app.Routes().Visit(func(iris.RouteInfo) { routes++ })
	equal(t, "routes", routes, 2)
}

func TestLongChainRunsToItsEnd(t *testing.T) {
	app, _ := newApp()
	ran := 0
	app.Get("/", slices.Repeat([]iris.HandlerFunc{func(ctx *iris.Context) { ran++; ctx.Next() }}, 1000)...)
	wantAnswer(t, answer(app, "GET", "/"), 200, "")
	equal(t, "handlers that ran", ran, 1000)
}

func TestUse(t *testing.T) {
	app, _ := newApp()
	app.Get("/before", writes("handler"))
	app.Use(writes("a "), iris.ToHandler(func(w http.ResponseWriter, _ *http.Request, next http.HandlerFunc) {
		w.Write([]byte("b "))
		next(w, nil)
	}))
	app.UseFunc(writes("c "), writes("d "))
	app.Get("/after", writes("handler"))
	for name, test := range map[string]struct{ path, want string }{
		"runs before later routes, in order": {"/after", "a b c d handler"},
		"leaves earlier routes alone":        {"/before", "handler"},
		"does not run where no route is":     {"/nowhere", "Not Found"},
	} {
		t.Run(name, func(t *testing.T) { equal(t, "body", answer(app, "GET", test.path).Body.String(), test.want) })
	}
}

func TestParty(t *testing.T) {
	app, _ := newApp()
	app.UseFunc(writes("root "))
	admin := app.Party("/admin", writes("admin "))
	app.UseFunc(writes("late "))
	admin.UseFunc(writes("used "))
	users := admin.Party("users/", writes("users "))
	admin.Get("/x", writes("x"))
	users.Get("/y", writes("y"))
	admin.Get("", writes("index"))
	users.Get("/", writes("list"))
	app.Get("/z", writes("z"))
	admin.Party("").Get("/same", writes("same"))
	for name, test := range map[string]struct{ path, want string }{
		"runs the root's, its own and the route's":         {"/admin/x", "root admin used x"},
		"inside a party runs the outer one's first":        {"/admin/users/y", "root admin used users y"},
		"has its own path at the empty path":               {"/admin", "root admin used index"},
		"has its own path and a slash at /":                {"/admin/users/", "root admin used users list"},
		"of the empty path has its parent's":               {"/admin/same", "root admin used same"},
		"takes nothing that the root was given afterwards": {"/z", "root late z"},
	} {
		t.Run(name, func(t *testing.T) { wantAnswer(t, answer(app, "GET", test.path), 200, test.want) })
	}
}

// Parties that come from one router must not write into each other's memory.
func TestPartiesAreIndependent(t *testing.T) {
	app, _ := newApp()
	app.UseFunc(writes("0 "), writes("1 "), writes("2 "))
	a, b := app.Party("/a"), app.Party("/b")
	a.UseFunc(writes("a "))
	b.UseFunc(writes("b "))
	a.Get("/", writes("A"))
	b.Get("/", writes("B"))
	wantAnswer(t, answer(app, "GET", "/a/"), 200, "0 1 2 a A")
	wantAnswer(t, answer(app, "GET", "/b/"), 200, "0 1 2 b B")
}

func TestRoutes(t *testing.T) {
	app, _ := newApp()
	app.Post("/form", writes("form"))
	home := app.Party("/p").Get("home", writes("home"), writes("!"))
	equal(t, "Name()", home.Name(), "GET/p/home")
	equal(t, "Path()", home.Path(), "/p/home")
	equal(t, "len(Middleware())", len(home.Middleware()), 2)
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

// TestContextPoolRun is what an adaptor for another router stands on.
func TestContextPoolRun(t *testing.T) {
	app := iris.New()
	app.Adapt(iris.RouterBuilderPolicy(func(repo iris.RouteRepository, pool iris.ContextPool) http.Handler {
		only := repo.Lookup("only")
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			pool.Run(w, r, func(ctx *iris.Context) {
				ctx.Middleware = only.Middleware()
				ctx.Do()
			})
		})
	}))
	app.Get("/only", writes("a "), writes("b")).ChangeName("only")
	w := httptest.NewRecorder()
	app.ServeHTTP(w, httptest.NewRequest("GET", "/anything", nil))
	wantAnswer(t, w, 200, "a b")
}
