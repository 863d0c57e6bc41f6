package iris_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"testing"

	"gopkg.in/kataras/iris.v6"
)

// bareWriter has the methods of http.ResponseWriter only, and accepts every body.
type bareWriter struct {
	header http.Header
	sent   http.Header // a copy of the header when it left
	status int         // 0 until then
	body   []byte
	err    error // what Write returns
}

func (w *bareWriter) Header() http.Header {
	if w.header == nil {
		w.header = make(http.Header)
	}
	return w.header
}

func (w *bareWriter) WriteHeader(status int) {
	if status >= 200 || status == http.StatusSwitchingProtocols {
		w.status, w.sent = status, w.Header().Clone()
	}
}

func (w *bareWriter) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	w.body = append(w.body, p...)
	return len(p), w.err
}

// serve runs a request, and sends the header if the app has not.
func (w *bareWriter) serve(h http.Handler, method, target string) {
	h.ServeHTTP(w, httptest.NewRequest(method, target, nil))
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
}

func TestBodyIsBufferedUpTo4KiB(t *testing.T) {
	for _, row := range []struct {
		name  string
		write func(*iris.Context, string) (int, error)
	}{
		{"Write", func(ctx *iris.Context, s string) (int, error) { return ctx.Write([]byte(s)) }},
		{"WriteString", func(ctx *iris.Context, s string) (int, error) { return ctx.WriteString(s) }},
		{"Writef", func(ctx *iris.Context, s string) (int, error) { return ctx.Writef("%s", s) }},
	} {
		for _, method := range []string{"GET", "HEAD"} {
			t.Run(method+" "+row.name, func(t *testing.T) {
				app, _ := newApp()
				var w bareWriter
				write := func(ctx *iris.Context, s string) {
					n, err := row.write(ctx, s)
					equal(t, "length", n, len(s))
					equal(t, "error", err, nil)
				}
				app.Get("/", func(ctx *iris.Context) {
					write(ctx, strings.Repeat("a", 4000))
					write(ctx, strings.Repeat("b", 96))
					ctx.SetStatusCode(202)
					ctx.SetHeader("X-Late", "in time")
					equal(t, "status that left after 4096 bytes", w.status, 0)
					equal(t, "bytes that left after 4096 bytes", len(w.body), 0)
					write(ctx, strings.Repeat("c", 5000))
					equal(t, "status that left after more", w.status, 202)
					ctx.SetStatusCode(203)
					equal(t, "StatusCode() after that", ctx.StatusCode(), 202)
					write(ctx, "d")
				})
				w.serve(app, method, "/")
				want := strings.Repeat("a", 4000) + strings.Repeat("b", 96) + strings.Repeat("c", 5000) + "d"
				if method == "HEAD" {
					want = ""
				}
				equal(t, "body", string(w.body), want)
				equal(t, "status", w.status, 202)
				equal(t, "X-Late", w.sent.Get("X-Late"), "in time")
			})
		}
	}
}

func TestFlush(t *testing.T) {
	for _, row := range []struct {
		name  string
		flush func(http.ResponseWriter) error
	}{
		{"by http.Flusher", func(w http.ResponseWriter) error { w.(http.Flusher).Flush(); return nil }},
		{"by http.ResponseController", func(w http.ResponseWriter) error { return http.NewResponseController(w).Flush() }},
	} {
		t.Run(row.name, func(t *testing.T) {
			app, _ := newApp()
			w := httptest.NewRecorder()
			app.Get("/", func(ctx *iris.Context) {
				ctx.SetStatusCode(202)
				ctx.WriteString("one ")
				equal(t, "flushed before", w.Flushed, false)
				equal(t, "error", row.flush(ctx.ResponseWriter), nil)
				equal(t, "flushed", w.Flushed, true)
				wantAnswer(t, w, 202, "one ")
				ctx.WriteString("two")
				wantAnswer(t, w, 202, "one two") // nothing is buffered any more
			})
			app.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
			wantAnswer(t, w, 202, "one two")
		})
	}
}

func TestFlushWithoutServerSupport(t *testing.T) {
	app, logged := newApp()
	app.Get("/", func(ctx *iris.Context) {
		ctx.WriteString("words")
		if err := http.NewResponseController(ctx.ResponseWriter).Flush(); !errors.Is(err, http.ErrNotSupported) {
			t.Errorf("error: %v, want http.ErrNotSupported", err)
		}
		logged.none(t)
		ctx.ResponseWriter.Flush()
	})
	var w bareWriter
	w.serve(app, "GET", "/")
	equal(t, "body", string(w.body), "words")
	equal(t, "log record", logged.one(t), "dev: iris: flush: "+http.ErrNotSupported.Error())
}

func TestInformationalResponsePassesAtOnce(t *testing.T) {
	app, _ := newApp()
	arrived := make(chan struct{})
	app.Get("/", func(ctx *iris.Context) {
		ctx.WriteString("final ")
		ctx.SetHeader("Link", "</style.css>")
		ctx.ResponseWriter.WriteHeader(http.StatusEarlyHints)
		equal(t, "StatusCode()", ctx.ResponseWriter.StatusCode(), 200)
		select {
		case <-arrived:
		case <-ctx.Request.Context().Done():
			t.Error("the hint has not arrived")
		}
		ctx.WriteString("words")
	})
	server := listenTo(t, app)
	trace := &httptrace.ClientTrace{Got1xxResponse: func(code int, header textproto.MIMEHeader) error {
		equal(t, "informational status", code, 103)
		equal(t, "Link", header.Get("Link"), "</style.css>")
		close(arrived)
		return nil
	}}
	r, err := http.NewRequestWithContext(httptrace.WithClientTrace(t.Context(), trace), "GET", server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if resp.StatusCode != 200 || string(body) != "final words" || err != nil {
		t.Errorf("answer %d %q, error %v", resp.StatusCode, body, err)
	}
}

func TestStatusWithoutABodyDropsIt(t *testing.T) {
	for _, status := range []int{101, 204, 304} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			app, logged := newApp()
			app.Get("/", func(ctx *iris.Context) {
				ctx.SetStatusCode(status)
				ctx.WriteString("dropped")
			})
			var w bareWriter
			w.serve(app, "GET", "/")
			equal(t, "status", w.status, status)
			equal(t, "body", string(w.body), "")
			logged.none(t)
		})
	}
}

// At the end, no handler is left that could get the error.
func TestWriteErrorAtTheEndIsLoggedForTheDeveloper(t *testing.T) {
	app, logged := newApp()
	app.Get("/:name", func(ctx *iris.Context) { ctx.WriteString("words") })
	(&bareWriter{err: errors.New("broken pipe")}).serve(app, "GET", "/a%0ab?token=s3cret")
	equal(t, "log record", logged.one(t), `dev: iris: "GET" "/a\nb": broken pipe`)
}

func TestWriteErrorIsReturned(t *testing.T) {
	app, _ := newApp()
	broken := errors.New("broken pipe")
	app.Get("/", func(ctx *iris.Context) {
		_, err := ctx.WriteString(strings.Repeat("x", 5000))
		equal(t, "error", err, broken)
		_, err = ctx.Write([]byte("more"))
		equal(t, "error afterwards", err, broken)
	})
	(&bareWriter{err: broken}).serve(app, "GET", "/")
}

// A trailer follows the body, so net/http sends it with a chunked body only: a
// buffered body must not become one of known length.
func TestTrailersFollowTheBody(t *testing.T) {
	for _, length := range []int{0, 10, 3000, 9000} { // net/http buffers 2048 bytes
		t.Run(fmt.Sprint(length), func(t *testing.T) {
			app, _ := newApp()
			app.Get("/", func(ctx *iris.Context) {
				ctx.SetHeader("Trailer", "X-Sum")
				ctx.WriteString(strings.Repeat("x", length))
				ctx.SetHeader("X-Sum", "42")
			})
			resp, body := ask(t, app, "GET /")
			equal(t, "length", len(body), length)
			equal(t, "trailer", resp.Trailer.Get("X-Sum"), "42")
		})
	}
}
