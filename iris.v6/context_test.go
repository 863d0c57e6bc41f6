package iris_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"gopkg.in/kataras/iris.v6"
)

// steps returns handlers that record their names, all but the last calling Next.
func steps(got *trail, names ...string) iris.Middleware {
	var m iris.Middleware
	for _, name := range names {
		m = append(m, iris.HandlerFunc(func(ctx *iris.Context) {
			got.add(name)
			ctx.Next()
			got.add("/" + name)
		}))
	}
	return m
}

// A bare Context is one that no pool has made.
func TestChainOnABareContext(t *testing.T) {
	t.Run("Do and Next do nothing without handlers", func(t *testing.T) {
		var ctx iris.Context
		ctx.Do()
		ctx.Next()
		equal(t, "Pos", ctx.Pos, 0)
		equal(t, "IsStopped()", ctx.IsStopped(), false)
	})
	t.Run("Do runs the first handler and Next the one after", func(t *testing.T) {
		var got trail
		ctx := iris.Context{Middleware: steps(&got, "a", "b", "c")}
		ctx.Do()
		got.want(t, "a", "b", "c", "/c", "/b", "/a")
	})
	t.Run("Do starts over", func(t *testing.T) {
		var got trail
		ctx := iris.Context{Middleware: steps(&got, "a", "b")}
		ctx.Do()
		ctx.Do()
		got.want(t, "a", "b", "/b", "/a", "a", "b", "/b", "/a")
	})
	t.Run("a handler that does not call Next ends the chain", func(t *testing.T) {
		var got trail
		end := iris.HandlerFunc(func(*iris.Context) { got.add("end") })
		ctx := iris.Context{Middleware: append(append(steps(&got, "a"), end), steps(&got, "never")...)}
		ctx.Do()
		got.want(t, "a", "end", "/a")
	})
	t.Run("Pos is the place of the handler that runs", func(t *testing.T) {
		var at []int
		see := iris.HandlerFunc(func(ctx *iris.Context) { at = append(at, ctx.Pos); ctx.Next() })
		ctx := iris.Context{Middleware: iris.Middleware{see, see, see}}
		ctx.Do()
		if len(at) != 3 || at[0] != 0 || at[1] != 1 || at[2] != 2 {
			t.Errorf("places: %v, want [0 1 2]", at)
		}
	})
	t.Run("StopExecution makes every later Next do nothing", func(t *testing.T) {
		var got trail
		stop := iris.HandlerFunc(func(ctx *iris.Context) {
			ctx.StopExecution()
			ctx.Next()
			got.add("stop")
		})
		again := iris.HandlerFunc(func(ctx *iris.Context) { ctx.Next(); ctx.Next(); got.add("again") })
		ctx := iris.Context{Middleware: append(iris.Middleware{again, stop}, steps(&got, "never")...)}
		ctx.Do()
		equal(t, "IsStopped()", ctx.IsStopped(), true)
		got.want(t, "stop", "again")
	})
	t.Run("Do runs a chain that was stopped", func(t *testing.T) {
		var got trail
		ctx := iris.Context{Middleware: steps(&got, "a")}
		ctx.StopExecution()
		ctx.Do()
		got.want(t, "a", "/a")
	})
}

func TestValues(t *testing.T) {
	var ctx iris.Context
	equal(t, "Get of nothing", ctx.Get("a"), nil)
	equal(t, "GetString of nothing", ctx.GetString("a"), "")
	equal(t, "Param of nothing", ctx.Param("a"), "")

	ctx.Set("a", "one")
	ctx.Set("b", 2)
	ctx.Set("a", "two")
	equal(t, "Get of what was replaced", ctx.Get("a"), any("two"))
	equal(t, "GetString", ctx.GetString("a"), "two")
	equal(t, "Get of another type", ctx.Get("b"), any(2))
	equal(t, "GetString of another type", ctx.GetString("b"), "")
}

func TestValuesPassAlongTheChain(t *testing.T) {
	app, _ := newApp()
	app.UseFunc(func(ctx *iris.Context) { ctx.Set("user", "mia"); ctx.Next() })
	app.Get("/:name", func(ctx *iris.Context) { ctx.Writef("%s %s", ctx.GetString("user"), ctx.Param("name")) })
	wantAnswer(t, answer(app, "GET", "/x"), 200, "mia x")
}

// inspect runs one request and calls look with its Context. A panic in look,
// which the framework recovers, fails the test.
func inspect(t *testing.T, r *http.Request, look func(*iris.Context)) *httptest.ResponseRecorder {
	t.Helper()
	app, _ := newApp()
	ran := false
	app.Any("/*path", func(ctx *iris.Context) { look(ctx); ran = true })
	w := httptest.NewRecorder()
	app.ServeHTTP(w, r)
	if !ran {
		t.Fatal("the handler did not run to its end")
	}
	return w
}

func TestRequestReaders(t *testing.T) {
	r := httptest.NewRequest("POST", "http://example.com:81/a/b?q=1&q=2&both=query", strings.NewReader("form=f&both=body"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Add("X-Word", "first")
	r.Header.Add("X-Word", "second")
	r.AddCookie(&http.Cookie{Name: "crumb", Value: "sweet"})
	inspect(t, r, func(ctx *iris.Context) {
		for name, test := range map[string]struct{ got, want string }{
			"Method":                                {ctx.Method(), "POST"},
			"Host, with its port":                   {ctx.Host(), "example.com:81"},
			"Path, without the query":               {ctx.Path(), "/a/b"},
			"RequestHeader, the first value":        {ctx.RequestHeader("x-word"), "first"},
			"RequestHeader of nothing":              {ctx.RequestHeader("X-None"), ""},
			"URLParam, the first value":             {ctx.URLParam("q"), "1"},
			"URLParam does not read the body":       {ctx.URLParam("form"), ""},
			"URLParam of nothing":                   {ctx.URLParam("none"), ""},
			"FormValue of the body":                 {ctx.FormValue("form"), "f"},
			"FormValue of the query":                {ctx.FormValue("q"), "1"},
			"FormValue, the body before the query":  {ctx.FormValue("both"), "body"},
			"PostValue":                             {ctx.PostValue("form"), "f"},
			"PostValue, the body's":                 {ctx.PostValue("both"), "body"},
			"PostValue does not read the query":     {ctx.PostValue("q"), ""},
			"GetCookie":                             {ctx.GetCookie("crumb"), "sweet"},
			"GetCookie of nothing":                  {ctx.GetCookie("none"), ""},
			"GetCookie, whose name has to be exact": {ctx.GetCookie("Crumb"), ""},
		} {
			equal(t, name, test.got, test.want)
		}
	})
}

func TestRemoteAddr(t *testing.T) {
	for name, test := range map[string]struct{ addr, want string }{
		"IPv4 without the port":                {"192.0.2.7:1234", "192.0.2.7"},
		"IPv6 without brackets or port":        {"[2001:db8::1]:1234", "2001:db8::1"},
		"IPv6 with its zone":                   {"[fe80::1%eth0]:1234", "fe80::1%eth0"},
		"a Unix socket as it is":               {"@", "@"},
		"an unnamed Unix socket":               {"", ""},
		"header fields do not replace the one": {"192.0.2.7:1", "192.0.2.7"},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/", nil)
			r.RemoteAddr = test.addr
			r.Header.Set("X-Forwarded-For", "203.0.113.9")
			r.Header.Set("X-Real-Ip", "203.0.113.9")
			r.Header.Set("Forwarded", "for=203.0.113.9")
			inspect(t, r, func(ctx *iris.Context) { equal(t, "RemoteAddr()", ctx.RemoteAddr(), test.want) })
		})
	}
}
