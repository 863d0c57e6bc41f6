package iris_test

import (
	"bufio"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/httprouter"
)

// patience bounds the wait for an event. A test that passes never waits so long.
const patience = 20 * time.Second

// newApp returns an app with a router, and the messages that it logs.
func newApp(setters ...iris.OptionSetter) (*iris.Framework, *logs) {
	app, l := iris.New(setters...), new(logs)
	app.Adapt(httprouter.New(), iris.LoggerPolicy(l.add))
	return app, l
}

// logs are the messages of an app.
type logs struct {
	mu       sync.Mutex
	messages []string
}

func (l *logs) add(mode iris.LogMode, message string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if mode == iris.DevMode {
		message = "dev: " + message
	}
	l.messages = append(l.messages, message)
}

func (l *logs) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.messages)
}

// one returns the only message, and fails the test unless there is exactly one.
func (l *logs) one(t *testing.T) string {
	t.Helper()
	all := l.all()
	if len(all) != 1 {
		t.Fatalf("%d log records, want 1:\n%s", len(all), strings.Join(all, "\n"))
	}
	return all[0]
}

func (l *logs) none(t *testing.T) {
	t.Helper()
	if all := l.all(); len(all) != 0 {
		t.Errorf("log records, want none:\n%s", strings.Join(all, "\n"))
	}
}

// answer runs a request without a network.
func answer(h http.Handler, method, target string) *httptest.ResponseRecorder {
	return answerTo(h, httptest.NewRequest(method, target, nil))
}

func answerTo(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func wantAnswer(t *testing.T, w *httptest.ResponseRecorder, status int, body string) {
	t.Helper()
	if w.Code != status || w.Body.String() != body {
		t.Errorf("answer %d %q, want %d %q", w.Code, w.Body, status, body)
	}
}

// call is a request without a network, "METHOD /path", and its response.
type call struct {
	rule, request string
	status        int
	body          string
}

func wantCalls(t *testing.T, h http.Handler, calls []call) {
	for _, c := range calls {
		t.Run(c.rule, func(t *testing.T) {
			method, path, _ := strings.Cut(c.request, " ")
			wantAnswer(t, answer(h, method, path), c.status, c.body)
		})
	}
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// panicOf returns the cause of a panic of f, nil if there is none.
func panicOf(f func()) (cause any) {
	defer func() { cause = recover() }()
	f()
	return nil
}

// listenTo runs h in a net/http server until the test ends.
func listenTo(t *testing.T, h http.Handler) *httptest.Server {
	server := httptest.NewUnstartedServer(h)
	server.Config.ErrorLog = log.New(t.Output(), "", 0)
	server.Start()
	server.Client().Timeout = patience
	server.Client().CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	t.Cleanup(server.Close)
	return server
}

// ask sends a request, "METHOD /path", over a network, and returns the response and
// its body.
func ask(t *testing.T, h http.Handler, request string) (*http.Response, string) {
	t.Helper()
	server := listenTo(t, h)
	method, path, _ := strings.Cut(request, " ")
	resp, body, err := get(t, server.Client(), method, server.URL+path)
	if err != nil {
		t.Fatal(err)
	}
	return resp, body
}

// get returns the response and its body, or the error that cut it off.
func get(t *testing.T, client *http.Client, method, url string) (*http.Response, string, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(r)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp, string(body), err
}

// wire is a client's end of a TCP connection.
type wire struct {
	net.Conn
	*testing.T
	in *bufio.Reader
}

func dial(t *testing.T, addr net.Addr) *wire {
	t.Helper()
	conn, err := net.DialTimeout(addr.Network(), addr.String(), patience)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return &wire{conn, t, bufio.NewReader(conn)}
}

// send sends lines, each ended by CR LF.
func (w *wire) send(lines ...string) {
	w.Helper()
	if _, err := io.WriteString(w.Conn, strings.Join(lines, "\r\n")+"\r\n"); err != nil {
		w.Fatal(err)
	}
}

// receive reads the response to a request of that method.
func (w *wire) receive(method string) (*http.Response, string) {
	w.Helper()
	resp, err := http.ReadResponse(w.in, &http.Request{Method: method})
	if err != nil {
		w.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		w.Fatal(err)
	}
	return resp, string(body)
}

// rest reads until the other end closes the connection.
func (w *wire) rest() string {
	w.Helper()
	all, err := io.ReadAll(w.in)
	if err != nil {
		w.Fatal(err)
	}
	return string(all)
}
