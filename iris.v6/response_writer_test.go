package iris_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"os"
	"strings"
	"testing"
	"time"

	"gopkg.in/kataras/iris.v6"
)

// bareWriter is an http.ResponseWriter that can do nothing else, and forgives
// everything.
type bareWriter struct {
	header http.Header
	left   http.Header // what the header was when it left
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
		w.status, w.left = status, w.Header().Clone()
	}
}

func (w *bareWriter) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	w.body = append(w.body, p...)
	return len(p), w.err
}

// serve runs a request, and sends the header if nobody else has.
func (w *bareWriter) serve(h http.Handler, method, target string) {
	h.ServeHTTP(w, httptest.NewRequest(method, target, nil))
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
}

func TestBodyIsBufferedUpTo4KiB(t *testing.T) {
	for name, write := range map[string]func(*iris.Context, string){
		"of Write":       func(ctx *iris.Context, s string) { ctx.ResponseWriter.Write([]byte(s)) },
		"of WriteString": func(ctx *iris.Context, s string) { ctx.ResponseWriter.WriteString(s) },
		"of Writef":      func(ctx *iris.Context, s string) { ctx.ResponseWriter.Writef("%s", s) },
		"of io.Copy":     func(ctx *iris.Context, s string) { io.Copy(ctx.ResponseWriter, strings.NewReader(s)) },
	} {
		t.Run(name, func(t *testing.T) {
			app, _ := newApp()
			var w bareWriter
			app.Get("/", func(ctx *iris.Context) {
				write(ctx, strings.Repeat("a", 4000))
				write(ctx, strings.Repeat("b", 96))
				ctx.SetStatusCode(202)
				ctx.SetHeader("X-Late", "in time")
				equal(t, "status that left after 4096 bytes", w.status, 0)
				equal(t, "bytes that left after 4096 bytes", len(w.body), 0)
				write(ctx, "c")
				equal(t, "status that left after 4097 bytes", w.status, 202)
				ctx.SetStatusCode(203)
				equal(t, "StatusCode() after that", ctx.ResponseWriter.StatusCode(), 202)
				write(ctx, "d")
			})
			w.serve(app, "GET", "/")
			equal(t, "body", string(w.body), strings.Repeat("a", 4000)+strings.Repeat("b", 96)+"cd")
			equal(t, "status", w.status, 202)
			equal(t, "X-Late", w.left.Get("X-Late"), "in time")
		})
	}
}

func TestOneWriteOfMoreThan4KiB(t *testing.T) {
	for name, write := range map[string]func(*iris.Context, string){
		"of Write":       func(ctx *iris.Context, s string) { ctx.Write([]byte(s)) },
		"of WriteString": func(ctx *iris.Context, s string) { ctx.WriteString(s) },
	} {
		t.Run(name, func(t *testing.T) {
			app, _ := newApp()
			app.Get("/", func(ctx *iris.Context) { write(ctx, "small, "); write(ctx, strings.Repeat("x", 5000)) })
			wantAnswer(t, answer(app, "GET", "/"), 200, "small, "+strings.Repeat("x", 5000))
		})
	}
}

func TestFlush(t *testing.T) {
	for name, flush := range map[string]func(http.ResponseWriter) error{
		"by http.Flusher":            func(w http.ResponseWriter) error { w.(http.Flusher).Flush(); return nil },
		"by http.ResponseController": func(w http.ResponseWriter) error { return http.NewResponseController(w).Flush() },
	} {
		t.Run(name, func(t *testing.T) {
			app, _ := newApp()
			w := httptest.NewRecorder()
			app.Get("/", func(ctx *iris.Context) {
				ctx.SetStatusCode(202)
				ctx.WriteString("one ")
				equal(t, "flushed before", w.Flushed, false)
				equal(t, "error", flush(ctx.ResponseWriter), nil)
				equal(t, "flushed", w.Flushed, true)
				wantAnswer(t, w, 202, "one ")
				ctx.WriteString("two")
				wantAnswer(t, w, 202, "one two") // nothing is held back any more
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
	if message := logged.one(t); !strings.HasPrefix(message, "dev: iris: flush: ") {
		t.Errorf("log record: %q", message)
	}
}

func TestWriteDeadlineReachesTheConnection(t *testing.T) {
	app, _ := newApp()
	failed := make(chan error, 1)
	app.Get("/", func(ctx *iris.Context) {
		control := http.NewResponseController(ctx.ResponseWriter)
		if err := control.SetWriteDeadline(time.Unix(1, 0)); err != nil {
			failed <- err
			return
		}
		ctx.WriteString("too late")
		failed <- control.Flush()
	})
	server := listenTo(t, app)
	if resp, _, err := get(t, server.Client(), "GET", server.URL); err == nil {
		t.Errorf("a response arrived: %d", resp.StatusCode)
	}
	if err := <-failed; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("error: %v, want os.ErrDeadlineExceeded", err)
	}
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

func TestStatusWithoutABody(t *testing.T) {
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

// The last part of a response is written when nobody can be told of an error
// any more but the developer.
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
