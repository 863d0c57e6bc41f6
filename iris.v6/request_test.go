package iris_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
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
	const parts = "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n" +
		"--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n2\r\n--x--\r\n"
	for name, test := range map[string]struct{ contentType, body, want string }{
		"a form":              {"application/x-www-form-urlencoded", "a=1&a=2", "map[a:[1 2] q:[0]]"},
		"several parts":       {"multipart/form-data; boundary=x", parts, "map[a:[1 2] q:[0]]"},
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

// newForm returns a request with a form of one file, and its body's length.
func newForm(t *testing.T) (r *http.Request, length int64) {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	file, err := form.CreateFormFile("file", "a.txt")
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(file, "content")
	equal(t, "error of Close", form.Close(), nil)
	length = int64(body.Len())
	r = httptest.NewRequest("POST", "/?file=query", &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	return r, length
}

func TestFormBodyIsBounded(t *testing.T) {
	encoded := func(*testing.T) (*http.Request, int64) {
		r := httptest.NewRequest("POST", "/", strings.NewReader("a=1"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		return r, 3
	}
	for _, row := range []struct {
		name  string
		form  func(*testing.T) (*http.Request, int64)
		found func(*iris.Context) bool
	}{
		{"for FormValue", encoded, func(ctx *iris.Context) bool { return ctx.FormValue("a") == "1" }},
		{"for PostValue", encoded, func(ctx *iris.Context) bool { return ctx.PostValue("a") == "1" }},
		{"for FormValues", encoded, func(ctx *iris.Context) bool { return len(ctx.FormValues()["a"]) == 1 }},
		{"of several parts", newForm, func(ctx *iris.Context) bool { ctx.FormValues(); return ctx.Request.MultipartForm != nil }},
		{"each time it is asked for", encoded, func(ctx *iris.Context) bool { ctx.PostValue("a"); return ctx.FormValue("a") == "1" }},
	} {
		t.Run(row.name, func(t *testing.T) {
			for _, less := range []int64{0, 1} {
				r, length := row.form(t)
				app, _ := newApp(iris.OptionMaxBodyBytes(length - less))
				app.Post("/", func(ctx *iris.Context) { ctx.Writef("%v", row.found(ctx)) })
				w := httptest.NewRecorder()
				app.ServeHTTP(w, r)
				wantAnswer(t, w, 200, fmt.Sprint(less == 0))
			}
		})
	}
	r := httptest.NewRequest("POST", "/?a=1", nil)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Body = nil
	inspect(t, r, func(ctx *iris.Context) { equal(t, "FormValue without a body", ctx.FormValue("a"), "1") })
}

func TestFormFilesAreRemoved(t *testing.T) {
	copied := func(w http.ResponseWriter, r *http.Request, next http.HandlerFunc) {
		next(w, r.WithContext(r.Context()))
	}
	for _, row := range []struct {
		name       string
		middleware iris.HandlerFunc
	}{
		{"of the request itself", func(ctx *iris.Context) { ctx.Next() }},
		{"of one that a middleware put in its place", iris.ToHandler(copied)},
		{"of one that a handler put in its place", func(ctx *iris.Context) { ctx.Request = ctx.Request.WithContext(ctx.Request.Context()); ctx.Next() }},
		{"after a panic", func(ctx *iris.Context) { iris.ToHandler(copied)(ctx); panic("oops") }},
	} {
		t.Run(row.name, func(t *testing.T) {
			dir := t.TempDir()
			t.Setenv("TMPDIR", dir)
			files := func() int {
				entries, err := os.ReadDir(dir)
				equal(t, "error of ReadDir", err, nil)
				return len(entries)
			}
			app, _ := newApp()
			during := 0
			app.Post("/", row.middleware, func(ctx *iris.Context) {
				equal(t, "error of ParseMultipartForm", ctx.Request.ParseMultipartForm(1), nil)
				during = files()
			})
			r, _ := newForm(t)
			app.ServeHTTP(httptest.NewRecorder(), r)
			equal(t, "files while the handler runs", during, 1)
			equal(t, "files afterwards", files(), 0)
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
