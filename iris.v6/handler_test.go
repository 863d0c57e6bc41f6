package iris_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"gopkg.in/kataras/iris.v6"
)

func TestToHandler(t *testing.T) {
	serve := func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("served " + r.URL.Path)) }
	for name, h := range map[string]any{
		"an http.Handler":                  http.StripPrefix("", http.HandlerFunc(serve)),
		"an http.HandlerFunc":              http.HandlerFunc(serve),
		"a function of the same form":      serve,
		"a middleware that does not go on": func(w http.ResponseWriter, r *http.Request, _ http.HandlerFunc) { serve(w, r) },
		"a HandlerFunc as it is":           iris.HandlerFunc(func(ctx *iris.Context) { ctx.Writef("served %s", ctx.Path()) }),
		"a function of that form":          func(ctx *iris.Context) { ctx.Writef("served %s", ctx.Path()) },
	} {
		t.Run(name, func(t *testing.T) {
			app, _ := newApp()
			app.Get("/x", iris.ToHandler(h), writes("never"))
			wantAnswer(t, answer(app, "GET", "/x"), 200, "served /x")
		})
	}
}

func TestToHandlerOfAMiddlewareRunsTheNextHandler(t *testing.T) {
	app, _ := newApp()
	type key struct{}
	app.Use(iris.ToHandler(func(w http.ResponseWriter, r *http.Request, next http.HandlerFunc) {
		w.Write([]byte("before "))
		next(w, r.WithContext(context.WithValue(r.Context(), key{}, "carried")))
		w.Write([]byte(" after"))
	}))
	app.Get("/", func(ctx *iris.Context) { ctx.Writef("handler %v", ctx.Request.Context().Value(key{})) })
	wantAnswer(t, answer(app, "GET", "/"), 200, "before handler carried after")
}

func TestToHandlerPanicsOnAnotherTypeAndNamesIt(t *testing.T) {
	for name, test := range map[string]struct {
		h    any
		want string
	}{
		"a number":                       {7, "int"},
		"nothing":                        {nil, "<nil>"},
		"a function of another form":     {func() {}, "func()"},
		"a handler that wraps a handler": {func(h http.Handler) http.Handler { return h }, "func(http.Handler) http.Handler"},
		"a pointer":                      {new(iris.Context), "*iris.Context"},
	} {
		t.Run(name, func(t *testing.T) {
			message, _ := panicOf(func() { iris.ToHandler(test.h) }).(string)
			wantMessage(t, message, []string{"ToHandler", test.want + " is not a handler", "http.Handler"})
		})
	}
}

// The handlers of net/http find a ResponseWriter that does all they want.
func TestToHandlerOfAFileServer(t *testing.T) {
	files := fstest.MapFS{"big.txt": {Data: []byte(strings.Repeat("0123456789", 1000))}}
	app, _ := newApp()
	app.Get("/*path", iris.ToHandler(http.FileServerFS(files)))
	server := listenTo(t, app)
	for name, test := range map[string]struct {
		method, ranged string
		status         int
		length, body   string
	}{
		"whole":   {"GET", "", 200, "10000", strings.Repeat("0123456789", 1000)},
		"a range": {"GET", "bytes=5000-5009", 206, "10", "0123456789"},
		"HEAD":    {"HEAD", "", 200, "10000", ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := httptest.NewRecorder()
			r := httptest.NewRequest(test.method, "/big.txt", nil)
			if test.ranged != "" {
				r.Header.Set("Range", test.ranged)
			}
			app.ServeHTTP(w, r)
			wantAnswer(t, w, test.status, test.body)
			equal(t, "Content-Length", w.Header().Get("Content-Length"), test.length)
		})
	}
	resp, body, err := get(t, server.Client(), "GET", server.URL+"/big.txt")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "Content-Length over the wire", resp.ContentLength, 10000)
	equal(t, "length over the wire", len(body), 10000)
}
