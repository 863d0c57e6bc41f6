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
	for name, test := range map[string]struct {
		route string
		args  []interface{}
		want  string
	}{
		"the root":                  {"home", nil, "/"},
		"a parameter":               {"user", []interface{}{"mia"}, "/user/mia"},
		"a number":                  {"user", []interface{}{7}, "/user/7"},
		"what must be escaped":      {"user", []interface{}{"a/b c?d#ü"}, "/user/a%2Fb%20c%3Fd%23%C3%BC"},
		"several":                   {"p", []interface{}{"ab", "c/d"}, "/p/ab/c/d"},
		"the rest with its slash":   {"p", []interface{}{"ab", "/c/d"}, "/p/ab/c/d"},
		"the rest in pieces":        {"p", []interface{}{"ab", "c", "d"}, "/p/ab/c/d"},
		"the rest left out":         {"p", []interface{}{"ab"}, "/p/ab/"},
		"a []string for several":    {"p", []interface{}{[]string{"ab", "c d"}}, "/p/ab/c%20d"},
		"a party's, escaped":        {"admin", nil, "/admin/x%20y"},
		"the default name":          {"GET/user/:id", []interface{}{1}, ""},
		"no such route":             {"nobody", nil, ""},
		"too few args":              {"user", nil, ""},
		"an empty one":              {"user", []interface{}{""}, ""},
		"too many":                  {"user", []interface{}{1, 2}, ""},
		"too many for no parameter": {"home", []interface{}{1}, ""},
	} {
		t.Run(name, func(t *testing.T) { equal(t, "Path", app.Path(test.route, test.args...), test.want) })
	}
	equal(t, "RouteParam", app.RouteParam("id"), ":id")
	equal(t, "RouteWildcardPath", app.RouteWildcardPath("/files", "path"), "/files/*path")
}

// Browsers take dot segments out of a path, the escaped ones too.
func TestPathNeverLeadsOutOfItsRoute(t *testing.T) {
	app, _ := newApp()
	app.Get("/user/:id/x", writes("x")).ChangeName("user")
	app.Get("/files/*path", writes("x")).ChangeName("files")
	app.Get("/v.:n", writes("x")).ChangeName("version")
	app.Get("/.:n", writes("x")).ChangeName("hidden")
	for _, row := range []struct {
		name, route, arg, want string
	}{
		{"two dots in place of a parameter", "user", "..", ""},
		{"a dot", "user", ".", ""},
		{"dots that are escaped already", "user", "%2e%2E", "/user/%252e%252E/x"},
		{"dots in a longer segment", "user", "..a", "/user/..a/x"},
		{"two dots with a slash, which a proxy may decode", "user", "../x", ""},
		{"two dots at the end of the rest", "files", "a/..", ""},
		{"two dots within the rest", "files", "a/../../b", ""},
		{"two dots as a part of a segment", "version", "..", "/v..."},
		{"a dot that makes two", "hidden", ".", ""},
	} {
		t.Run(row.name, func(t *testing.T) { equal(t, "Path", app.Path(row.route, row.arg), row.want) })
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

func TestURL(t *testing.T) {
	for name, test := range map[string]struct {
		options []iris.OptionSetter
		serve   bool
		want    string // with the address for ADDR
	}{
		"by default":                        {nil, false, "http://localhost/user/7"},
		"VHost":                             {[]iris.OptionSetter{iris.OptionVHost("example.com:81")}, false, "http://example.com:81/user/7"},
		"VScheme":                           {[]iris.OptionSetter{iris.OptionVScheme("https")}, false, "https://localhost/user/7"},
		"VScheme as v6 wrote it":            {[]iris.OptionSetter{iris.OptionVScheme("https://")}, false, "https://localhost/user/7"},
		"while listening":                   {nil, true, "http://ADDR/user/7"},
		"VHost and VScheme while listening": {[]iris.OptionSetter{iris.OptionVHost("a"), iris.OptionVScheme("b")}, true, "b://a/user/7"},
	} {
		t.Run(name, func(t *testing.T) {
			app, _ := newApp(test.options...)
			app.Get("/user/:id", func(ctx *iris.Context) { ctx.WriteString(app.URL("user", 7)) }).ChangeName("user")
			if !test.serve {
				equal(t, "URL", app.URL("user", 7), test.want)
				equal(t, "URL of no route", app.URL("nobody"), "")
				return
			}
			addr, served := serving(t, app)
			_, body, err := get(t, over("tcp", addr.String()), "GET", "http://"+addr.String()+"/user/1")
			equal(t, "error", err, nil)
			equal(t, "URL", body, strings.Replace(test.want, "ADDR", addr.String(), 1))
			shutdown(t, app, served)
		})
	}
}

func TestRedirectToWithoutAPathIsA500AndLogged(t *testing.T) {
	app, logged := newApp()
	app.Get("/lost", func(ctx *iris.Context) { ctx.RedirectTo("nobody", 1) })
	wantAnswer(t, answer(app, "GET", "/lost"), 500, "Internal Server Error")
	wantMessage(t, logged.one(t), []string{`"/lost"`, `RedirectTo("nobody")`, "1 args"})
}

func TestPathsNeedARouterThatWritesThem(t *testing.T) {
	app := iris.New()
	app.Get("/", writes("x")).ChangeName("home")
	for name, use := range map[string]func(){
		"Path":              func() { app.Path("home") },
		"RouteParam":        func() { app.RouteParam("id") },
		"RouteWildcardPath": func() { app.RouteWildcardPath("/", "rest") },
	} {
		message, _ := panicOf(use).(string)
		wantMessage(t, message, []string{"app.Adapt(httprouter.New())", "RouterReversionPolicy"})
		equal(t, name+" panics", message != "", true)
	}
}

func TestLaterReversionTakesThePlaceOfAnEarlierOne(t *testing.T) {
	app, _ := newApp()
	app.Adapt(iris.RouterReversionPolicy{Param: func(name string) string { return "<" + name + ">" }})
	equal(t, "RouteParam", app.RouteParam("id"), "<id>")
	equal(t, "RouteWildcardPath", app.RouteWildcardPath("/a", "b"), "/a/*b")
}
