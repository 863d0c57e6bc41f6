package iris_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"gopkg.in/kataras/iris.v6"
)

// A bare Context is one that no pool has made.
func TestChainOnABareContext(t *testing.T) {
	var got trail
	step := func(name string) iris.Handler { // records its name and its place
		return iris.HandlerFunc(func(ctx *iris.Context) {
			got.add(fmt.Sprint(name, ctx.Pos))
			ctx.Next()
			got.add("/" + name)
		})
	}
	end := iris.HandlerFunc(func(*iris.Context) { got.add("end") })
	again := iris.HandlerFunc(func(ctx *iris.Context) { ctx.Next(); ctx.Next(); got.add("again") })
	stop := iris.HandlerFunc(func(ctx *iris.Context) {
		ctx.StopExecution()
		ctx.Next()
		equal(t, "IsStopped()", ctx.IsStopped(), true)
		got.add("stop")
	})
	for _, row := range []struct {
		name  string
		chain iris.Middleware
		want  []string
	}{
		{"Do does nothing without handlers", nil, nil},
		{"Next runs the next handler, at the next Pos", iris.Middleware{step("a"), step("b"), step("c")}, []string{"a0", "b1", "c2", "/c", "/b", "/a"}},
		{"a handler that does not call Next ends the chain", iris.Middleware{step("a"), end, step("never")}, []string{"a0", "end", "/a"}},
		{"StopExecution makes every later Next do nothing", iris.Middleware{again, stop, step("never")}, []string{"stop", "again"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			ctx := iris.Context{Middleware: row.chain}
			for range 2 { // Do starts over, also after StopExecution
				got = nil
				ctx.Do()
				got.want(t, row.want...)
			}
		})
	}
	new(iris.Context).Next() // does nothing
}

func TestValues(t *testing.T) {
	var ctx iris.Context
	equal(t, "Get of no value", ctx.Get("a"), nil)
	equal(t, "GetString of no value", ctx.GetString("a"), "")
	equal(t, "Param of no value", ctx.Param("a"), "")

	ctx.Set("a", "one")
	ctx.Set("b", 2)
	ctx.Set("a", "two")
	equal(t, "Get of a replaced value", ctx.Get("a"), any("two"))
	equal(t, "GetString", ctx.GetString("a"), "two")
	equal(t, "Get of another type", ctx.Get("b"), any(2))
	equal(t, "GetString of another type", ctx.GetString("b"), "")
	equal(t, "ValuesLen()", ctx.ValuesLen(), 2)
	var got trail
	ctx.VisitValues(func(key string, v interface{}) { got.add(fmt.Sprint(key, "=", v)) })
	got.want(t, "a=two", "b=2")
}

func TestParamInt64AndURLParamInts(t *testing.T) {
	const big = int64(1) << 40
	for _, row := range []struct {
		text string
		want int64 // 0 with an error
	}{{"7", 7}, {"-7", -7}, {fmt.Sprint(big), big}, {"seven", 0}, {"7x", 0}, {"0x7", 0}} {
		inspect(t, httptest.NewRequest("GET", "/?n="+row.text, nil), func(ctx *iris.Context) {
			ctx.Set("n", row.text)
			for _, get := range []func(string) (int64, error){
				ctx.ParamInt64, ctx.URLParamInt64,
				func(name string) (int64, error) { n, err := ctx.URLParamInt(name); return int64(n), err },
			} {
				n, err := get("n")
				equal(t, row.text, n, row.want)
				equal(t, row.text+" is an error", err != nil, row.want == 0)
			}
		})
	}
}

func TestDecode(t *testing.T) {
	for _, row := range []struct{ in, path, query string }{
		{"", "", ""}, {"plain", "plain", "plain"}, {"a%20b", "a b", "a b"}, {"a+b", "a+b", "a b"},
		{"a%2Bb%252", "a+b%2", "a+b%2"}, {"%", "%", "%"}, {"%zz", "%zz", "%zz"}, {"100%+a%20b", "100%+a%20b", "100%+a%20b"}, {"a%C3%BC", "aü", "aü"},
	} {
		equal(t, "DecodeURL("+row.in+")", iris.DecodeURL(row.in), row.path)
		equal(t, "DecodeQuery("+row.in+")", iris.DecodeQuery(row.in), row.query)
	}
}

func TestParamDecodedIsDecodedOnce(t *testing.T) {
	for _, escape := range []bool{false, true} {
		app, _ := newApp(iris.OptionEnablePathEscape(escape))
		app.Get("/:id", func(ctx *iris.Context) { ctx.WriteString(ctx.ParamDecoded("id")) })
		wantAnswer(t, answer(app, "GET", "/a%20b+c%2541"), 200, "a b+c%41")
	}
}

// Decoding undoes the escaping of net/url.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{"", "a b+c", "%", "%2", "%2f%2F", "ü\xff\x00", "+%2B"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		equal(t, "DecodeURL(PathEscape)", iris.DecodeURL(url.PathEscape(s)), s)
		equal(t, "DecodeQuery(QueryEscape)", iris.DecodeQuery(url.QueryEscape(s)), s)
		if decoded := iris.DecodeURL(s); decoded != s {
			path, err := url.PathUnescape(s)
			equal(t, "error", err, nil)
			equal(t, "DecodeURL", decoded, path)
		}
	})
}

type contextKey struct{}

func TestContextIsTheRequestsContext(t *testing.T) {
	at := time.Now().Add(time.Hour)
	ended, cancel := context.WithDeadline(context.WithValue(t.Context(), contextKey{}, "carried"), at)
	cancel()
	inspect(t, httptest.NewRequest("GET", "/", nil).WithContext(ended), func(ctx *iris.Context) {
		ctx.Set("name", "mia")
		<-ctx.Done()
		equal(t, "Err()", ctx.Err(), context.Canceled)
		deadline, ok := ctx.Deadline()
		equal(t, "Deadline()", ok && deadline.Equal(at), true)
		equal(t, "a value of the request", ctx.Value(contextKey{}), any("carried"))
		equal(t, "a value that was Set", ctx.Value("name"), any("mia"))
		equal(t, "no value", ctx.Value("nothing"), nil)
	})
}

func TestBareContextIsEmpty(t *testing.T) {
	var ctx iris.Context
	equal(t, "Err()", ctx.Err(), nil)
	equal(t, "Done()", ctx.Done(), nil)
	_, ok := ctx.Deadline()
	equal(t, "Deadline()", ok, false)
	ctx.Set("name", "mia")
	equal(t, "a value that was Set", ctx.Value("name"), any("mia"))
	equal(t, "no value", ctx.Value("nothing"), nil)
	equal(t, "ParamDecoded()", ctx.ParamDecoded("name"), "mia")
}

func TestContextEndsWhenTheClientGoes(t *testing.T) {
	app, _ := newApp()
	entered, ended := make(chan struct{}), make(chan error, 1)
	app.Get("/", func(ctx *iris.Context) {
		close(entered)
		<-ctx.Done()
		ended <- ctx.Err()
	})
	client := dial(t, listenTo(t, app).Listener.Addr())
	client.send("GET / HTTP/1.1", "Host: x", "")
	<-entered
	client.Close()
	equal(t, "Err()", <-ended, context.Canceled)
}

// inspect runs one request and calls look with its Context. A panic in look,
// which the framework recovers, fails the test.
func inspect(t *testing.T, r *http.Request, look func(*iris.Context)) *httptest.ResponseRecorder {
	t.Helper()
	app, _ := newApp()
	ran := false
	app.Any("/*path", func(ctx *iris.Context) { look(ctx); ran = true })
	w := answerTo(app, r)
	if !ran {
		t.Fatal("the handler did not run to its end")
	}
	return w
}

func TestRequestReaders(t *testing.T) {
	r := httptest.NewRequest("POST", "http://example.com:81/a/b?q=1&q=2&both=query&c", strings.NewReader("form=f&both=body"))
	r.Header = http.Header{
		"Content-Type": {"application/x-www-form-urlencoded"},
		"X-Word":       {"first", "second"},
		"Cookie":       {"crumb=sweet; b=2", "crumb=3"},
	}
	inspect(t, r, func(ctx *iris.Context) {
		var cookies trail
		ctx.VisitAllCookies(func(name, value string) { cookies.add(name + "=" + value) })
		for _, row := range []struct{ rule, got, want string }{
			{"Method", ctx.Method(), "POST"},
			{"Host, with its port", ctx.Host(), "example.com:81"},
			{"ServerHost, the same", ctx.ServerHost(), "example.com:81"},
			{"Path, without the query", ctx.Path(), "/a/b"},
			{"RequestHeader, the first value", ctx.RequestHeader("x-word"), "first"},
			{"RequestHeader of no field", ctx.RequestHeader("X-None"), ""},
			{"URLParam, the first value", ctx.URLParam("q"), "1"},
			{"URLParam does not read the body", ctx.URLParam("form"), ""},
			{"URLParam of no parameter", ctx.URLParam("none"), ""},
			{"URLParams, values joined by commas", fmt.Sprint(ctx.URLParams()), "map[both:query c: q:1,2]"},
			{"FormValue of the body", ctx.FormValue("form"), "f"},
			{"FormValue of the query", ctx.FormValue("q"), "1"},
			{"FormValue, the body before the query", ctx.FormValue("both"), "body"},
			{"PostValue", ctx.PostValue("form"), "f"},
			{"PostValue, the body's", ctx.PostValue("both"), "body"},
			{"PostValue does not read the query", ctx.PostValue("q"), ""},
			{"GetCookie, the first value", ctx.GetCookie("crumb"), "sweet"},
			{"GetCookie of no cookie", ctx.GetCookie("none"), ""},
			{"GetCookie of the exact name only", ctx.GetCookie("Crumb"), ""},
			{"VisitAllCookies", strings.Join(cookies, " "), "crumb=sweet b=2 crumb=3"},
			{"IsAjax", fmt.Sprint(ctx.IsAjax()), "false"},
		} {
			equal(t, row.rule, row.got, row.want)
		}
		ctx.Request.Header.Set("X-Requested-With", "XMLHttpRequest")
		equal(t, "IsAjax of a script", ctx.IsAjax(), true)
	})
}

func TestRemoteAddr(t *testing.T) {
	for _, row := range []struct{ rule, addr, want string }{
		{"an IPv4 address has no port, and header fields do not replace it", "192.0.2.7:1234", "192.0.2.7"},
		{"an IPv6 address has no brackets and no port", "[2001:db8::1]:1234", "2001:db8::1"},
		{"an IPv6 address keeps its zone", "[fe80::1%eth0]:1234", "fe80::1%eth0"},
		{"a Unix socket's is unchanged", "@", "@"},
		{"an unnamed Unix socket's is empty", "", ""},
	} {
		t.Run(row.rule, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/", nil)
			r.RemoteAddr = row.addr
			r.Header.Set("X-Forwarded-For", "203.0.113.9")
			r.Header.Set("X-Real-Ip", "203.0.113.9")
			r.Header.Set("Forwarded", "for=203.0.113.9")
			inspect(t, r, func(ctx *iris.Context) { equal(t, "RemoteAddr()", ctx.RemoteAddr(), row.want) })
		})
	}
}
