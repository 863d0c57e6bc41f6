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

func TestPanicIs500AndTheConnectionLives(t *testing.T) {
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
	if !strings.HasPrefix(message, "iris: panic at \"GET\" \"/panic/a\\nb\": oops\ngoroutine ") || !strings.Contains(message, "panic_test.go:") {
		t.Errorf("log record without the request, the cause or the trace:\n%s", message)
	}
	if strings.Contains(message, "s3cret") {
		t.Errorf("log record with the query or the cookie:\n%s", message)
	}
}

func TestPanicRecordCannotBeForged(t *testing.T) {
	app, logged := newApp()
	app.Handle("A\nB", "/:name", iris.HandlerFunc(func(*iris.Context) { panic("oops\r\nFORGED\x1b[2J") }))
	r := httptest.NewRequest("GET", "/x%0aFORGED", nil)
	r.Method = "A\nB"
	answerTo(app, r)
	if first, _, _ := strings.Cut(logged.one(t), "\n"); first != `iris: panic at "A\nB" "/x\nFORGED": oops\r\nFORGED\x1b[2J` {
		t.Errorf("record begins with %q", first)
	}
}

type fault struct{ n int }

func (f fault) Error() string { return "fault" }

func TestRecoverIsCalledWithTheError(t *testing.T) {
	known := errors.New("known")
	for _, row := range []struct {
		name   string
		panics func()
		want   func(error) bool
	}{
		{"an error", func() { panic(known) }, func(err error) bool { return err == known }},
		{"an error of the program's type", func() { panic(fault{7}) }, func(err error) bool { return err == fault{7} }},
		{"a text", func() { panic("oops") }, func(err error) bool { return err.Error() == "oops" }},
		{"another value", func() { panic(42) }, func(err error) bool { return err.Error() == "42" }},
		{"an error of the runtime", func() { _ = strings.Fields("")[0] }, func(err error) bool { return strings.Contains(err.Error(), "out of range") }},
		{"nil", func() { panic(any(nil)) }, func(err error) bool { return strings.Contains(err.Error(), "nil") }},
	} {
		t.Run(row.name, func(t *testing.T) {
			app, logged := newApp()
			var got []error
			app.Adapt(iris.EventPolicy{Recover: func(f *iris.Framework, err error) {
				logged.one(t) // it has been logged by then
				got = append(got, err)
			}})
			app.Get("/", func(*iris.Context) { row.panics() })
			wantAnswer(t, answer(app, "GET", "/"), 500, "Internal Server Error")
			if len(got) != 1 || !row.want(got[0]) {
				t.Errorf("Recover was called with %v", got)
			}
		})
	}
}

func TestErrAbortHandlerAborts(t *testing.T) {
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
		t.Errorf("response %v %q, error %v, want the part that had left, and an error", resp, body, err)
	}
	if message := logged.one(t); !strings.Contains(message, "oops") || !strings.Contains(message, "goroutine ") {
		t.Errorf("log record: %q", message)
	}
	equal(t, "calls of Recover", recovered.Load(), 1)
}

func TestPanicOutsideTheHandlerIs500(t *testing.T) {
	app, logged := newApp()
	app.OnError(404, func(*iris.Context) { panic("no page for that") })
	app.UseFunc(func(ctx *iris.Context) { ctx.Next(); panic("late") })
	app.Get("/", writes("done"))
	wantCalls(t, app, []call{
		{"in middleware after Next", "GET /", 500, "Internal Server Error"},
		{"in an error handler", "GET /nowhere", 500, "Internal Server Error"},
	})
	equal(t, "log records", len(logged.all()), 2)
}

func TestStatusThatCannotBeSentIs500(t *testing.T) {
	for _, row := range []struct {
		rule    string
		handler iris.HandlerFunc
	}{
		{"SetStatusCode below 100", func(ctx *iris.Context) { ctx.SetStatusCode(99) }},
		{"SetStatusCode above 999", func(ctx *iris.Context) { ctx.SetStatusCode(1000) }},
		{"Text above 999", func(ctx *iris.Context) { ctx.Text(1000, "x") }},
		{"EmitError above 999", func(ctx *iris.Context) { ctx.EmitError(1000) }},
		{"EmitError below 100", func(ctx *iris.Context) { ctx.EmitError(0) }},
	} {
		t.Run(row.rule, func(t *testing.T) {
			app, logged := newApp()
			app.Get("/", row.handler)
			resp, _ := ask(t, app, "GET /")
			equal(t, "status", resp.StatusCode, 500)
			logged.one(t)
		})
	}
}
