package iris_test

import (
	"bufio"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"gopkg.in/kataras/iris.v6"
)

func TestHijackSavesAndHandsTheConnectionOver(t *testing.T) {
	app, logged := newApp()
	var got trail
	over := make(chan struct{})
	app.Adapt(iris.RouterWrapperPolicy(func(w http.ResponseWriter, r *http.Request, next http.HandlerFunc) {
		next(w, r)
		close(over)
	}))
	app.Get("/", func(ctx *iris.Context) {
		attach(ctx.ResponseWriter, "a", &noted{trail: &got})
		ctx.SetStatusCode(201)
		ctx.WriteString("dropped")
		conn, buffered, err := ctx.ResponseWriter.Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		got.add("hijacked")
		buffered.WriteString("bytes")
		equal(t, "error of Flush", buffered.Flush(), nil)
		_, err = ctx.WriteString("lost")
		equal(t, "error of a later write", err, http.ErrHijacked)
	})
	client := dial(t, listenTo(t, app).Listener.Addr())
	client.send("GET / HTTP/1.1", "Host: x", "")
	equal(t, "bytes received", client.rest(), "bytes")
	<-over
	got.want(t, "save false", "hijacked", "save true", "release")
	logged.none(t)
}

// If Save fails, Hijack does not hand the connection over, and the response is no
// success whatever the handler writes.
func TestHijackFailsIfSaveFails(t *testing.T) {
	for _, row := range []struct {
		name  string
		after iris.HandlerFunc
	}{
		{"and the handler gives up", func(*iris.Context) {}},
		{"and the handler replies", func(ctx *iris.Context) { ctx.Text(200, "fine") }},
		{"and the handler replies by http.Error", func(ctx *iris.Context) { http.Error(ctx.ResponseWriter, "no", 500) }},
	} {
		t.Run(row.name, func(t *testing.T) {
			app, _ := newApp()
			app.Get("/", func(ctx *iris.Context) {
				failToSave(ctx)
				if conn, _, err := ctx.ResponseWriter.Hijack(); err == nil {
					t.Error("Hijack returns no error")
					conn.Close()
				}
				row.after(ctx)
			})
			resp, body := ask(t, app, "GET /")
			equal(t, "status", resp.StatusCode, 503)
			equal(t, "body", body, "Service Unavailable")
		})
	}
}

// passing is the writer of middleware that passes every Hijack on.
type passing struct{ wrapped }

func (p passing) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return http.NewResponseController(p.ResponseWriter).Hijack()
}

// Hijack calls no Save over HTTP/2, so later writes of the handler can still set a
// cookie.
func TestUnsupportedHijackChangesNothing(t *testing.T) {
	app, logged := newApp()
	app.Adapt(iris.RouterWrapperPolicy(func(w http.ResponseWriter, r *http.Request, next http.HandlerFunc) {
		next(passing{wrapped{w}}, r)
	}))
	var got trail
	app.Get("/", func(ctx *iris.Context) {
		attach(ctx.ResponseWriter, "a", &noted{trail: &got})
		ctx.WriteString("still ")
		if _, _, err := ctx.ResponseWriter.Hijack(); !errors.Is(err, http.ErrNotSupported) {
			t.Errorf("error: %v, want http.ErrNotSupported", err)
		}
		_, late := iris.Attach(ctx.ResponseWriter, "a", nil)
		equal(t, "late", late, false)
		ctx.WriteString("an answer")
	})
	server := httptest.NewUnstartedServer(app)
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	resp, body, err := get(t, server.Client(), "GET", server.URL)
	if err != nil || resp.ProtoMajor != 2 {
		t.Fatalf("answer %v, error %v, want one over HTTP/2", resp, err)
	}
	equal(t, "body", body, "still an answer")
	got.want(t, "save true", "release")
	logged.none(t)
}

// net/http leaves a hijacked connection open when a handler panics.
func TestHijackedConnectionIsCut(t *testing.T) {
	for _, row := range []struct {
		rule  string
		after iris.HandlerFunc
	}{
		{"if the last Save fails", failToSaveAtLast},
		{"by EmitError", func(ctx *iris.Context) { ctx.EmitError(500) }},
		{"by a panic", func(*iris.Context) { panic("oops") }},
		{"by http.ErrAbortHandler", func(*iris.Context) { panic(http.ErrAbortHandler) }},
	} {
		t.Run(row.rule, func(t *testing.T) {
			app, _ := newApp()
			app.Get("/", func(ctx *iris.Context) {
				if _, _, err := ctx.ResponseWriter.Hijack(); err != nil {
					t.Error(err)
				}
				row.after(ctx)
			})
			client := dial(t, listenTo(t, app).Listener.Addr())
			client.send("GET / HTTP/1.1", "Host: x", "")
			equal(t, "bytes received before the connection is cut", client.rest(), "")
		})
	}
}
