package iris_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"gopkg.in/kataras/iris.v6"
)

func TestToHandler(t *testing.T) {
	serve := func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("served " + r.URL.Path)) }
	for _, row := range []struct {
		rule    string
		handler any
	}{
		{"an http.Handler", http.StripPrefix("", http.HandlerFunc(serve))},
		{"an http.HandlerFunc", http.HandlerFunc(serve)},
		{"a function with its parameters", serve},
		{"middleware that does not call next", func(w http.ResponseWriter, r *http.Request, _ http.HandlerFunc) { serve(w, r) }},
		{"a HandlerFunc", iris.HandlerFunc(func(ctx *iris.Context) { ctx.Writef("served %s", ctx.Path()) })},
	} {
		t.Run(row.rule, func(t *testing.T) {
			app, _ := newApp()
			app.Get("/x", iris.ToHandler(row.handler), writes("never"))
			wantAnswer(t, answer(app, "GET", "/x"), 200, "served /x")
		})
	}
}

// The handlers of net/http find all that they use in our ResponseWriter.
func TestToHandlerOfAFileServer(t *testing.T) {
	content := strings.Repeat("0123456789", 1000)
	app, _ := newApp()
	app.Get("/*path", iris.ToHandler(http.FileServerFS(fstest.MapFS{"big.txt": {Data: []byte(content)}})))
	for _, row := range []struct {
		method, ranges string
		status         int
		length, body   string
	}{
		{"GET", "", 200, "10000", content},
		{"GET", "bytes=5000-5009", 206, "10", "0123456789"},
		{"HEAD", "", 200, "10000", ""},
	} {
		t.Run(row.method+" "+row.ranges, func(t *testing.T) {
			r := httptest.NewRequest(row.method, "/big.txt", nil)
			if row.ranges != "" {
				r.Header.Set("Range", row.ranges)
			}
			w := answerTo(app, r)
			wantAnswer(t, w, row.status, row.body)
			equal(t, "Content-Length", w.Header().Get("Content-Length"), row.length)
		})
	}
}
