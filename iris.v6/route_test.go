package iris_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"gopkg.in/kataras/iris.v6"
)

func TestUseGlobal(t *testing.T) {
	app, _ := newApp()
	app.UseFunc(writes("use "))
	app.Get("/before", writes("handler"))
	party := app.Party("/p", writes("party "))
	party.UseGlobalFunc(writes("g1 "), writes("g2 "))
	app.UseGlobal(writes("g3 "))
	party.Get("/after", writes("handler"))
	for name, test := range map[string]struct{ path, want string }{
		"runs first on earlier routes, too":      {"/before", "g3 g1 g2 use handler"},
		"runs on those of every party":           {"/p/after", "g3 g1 g2 use party handler"},
		"does not run where no route is":         {"/nowhere", "Not Found"},
		"does not run for a trailing slash only": {"/before/", "<a href=\"/before\">Moved Permanently</a>.\n\n"},
	} {
		t.Run(name, func(t *testing.T) { equal(t, "body", answer(app, "GET", test.path).Body.String(), test.want) })
	}
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
	for name, test := range map[string]struct{ path, want string }{
		"runs last on earlier routes, too":        {"/before", "handler d1 d2 "},
		"of a party runs before the root's":       {"/p/late", "handler p d1 d2 "},
		"of a party runs on its earlier ones":     {"/p/early", "handler p d1 d2 "},
		"of a party runs on those of inner ones":  {"/p/q/x", "handler p d1 d2 "},
		"does not run if the handler goes not on": {"/end", "the end"},
	} {
		t.Run(name, func(t *testing.T) { wantAnswer(t, answer(app, "GET", test.path), 200, test.want) })
	}
}

func TestNone(t *testing.T) {
	app, _ := newApp(iris.OptionFireMethodNotAllowed(true))
	hidden := app.None("/user/:id", writes("hidden")).ChangeName("user")
	shown := app.Get("/shown", writes("shown"))
	equal(t, "Method()", hidden.Method(), iris.MethodNone)
	equal(t, "IsOnline()", hidden.IsOnline(), false)
	equal(t, "IsOnline() of another", shown.IsOnline(), true)
	for _, method := range []string{"GET", "POST", "NONE"} {
		equal(t, "answer to "+method, answer(app, method, "/user/7").Code, 404)
	}
	equal(t, "Path()", app.Path("user", 7), "/user/7")
	equal(t, "the name", app.Routes().Lookup("user"), hidden)
	equal(t, "Any includes it", strings.Contains(answer(app, "NONE", "/shown").Header().Get("Allow"), "NONE"), false)
}

// changing returns an app whose router is httprouter's, built after change.
func changing(change func(iris.RouteRepository)) *iris.Framework {
	app, _ := newApp()
	app.Adapt(iris.EventPolicy{Boot: func(f *iris.Framework) { change(f.Routes().(iris.RouteRepository)) }})
	app.Get("/get", writes("get ")).ChangeName("get")
	app.None("/none", writes("none")).ChangeName("none")
	app.UseGlobalFunc(writes("global "))
	return app
}

func TestRouteRepositoryChanges(t *testing.T) {
	for name, test := range map[string]struct {
		change       func(iris.RouteRepository)
		method, path string
		status       int
		body         string
	}{
		"nothing": {func(iris.RouteRepository) {}, "GET", "/get", 200, "global get "},
		"the method": {func(repo iris.RouteRepository) {
			repo.ChangeMethod(repo.Lookup("get"), "PUT")
		}, "PUT", "/get", 200, "global get "},
		"the method, to go online": {func(repo iris.RouteRepository) {
			repo.ChangeMethod(repo.Lookup("none"), "GET")
		}, "GET", "/none", 200, "global none"},
		"the method, to go offline": {func(repo iris.RouteRepository) {
			repo.ChangeMethod(repo.Lookup("get"), iris.MethodNone)
		}, "GET", "/get", 404, "Not Found"},
		"the path": {func(repo iris.RouteRepository) {
			repo.ChangePath(repo.Lookup("get"), "/:other")
		}, "GET", "/moved", 200, "global get "},
		"the middleware, all of it": {func(repo iris.RouteRepository) {
			repo.ChangeMiddleware(repo.Lookup("get"), iris.Middleware{writes("changed")})
		}, "GET", "/get", 200, "changed"},
		"the name": {func(repo iris.RouteRepository) {
			repo.ChangeName(repo.Lookup("get"), "new")
			repo.ChangePath(repo.Lookup("new"), "/new")
		}, "GET", "/new", 200, "global get "},
	} {
		t.Run(name, func(t *testing.T) {
			wantAnswer(t, answer(changing(test.change), test.method, test.path), test.status, test.body)
		})
	}
}

func TestChangingARouteOfAnotherFrameworkPanics(t *testing.T) {
	app, _ := newApp()
	other, _ := newApp()
	foreign := other.Get("/", writes("x"))
	message, _ := panicOf(func() { app.Routes().(iris.RouteRepository).ChangePath(foreign, "/x") }).(string)
	wantMessage(t, message, []string{"no route of this framework"})
}

// A route that comes too late would not be served, and nobody would know.
func TestRoutesCannotChangeOnceBooted(t *testing.T) {
	for name, test := range map[string]struct {
		late func(*iris.Framework, iris.RouteInfo)
		what string
	}{
		"a new route":         {func(app *iris.Framework, _ iris.RouteInfo) { app.Get("/late", writes("late")) }, "GET /late"},
		"one of a party":      {func(app *iris.Framework, _ iris.RouteInfo) { app.Party("/p").Post("/late", writes("x")) }, "POST /p/late"},
		"one that is offline": {func(app *iris.Framework, _ iris.RouteInfo) { app.None("/late", writes("x")) }, "NONE /late"},
		"another name":        {func(_ *iris.Framework, r iris.RouteInfo) { r.ChangeName("late") }, "GET /"},
		"another path": {func(app *iris.Framework, r iris.RouteInfo) {
			app.Routes().(iris.RouteRepository).ChangePath(r, "/late")
		}, "GET /"},
		"global middleware":    {func(app *iris.Framework, _ iris.RouteInfo) { app.UseGlobalFunc(writes("x")) }, "middleware"},
		"middleware when done": {func(app *iris.Framework, _ iris.RouteInfo) { app.DoneFunc(writes("x")) }, "middleware"},
	} {
		t.Run(name, func(t *testing.T) {
			app, _ := newApp()
			home := app.Get("/", writes("home"))
			app.Boot()
			message, _ := panicOf(func() { test.late(app, home) }).(string)
			wantMessage(t, message, []string{test.what, "has booted", "EventPolicy.Boot"})
			wantAnswer(t, answer(app, "GET", "/"), 200, "home")
		})
	}
}

func TestPartyOfASubdomainPanics(t *testing.T) {
	app, _ := newApp()
	message, _ := panicOf(func() { app.Party("admin.") }).(string)
	wantMessage(t, message, []string{`"admin."`, "subdomain"})
	equal(t, "Subdomain()", app.Party("/dot.").Get("/x", writes("x")).Subdomain(), "")
	wantAnswer(t, answer(app, "GET", "/dot./x"), 200, "x")
}

func TestNilHandlerPanics(t *testing.T) {
	app, _ := newApp()
	message, _ := panicOf(func() { app.Handle("GET", "/x", writes("x"), nil) }).(string)
	wantMessage(t, message, []string{"GET /x", "nil"})
}

// TestRouterByHand is an adaptor as a user writes it, on net/http's ServeMux.
func TestRouterByHand(t *testing.T) {
	app := iris.New()
	app.Adapt(iris.Policies{
		RouterBuilderPolicy: func(repo iris.RouteRepository, pool iris.ContextPool) http.Handler {
			mux := http.NewServeMux()
			repo.Visit(func(r iris.RouteInfo) {
				if !r.IsOnline() {
					return
				}
				chain := r.Middleware()
				mux.HandleFunc(r.Method()+" "+r.Path(), func(w http.ResponseWriter, req *http.Request) {
					pool.Run(w, req, func(ctx *iris.Context) {
						ctx.Set("name", req.PathValue("name"))
						ctx.Middleware = chain
						ctx.Do()
					})
				})
			})
			mux.HandleFunc("/", func(w http.ResponseWriter, req *http.Request) {
				pool.Run(w, req, (*iris.Context).NotFound)
			})
			return mux
		},
		RouterReversionPolicy: iris.RouterReversionPolicy{
			Param:        func(name string) string { return "{" + name + "}" },
			WildcardPath: func(path, name string) string { return path + "/{" + name + "...}" },
			URLPath: func(r iris.RouteInfo, args ...string) string {
				return strings.Replace(r.Path(), "{name}", strings.Join(args, ""), 1)
			},
		},
	})
	app.UseFunc(writes("hello "))
	app.Get("/user/"+app.RouteParam("name"), func(ctx *iris.Context) { ctx.WriteString(ctx.Param("name")) }).ChangeName("user")
	app.Get(app.RouteWildcardPath("/files", "name"), func(ctx *iris.Context) { ctx.WriteString(ctx.ParamsSentence()) })
	app.OnError(404, func(ctx *iris.Context) { ctx.WriteString("nothing") })

	wantAnswer(t, answer(app, "GET", app.Path("user", "mia")), 200, "hello mia")
	wantAnswer(t, answer(app, "GET", "/files/a/b"), 200, "hello name=a/b")
	wantAnswer(t, answer(app, "GET", "/nowhere"), 404, "nothing")
	w := httptest.NewRecorder()
	app.ServeHTTP(w, httptest.NewRequest("POST", "/user/mia", nil))
	wantAnswer(t, w, 404, "nothing")
}

func TestRegex(t *testing.T) {
	app, _ := newApp()
	app.Get("/:id/:name", app.Regex("id", "[0-9]+", "name", "mia|ali"), writes("matched"))
	for path, status := range map[string]int{
		"/7/mia": 200, "/77/ali": 200,
		"/x/mia": 404, "/7x/mia": 404, "/x7/mia": 404, "/7/mia2": 404, "/7/miali": 404, "/7%0a/mia": 404,
	} {
		equal(t, "status of "+path, answer(app, "GET", path).Code, status)
	}
	for name, pairs := range map[string][]string{
		"no pairs": {}, "half a pair": {"id"}, "one and a half": {"id", "x", "name"}, "what does not compile": {"id", "("},
	} {
		equal(t, name+" panics", panicOf(func() { app.Regex(pairs...) }) != nil, true)
	}
}
