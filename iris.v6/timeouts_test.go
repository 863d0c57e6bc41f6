package iris_test

import (
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"gopkg.in/kataras/iris.v6"
)

// brief is a timeout that is over soon; the others never are in a test.
const brief = 50 * time.Millisecond

func TestReadHeaderTimeoutCutsASlowHeader(t *testing.T) {
	app, _ := newApp(iris.OptionReadHeaderTimeout(brief))
	addr, served := serving(t, app)
	client := dial(t, addr)
	client.send("GET / HTTP/1.1", "Host: x")
	equal(t, "what arrives", client.rest(), "")
	shutdown(t, app, served)
}

func TestReadTimeoutCutsASlowBody(t *testing.T) {
	app, _ := newApp(iris.OptionReadTimeout(brief))
	failed := make(chan error, 1)
	app.Post("/", func(ctx *iris.Context) {
		_, err := io.ReadAll(ctx.Request.Body)
		failed <- err
	})
	addr, served := serving(t, app)
	dial(t, addr).send("POST / HTTP/1.1", "Host: x", "Content-Length: 10", "", "half")
	if err := wait(t, failed); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("error: %v, want os.ErrDeadlineExceeded", err)
	}
	shutdown(t, app, served)
}

func TestWriteTimeoutCutsASlowResponse(t *testing.T) {
	app, _ := newApp(iris.OptionWriteTimeout(brief))
	failed := make(chan error, 1)
	app.Get("/", func(ctx *iris.Context) {
		part := strings.Repeat("x", 64<<10)
		for {
			if _, err := ctx.WriteString(part); err != nil {
				failed <- err
				return
			}
		}
	})
	addr, served := serving(t, app)
	dial(t, addr).send("GET / HTTP/1.1", "Host: x", "") // and reads nothing
	if err := wait(t, failed); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("error: %v, want os.ErrDeadlineExceeded", err)
	}
	shutdown(t, app, served)
}

func TestIdleTimeoutClosesAnIdleConnection(t *testing.T) {
	app, _ := newApp(iris.OptionIdleTimeout(brief))
	app.Get("/", func(*iris.Context) {})
	addr, served := serving(t, app)
	client := dial(t, addr)
	client.send("GET / HTTP/1.1", "Host: x", "")
	resp, _ := client.receive("GET")
	equal(t, "status", resp.StatusCode, 200)
	equal(t, "what arrives then", client.rest(), "")
	shutdown(t, app, served)
}

func TestMaxHeaderBytes(t *testing.T) {
	app, _ := newApp(iris.OptionMaxHeaderBytes(1024))
	app.Get("/", func(*iris.Context) {})
	addr, served := serving(t, app)
	for name, test := range map[string]struct{ length, status int }{
		"a header below it passes":    {500, 200},
		"a header beyond it gets 431": {16 << 10, 431},
	} {
		t.Run(name, func(t *testing.T) {
			client := dial(t, addr)
			client.send("GET / HTTP/1.1", "Host: x", "Connection: close", "X-Long: "+strings.Repeat("x", test.length), "")
			resp, _ := client.receive("GET")
			equal(t, "status", resp.StatusCode, test.status)
		})
	}
	shutdown(t, app, served)
}
