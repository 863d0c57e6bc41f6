package iris_test

import (
	"bytes"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"gopkg.in/kataras/iris.v6"
)

func TestFormValues(t *testing.T) {
	const parts = "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n" +
		"--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n2\r\n--x--\r\n"
	for _, row := range []struct{ rule, contentType, body, want string }{
		{"a form", "application/x-www-form-urlencoded", "a=1&a=2", "map[a:[1 2] q:[0]]"},
		{"a form of several parts", "multipart/form-data; boundary=x", parts, "map[a:[1 2] q:[0]]"},
		{"another type", "application/json", `{"a":1}`, "map[q:[0]]"},
		{"a form that cannot be read", "application/x-www-form-urlencoded", "b=1&a=%zz", "map[b:[1] q:[0]]"},
	} {
		t.Run(row.rule, func(t *testing.T) {
			r := httptest.NewRequest("POST", "/?q=0", strings.NewReader(row.body))
			r.Header.Set("Content-Type", row.contentType)
			inspect(t, r, func(ctx *iris.Context) { equal(t, "FormValues()", fmt.Sprint(ctx.FormValues()), row.want) })
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
		{"with several parts", newForm, func(ctx *iris.Context) bool { ctx.FormValues(); return ctx.Request.MultipartForm != nil }},
		{"for two calls", encoded, func(ctx *iris.Context) bool { ctx.PostValue("a"); return ctx.FormValue("a") == "1" }},
	} {
		t.Run(row.name, func(t *testing.T) {
			for _, less := range []int64{0, 1} {
				r, length := row.form(t)
				app, _ := newApp(iris.OptionMaxBodyBytes(length - less))
				app.Post("/", func(ctx *iris.Context) { ctx.Writef("%v", row.found(ctx)) })
				wantAnswer(t, answerTo(app, r), 200, fmt.Sprint(less == 0))
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
		{"of one that middleware put in its place", iris.ToHandler(copied)},
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
			answerTo(app, r)
			equal(t, "files while the handler runs", during, 1)
			equal(t, "files afterwards", files(), 0)
		})
	}
}

func TestReadJSON(t *testing.T) {
	for _, row := range []struct {
		rule, body string
		want       int
		err        string // "" for none
	}{
		{"JSON", `{"n": 7}`, 7, ""},
		{"10 MiB", `{"n": 7}` + strings.Repeat(" ", 10<<20-8), 7, ""},
		{"no body", "", 0, "unexpected end of JSON input"},
		{"a second value", `{"n": 7} {}`, 0, "invalid character '{' after top-level value"},
		{"another type", `{"n": "x"}`, 0, "cannot unmarshal string"},
		{"more than 10 MiB", `{"n": 7}` + strings.Repeat(" ", 10<<20), 0, "request body too large"},
	} {
		t.Run(row.rule, func(t *testing.T) {
			var v struct{ N int }
			inspect(t, httptest.NewRequest("POST", "/", strings.NewReader(row.body)), func(ctx *iris.Context) {
				err := ctx.ReadJSON(&v)
				if row.err == "" {
					equal(t, "error", err, nil)
				} else if err == nil || !strings.Contains(err.Error(), row.err) {
					t.Errorf("error: %v, want one that says %q", err, row.err)
				}
				equal(t, "*http.MaxBytesError", errors.As(err, new(*http.MaxBytesError)), strings.Contains(row.err, "too large"))
			})
			equal(t, "value", v.N, row.want)
		})
	}
}

// The server does not wait for the rest of a body that is too long.
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
