package httprouter_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/httprouter"
)

func TestReversion(t *testing.T) {
	policies := httprouter.New()
	for _, row := range []struct{ path, static, wildcard string }{
		{"/", "/", "/*p"},
		{"/my/path", "/my/path", "/my/path/*p"},
		{"/my/path/", "/my/path/", "/my/path/*p"},
		{"/api/user/:id", "/api/user", "/api/user/:id/*p"},
		{"/api/user/:id/messages", "/api/user", "/api/user/:id/messages/*p"},
		{"/files/*path", "/files", "/files/*path/*p"},
		{"/:id", "/", "/:id/*p"},
		{"/*path", "/", "/*path/*p"},
		{"/user_:id", "/user_", "/user_:id/*p"},
	} {
		if got := policies.StaticPath(row.path); got != row.static {
			t.Errorf("StaticPath(%q): %q, want %q", row.path, got, row.static)
		}
		if got := policies.WildcardPath(row.path, "p"); got != row.wildcard {
			t.Errorf("WildcardPath(%q): %q, want %q", row.path, got, row.wildcard)
		}
	}
	if got := policies.Param("id"); got != ":id" {
		t.Errorf("Param: %q", got)
	}
}

func TestPathTakesTheArgsOfItsRoute(t *testing.T) {
	app := newApp(nil, "GET /", "GET /user/:id", "GET /p/:name/*rest")
	for _, row := range []struct {
		rule, route string
		args        []any
		want        string
	}{
		{"a parameter", "GET/user/:id", []any{"7"}, "/user/7"},
		{"several parameters", "GET/p/:name/*rest", []any{"ab", "c/d"}, "/p/ab/c/d"},
		{"the rest with its slash", "GET/p/:name/*rest", []any{"ab", "/c/d"}, "/p/ab/c/d"},
		{"the rest in pieces", "GET/p/:name/*rest", []any{"ab", "c", "d"}, "/p/ab/c/d"},
		{"the rest left out", "GET/p/:name/*rest", []any{"ab"}, "/p/ab/"},
		{"too few args", "GET/user/:id", nil, ""},
		{"too few args before the rest", "GET/p/:name/*rest", nil, ""},
		{"an empty arg", "GET/user/:id", []any{""}, ""},
		{"too many args", "GET/user/:id", []any{1, 2}, ""},
		{"an arg without a parameter", "GET/", []any{1}, ""},
	} {
		t.Run(row.rule, func(t *testing.T) {
			if got := app.Path(row.route, row.args...); got != row.want {
				t.Errorf("Path: %q, want %q", got, row.want)
			}
		})
	}
}

// A path that Path returns leads to its route, with the args as parameters.
func FuzzPath(f *testing.F) {
	for _, escape := range []bool{false, true} {
		f.Add(escape, "a", "b")
		f.Add(escape, "a b?c#d%2fe+ü", "c/d//e/")
		f.Add(escape, "..", "b")
		f.Add(escape, "a", "b/../..")
		f.Add(escape, "..a", "/./.b")
		f.Add(escape, "a/b", "\x00\xff;")
	}
	f.Fuzz(func(t *testing.T, escape bool, name, rest string) {
		app := newApp([]iris.OptionSetter{iris.OptionEnablePathEscape(escape)})
		var gotName, gotRest string
		app.Get("/p/:name/*rest", func(ctx *iris.Context) {
			gotName, gotRest = ctx.ParamDecoded("name"), ctx.ParamDecoded("rest")
		}).ChangeName("p")
		path := app.Path("p", name, rest)
		dots := func(segment string) bool { return segment == "." || segment == ".." }
		if (path == "") != (name == "" || slices.ContainsFunc(strings.Split(name+"/"+rest, "/"), dots)) {
			t.Fatalf("Path(%q, %q) is %q", name, rest, path)
		}
		if path == "" || !escape && strings.Contains(name, "/") {
			return // without EnablePathEscape an escaped slash ends a parameter
		}
		if w := answer(app, "GET", path); w.Code != 200 {
			t.Fatalf("Path(%q, %q) is %q, which answers %d", name, rest, path, w.Code)
		}
		if want := "/" + strings.TrimLeft(rest, "/"); gotName != name || gotRest != want {
			t.Errorf("Path(%q, %q) is %q, which leads to %q, %q", name, rest, path, gotName, gotRest)
		}
	})
}

func TestEnablePathEscape(t *testing.T) {
	routes := []string{"GET /user/:id", "GET /dir/:name/", "GET /files/*path", "GET /a%20b"}
	for _, row := range []struct {
		rule       string
		escape     bool
		path, want string // the body or the Location
	}{
		{"off: an escaped slash ends a parameter", false, "/user/a%2Fb", "Not Found"},
		{"on: an escaped slash is a part of a parameter", true, "/user/a%2Fb", "GET /user/:id id=a%2Fb"},
		{"off: a parameter is decoded", false, "/user/a%20b%25", "GET /user/:id id=a b%"},
		{"on: a parameter stays escaped", true, "/user/a%20b%25", "GET /user/:id id=a%20b%25"},
		{"on: the rest stays escaped", true, "/files/a%2Fb/c", "GET /files/*path path=/a%2Fb/c"},
		{"on: a route has its escaped form", true, "/a%20b", "GET /a%20b"},
		{"on: a redirect stays escaped", true, "/dir/a%2Fb", "/dir/a%2Fb/"},
		{"on: a redirect adds a slash after an escaped one", true, "/dir/a%2F", "/dir/a%2F/"},
		{"on: a redirect removes a slash after an escaped one", true, "/user/a%2F/", "/user/a%2F"},
	} {
		t.Run(row.rule, func(t *testing.T) {
			w := answer(newApp([]iris.OptionSetter{iris.OptionEnablePathEscape(row.escape)}, routes...), "GET", row.path)
			if got := cmp.Or(w.Header().Get("Location"), w.Body.String()); got != row.want {
				t.Errorf("answer %d %q, want %q", w.Code, got, row.want)
			}
		})
	}
}
