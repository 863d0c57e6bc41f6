package iris_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"gopkg.in/kataras/iris.v6"
)

type contextKey struct{}

// deadContext has a value, a deadline, and has been cancelled.
func deadContext(t *testing.T) context.Context {
	ctx, cancel := context.WithDeadline(context.WithValue(t.Context(), contextKey{}, "carried"), time.Now().Add(time.Hour))
	cancel()
	return ctx
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

func TestURLParams(t *testing.T) {
	inspect(t, httptest.NewRequest("GET", "/?a=1&b=2&b=3&c", nil), func(ctx *iris.Context) {
		equal(t, "URLParams()", fmt.Sprint(ctx.URLParams()), "map[a:1 b:2,3 c:]")
	})
	inspect(t, httptest.NewRequest("GET", "/", nil), func(ctx *iris.Context) {
		equal(t, "URLParams() of no query", len(ctx.URLParams()), 0)
	})
}

func TestFormValues(t *testing.T) {
	const multipart = "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n" +
		"--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n2\r\n--x--\r\n"
	for name, test := range map[string]struct{ contentType, body, want string }{
		"a form":              {"application/x-www-form-urlencoded", "a=1&a=2", "map[a:[1 2] q:[0]]"},
		"several parts":       {"multipart/form-data; boundary=x", multipart, "map[a:[1 2] q:[0]]"},
		"what is no form":     {"application/json", `{"a":1}`, "map[q:[0]]"},
		"what cannot be read": {"application/x-www-form-urlencoded", "b=1&a=%zz", "map[b:[1] q:[0]]"},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest("POST", "/?q=0", strings.NewReader(test.body))
			r.Header.Set("Content-Type", test.contentType)
			inspect(t, r, func(ctx *iris.Context) { equal(t, "FormValues()", fmt.Sprint(ctx.FormValues()), test.want) })
		})
	}
}

func TestServerHostAndIsAjax(t *testing.T) {
	r := httptest.NewRequest("GET", "http://example.com:81/", nil)
	inspect(t, r, func(ctx *iris.Context) {
		equal(t, "ServerHost()", ctx.ServerHost(), "example.com:81")
		equal(t, "IsAjax()", ctx.IsAjax(), false)
	})
	r.Header.Set("X-Requested-With", "XMLHttpRequest")
	inspect(t, r, func(ctx *iris.Context) { equal(t, "IsAjax() of a script", ctx.IsAjax(), true) })
}

func TestCookiesKeyAndValue(t *testing.T) {
	for target, secure := range map[string]bool{"http://x/": false, "https://x/": true} {
		w := inspect(t, httptest.NewRequest("GET", target, nil), func(ctx *iris.Context) {
			ctx.SetCookieKV("a", "1")
			ctx.RemoveCookie("b")
		})
		cookies := w.Result().Cookies()
		if len(cookies) != 2 {
			t.Fatalf("cookies: %v", cookies)
		}
		equal(t, "what is set", cookies[0].Name+"="+cookies[0].Value, "a=1")
		equal(t, "its life", cookies[0].MaxAge, 2*60*60)
		equal(t, "what is removed", cookies[1].Name+"="+cookies[1].Value, "b=")
		equal(t, "its life afterwards", cookies[1].MaxAge < 0, true)
		for _, c := range cookies {
			equal(t, "HttpOnly", c.HttpOnly, true)
			equal(t, "Path", c.Path, "/")
			equal(t, "SameSite", c.SameSite, http.SameSiteLaxMode)
			equal(t, "Secure", c.Secure, secure)
		}
	}
}

func TestVisitAllCookies(t *testing.T) {
	r := httptest.NewRequest("GET", "/", nil)
	r.Header["Cookie"] = []string{"a=1; b=2", "a=3"}
	inspect(t, r, func(ctx *iris.Context) {
		var got trail
		ctx.VisitAllCookies(func(name, value string) { got.add(name + "=" + value) })
		got.want(t, "a=1", "b=2", "a=3")
	})
}

func TestReadJSON(t *testing.T) {
	for name, test := range map[string]struct {
		body string
		want int
		err  string // "" for none
	}{
		"what is JSON":           {`{"n": 7}`, 7, ""},
		"10 MiB of it":           {`{"n": 7}` + strings.Repeat(" ", 10<<20-8), 7, ""},
		"a broken one":           {`{"n": 7`, 0, "unexpected end of JSON input"},
		"none":                   {"", 0, "unexpected end of JSON input"},
		"what follows it":        {`{"n": 7} {}`, 0, "invalid character '{' after top-level value"},
		"another type":           {`{"n": "x"}`, 0, "cannot unmarshal string"},
		"more than 10 MiB of it": {`{"n": 7}` + strings.Repeat(" ", 10<<20), 0, "request body too large"},
	} {
		t.Run(name, func(t *testing.T) {
			var v struct{ N int }
			inspect(t, httptest.NewRequest("POST", "/", strings.NewReader(test.body)), func(ctx *iris.Context) {
				err := ctx.ReadJSON(&v)
				if test.err == "" {
					equal(t, "error", err, nil)
				} else if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Errorf("error: %v, want one that says %q", err, test.err)
				}
				equal(t, "*http.MaxBytesError", errors.As(err, new(*http.MaxBytesError)), strings.Contains(test.err, "too large"))
			})
			equal(t, "what was read", v.N, test.want)
		})
	}
}

// The rest of a body that is too long is not waited for.
func TestReadJSONOfATooLongBodyEndsTheConnection(t *testing.T) {
	app, _ := newApp()
	app.Post("/", func(ctx *iris.Context) {
		if err := ctx.ReadJSON(new(any)); err != nil {
			ctx.EmitError(iris.StatusRequestEntityTooLarge)
		}
	})
	client := dial(t, listenTo(t, app).Listener.Addr())
	client.send("POST / HTTP/1.1", "Host: x", "Content-Length: 20000000", "", strings.Repeat(" ", 10<<20))
	resp, _ := client.receive("POST")
	equal(t, "status", resp.StatusCode, 413)
	equal(t, "the connection is closed", resp.Close, true)
}

func TestData(t *testing.T) {
	w := inspect(t, httptest.NewRequest("GET", "/", nil), func(ctx *iris.Context) {
		equal(t, "error", ctx.Data(201, []byte("\x00\xff")), nil)
	})
	wantAnswer(t, w, 201, "\x00\xff")
	equal(t, "Content-Type", w.Header().Get("Content-Type"), "application/octet-stream")
}
