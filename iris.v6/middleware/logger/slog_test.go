package logger_test

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/httprouter"
	"gopkg.in/kataras/iris.v6/middleware/logger"
)

// textLogger returns a logger, and its records without the time.
func textLogger(level slog.Level) (*slog.Logger, records) {
	out := make(records, 10)
	return slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{Level: level, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}})), out
}

type records chan string

func (c records) Write(p []byte) (int, error) {
	c <- string(p)
	return len(p), nil
}

func TestSlog(t *testing.T) {
	for _, row := range []struct {
		rule    string
		mode    iris.LogMode
		message string
		want    string
	}{
		{"the operator's messages are errors", iris.ProdMode, "broken", "level=ERROR msg=broken\n"},
		{"good news for the operator is information", iris.InfoMode, "renewed", "level=INFO msg=renewed\n"},
		{"the developer's messages are for debugging", iris.DevMode, "seen", "level=DEBUG msg=seen\n"},
		{"the lines after the first are the trace", iris.ProdMode, "panic\nhere\nthere", "level=ERROR msg=panic trace=\"here\\nthere\"\n"},
	} {
		t.Run(row.rule, func(t *testing.T) {
			l, out := textLogger(slog.LevelDebug)
			logger.Slog(l)(row.mode, row.message)
			if got := <-out; got != row.want {
				t.Errorf("%q, want %q", got, row.want)
			}
		})
	}
}

func TestRequests(t *testing.T) {
	l, out := textLogger(slog.LevelInfo)
	app := iris.New()
	app.Adapt(httprouter.New(), iris.LoggerPolicy(func(iris.LogMode, string) {}))
	app.Adapt(iris.RouterWrapperPolicy(func(w http.ResponseWriter, r *http.Request, next http.HandlerFunc) {
		switch r.URL.Path {
		case "/bare":
			io.WriteString(w, "200, implied")
			w.WriteHeader(500) // too late
		case "/early":
			w.WriteHeader(103)
			w.WriteHeader(201)
			panic(http.ErrAbortHandler)
		case "/switched":
			w.WriteHeader(http.StatusSwitchingProtocols)
		case "/flushed":
			control := http.NewResponseController(w)
			if err := errors.Join(control.SetReadDeadline(time.Now().Add(time.Minute)), control.Flush()); err != nil {
				t.Error(err)
			}
			panic(http.ErrAbortHandler)
		default:
			next(w, r)
		}
	}))
	app.Adapt(logger.Requests(l, slog.LevelInfo)) // runs first
	app.Get("/", func(ctx *iris.Context) { ctx.WriteString("hello") })
	app.Get("/empty", func(*iris.Context) {})
	app.Get("/panic", func(*iris.Context) { panic("oops") })
	app.Get("/abort", func(*iris.Context) { panic(http.ErrAbortHandler) })
	app.Get("/hijack", func(ctx *iris.Context) {
		conn, _, err := ctx.ResponseWriter.Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		conn.Close()
	})
	server := httptest.NewServer(app)
	defer server.Close()
	for _, row := range []struct {
		rule, method, target string
		want                 string
	}{
		{"a response is logged", "GET", "/", "method=GET path=/ status=200"},
		{"an empty response has the status 200", "HEAD", "/empty", "method=HEAD path=/empty status=200"},
		{"the query and the cookie are not logged", "GET", "/?token=secret", "method=GET path=/ status=200"},
		{"a request without a route is logged", "GET", "/nowhere", "method=GET path=/nowhere status=404"},
		{"a client cannot forge a record", "GET", "/%0alevel=INFO%1b", `method=GET path="/\\nlevel=INFO\\x1b" status=404`},
		{"a panic has the status 500", "GET", "/panic", "method=GET path=/panic status=500"},
		{"the first status counts", "GET", "/bare", "method=GET path=/bare status=200"},
		{"an informational status does not count", "GET", "/early", "method=GET path=/early status=201"},
		{"a switch of protocols counts", "GET", "/switched", "method=GET path=/switched status=101"},
		{"a flush sends 200", "GET", "/flushed", "method=GET path=/flushed status=200"},
		{"an aborted response has the status 0", "GET", "/abort", "method=GET path=/abort status=0"},
		{"a hijacked connection has the status 0", "GET", "/hijack", "method=GET path=/hijack status=0"},
	} {
		t.Run(row.rule, func(t *testing.T) {
			r, err := http.NewRequestWithContext(t.Context(), row.method, server.URL+row.target, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("User-Agent", "a\" msg=b")
			r.Header.Set("Cookie", "session=secret")
			if resp, err := server.Client().Do(r); err == nil { // otherwise the connection was cut
				resp.Body.Close()
			}
			got := <-out
			want := `^level=INFO msg=request ` + row.want + ` took=[0-9.]+(ns|µs|ms|s) client=127\.0\.0\.1 user_agent="a\\" msg=b"\n$`
			if !regexp.MustCompile(want).MatchString(got) {
				t.Errorf("the record is\n%swant\n%s", got, want)
			}
		})
	}
}

func TestClientOfAUnixSocket(t *testing.T) {
	l, out := textLogger(slog.LevelInfo)
	r := httptest.NewRequest("GET", "/", nil)
	r.RemoteAddr = "@"
	logger.Requests(l, slog.LevelInfo)(httptest.NewRecorder(), r, func(http.ResponseWriter, *http.Request) {})
	if got := <-out; !strings.Contains(got, " client=@ ") {
		t.Errorf("the record is %s", got)
	}
}

func TestRequestsBelowTheLevelAreNotWatched(t *testing.T) {
	if l, _ := textLogger(slog.LevelInfo); logger.Requests(l, slog.LevelDebug) != nil {
		t.Error("there is a policy")
	}
}
