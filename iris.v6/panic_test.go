package iris_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"gopkg.in/kataras/iris.v6"
)

func TestPanicIsA500AndTheConnectionLives(t *testing.T) {
	app, logged := newApp()
	app.Get("/panic/:name", func(ctx *iris.Context) {
		ctx.SetHeader("Content-Length", "100")
		ctx.WriteString("partial")
		panic("oops")
	})
	app.Get("/next", func(ctx *iris.Context) { ctx.WriteString("still here") })
	client := dial(t, listenTo(t, app).Listener.Addr())

	client.send("GET /panic/a%0ab?token=s3cret HTTP/1.1", "Host: x", "Cookie: sid=s3cret", "")
	resp, body := client.receive("GET")
	equal(t, "status", resp.StatusCode, 500)
	equal(t, "body", body, "Internal Server Error")
	client.send("GET /next HTTP/1.1", "Host: x", "")
	resp, body = client.receive("GET")
	equal(t, "status of the next response", resp.StatusCode, 200)
	equal(t, "body of the next response", body, "still here")

	message := logged.one(t)
	for _, part := range []string{`"GET"`, `"/panic/a\nb"`, "oops", "goroutine ", "panic_test.go:"} {
		if !strings.Contains(message, part) {
			t.Errorf("log record lacks %q:\n%s", part, message)
		}
	}
	if strings.Contains(message, "s3cret") {
		t.Errorf("log record with the query or the cookie:\n%s", message)
	}
}

func TestPanicTextIsOneLineOfItsRecord(t *testing.T) {
	app, logged := newApp()
	app.Get("/", func(*iris.Context) { panic("oops\nFORGED") })
	answer(app, "GET", "/")
	if first, _, _ := strings.Cut(logged.one(t), "\n"); first != `iris: panic at "GET" "/": oops\nFORGED` {
		t.Errorf("first line: %q", first)
	}
}

func TestPanicRecordQuotesWhatTheClientChose(t *testing.T) {
	app, logged := newApp()
	app.Handle("A\nB", "/:name", iris.HandlerFunc(func(*iris.Context) { panic("oops") }))
	r := httptest.NewRequest("GET", "/x%0aFORGED", nil)
	r.Method = "A\nB"
	app.ServeHTTP(httptest.NewRecorder(), r)
	if first, _, _ := strings.Cut(logged.one(t), "\n"); first != `iris: panic at "A\nB" "/x\nFORGED": oops` {
		t.Errorf("record begins with %q", first)
	}
}

type fault struct{ n int }

func (f fault) Error() string { return "fault" }

func TestRecoverIsCalledWithTheError(t *testing.T) {
	known := errors.New("known")
	for name, test := range map[string]struct {
		panics func()
		want   func(error) bool
	}{
		"an error as it is":           {func() { panic(known) }, func(err error) bool { return err == known }},
		"an error of the handler's":   {func() { panic(fault{7}) }, func(err error) bool { return err == fault{7} }},
		"a text as an error":          {func() { panic("oops") }, func(err error) bool { return err.Error() == "oops" }},
		"any value as an error":       {func() { panic(42) }, func(err error) bool { return err.Error() == "42" }},
		"a fault of the runtime":      {func() { _ = strings.Fields("")[0] }, func(err error) bool { return strings.Contains(err.Error(), "out of range") }},
		"nil, which is an error, too": {func() { panic(any(nil)) }, func(err error) bool { return strings.Contains(err.Error(), "nil") }},
	} {
		t.Run(name, func(t *testing.T) {
			app, logged := newApp()
			var got []error
			app.Adapt(iris.EventPolicy{Recover: func(f *iris.Framework, err error) {
				logged.one(t) // it has been logged by then
				got = append(got, err)
			}})
			app.Get("/", func(*iris.Context) { test.panics() })
			wantAnswer(t, answer(app, "GET", "/"), 500, "Internal Server Error")
			if len(got) != 1 || !test.want(got[0]) {
				t.Errorf("Recover was called with %v", got)
			}
		})
	}
}

func TestErrAbortHandlerStillAborts(t *testing.T) {
	app, logged := newApp()
	app.Adapt(iris.EventPolicy{Recover: func(*iris.Framework, error) { t.Error("Recover is called") }})
	app.Get("/", func(ctx *iris.Context) {
		ctx.WriteString("partial")
		panic(http.ErrAbortHandler)
	})
	equal(t, "panic", panicOf(func() { answer(app, "GET", "/") }), any(http.ErrAbortHandler))
	server := listenTo(t, app)
	if resp, body, err := get(t, server.Client(), "GET", server.URL); err == nil {
		t.Errorf("a response arrived: %d %q", resp.StatusCode, body)
	}
	logged.none(t)
}

func TestPanicAfterAPartHasLeftCutsTheConnection(t *testing.T) {
	app, logged := newApp()
	var recovered atomic.Int32
	app.Adapt(iris.EventPolicy{Recover: func(*iris.Framework, error) { recovered.Add(1) }})
	app.Get("/", func(ctx *iris.Context) {
		ctx.WriteString("begun")
		ctx.ResponseWriter.Flush()
		panic("oops")
	})
	server := listenTo(t, app)
	resp, body, err := get(t, server.Client(), "GET", server.URL)
	if resp == nil || resp.StatusCode != 200 || body != "begun" || err == nil {
		t.Errorf("response %v %q, error %v, want what had left, and an error", resp, body, err)
	}
	if message := logged.one(t); !strings.Contains(message, "oops") || !strings.Contains(message, "goroutine ") {
		t.Errorf("log record: %q", message)
	}
	equal(t, "calls of Recover", recovered.Load(), 1)
}

func TestPanicInMiddlewareAfterNext(t *testing.T) {
	app, logged := newApp()
	app.UseFunc(func(ctx *iris.Context) { ctx.Next(); panic("late") })
	app.Get("/", writes("done"))
	wantAnswer(t, answer(app, "GET", "/"), 500, "Internal Server Error")
	logged.one(t)
}

func TestPanicInAnErrorHandlerIsA500(t *testing.T) {
	app, logged := newApp()
	app.OnError(404, func(*iris.Context) { panic("no page for that") })
	wantAnswer(t, answer(app, "GET", "/nowhere"), 500, "Internal Server Error")
	logged.one(t)
}

// A status that cannot be sent is a fault of the handler's like any other.
func TestStatusThatCannotBeSentIsA500(t *testing.T) {
	for name, handler := range map[string]iris.HandlerFunc{
		"SetStatusCode below 100": func(ctx *iris.Context) { ctx.SetStatusCode(0) },
		"SetStatusCode over 999":  func(ctx *iris.Context) { ctx.SetStatusCode(1000) },
		"Text over 999":           func(ctx *iris.Context) { ctx.Text(1000, "x") },
		"EmitError over 999":      func(ctx *iris.Context) { ctx.EmitError(1000) },
		"EmitError below 100":     func(ctx *iris.Context) { ctx.EmitError(0) },
	} {
		t.Run(name, func(t *testing.T) {
			app, logged := newApp()
			app.Get("/", handler)
			server := listenTo(t, app)
			resp, _, err := get(t, server.Client(), "GET", server.URL)
			if err != nil {
				t.Fatal(err)
			}
			equal(t, "status", resp.StatusCode, 500)
			logged.one(t)
		})
	}
}
