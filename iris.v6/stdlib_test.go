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

	gorilla "github.com/gorilla/sessions"
	"gopkg.in/kataras/iris.v6"
)

// shouting is middleware that replaces the writer by one that has nothing but
// what an http.ResponseWriter must have, and the request.
func shouting(w http.ResponseWriter, r *http.Request, next http.HandlerFunc) {
	next(upper{w}, r.WithContext(context.WithValue(r.Context(), contextKey{}, "carried")))
}

type upper struct{ w http.ResponseWriter }

func (u upper) Header() http.Header         { return u.w.Header() }
func (u upper) WriteHeader(status int)      { u.w.WriteHeader(status) }
func (u upper) Write(p []byte) (int, error) { return u.w.Write(bytes.ToUpper(p)) }

// wrapping is the same with an Unwrap, as http.ResponseController wants it.
func wrapping(w http.ResponseWriter, r *http.Request, next http.HandlerFunc) {
	next(struct {
		upper
		unwrapper
	}{upper{w}, unwrapper{w}}, r)
}

type unwrapper struct{ w http.ResponseWriter }

func (u unwrapper) Unwrap() http.ResponseWriter { return u.w }

func TestHandlersAfterAMiddlewareGetItsWriterAndItsRequest(t *testing.T) {
	for name, write := range map[string]iris.HandlerFunc{
		"WriteString": func(ctx *iris.Context) { ctx.WriteString("hello") },
		"Writef":      func(ctx *iris.Context) { ctx.Writef("%s", "hello") },
		"Write":       func(ctx *iris.Context) { ctx.Write([]byte("hello")) },
		"Text":        func(ctx *iris.Context) { ctx.Text(200, "hello") },
		"a handler of net/http": iris.ToHandler(func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, "hello")
		}),
	} {
		t.Run(name, func(t *testing.T) {
			app, logged := newApp()
			var outside iris.ResponseWriter
			app.UseFunc(func(ctx *iris.Context) {
				outside = ctx.ResponseWriter
				ctx.Next()
				equal(t, "the writer is the one before afterwards", ctx.ResponseWriter, outside)
				equal(t, "the request's value afterwards", ctx.Value(contextKey{}), nil)
				ctx.WriteString(" after")
			})
			app.Get("/", iris.ToHandler(shouting), func(ctx *iris.Context) {
				equal(t, "the request's value", ctx.Value(contextKey{}), any("carried"))
				ctx.SetHeader("X-Word", "one")
				ctx.SetContentType("text/plain")
				equal(t, "ContentType()", ctx.ResponseWriter.ContentType(), "text/plain")
				ctx.SetStatusCode(202)
				equal(t, "StatusCode()", ctx.ResponseWriter.StatusCode(), 202)
				ctx.SetStatusCode(200)
				write(ctx)
			})
			w := answer(app, "GET", "/")
			wantAnswer(t, w, 200, "HELLO after")
			equal(t, "header", w.Header().Get("X-Word"), "one")
			logged.none(t)
		})
	}
}

func TestErrorsBehindForeignWriter(t *testing.T) {
	for name, test := range map[string]struct {
		handler iris.HandlerFunc
		status  int
		body    string
	}{
		"an error goes through it":         {func(ctx *iris.Context) { ctx.WriteString("half"); ctx.EmitError(418) }, 418, "I'M A TEAPOT"},
		"an OnError handler's answer does": {func(ctx *iris.Context) { ctx.EmitError(401) }, 401, "LOG IN"},
		"a panic does not":                 {func(ctx *iris.Context) { ctx.WriteString("half"); panic("oops") }, 500, "Internal Server Error"},
		"a failed save does not":           {failToSave, 503, "Service Unavailable"},
	} {
		t.Run(name, func(t *testing.T) {
			app, _ := newApp()
			app.OnError(401, func(ctx *iris.Context) { ctx.WriteString("log in") })
			app.Get("/", iris.ToHandler(wrapping), test.handler)
			wantAnswer(t, answer(app, "GET", "/"), test.status, test.body)
		})
	}
}

// loud is a writer that a handler puts in the place of ours, and leaves there.
type loud struct{ iris.ResponseWriter }

func (l loud) Unwrap() http.ResponseWriter { return l.ResponseWriter }

func (l loud) WriteString(s string) (int, error) {
	return l.ResponseWriter.WriteString(strings.ToUpper(s))
}

func TestErrorsAfterTheHandlersAreNotForTheirWriter(t *testing.T) {
	for name, test := range map[string]struct {
		handler iris.HandlerFunc
		status  int
		body    string
	}{
		"an error is":                           {func(ctx *iris.Context) { ctx.EmitError(418) }, 418, "I'M A TEAPOT"},
		"a panic is not":                        {func(ctx *iris.Context) { panic("oops") }, 500, "Internal Server Error"},
		"a failed save is not":                  {failToSave, 503, "Service Unavailable"},
		"a failed save is not, also if flushed": {func(ctx *iris.Context) { failToSave(ctx); ctx.ResponseWriter.Flush() }, 503, "Service Unavailable"},
	} {
		t.Run(name, func(t *testing.T) {
			app, _ := newApp()
			app.UseFunc(func(ctx *iris.Context) { ctx.ResponseWriter = loud{ctx.ResponseWriter}; ctx.Next() })
			app.Get("/", test.handler)
			wantAnswer(t, answer(app, "GET", "/"), test.status, test.body)
		})
	}
}

func failToSave(ctx *iris.Context) {
	attach(ctx.ResponseWriter, "a", &noted{trail: new(trail), err: errors.New("down")})
	ctx.WriteString("fine")
}

// settled is a writer that passes on the first status, and no other.
type settled struct {
	http.ResponseWriter
	set bool
}

func (s *settled) WriteHeader(status int) {
	if !s.set {
		s.set = true
		s.ResponseWriter.WriteHeader(status)
	}
}

func TestErrorStatusCountsBehindWriterThatPassesOnTheFirst(t *testing.T) {
	app, _ := newApp()
	app.Use(iris.ToHandler(func(w http.ResponseWriter, r *http.Request, next http.HandlerFunc) {
		next(&settled{ResponseWriter: w}, r)
	}))
	app.Get("/", func(ctx *iris.Context) { ctx.SetStatusCode(201); ctx.EmitError(403) })
	wantAnswer(t, answer(app, "GET", "/"), 403, "Forbidden")
}

// zipping is middleware as simple as it is often written.
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
	for path, want := range map[string]struct {
		status   int
		encoding string
		body     string
	}{
		"/fine":  {200, "gzip", "fine"},
		"/error": {403, "gzip", "Forbidden"},
		"/late":  {403, "gzip", "half Forbidden"}, // nobody can take back what is in the encoder
		"/panic": {500, "", "Internal Server Error"},
	} {
		t.Run(path, func(t *testing.T) {
			app, _ := newApp()
			app.Use(iris.ToHandler(zipping))
			app.Get("/fine", writes("fine"))
			app.Get("/error", func(ctx *iris.Context) { ctx.EmitError(403) })
			app.Get("/late", func(ctx *iris.Context) { ctx.WriteString("half "); ctx.EmitError(403) })
			app.Get("/panic", func(ctx *iris.Context) { ctx.WriteString("half "); panic("oops") })
			w := answer(app, "GET", path)
			equal(t, "status", w.Code, want.status)
			equal(t, "Content-Encoding", w.Header().Get("Content-Encoding"), want.encoding)
			var body io.Reader = w.Body
			if want.encoding != "" {
				unzip, err := gzip.NewReader(body)
				if err != nil {
					t.Fatal(err)
				}
				body = unzip
			}
			got, err := io.ReadAll(body)
			equal(t, "error", err, nil)
			equal(t, "body", string(got), want.body)
		})
	}
}

// A session belongs to our response, also behind the writer of a middleware.
func TestSessionBehindForeignWriter(t *testing.T) {
	for name, middleware := range map[string]any{"that unwraps": wrapping, "that does not": shouting, "that encodes": zipping} {
		t.Run(name, func(t *testing.T) {
			app, logged, client := newSessionApp()
			app.Get("/set", iris.ToHandler(middleware), func(ctx *iris.Context) {
				ctx.Session().Set("half", "done")
				ctx.Session().Set("name", "mia")
			})
			app.Get("/panic", iris.ToHandler(middleware), func(ctx *iris.Context) {
				ctx.Session().Set("name", "ali")
				panic("oops")
			})
			app.Get("/show", func(ctx *iris.Context) { ctx.WriteString(ctx.Session().GetString("name")) })
			client.get("/set")
			wantAnswer(t, client.get("/show"), 200, "mia")
			logged.none(t)
			client.get("/panic")
			wantAnswer(t, client.get("/show"), 200, "mia")
		})
	}
}

func TestSessionBehindAHandlersWriter(t *testing.T) {
	app, logged, client := newSessionApp()
	app.UseFunc(func(ctx *iris.Context) { ctx.ResponseWriter = otherWriter{ctx.ResponseWriter}; ctx.Next() })
	app.Get("/set", func(ctx *iris.Context) { ctx.Session().Set("name", "mia"); panic("oops") })
	app.Get("/show", func(ctx *iris.Context) { ctx.WriteString(ctx.Session().GetString("name")) })
	client.get("/set")
	equal(t, "cookies after a panic", len(client.cookies), 0)
	wantAnswer(t, client.get("/show"), 200, "")
	equal(t, "log records", len(logged.all()), 1)
}

func TestAttachFindsResponseBehindForeignWriter(t *testing.T) {
	app, _ := newApp()
	var got trail
	app.Get("/", iris.ToHandler(shouting), func(ctx *iris.Context) {
		a := attach(ctx.ResponseWriter, "a", &noted{trail: &got})
		equal(t, "another time", attach(ctx.ResponseWriter, "a", nil), a)
	})
	answer(app, "GET", "/")
	got.want(t, "save true", "release")
}

func TestAppInAnotherMuxBehindAServer(t *testing.T) {
	app, _ := newApp()
	app.Get("/x", func(ctx *iris.Context) { ctx.WriteString(ctx.Path()) })
	mux := http.NewServeMux()
	mux.Handle("/app/", http.StripPrefix("/app", app))
	server := listenTo(t, mux)
	for path, want := range map[string]string{"/app/x": "/x", "/app/nowhere": "Not Found", "/x": "404 page not found\n"} {
		_, body, err := get(t, server.Client(), "GET", server.URL+path)
		equal(t, "error", err, nil)
		equal(t, path, body, want)
	}
}

func TestResponseController(t *testing.T) {
	for name, middleware := range map[string]any{"with our writer": shoutNot, "with a middleware's around it": wrapping} {
		t.Run("flushes "+name, func(t *testing.T) {
			app, _ := newApp()
			flushed := make(chan struct{})
			app.Get("/", iris.ToHandler(middleware), func(ctx *iris.Context) {
				ctx.WriteString("1")
				equal(t, "error", http.NewResponseController(ctx.ResponseWriter).Flush(), nil)
				<-flushed
				ctx.WriteString("2")
			})
			server := listenTo(t, app)
			resp, err := server.Client().Get(server.URL)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			first := make([]byte, 1)
			_, err = io.ReadFull(resp.Body, first)
			equal(t, "error", err, nil)
			close(flushed)
			rest, err := io.ReadAll(resp.Body)
			equal(t, "error", err, nil)
			equal(t, "body", string(first)+" "+string(rest), "1 2")
		})
		t.Run("sets deadlines "+name, func(t *testing.T) {
			app, _ := newApp()
			failed := make(chan error, 1)
			app.Post("/", iris.ToHandler(middleware), func(ctx *iris.Context) {
				equal(t, "error", http.NewResponseController(ctx.ResponseWriter).SetReadDeadline(time.Now()), nil)
				_, err := io.ReadAll(ctx.Request.Body)
				failed <- err
			})
			client := dial(t, listenTo(t, app).Listener.Addr())
			client.send("POST / HTTP/1.1", "Host: x", "Content-Length: 10", "", "half")
			if err := wait(t, failed); !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("error: %v, want os.ErrDeadlineExceeded", err)
			}
		})
		t.Run("hijacks "+name, func(t *testing.T) {
			app, _ := newApp()
			app.Get("/", iris.ToHandler(middleware), func(ctx *iris.Context) {
				conn, _, err := ctx.ResponseWriter.Hijack()
				if err != nil {
					t.Error(err)
					return
				}
				defer conn.Close()
				io.WriteString(conn, "raw")
			})
			client := dial(t, listenTo(t, app).Listener.Addr())
			client.send("GET / HTTP/1.1", "Host: x", "")
			equal(t, "what arrives", client.rest(), "raw")
		})
	}
}

// shoutNot leaves the writer alone.
func shoutNot(w http.ResponseWriter, r *http.Request, next http.HandlerFunc) { next(w, r) }

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

// The page that this project is made after names gorilla/sessions.
func TestGorillaSessions(t *testing.T) {
	store := gorilla.NewCookieStore([]byte("0123456789abcdef0123456789abcdef"))
	app, _ := newApp()
	app.Get("/login", func(ctx *iris.Context) {
		session, err := store.Get(ctx.Request, "gorilla")
		app.Must(err)
		session.Values["authenticated"] = true
		app.Must(session.Save(ctx.Request, ctx.ResponseWriter))
	})
	app.Get("/secret", func(ctx *iris.Context) {
		session, err := store.Get(ctx.Request, "gorilla")
		app.Must(err)
		if in, _ := session.Values["authenticated"].(bool); !in {
			ctx.EmitError(iris.StatusForbidden)
			return
		}
		ctx.WriteString("The cake is a lie!")
	})
	client := &browser{app, make(map[string]string)}
	wantAnswer(t, client.get("/secret"), 403, "Forbidden")
	wantAnswer(t, client.get("/login"), 200, "")
	wantAnswer(t, client.get("/secret"), 200, "The cake is a lie!")
	wantAnswer(t, answer(app, "GET", "/secret"), 403, "Forbidden")
}
