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

// brief is a timeout that ends soon. The default timeouts outlast a test.
const brief = 50 * time.Millisecond

func TestTimeoutsCloseAConnectionWithoutRequest(t *testing.T) {
	for _, row := range []struct {
		rule   string
		option iris.OptionSetter
		sent   []string
		want   string // the beginning of what arrives
	}{
		{"ReadHeaderTimeout, for a slow header", iris.OptionReadHeaderTimeout(brief), []string{"GET / HTTP/1.1", "Host: x"}, ""},
		{"IdleTimeout, for an idle connection", iris.OptionIdleTimeout(brief), []string{"GET / HTTP/1.1", "Host: x", ""}, "HTTP/1.1 200 OK\r\n"},
	} {
		t.Run(row.rule, func(t *testing.T) {
			app, _ := newApp(row.option)
			app.Get("/", func(*iris.Context) {})
			addr, served := serving(t, app)
			client := dial(t, addr)
			client.send(row.sent...)
			if got := client.rest(); !strings.HasPrefix(got, row.want) || row.want == "" && got != "" {
				t.Errorf("%q arrives, want %q", got, row.want)
			}
			shutdown(t, app, served)
		})
	}
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

func TestMaxHeaderBytes(t *testing.T) {
	app, _ := newApp(iris.OptionMaxHeaderBytes(1024))
	app.Get("/", func(*iris.Context) {})
	addr, served := serving(t, app)
	for _, row := range []struct{ length, status int }{{500, 200}, {16 << 10, 431}} {
		client := dial(t, addr)
		client.send("GET / HTTP/1.1", "Host: x", "Connection: close", "X-Long: "+strings.Repeat("x", row.length), "")
		resp, _ := client.receive("GET")
		equal(t, "status", resp.StatusCode, row.status)
	}
	shutdown(t, app, served)
}
