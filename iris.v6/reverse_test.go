package iris_test

import (
	"strings"
	"testing"

	"gopkg.in/kataras/iris.v6"
)

func TestPath(t *testing.T) {
	app, _ := newApp()
	app.Get("/", writes("x")).ChangeName("home")
	app.Get("/user/:id", writes("x")).ChangeName("user")
	app.Get("/p/:name/*rest", writes("x")).ChangeName("p")
	app.Party("/admin").Get("/x y", writes("x")).ChangeName("admin")
	for _, row := range []struct {
		rule, route string
		args        []interface{}
		want        string
	}{
		{"the root", "home", nil, "/"},
		{"a number", "user", []interface{}{7}, "/user/7"},
		{"a text, escaped", "user", []interface{}{"a/b c?d#ü"}, "/user/a%2Fb%20c%3Fd%23%C3%BC"},
		{"a []string for several args", "p", []interface{}{[]string{"ab", "c d"}}, "/p/ab/c%20d"},
		{"a party's path, escaped", "admin", nil, "/admin/x%20y"},
		{"the default name of a renamed route", "GET/user/:id", []interface{}{1}, ""},
		{"no such route", "nobody", nil, ""},
	} {
		t.Run(row.rule, func(t *testing.T) { equal(t, "Path", app.Path(row.route, row.args...), row.want) })
	}
}

// Browsers take dot segments out of a path, the escaped ones too.
func TestPathNeverLeadsOutOfItsRoute(t *testing.T) {
	app, _ := newApp()
	app.Get("/user/:id/x", writes("x")).ChangeName("user")
	app.Get("/files/*path", writes("x")).ChangeName("files")
	app.Get("/v.:n", writes("x")).ChangeName("version")
	app.Get("/.:n", writes("x")).ChangeName("hidden")
	for _, row := range []struct{ rule, route, arg, want string }{
		{"two dots in place of a parameter", "user", "..", ""},
		{"a dot in place of a parameter", "user", ".", ""},
		{"escaped dots are escaped again", "user", "%2e%2E", "/user/%252e%252E/x"},
		{"dots in a longer segment are allowed", "user", "..a", "/user/..a/x"},
		{"two dots with a slash, which a proxy may decode", "user", "../x", ""},
		{"two dots at the end of the rest", "files", "a/..", ""},
		{"two dots within the rest", "files", "a/../../b", ""},
		{"two dots as a part of a segment are allowed", "version", "..", "/v..."},
		{"a dot that makes two", "hidden", ".", ""},
	} {
		t.Run(row.rule, func(t *testing.T) { equal(t, "Path", app.Path(row.route, row.arg), row.want) })
	}
}

// No arg may make the path of a redirect lead to another host.
func TestPathNeverLeadsToAnotherHost(t *testing.T) {
	app, _ := newApp()
	app.Get("/*rest", writes("x")).ChangeName("rest")
	app.Post("/:a/:b", writes("x")).ChangeName("two")
	for _, evil := range []string{"/evil.example", "//evil.example", "///evil.example", `\evil.example`, "/\\evil.example", "\t/evil"} {
		for _, path := range []string{app.Path("rest", evil), app.Path("rest", "", evil), app.Path("two", evil, "x")} {
			if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\t") {
				t.Errorf("%q gives %q", evil, path)
			}
		}
	}
}

func TestURLAndV6KeepVHostAndVSchemeAreFilledIn(t *testing.T) {
	for _, row := range []struct {
		rule          string
		options       []iris.OptionSetter
		before, after string // the URL before the app serves, VScheme and VHost later
	}{
		{"by default", nil, "http://localhost/user/7", "http ADDR"},
		{"unless they are set", []iris.OptionSetter{iris.OptionVHost("a:81"), iris.OptionVScheme("https")}, "https://a:81/user/7", "https a:81"},
		{"unless VScheme is set as v6 wrote it", []iris.OptionSetter{iris.OptionVScheme("https://")}, "https://localhost/user/7", "https:// ADDR"},
	} {
		t.Run(row.rule, func(t *testing.T) {
			app, _ := newApp(row.options...)
			app.Get("/user/:id", func(ctx *iris.Context) { ctx.Writef("%s %s", app.Config.VScheme, app.Config.VHost) }).ChangeName("user")
			equal(t, "URL", app.URL("user", 7), row.before)
			equal(t, "URL of no route", app.URL("nobody"), "")
			addr, served := serving(t, app)
			_, body, err := get(t, over("tcp", addr.String()), "GET", "http://x/user/1")
			equal(t, "error", err, nil)
			equal(t, "VScheme and VHost", body, strings.Replace(row.after, "ADDR", addr.String(), 1))
			shutdown(t, app, served)
		})
	}
}

func TestRedirectToWithoutAPathIs500AndLogged(t *testing.T) {
	app, logged := newApp()
	app.Get("/lost", func(ctx *iris.Context) { ctx.RedirectTo("nobody", 1) })
	wantAnswer(t, answer(app, "GET", "/lost"), 500, "Internal Server Error")
	wantMessage(t, logged.one(t), `"/lost"`, `RedirectTo("nobody")`, "1 args")
}

func TestLaterReversionTakesThePlaceOfAnEarlierOne(t *testing.T) {
	app, _ := newApp()
	app.Adapt(iris.RouterReversionPolicy{Param: func(name string) string { return "<" + name + ">" }})
	equal(t, "RouteParam", app.RouteParam("id"), "<id>")
	equal(t, "RouteWildcardPath", app.RouteWildcardPath("/a", "b"), "/a/*b")
}
