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
	for _, app := range []struct {
		rule   string
		config secure.Config
		hsts   string
	}{
		{"with HTTPS", secure.Config{HTTPS: true}, "max-age=31536000"},
		{"without", secure.Config{}, ""},
	} {
		addr := serve(t, app.config)
		for _, row := range []struct {
			request string
			status  int
		}{
			{"GET /page HTTP/1.1", 200},
			{"HEAD /page HTTP/1.1", 200},
			{"OPTIONS * HTTP/1.1", 200},
			{"GET /page/ HTTP/1.1", 301},
			{"GET /nowhere HTTP/1.1", 404},
			{"POST /page HTTP/1.1", 405},
			{"OPTIONS /page HTTP/1.1", 405},
			{"GET /panic HTTP/1.1", 500},
		} {
			t.Run(app.rule+"/"+row.request, func(t *testing.T) {
				resp := send(t, addr, row.request)
				if resp.StatusCode != row.status || resp.Header.Get("X-Content-Type-Options") != "nosniff" || resp.Header.Get("Strict-Transport-Security") != app.hsts {
					t.Errorf("status %d, want %d; header %v", resp.StatusCode, row.status, resp.Header)
				}
			})
		}
	}
}

// The package's comment says that these go without, and why that does not matter.
func TestResponsesBeforeAnyHandlerAreNothingToSniff(t *testing.T) {
	addr := serve(t, secure.Config{HTTPS: true})
	for _, row := range []struct {
		request string
		status  int
	}{
		{"nonsense", 400},
		{"GET /page HTTP/1.1\r\nExpect: nothing", 417},
		{"GET /page HTTP/1.1\r\nTransfer-Encoding: nothing", 501},
		{"GET /page HTTP/3.0", 505},
	} {
		t.Run(row.request, func(t *testing.T) {
			resp := send(t, addr, row.request)
			plain := resp.Header.Get("Content-Type") == "text/plain; charset=utf-8"
			if resp.StatusCode != row.status || !plain && resp.ContentLength != 0 || !resp.Close {
				t.Errorf("status %d, want %d; header %v", resp.StatusCode, row.status, resp.Header)
			}
		})
	}
}

func TestHandlersMayReplaceAField(t *testing.T) {
	addr := serve(t, secure.Config{HTTPS: true})
	for _, row := range []struct{ path, want string }{{"/own", "max-age=0"}, {"/page", "max-age=31536000"}} { // of this response only
		if got := send(t, addr, "GET "+row.path+" HTTP/1.1").Header.Values("Strict-Transport-Security"); len(got) != 1 || got[0] != row.want {
			t.Errorf("%s: %q, want %q", row.path, got, row.want)
		}
	}
}
