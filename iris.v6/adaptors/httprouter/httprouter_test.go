package httprouter_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/httprouter"
)

// newApp returns an app whose routes answer with their method and path, and
// with the parameters that these name.
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
	for name, test := range map[string]struct{ method, path, want string }{
		"the root":                                       {"GET", "/", "GET /"},
		"a static path":                                  {"GET", "/static", "GET /static"},
		"a static path below it":                         {"GET", "/static/deep", "GET /static/deep"},
		"the same path with another method":              {"POST", "/static", "POST /static"},
		"the query is no part of it":                     {"GET", "/static?a=/x", "GET /static"},
		"a parameter is one segment":                     {"GET", "/user/7", "GET /user/:id id=7"},
		"a parameter is decoded":                         {"GET", "/user/a%20b%3F", "GET /user/:id id=a b?"},
		"two parameters":                                 {"GET", "/user/7/post/8", "GET /user/:id/post/:post id=7 post=8"},
		"another method may use other parameter names":   {"POST", "/user/mia", "POST /user/:name name=mia"},
		"the rest has its leading slash":                 {"GET", "/p/ab/c/d", "GET /p/:name/*rest name=ab rest=/c/d"},
		"the rest may be a slash only":                   {"GET", "/p/ab/", "GET /p/:name/*rest name=ab rest=/"},
		"the rest may hold anything":                     {"GET", "/files/../x//y", "GET /files/*path path=/../x//y"},
		"the rest keeps its trailing slash":              {"GET", "/files/a/", "GET /files/*path path=/a/"},
		"HEAD takes the route of GET, its body dropped":  {"HEAD", "/user/7", ""},
		"a NUL in a parameter is what the handler gets":  {"GET", "/user/a%00b", "GET /user/:id id=a\x00b"},
		"an escaped slash ends a segment, as in the URL": {"GET", "/user/7%2Fpost%2F8", "GET /user/:id/post/:post id=7 post=8"},
	} {
		t.Run(name, func(t *testing.T) { wantAnswer(t, answer(app, test.method, test.path), 200, test.want) })
	}
}

func TestNoRouteIs404(t *testing.T) {
	app := newApp(nil, "GET /login", "GET /user/:id", "HEAD /head")
	for name, test := range map[string]struct{ method, path string }{
		"an unknown path":             {"GET", "/nowhere"},
		"the root":                    {"GET", "/"},
		"a part of a path":            {"GET", "/log"},
		"a path that goes on":         {"GET", "/login/x"},
		"another case":                {"GET", "/LOGIN"},
		"another method":              {"POST", "/login"},
		"a method that no route has":  {"BREW", "/login"},
		"OPTIONS without a route":     {"OPTIONS", "/login"},
		"a parameter that is missing": {"GET", "/user"},
		"a segment too many":          {"GET", "/user/7/8"},
		"a route for HEAD only":       {"GET", "/head"},
		"two leading slashes":         {"GET", "//login"},
		"dots":                        {"GET", "/x/../login"},
		"an escaped slash":            {"GET", "/%2flogin"},
		"a NUL":                       {"GET", "/login%00"},
		"a control byte":              {"GET", "/login%0a"},
		"8 KiB":                       {"GET", "/" + strings.Repeat("x", 8<<10)},
		"8 KiB of slashes":            {"GET", strings.Repeat("/", 8<<10)},
	} {
		t.Run(name, func(t *testing.T) { wantAnswer(t, answer(app, test.method, test.path), 404, "Not Found") })
	}
}

func TestPathsThatConflictPanicWhenTheRouterIsBuilt(t *testing.T) {
	for name, test := range map[string]struct {
		routes []string
		want   string // "" if they do not conflict
	}{
		"two names of a parameter":          {[]string{"GET /:id", "GET /:name"}, ":name"},
		"a parameter and a word":            {[]string{"GET /:id", "GET /login"}, "/login"},
		"the rest and a word":               {[]string{"GET /*rest", "GET /login"}, "/login"},
		"something after the rest":          {[]string{"GET /*rest/more"}, "/*rest/more"},
		"not those of different methods":    {[]string{"GET /:id", "POST /login"}, ""},
		"not those of different words":      {[]string{"GET /a/:id", "GET /b/:name"}, ""},
		"not a path that is replaced":       {[]string{"GET /:id", "GET /:id"}, ""},
		"not a path and one below it":       {[]string{"GET /user", "GET /user/:id"}, ""},
		"not the two sides of a last slash": {[]string{"GET /user", "GET /user/"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			app := newApp(nil, test.routes...)
			defer func() {
				cause := recover()
				switch message := fmt.Sprint(cause); {
				case test.want == "" && cause != nil:
					t.Errorf("panic: %v", cause)
				case !strings.Contains(message, test.want):
					t.Errorf("panic: %q, want one that names %q", message, test.want)
				}
			}()
			app.Boot()
		})
	}
}

func TestParametersOfALongPathAreAllThere(t *testing.T) {
	var path, target, want strings.Builder
	for i := range 30 {
		fmt.Fprintf(&path, "/:p%d", i)
		fmt.Fprintf(&target, "/v%d", i)
		fmt.Fprintf(&want, " p%d=v%d", i, i)
	}
	app := newApp(nil, "GET "+path.String())
	wantAnswer(t, answer(app, "GET", target.String()), 200, "GET "+path.String()+want.String())
}
