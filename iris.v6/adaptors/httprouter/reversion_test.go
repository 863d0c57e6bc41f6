package httprouter_test

import (
	"slices"
	"strings"
	"testing"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/httprouter"
)

func TestStaticPath(t *testing.T) {
	for path, want := range map[string]string{
		"/": "/", "/my/path": "/my/path", "/api/user/:id": "/api/user", "/api/user/:id/messages": "/api/user",
		"/files/*path": "/files", "/:id": "/", "/*path": "/", "/user_:id": "/user_",
	} {
		if got := httprouter.New().StaticPath(path); got != want {
			t.Errorf("StaticPath(%q): %q, want %q", path, got, want)
		}
	}
}

func TestWildcardPathAndParam(t *testing.T) {
	policies := httprouter.New()
	for path, want := range map[string]string{"/": "/*p", "/static": "/static/*p", "/static/": "/static/*p"} {
		if got := policies.WildcardPath(path, "p"); got != want {
			t.Errorf("WildcardPath(%q): %q, want %q", path, got, want)
		}
	}
	if got := policies.Param("id"); got != ":id" {
		t.Errorf("Param: %q", got)
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
	for name, test := range map[string]struct {
		escape     bool
		path, want string // the body, or where it redirects to
	}{
		"off: an escaped slash ends a parameter":     {false, "/user/a%2Fb", "Not Found"},
		"on: an escaped slash is a part of it":       {true, "/user/a%2Fb", "GET /user/:id id=a%2Fb"},
		"off: a parameter is decoded":                {false, "/user/a%20b%25", "GET /user/:id id=a b%"},
		"on: a parameter is not":                     {true, "/user/a%20b%25", "GET /user/:id id=a%20b%25"},
		"on: the rest is not":                        {true, "/files/a%2Fb/c", "GET /files/*path path=/a%2Fb/c"},
		"on: routes are written as they are sent":    {true, "/a%20b", "GET /a%20b"},
		"on: a redirect keeps what is escaped":       {true, "/dir/a%2Fb", "/dir/a%2Fb/"},
		"on: and what ends with an escaped slash":    {true, "/dir/a%2F", "/dir/a%2F/"},
		"on: a slash too many, after an escaped one": {true, "/user/a%2F/", "/user/a%2F"},
	} {
		t.Run(name, func(t *testing.T) {
			w := answer(newApp([]iris.OptionSetter{iris.OptionEnablePathEscape(test.escape)}, routes...), "GET", test.path)
			got := w.Body.String()
			if w.Code == 301 {
				got = w.Header().Get("Location")
			}
			if got != test.want {
				t.Errorf("answer %d %q, want %q", w.Code, got, test.want)
			}
		})
	}
}

func TestParamDecodedIsDecodedOnce(t *testing.T) {
	for _, escape := range []bool{false, true} {
		app := iris.New(iris.OptionEnablePathEscape(escape))
		app.Adapt(httprouter.New())
		app.Get("/user/:id", func(ctx *iris.Context) { ctx.WriteString(ctx.ParamDecoded("id")) })
		wantAnswer(t, answer(app, "GET", "/user/a%20b+c%2541"), 200, "a b+c%41")
	}
}
