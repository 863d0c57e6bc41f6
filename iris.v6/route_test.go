package iris_test

import (
	"net/http"
	"strings"
	"testing"

	"gopkg.in/kataras/iris.v6"
)

func TestV6KeepNoneWithANilHandlerRegistersAnOfflineRoute(t *testing.T) {
	app, _ := newApp(iris.OptionFireMethodNotAllowed(true))
	hidden := app.None("/user/:id", nil).ChangeName("user")
	shown := app.Get("/shown", writes("shown"))
	equal(t, "Method()", hidden.Method(), iris.MethodNone)
	equal(t, "IsOnline()", hidden.IsOnline(), false)
	equal(t, "IsOnline() of another", shown.IsOnline(), true)
	for _, method := range []string{"GET", "POST", "NONE"} {
		equal(t, "status of "+method, answer(app, method, "/user/7").Code, 404)
	}
	equal(t, "Path()", app.Path("user", 7), "/user/7")
	equal(t, "the name", app.Routes().Lookup("user"), hidden)
	equal(t, "Allow has NONE", strings.Contains(answer(app, "NONE", "/shown").Header().Get("Allow"), "NONE"), false)
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
	for _, row := range []struct {
		call
		change func(iris.RouteRepository)
	}{
		{call{"nothing", "GET /get", 200, "global get "}, func(iris.RouteRepository) {}},
		{call{"the method", "PUT /get", 200, "global get "},
			func(repo iris.RouteRepository) { repo.ChangeMethod(repo.Lookup("get"), "PUT") }},
		{call{"the method, to go online", "GET /none", 200, "global none"},
			func(repo iris.RouteRepository) { repo.ChangeMethod(repo.Lookup("none"), "GET") }},
		{call{"the method, to go offline", "GET /get", 404, "Not Found"},
			func(repo iris.RouteRepository) { repo.ChangeMethod(repo.Lookup("get"), iris.MethodNone) }},
		{call{"the path", "GET /moved", 200, "global get "},
			func(repo iris.RouteRepository) { repo.ChangePath(repo.Lookup("get"), "/:other") }},
		{call{"the whole middleware", "GET /get", 200, "changed"},
			func(repo iris.RouteRepository) {
				repo.ChangeMiddleware(repo.Lookup("get"), iris.Middleware{writes("changed")})
			}},
		{call{"the name", "GET /new", 200, "global get "}, func(repo iris.RouteRepository) {
			repo.ChangeName(repo.Lookup("get"), "new")
			repo.ChangePath(repo.Lookup("new"), "/new")
		}},
	} {
		wantCalls(t, changing(row.change), []call{row.call})
	}
}

// Without the panic, the change would silently not be served.
func TestRoutesCannotChangeOnceBooted(t *testing.T) {
	for _, row := range []struct {
		name   string
		change func(*iris.Framework, iris.RouteInfo)
		says   string
	}{
		{"a new route", func(app *iris.Framework, _ iris.RouteInfo) { app.Get("/late", writes("late")) }, "GET /late"},
		{"a new route of a party", func(app *iris.Framework, _ iris.RouteInfo) { app.Party("/p").Post("/late", writes("x")) }, "POST /p/late"},
		{"a new route that is offline", func(app *iris.Framework, _ iris.RouteInfo) { app.None("/late", writes("x")) }, "NONE /late"},
		{"another name", func(_ *iris.Framework, r iris.RouteInfo) { r.ChangeName("late") }, "GET /"},
		{"another path", func(app *iris.Framework, r iris.RouteInfo) {
			app.Routes().(iris.RouteRepository).ChangePath(r, "/late")
		}, "GET /"},
		{"UseGlobal", func(app *iris.Framework, _ iris.RouteInfo) { app.UseGlobalFunc(writes("x")) }, "middleware"},
		{"Done", func(app *iris.Framework, _ iris.RouteInfo) { app.DoneFunc(writes("x")) }, "middleware"},
	} {
		t.Run(row.name, func(t *testing.T) {
			app, _ := newApp()
			home := app.Get("/", writes("home"))
			app.Boot()
			message, _ := panicOf(func() { row.change(app, home) }).(string)
			wantMessage(t, message, row.says, "has booted", "EventPolicy.Boot")
			wantAnswer(t, answer(app, "GET", "/"), 200, "home")
		})
	}
}

// The router of this test is written as a user would write it, on net/http's ServeMux.
func TestRouterOfAProgramsOwn(t *testing.T) {
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
	wantAnswer(t, answer(app, "POST", "/user/mia"), 404, "nothing")
}

func TestRegexMatchesWholeParameters(t *testing.T) {
	app, _ := newApp()
	app.Get("/:id/:name", app.Regex("id", "[0-9]+", "name", "mia|ali"), writes("matched"))
	for _, row := range []struct {
		path   string
		status int
	}{
		{"/7/mia", 200}, {"/77/ali", 200}, {"/x/mia", 404}, {"/7x/mia", 404}, {"/x7/mia", 404},
		{"/7/mia2", 404}, {"/7/miali", 404}, {"/7%0a/mia", 404},
	} {
		equal(t, "status of "+row.path, answer(app, "GET", row.path).Code, row.status)
	}
}
