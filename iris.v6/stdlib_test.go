package iris_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"gopkg.in/kataras/iris.v6"
)

// shouting is middleware that replaces the request, and the writer by one with the
// methods of http.ResponseWriter only.
func shouting(w http.ResponseWriter, r *http.Request, next http.HandlerFunc) {
	next(upper{w}, r.WithContext(context.WithValue(r.Context(), contextKey{}, "carried")))
}

type upper struct{ w http.ResponseWriter }

func (u upper) Header() http.Header         { return u.w.Header() }
func (u upper) WriteHeader(status int)      { u.w.WriteHeader(status) }
func (u upper) Write(p []byte) (int, error) { return u.w.Write(bytes.ToUpper(p)) }

// wrapping replaces the writer by one with Unwrap, for http.ResponseController.
func wrapping(w http.ResponseWriter, r *http.Request, next http.HandlerFunc) {
	next(struct {
		upper
		unwrapper
	}{upper{w}, unwrapper{w}}, r)
}

type unwrapper struct{ w http.ResponseWriter }

func (u unwrapper) Unwrap() http.ResponseWriter { return u.w }

func TestHandlersAfterMiddlewareGetItsWriterAndItsRequest(t *testing.T) {
	app, logged := newApp()
	app.UseFunc(func(ctx *iris.Context) {
		outside := ctx.ResponseWriter
		ctx.Next()
		equal(t, "the writer is the first one afterwards", ctx.ResponseWriter, outside)
		equal(t, "the request's value afterwards", ctx.Value(contextKey{}), nil)
		ctx.WriteString("after")
	})
	app.Get("/", iris.ToHandler(shouting), func(ctx *iris.Context) {
		equal(t, "the request's value", ctx.Value(contextKey{}), any("carried"))
		ctx.SetHeader("X-Word", "one")
		ctx.SetContentType("text/plain")
		equal(t, "ContentType()", ctx.ContentType(), "text/plain")
		ctx.SetStatusCode(202)
		equal(t, "StatusCode()", ctx.StatusCode(), 202)
		ctx.WriteString("write-string ")
		ctx.Writef("%s ", "writef")
		ctx.Write([]byte("write "))
		ctx.Next()
	}, iris.ToHandler(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "net/http ") }))
	w := answer(app, "GET", "/")
	wantAnswer(t, w, 202, "WRITE-STRING WRITEF WRITE NET/HTTP after")
	equal(t, "X-Word", w.Header().Get("X-Word"), "one")
	logged.none(t)
}

// loud is a writer that a handler puts in the place of ours, and leaves there.
type loud struct{ iris.ResponseWriter }

func (l loud) Unwrap() http.ResponseWriter { return l.ResponseWriter }

func (l loud) WriteString(s string) (int, error) {
	return l.ResponseWriter.WriteString(strings.ToUpper(s))
}

func TestErrorsBehindForeignWriters(t *testing.T) {
	left := func(ctx *iris.Context) { ctx.ResponseWriter = loud{ctx.ResponseWriter}; ctx.Next() }
	for _, writer := range []struct {
		name       string
		middleware iris.HandlerFunc
	}{
		{"of middleware", iris.ToHandler(wrapping)},
		{"of a handler", left},
	} {
		for _, row := range []struct {
			rule    string
			handler iris.HandlerFunc
			status  int
			body    string
		}{
			{"EmitError writes to it", func(ctx *iris.Context) { ctx.WriteString("half"); ctx.EmitError(418) }, 418, "I'M A TEAPOT"},
			{"an OnError handler writes to it", func(ctx *iris.Context) { ctx.EmitError(401) }, 401, "LOG IN"},
			{"a panic is answered without it", func(ctx *iris.Context) { ctx.WriteString("half"); panic("oops") }, 500, "Internal Server Error"},
			{"a failed Save is answered without it", failToSave, 503, "Service Unavailable"},
			{"a failed Save at a flush is answered without it", func(ctx *iris.Context) { failToSave(ctx); ctx.Flush() }, 503, "Service Unavailable"},
		} {
			t.Run(writer.name+"/"+row.rule, func(t *testing.T) {
				app, _ := newApp()
				app.OnError(401, func(ctx *iris.Context) { ctx.WriteString("log in") })
				app.Get("/", writer.middleware, row.handler)
				wantAnswer(t, answer(app, "GET", "/"), row.status, row.body)
			})
		}
	}
}

// settled is a writer that passes on the first status only, and notes the last one.
type settled struct {
	http.ResponseWriter
	last int
}

func (s *settled) WriteHeader(status int) {
	if s.last == 0 {
		s.ResponseWriter.WriteHeader(status)
	}
	s.last = status
}

func TestErrorStatusReachesClientAndForeignWriter(t *testing.T) {
	app, _ := newApp()
	var writer *settled
	app.Use(iris.ToHandler(func(w http.ResponseWriter, r *http.Request, next http.HandlerFunc) {
		writer = &settled{ResponseWriter: w}
		next(writer, r)
	}))
	app.Get("/", func(ctx *iris.Context) { ctx.SetStatusCode(201); ctx.EmitError(403) })
	wantAnswer(t, answer(app, "GET", "/"), 403, "Forbidden")
	equal(t, "status that the writer has noted", writer.last, 403)
}

// zipping is simple middleware that encodes the body.
func zipping(w http.ResponseWriter, r *http.Request, next http.HandlerFunc) {
	w.Header().Set("Content-Encoding", "gzip")
	w.Header().Set("Content-Type", "text/plain")
	zip := gzip.NewWriter(w)
	defer zip.Close()
	next(zipper{w, zip}, r)
}

type zipper struct {
	http.ResponseWriter
	zip *gzip.Writer
}

func (z zipper) Write(p []byte) (int, error) { return z.zip.Write(p) }

func TestErrorsBehindEncodingWriterAreEncoded(t *testing.T) {
	for _, row := range []struct {
		path, encoding string
		status         int
		body           string
	}{
		{"/fine", "gzip", 200, "fine"},
		{"/error", "gzip", 403, "Forbidden"},
		{"/late", "gzip", 403, "half Forbidden"}, // nothing can take back what the encoder has
		{"/panic", "", 500, "Internal Server Error"},
	} {
		t.Run(row.path, func(t *testing.T) {
			app, _ := newApp()
			app.Use(iris.ToHandler(zipping))
			app.Get("/fine", writes("fine"))
			app.Get("/error", func(ctx *iris.Context) { ctx.EmitError(403) })
			app.Get("/late", func(ctx *iris.Context) { ctx.WriteString("half "); ctx.EmitError(403) })
			app.Get("/panic", func(ctx *iris.Context) { ctx.WriteString("half "); panic("oops") })
			w := answer(app, "GET", row.path)
			equal(t, "Content-Encoding", w.Header().Get("Content-Encoding"), row.encoding)
			if row.encoding != "" {
				unzip, err := gzip.NewReader(w.Body)
				equal(t, "error", err, nil)
				body, err := io.ReadAll(unzip)
				equal(t, "error", err, nil)
				w.Body = bytes.NewBuffer(body)
			}
			wantAnswer(t, w, row.status, row.body)
		})
	}
}

// A session belongs to our response, also behind another writer.
func TestSessionBehindForeignWriters(t *testing.T) {
	left := func(ctx *iris.Context) { ctx.ResponseWriter = otherWriter{ctx.ResponseWriter}; ctx.Next() }
	for _, row := range []struct {
		name       string
		middleware iris.HandlerFunc
	}{
		{"with Unwrap", iris.ToHandler(wrapping)},
		{"without Unwrap", iris.ToHandler(shouting)},
		{"that encodes", iris.ToHandler(zipping)},
		{"of a handler", left},
	} {
		t.Run(row.name, func(t *testing.T) {
			app, logged, client := newSessionApp()
			app.Get("/set", row.middleware, func(ctx *iris.Context) {
				ctx.Session().Set("half", "done")
				ctx.Session().Set("name", "mia")
			})
			app.Get("/panic", row.middleware, func(ctx *iris.Context) { ctx.Session().Set("name", "ali"); panic("oops") })
			client.get("/panic")
			equal(t, "cookies after a panic", len(client.cookies), 0)
			logged.one(t)
			client.get("/set")
			client.get("/panic")
			wantAnswer(t, client.get("/show"), 200, "map[half:done name:mia]")
		})
	}
}

func TestResponseControllerBehindForeignWriter(t *testing.T) {
	app, _ := newApp()
	failed := make(chan error, 1)
	app.Post("/", iris.ToHandler(wrapping), func(ctx *iris.Context) {
		control := http.NewResponseController(ctx.ResponseWriter)
		equal(t, "error of SetReadDeadline", control.SetReadDeadline(time.Now()), nil)
		_, err := io.ReadAll(ctx.Request.Body)
		failed <- err
		ctx.WriteString("flushed")
		equal(t, "error of Flush", control.Flush(), nil)
		conn, _, err := control.Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		io.WriteString(conn, "hijacked")
	})
	client := dial(t, listenTo(t, app).Listener.Addr())
	client.send("POST / HTTP/1.1", "Host: x", "Content-Length: 10", "", "half")
	if err := wait(t, failed); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("error of the body: %v, want os.ErrDeadlineExceeded", err)
	}
	if got := client.rest(); !strings.HasSuffix(got, "7\r\nFLUSHED\r\nhijacked") {
		t.Errorf("%q arrives", got)
	}
}

func TestFlushThroughWriterWithoutFlush(t *testing.T) {
	app, logged := newApp()
	app.Get("/", iris.ToHandler(shouting), func(ctx *iris.Context) {
		ctx.WriteString("a")
		ctx.ResponseWriter.Flush()
		_, _, err := ctx.ResponseWriter.Hijack()
		equal(t, "Hijack", errors.Is(err, http.ErrNotSupported), true)
	})
	wantAnswer(t, answer(app, "GET", "/"), 200, "A")
	if message := logged.one(t); !strings.HasPrefix(message, "dev: iris: flush: ") {
		t.Errorf("log record: %q", message)
	}
}
