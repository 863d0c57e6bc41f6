package iris_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"gopkg.in/kataras/iris.v6"
)

// benchWriter is a minimal http.ResponseWriter, reused for every request.
type benchWriter struct {
	header  http.Header
	status  int
	written int
}

func (w *benchWriter) Header() http.Header { return w.header }

func (w *benchWriter) WriteHeader(status int) { w.status = status }

func (w *benchWriter) Write(p []byte) (int, error) {
	w.written += len(p)
	return len(p), nil
}

func BenchmarkServeHTTP(b *testing.B) {
	for _, row := range []struct {
		name, path string
		status     int // 0: the implicit 200
		written    int
	}{
		{"static", "/static/route", 0, 5},
		{"parameter", "/user/mia", 0, 3},
		{"not found", "/nowhere", 404, 9},
	} {
		b.Run(row.name, func(b *testing.B) {
			app, _ := newApp()
			app.Get("/static/route", func(ctx *iris.Context) { ctx.WriteString("hello") })
			app.Get("/user/:name", func(ctx *iris.Context) { ctx.WriteString(ctx.Param("name")) })
			app.Boot()
			w := benchWriter{header: make(http.Header)}
			r := httptest.NewRequest("GET", row.path, nil)
			b.ReportAllocs()
			for b.Loop() {
				clear(w.header)
				w.status, w.written = 0, 0
				app.ServeHTTP(&w, r)
			}
			if w.status != row.status || w.written != row.written {
				b.Fatalf("answer %d of %d bytes, want %d of %d", w.status, w.written, row.status, row.written)
			}
		})
	}
}
