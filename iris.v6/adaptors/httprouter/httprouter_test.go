package httprouter_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/httprouter"
)

// newApp returns an app whose routes answer with their method and path, and with their
// parameters.
func newApp(setters []iris.OptionSetter, routes ...string) *iris.Framework {
	app := iris.New(setters...)
	app.Adapt(httprouter.New())
	for _, route := range routes {
		method, path, _ := strings.Cut(route, " ")
		app.HandleFunc(method, path, func(ctx *iris.Context) {
			ctx.WriteString(route)
			for _, segment := range strings.Split(path, "/") {
				if segment != "" && strings.ContainsRune(":*", rune(segment[0])) {
					ctx.Writef(" %s=%s", segment[1:], ctx.Param(segment[1:]))
				}
			}
		})
	}
	return app
}

func answer(app *iris.Framework, method, target string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	app.ServeHTTP(w, httptest.NewRequest(method, target, nil))
	return w
}

func wantAnswer(t *testing.T, w *httptest.ResponseRecorder, status int, body string) {
	t.Helper()
	if w.Code != status || w.Body.String() != body {
		t.Errorf("answer %d %q, want %d %q", w.Code, w.Body, status, body)
	}
}

func TestRoutes(t *testing.T) {
	app := newApp(nil,
		"GET /", "GET /static", "GET /static/deep", "POST /static",
		"GET /user/:id", "GET /user/:id/post/:post", "POST /user/:name",
		"GET /p/:name/*rest", "GET /files/*path",
	)
	for _, row := range []struct{ rule, method, path, want string }{
		{"the root", "GET", "/", "GET /"},
		{"a static path", "GET", "/static", "GET /static"},
		{"a static path below it", "GET", "/static/deep", "GET /static/deep"},
		{"the same path with another method", "POST", "/static", "POST /static"},
		{"the query is no part of the path", "GET", "/static?a=/x", "GET /static"},
		{"a parameter is one segment", "GET", "/user/7", "GET /user/:id id=7"},
		{"a parameter is decoded", "GET", "/user/a%20b%3F%00", "GET /user/:id id=a b?\x00"},
		{"two parameters", "GET", "/user/7/post/8", "GET /user/:id/post/:post id=7 post=8"},
		{"another method may use other parameter names", "POST", "/user/mia", "POST /user/:name name=mia"},
		{"the rest has its leading slash", "GET", "/p/ab/c/d", "GET /p/:name/*rest name=ab rest=/c/d"},
		{"the rest may be one slash", "GET", "/p/ab/", "GET /p/:name/*rest name=ab rest=/"},
		{"the rest may have any segments", "GET", "/files/../x//y", "GET /files/*path path=/../x//y"},
		{"the rest keeps its trailing slash", "GET", "/files/a/", "GET /files/*path path=/a/"},
		{"HEAD takes the route of GET, without its body", "HEAD", "/user/7", ""},
		{"an escaped slash ends a segment, as in the URL", "GET", "/user/7%2Fpost%2F8", "GET /user/:id/post/:post id=7 post=8"},
	} {
		t.Run(row.rule, func(t *testing.T) { wantAnswer(t, answer(app, row.method, row.path), 200, row.want) })
	}
}

func TestNoRouteIs404(t *testing.T) {
	app := newApp(nil, "GET /login", "GET /user/:id", "HEAD /head")
	for _, row := range []struct{ rule, method, path string }{
		{"an unknown path", "GET", "/nowhere"},
		{"the root", "GET", "/"},
		{"a part of a path", "GET", "/log"},
		{"a longer path", "GET", "/login/x"},
		{"upper case", "GET", "/LOGIN"},
		{"another method", "POST", "/login"},
		{"an unknown method", "BREW", "/login"},
		{"OPTIONS without a route", "OPTIONS", "/login"},
		{"a missing parameter", "GET", "/user"},
		{"a segment too many", "GET", "/user/7/8"},
		{"a route for HEAD only", "GET", "/head"},
		{"two leading slashes", "GET", "//login"},
		{"dots", "GET", "/x/../login"},
		{"an escaped slash", "GET", "/%2flogin"},
		{"a NUL", "GET", "/login%00"},
		{"8 KiB", "GET", "/" + strings.Repeat("x", 8<<10)},
		{"8 KiB of slashes", "GET", strings.Repeat("/", 8<<10)},
	} {
		t.Run(row.rule, func(t *testing.T) {
			w := answer(app, row.method, row.path)
			wantAnswer(t, w, 404, "Not Found")
			if allow := w.Header().Get("Allow"); allow != "" {
				t.Errorf("Allow: %q", allow)
			}
		})
	}
}

func TestConflictingRoutesPanicWhenTheRouterIsBuilt(t *testing.T) {
	for _, row := range []struct {
		rule   string
		routes []string
		want   string // "" if they do not conflict
	}{
		{"two names of a parameter conflict", []string{"GET /:id", "GET /:name"}, ":name"},
		{"a parameter and a word conflict", []string{"GET /:id", "GET /login"}, "/login"},
		{"the rest and a word conflict", []string{"GET /*rest", "GET /login"}, "/login"},
		{"nothing may follow the rest", []string{"GET /*rest/more"}, "/*rest/more"},
		{"routes of different methods do not", []string{"GET /:id", "POST /login"}, ""},
		{"routes below different words do not", []string{"GET /a/:id", "GET /b/:name"}, ""},
		{"a replaced route does not", []string{"GET /:id", "GET /:id"}, ""},
		{"a path and one below it do not", []string{"GET /user", "GET /user/:id"}, ""},
		{"paths that differ by a trailing slash do not", []string{"GET /user", "GET /user/"}, ""},
	} {
		t.Run(row.rule, func(t *testing.T) {
			app := newApp(nil, row.routes...)
			defer func() {
				message := fmt.Sprint(recover())
				if row.want == "" && message != "<nil>" || !strings.Contains(message, row.want) {
					t.Errorf("panic: %q, want one that names %q", message, row.want)
				}
			}()
			app.Boot()
		})
	}
}

func TestLongPathKeepsAllParameters(t *testing.T) {
	var path, target, want strings.Builder
	for i := range 30 {
		fmt.Fprintf(&path, "/:p%d", i)
		fmt.Fprintf(&target, "/v%d", i)
		fmt.Fprintf(&want, " p%d=v%d", i, i)
	}
	app := newApp(nil, "GET "+path.String())
	wantAnswer(t, answer(app, "GET", target.String()), 200, "GET "+path.String()+want.String())
}

func TestFireMethodNotAllowed(t *testing.T) {
	app := newApp([]iris.OptionSetter{iris.OptionFireMethodNotAllowed(true)},
		"GET /", "GET /page", "POST /page", "PUT /form", "HEAD /head", "GET /both", "HEAD /both", "GET /user/:id", "DELETE /user/:name",
		"BREW /pot", "GET /admin/", "OPTIONS /options",
	)
	app.OnError(404, func(ctx *iris.Context) { ctx.Writef("no %s", ctx.Path()) })
	app.OnError(405, func(ctx *iris.Context) { ctx.Writef("not %s, but %s", ctx.Method(), ctx.Header().Get("Allow")) })
	for _, row := range []struct {
		rule, method, path string
		status             int
		body               string
	}{
		{"Allow has every method, and HEAD with GET", "DELETE", "/page", 405, "not DELETE, but GET, POST, HEAD"},
		{"Allow has no HEAD without GET", "GET", "/form", 405, "not GET, but PUT"},
		{"Allow has HEAD if it has a route", "GET", "/head", 405, "not GET, but HEAD"},
		{"Allow has HEAD once", "POST", "/both", 405, "not POST, but GET, HEAD"},
		{"Allow has the methods of routes with parameters", "PUT", "/user/7", 405, "not PUT, but DELETE, GET, HEAD"},
		{"Allow has the program's own methods", "GET", "/pot", 405, "not GET, but BREW"},
		{"an unknown method is 405", "WHEN", "/form", 405, "not WHEN, but PUT"},
		{"HEAD without a GET route is 405", "HEAD", "/form", 405, ""},
		{"an unknown path is 404", "GET", "/nowhere", 404, "no /nowhere"},
		{"another trailing slash with another method is 404", "POST", "/admin", 404, "no /admin"},
		{"a slash redirect stays", "GET", "/admin", 301, "<a href=\"/admin/\">Moved Permanently</a>.\n\n"},
		{"a route stays", "POST", "/page", 200, "POST /page"},
		{"OPTIONS * asks about the server", "OPTIONS", "*", 200, ""},
		{"OPTIONS /* asks about a path", "OPTIONS", "/*", 404, "no /*"},
	} {
		t.Run(row.rule, func(t *testing.T) { wantAnswer(t, answer(app, row.method, row.path), row.status, row.body) })
	}
}

func TestHeadTakesItsOwnRouteFirst(t *testing.T) {
	app := newApp(nil)
	ran := ""
	app.HandleFunc("HEAD", "/page", func(*iris.Context) { ran = "head" })
	app.HandleFunc("GET", "/page", func(*iris.Context) { ran = "get" })
	for _, row := range []struct{ method, want string }{{"HEAD", "head"}, {"GET", "get"}} {
		wantAnswer(t, answer(app, row.method, "/page"), 200, "")
		if ran != row.want {
			t.Errorf("the route that ran for %s: %q", row.method, ran)
		}
	}
}
