package secure_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/httprouter"
	"gopkg.in/kataras/iris.v6/middleware/secure"
)

// serve runs an app with the policy, and returns its address.
func serve(t *testing.T, config secure.Config) string {
	t.Helper()
	app := iris.New(iris.OptionFireMethodNotAllowed(true))
	app.Adapt(httprouter.New(), secure.New(config), iris.LoggerPolicy(func(iris.LogMode, string) {}))
	app.Get("/page", func(ctx *iris.Context) { ctx.WriteString("hello") })
	app.Get("/panic", func(*iris.Context) { panic("oops") })
	app.Get("/own", func(ctx *iris.Context) { ctx.SetHeader("Strict-Transport-Security", "max-age=0") })
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- app.Serve(l) }()
	t.Cleanup(func() {
		if err := app.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return l.Addr().String()
}

// send sends a request on a connection of its own.
func send(t *testing.T, addr, request string) *http.Response {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, request+"\r\nHost: x\r\nConnection: close\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp
}

func TestEveryResponseHasTheHeaderFields(t *testing.T) {
	const year = "max-age=31536000"
	secured, plain := serve(t, secure.Config{HTTPS: true}), serve(t, secure.Config{})
	for _, row := range []struct {
		rule, addr, request string
		status              int
		hsts                string
	}{
		{"a page", secured, "GET /page HTTP/1.1", 200, year},
		{"HEAD", secured, "HEAD /page HTTP/1.1", 200, year},
		{"OPTIONS of the server", secured, "OPTIONS * HTTP/1.1", 200, year},
		{"a redirect", secured, "GET /page/ HTTP/1.1", 301, year},
		{"an unknown path", secured, "GET /nowhere HTTP/1.1", 404, year},
		{"another method", secured, "POST /page HTTP/1.1", 405, year},
		{"OPTIONS without a route", secured, "OPTIONS /page HTTP/1.1", 405, year},
		{"a panic", secured, "GET /panic HTTP/1.1", 500, year},
		{"a handler may replace a field", secured, "GET /own HTTP/1.1", 200, "max-age=0"},
		{"of its response only", secured, "GET /page HTTP/1.1", 200, year},
		{"a page without HTTPS", plain, "GET /page HTTP/1.1", 200, ""},
		{"an error without HTTPS", plain, "GET /panic HTTP/1.1", 500, ""},
	} {
		t.Run(row.rule, func(t *testing.T) {
			resp := send(t, row.addr, row.request)
			if resp.StatusCode != row.status || resp.Header.Get("X-Content-Type-Options") != "nosniff" || resp.Header.Get("Strict-Transport-Security") != row.hsts {
				t.Errorf("status %d, want %d; header %v", resp.StatusCode, row.status, resp.Header)
			}
		})
	}
}
