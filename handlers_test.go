package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"maps"
	"math/big"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/sessions"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/bolt"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis/redistest"
)

// patience is how long a test waits for what should be there at once.
const patience = 15 * time.Second

// Cookies that no server has issued.
const (
	noID   = "my_sessionid=garbage"
	forged = "my_sessionid=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
)

// answer is a response: its header without Date and Set-Cookie, sorted.
type answer struct {
	status       int
	body, header string
}

var (
	cake      = answer{200, "The cake is a lie!", "Cache-Control: no-store|Content-Length: 18|Content-Type: text/plain; charset=utf-8|X-Content-Type-Options: nosniff|"}
	forbidden = answer{403, "Forbidden", "Cache-Control: no-store|Content-Length: 9|Content-Type: text/plain; charset=utf-8|X-Content-Type-Options: nosniff|"}
	empty     = answer{200, "", "Cache-Control: no-store|Content-Length: 0|X-Content-Type-Options: nosniff|"}
	notFound  = answer{404, "Not Found", "Content-Length: 9|Content-Type: text/plain; charset=utf-8|X-Content-Type-Options: nosniff|"}
)

// raw is a request with that request line and those further lines of its header.
func raw(line string, header ...string) string {
	return line + " HTTP/1.1\r\nHost: localhost\r\n" + strings.Join(append(header, "\r\n"), "\r\n")
}

// flagged are the settings that those flags give.
func flagged(t testing.TB, args ...string) settings {
	t.Helper()
	s, err := parse(args, t.Output())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// quiet is the app with those limits. What it logs is lost.
func quiet(limits sessions.Limits) *iris.Framework {
	return newApp(settings{limits: limits}, nil, newLogger(settings{}, io.Discard))
}

func dial(t *testing.T, addr, firstBytes string) net.Conn {
	t.Helper()
	conn, err := net.DialTimeout("tcp", addr, patience)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, firstBytes); err != nil {
		t.Fatal(err)
	}
	return conn
}

// receive reads the answer to a request, and the session cookie that it sets,
// as the browser will send it, "" if none.
func receive(t *testing.T, conn net.Conn, method string) (a answer, set string) {
	t.Helper()
	resp, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var header strings.Builder
	if err := resp.Header.WriteSubset(&header, map[string]bool{"Date": true, "Set-Cookie": true}); err != nil {
		t.Fatal(err)
	}
	return answer{resp.StatusCode, string(body), strings.ReplaceAll(header.String(), "\r\n", "|")}, issued(t, resp.Header, false)
}

// send sends a request, which may have bytes that no client would send, on a
// connection of its own.
func send(t *testing.T, addr, request string) (a answer, set string) {
	t.Helper()
	conn := dial(t, addr, request)
	defer conn.Close()
	method, _, _ := strings.Cut(request, " ")
	return receive(t, conn, method)
}

var idShape = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)

// issued returns the session cookie of a response, "" if there is none. It fails
// the test if the cookie is not as it must be. https tells whether the browser
// comes by HTTPS.
func issued(t *testing.T, header http.Header, https bool) string {
	t.Helper()
	lines := header.Values("Set-Cookie")
	if len(lines) == 0 {
		return ""
	}
	if len(lines) > 1 {
		t.Fatalf("%d Set-Cookie lines: %q", len(lines), lines)
	}
	c, err := http.ParseSetCookie(lines[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, attribute := range []struct {
		name      string
		got, want any
	}{
		{"name", c.Name, map[bool]string{false: "my_sessionid", true: "__Host-my_sessionid"}[https]},
		{"Path", c.Path, "/"},
		{"HttpOnly", c.HttpOnly, true},
		{"SameSite", c.SameSite, http.SameSiteLaxMode},
		{"Max-Age", c.MaxAge, 86400},
		{"Secure", c.Secure, https},
		{"Domain", c.Domain, ""},
		{"Expires", c.RawExpires, ""},
		{"Partitioned", c.Partitioned, false},
		{"other attributes", len(c.Unparsed), 0},
		{"value of 43 base64url characters", idShape.MatchString(c.Value), true},
	} {
		if attribute.got != attribute.want {
			t.Errorf("%s: cookie's %s is %v, want %v", lines[0], attribute.name, attribute.got, attribute.want)
		}
	}
	return c.Name + "=" + c.Value
}

func TestHandlers(t *testing.T) {
	const issues, keeps = true, false // a new cookie, or no Set-Cookie
	rows := []struct {
		rule          string
		visited       []string // what the browser visited before, GET, sending the newest cookie
		sends         string   // Cookie header: OLDEST and NEWEST are those that the visits gave
		secret        answer
		login, logout bool // whether they issue a cookie
	}{
		{"without a cookie nobody is logged in, and only a write begins a session",
			nil, "", forbidden, issues, issues},
		{"a cookie that cannot be an id is as good as none",
			nil, noID, forbidden, issues, issues},
		{"an id that was never issued is not adopted",
			nil, forged, forbidden, issues, issues},
		{"a login shows the secret, and its id lasts until the logout",
			[]string{"/login"}, "NEWEST", cake, keeps, issues},
		{"a logout hides the secret, and its id lasts until the login",
			[]string{"/login", "/logout"}, "NEWEST", forbidden, issues, keeps},
		{"logging in twice is logging in once",
			[]string{"/login", "/login"}, "NEWEST", cake, keeps, issues},
		{"the id from before a login is dead",
			[]string{"/logout", "/login"}, "OLDEST", forbidden, issues, issues},
		{"the id from before a logout is dead",
			[]string{"/login", "/logout"}, "OLDEST", forbidden, issues, issues},
		{"a forged cookie behind the true one changes nothing",
			[]string{"/login"}, "NEWEST; " + forged, cake, keeps, issues},
	}
	srv := httptest.NewServer(quiet(defaults))
	defer srv.Close()
	visit := func(t *testing.T, method, path, cookie string) (answer, string) {
		t.Helper()
		return send(t, srv.Listener.Addr().String(), raw(method+" "+path, "Cookie: "+cookie))
	}
	for _, row := range rows {
		requests := []struct {
			path   string
			want   answer
			issues bool
			after  answer // what the browser sees at /secret from then on
		}{
			{"/secret", row.secret, keeps, row.secret},
			{"/login", empty, row.login, cake},
			{"/logout", empty, row.logout, forbidden},
		}
		for _, req := range requests {
			for _, method := range []string{"GET", "HEAD", "POST"} {
				t.Run(row.rule+"/"+method+" "+req.path, func(t *testing.T) {
					want, wantIssue, wantAfter := req.want, req.issues, req.after
					switch method {
					case "HEAD":
						want.body = "" // all else is as with GET
					case "POST":
						want, wantIssue, wantAfter = notFound, keeps, row.secret
					}
					given := []string{""}
					for _, path := range row.visited {
						if _, set := visit(t, "GET", path, given[len(given)-1]); set != "" {
							given = append(given, set)
						}
					}
					newest := given[len(given)-1]
					sends := strings.NewReplacer("OLDEST", given[min(1, len(given)-1)], "NEWEST", newest).Replace(row.sends)
					before, _ := visit(t, "GET", "/secret", newest)

					got, set := visit(t, method, req.path, sends)
					if got != want {
						t.Errorf("got  %+v\nwant %+v", got, want)
					}
					if (set != "") != wantIssue {
						t.Errorf("Set-Cookie: %q, want one: %v", set, wantIssue)
					}
					holds := sends
					if set != "" {
						holds = set
						if strings.Contains(sends, set) {
							t.Errorf("the id that was sent, %s, is issued again", set)
						}
						if old, _ := visit(t, "GET", "/secret", sends); old != forbidden {
							t.Errorf("with the old cookie: %+v", old)
						}
					}
					if after, _ := visit(t, "GET", "/secret", holds); after != wantAfter {
						t.Errorf("afterwards, /secret gives %+v\nwant %+v", after, wantAfter)
					}
					if after, _ := visit(t, "GET", "/secret", newest); !strings.Contains(sends, newest) && after != before {
						t.Errorf("another browser's session was changed: %+v", after)
					}
				})
			}
		}
	}
}

// The store of newApp does not tell how many sessions it has. That a request has
// left none there shows in its answer: every new session sets a cookie.
func TestBadInput(t *testing.T) {
	s := inProcess(t)
	_, id, _ := strings.Cut(forged, "=")
	for _, row := range []struct {
		rule, cookie string
		refused      int // the status if no handler is to see it
	}{
		{"an empty Cookie header is as good as none", "", 0},
		{"a cookie without a value is as good as none", "my_sessionid", 0},
		{"an empty cookie is as good as none", "my_sessionid=", 0},
		{"separators alone are as good as none", "; ;=;,;my_sessionid;=", 0},
		{"8 KiB are as good as none", "my_sessionid=" + strings.Repeat("A", 8<<10), 0},
		{"what is not base64url is as good as none", "my_sessionid=" + strings.Repeat("+/", 21) + "A", 0},
		{"bits beyond the 256 make it as good as none", "my_sessionid=" + id[:42] + "B", 0},
		{"a quoted id that was never issued is as good as none", `my_sessionid="` + id + `"`, 0},
		{"bytes above ASCII are as good as none", "my_sessionid=\xff\xfe" + id[:41], 0},
		{"the right shape alone is as good as none", forged, 0},
		{"two cookies of the name are as good as none", noID + "; " + forged, 0},
		{"two forged cookies are as good as none", forged + "; my_sessionid=" + id[:41] + "QQ", 0},
		{"cookies of longer names are as good as none", "xmy_sessionid=" + id + "; my_sessionidx=" + id, 0},
		{"a NUL byte is refused", forged + "\x00", 400},
		{"a control byte is refused", forged + "\x01", 400},
		{"a DEL byte is refused", forged + "\x7f", 400},
		{"a header of more than 64 KiB is refused", "my_sessionid=" + strings.Repeat("A", 72<<10), 431},
	} {
		for path, status := range map[string]int{"/secret": 403, "/login": 200, "/logout": 200} {
			t.Run(row.rule+path, func(t *testing.T) {
				if row.refused != 0 {
					status = row.refused
				}
				got, set := send(t, s.addr, raw("GET "+path, "Cookie: "+row.cookie))
				if got.status != status {
					t.Errorf("got %+v, want status %d", got, status)
				}
				if (set != "") != (status == 200) {
					t.Errorf("Set-Cookie: %q", set)
				}
				if set != "" && strings.Contains(row.cookie, set) {
					t.Errorf("the id that was sent, %s, is issued", set)
				}
			})
		}
	}

	for _, row := range []struct {
		rule, request string
		status        int
		location      string
	}{
		{"PUT has no route", raw("PUT /login"), 404, ""},
		{"DELETE has no route", raw("DELETE /login"), 404, ""},
		{"OPTIONS has no route", raw("OPTIONS /login"), 404, ""},
		{"TRACE has no route", raw("TRACE /login"), 404, ""},
		{"CONNECT has no route", raw("CONNECT /login"), 404, ""},
		{"CONNECT to a host has no route", raw("CONNECT login:80"), 404, ""},
		{"a method nobody knows has no route", raw("BREW /login"), 404, ""},
		{"methods have upper case", raw("get /login"), 404, ""},
		{"what is no token is no method", raw("G@T /login"), 400, ""},

		{"dots do not lead up to a route", raw("GET /../login"), 404, ""},
		{"dots are not taken away", raw("GET /./login"), 404, ""},
		{"dots behind a route are another path", raw("GET /login/.."), 404, ""},
		{"escaped dots do not lead up either", raw("GET /%2e%2e/login"), 404, ""},
		{"two slashes are not one", raw("GET //login"), 404, ""},
		{"two slashes at the end are not one", raw("GET /login//"), 404, ""},
		{"a slash too many at both ends leads to no host", raw("GET //login/"), 404, ""},
		{"an escaped slash is not the first", raw("GET /%2flogin"), 404, ""},
		{"a slash too many leads to the route", raw("GET /login/?a=b"), 301, "/login?a=b"},
		{"an escaped slash too many leads to the route", raw("GET /login%2f"), 301, "/login"},
		{"%00 is part of the path", raw("GET /login%00"), 404, ""},
		{"%00 alone is a path without a route", raw("GET /%00"), 404, ""},
		{"half an escape is refused", raw("GET /login%2"), 400, ""},
		{"8 KiB of path have no route", raw("GET /" + strings.Repeat("a", 8<<10)), 404, ""},
		{"8 KiB of slashes have no route", raw("GET " + strings.Repeat("/", 8<<10) + "login"), 404, ""},
		{"8 KiB of query are ignored", raw("GET /secret?" + strings.Repeat("a", 8<<10)), 403, ""},
		{"a path without a slash is refused", raw("GET login"), 400, ""},

		{"a body of a GET is ignored", raw("GET /secret", "Content-Length: 5") + "hello", 403, ""},
		{"a chunked body of a GET is ignored", raw("GET /secret", "Transfer-Encoding: chunked") + "5\r\nhello\r\n0\r\n\r\n", 403, ""},
		{"a broken body of a GET is ignored", raw("GET /secret", "Transfer-Encoding: chunked") + "x\r\n", 403, ""},
		{"a huge body of a GET is not waited for", raw("GET /secret", "Content-Length: 999999999"), 403, ""},
		{"two lengths of a body are refused", raw("GET /secret", "Content-Length: 1", "Content-Length: 2") + "a", 400, ""},
	} {
		t.Run(row.rule, func(t *testing.T) {
			got, set := send(t, s.addr, row.request)
			_, location, _ := strings.Cut(got.header, "Location: ")
			location, _, _ = strings.Cut(location, "|")
			if got.status != row.status || location != row.location {
				t.Errorf("got %+v, want status %d and Location %q", got, row.status, row.location)
			}
			if set != "" {
				t.Errorf("Set-Cookie: %q", set)
			}
		})
	}
}

// server is the program while it runs, in this process or as one of its own.
type server struct {
	addr string
	pid  int // 0 in this process
	stop func()
	log  *journal
	done chan struct{} // closed when it has ended; then there are
	err  error         // how it ended
	rest string        // and what it printed after its address
}

// journal is what a server has logged so far.
type journal struct {
	mu   sync.Mutex
	text strings.Builder
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// inProcess runs the program by run.
func inProcess(t *testing.T, args ...string) *server {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	out, in := io.Pipe()
	result := make(chan error, 1)
	s := &server{stop: stop, log: new(journal)}
	go func() {
		result <- run(ctx, append([]string{"-addr", "127.0.0.1:0"}, args...), in, s.log)
		in.Close()
	}()
	return s.watch(t, out, func() error { return <-result })
}

// program is the program, built once for all tests.
func program(t *testing.T) string {
	t.Helper()
	file, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return file
}

var build = sync.OnceValues(func() (string, error) {
	file := filepath.Join(scratch, "iris-sessions")
	if out, err := exec.Command("go", "build", "-o", file, ".").CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return file, nil
})

// scratch is a directory that lasts as long as the tests.
var scratch string

func TestMain(m *testing.M) {
	var err error
	if scratch, err = os.MkdirTemp("", "iris-sessions"); err != nil {
		panic(err)
	}
	code := m.Run()
	if err := os.RemoveAll(scratch); err != nil {
		panic(err)
	}
	os.Exit(code)
}

// ownProcess runs the program as a process, which that signal will stop.
func ownProcess(t *testing.T, signal os.Signal, args ...string) *server {
	t.Helper()
	return process(t, signal, exec.CommandContext(t.Context(), program(t), append([]string{"-addr", "127.0.0.1:0"}, args...)...))
}

// process runs a command that becomes the program.
func process(t *testing.T, signal os.Signal, cmd *exec.Cmd) *server {
	t.Helper()
	s := &server{log: new(journal)}
	cmd.Stderr = s.log
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s.pid = cmd.Process.Pid
	s.stop = func() {
		if err := cmd.Process.Signal(signal); err != nil {
			t.Error(err)
		}
	}
	return s.watch(t, out, cmd.Wait)
}

// watch reads the line with the address. The server ends with the test.
func (s *server) watch(t *testing.T, out io.Reader, wait func() error) *server {
	t.Helper()
	s.done = make(chan struct{})
	lines := bufio.NewReader(out)
	line, lineErr := lines.ReadString('\n')
	go func() {
		defer close(s.done)
		rest, err := io.ReadAll(lines)
		s.rest, s.err = string(rest), errors.Join(wait(), err)
	}()
	t.Cleanup(func() {
		<-s.done
		if t.Failed() {
			t.Logf("it logged:\n%.5000s", s.log)
		}
	})
	addr, ok := strings.CutPrefix(line, "listening on ")
	if lineErr != nil || !ok {
		t.Fatalf("the first line is %q: %v", line, lineErr)
	}
	s.addr = strings.TrimSuffix(addr, "\n")
	return s
}

// wait waits for the server's end.
func (s *server) wait(t *testing.T) {
	t.Helper()
	select {
	case <-s.done:
	case <-time.After(patience):
		t.Fatal("the server does not end")
	}
}

func TestProgram(t *testing.T) {
	t.Run("the command line", testCommandLine)
	t.Run("-version says what this is", func(t *testing.T) {
		out, err := exec.CommandContext(t.Context(), program(t), "-version").Output()
		if err != nil || !regexp.MustCompile(`^iris-sessions \S+ go1\.\S+\n$`).Match(out) {
			t.Errorf("%q, %v", out, err)
		}
	})
	t.Run("the transcript of README.md", func(t *testing.T) { testTranscript(t, ownProcess(t, os.Interrupt)) })
	t.Run("the end of its context stops it", func(t *testing.T) { testStop(t, inProcess(t)) })
	t.Run("SIGINT stops it", func(t *testing.T) { testStop(t, ownProcess(t, os.Interrupt)) })
	t.Run("SIGTERM stops it", func(t *testing.T) { testStop(t, ownProcess(t, syscall.SIGTERM)) })
}

// testCommandLine tests what does not come to serving.
func testCommandLine(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	cert, key, _ := newCertificate(t, 1, time.Hour)
	_, otherKey, _ := newCertificate(t, 2, time.Hour)
	oldCert, oldKey, _ := newCertificate(t, 3, -time.Hour)
	newCert, newKey, _ := newCertificate(t, 4, 72*time.Hour)
	inUse := filepath.Join(t.TempDir(), "sessions.db")
	user, err := bolt.Open(inUse)
	if err != nil {
		t.Fatal(err)
	}
	defer user.Close()
	locked, hanging := redistest.Start(t), redistest.Start(t)
	hanging.Pause()
	program(t) // its building takes time
	ended, end := context.WithCancel(t.Context())
	end() // should run come to serving, it stops at once
	for _, row := range []struct {
		rule string
		args []string // those with '=' are environment variables
		exit int
		says string // on stderr, or as run's error
	}{
		{"-h shows the usage", []string{"-h"}, 0, "Usage of iris-sessions"},
		{"a wrong flag is named", []string{"-adr", ":0"}, 2, "-adr"},
		{"a flag without its value is named", []string{"-addr"}, 2, "-addr"},
		{"an address that is empty", []string{"-addr", ""}, 2, "-addr is empty"},
		{"an argument is named", []string{":0"}, 2, `":0"`},
		{"an argument that is a URL is not repeated", []string{"redis://:hunter2:1"}, 2, "a URL belongs to -sessions"},
		{"a time that is none", []string{"-idle", "soon"}, 2, `"soon" for flag -idle`},
		{"a time that is none, in the environment", []string{"IRIS_SESSIONS_IDLE=soon"}, 2, `environment variable "IRIS_SESSIONS_IDLE": time: invalid duration "soon"`},
		{"a negative life", []string{"-expires", "-1s"}, 2, `"-1s" for flag -expires: -1s is less than 0s`},
		{"a negative idle time", []string{"IRIS_SESSIONS_IDLE=-1s"}, 2, `"IRIS_SESSIONS_IDLE": -1s is less than 0s`},
		{"room for no session", []string{"-max-sessions", "0"}, 2, `"0" for flag -max-sessions: 0 is less than 1`},
		{"a level that is none", []string{"IRIS_SESSIONS_LOG_LEVEL=loud"}, 2, `"IRIS_SESSIONS_LOG_LEVEL"`},
		{"a form that is none", []string{"-log-format", "xml"}, 2, `-log-format: "xml" is neither text nor json`},
		{"a switch that is neither on nor off", []string{"IRIS_SESSIONS_SECURE_COOKIE=perhaps"}, 2, `"IRIS_SESSIONS_SECURE_COOKIE"`},
		{"a certificate without a key", []string{"-tls-cert", "cert.pem"}, 2, "-tls-key"},
		{"a key without a certificate", []string{"IRIS_SESSIONS_TLS_KEY=key.pem"}, 2, "-tls-cert"},
		{"the flag wins over the environment", []string{"IRIS_SESSIONS_ADDR=elsewhere", "-addr", "nonsense"}, 1, "nonsense"},
		{"the environment wins over the default", []string{"IRIS_SESSIONS_ADDR=elsewhere"}, 1, "elsewhere"},
		{"a taken port is named in one line", []string{"-addr", taken.Addr().String()}, 1, taken.Addr().String()},
		{"a certificate that is not there", []string{"-tls-cert", "nowhere.pem", "-tls-key", key}, 1, "open nowhere.pem: no such file"},
		{"a key that is no key", []string{"-tls-cert", cert, "-tls-key", cert}, 1, "-tls-key " + cert},
		{"another certificate's key", []string{"-tls-cert", cert, "-tls-key", otherKey}, 1, "private key does not match"},
		{"a certificate that has expired", []string{"-tls-cert", oldCert, "-tls-key", oldKey}, 1, "has expired at"},
		{"a certificate that is not valid yet", []string{"-tls-cert", newCert, "-tls-key", newKey}, 1, "is not valid before"},
		{"an address that is none is named in one line", []string{"-addr", "nonsense"}, 1, "nonsense"},
		{"a store of no kind that there is", []string{"-sessions", "file:hunter2"}, 2, "flag -sessions: neither memory nor bolt:PATH nor redis://HOST:PORT"},
		{"a store of no kind that there is, in the environment", []string{"IRIS_SESSIONS_SESSIONS=hunter2"}, 2, "environment variable IRIS_SESSIONS_SESSIONS: neither memory"},
		{"bolt without a file", []string{"-sessions", "bolt:"}, 2, "flag -sessions: neither memory nor bolt:PATH"},
		{"a Redis without a port", []string{"-sessions", "redis://:hunter2@localhost"}, 2, `flag -sessions: host 1 of the URL is no host:port`},
		{"a Redis without a port, in the environment", []string{"IRIS_SESSIONS_SESSIONS=redis://:hunter2@localhost"}, 2, `environment variable IRIS_SESSIONS_SESSIONS: host 1 of the URL is no host:port`},
		{"a password that is wrongly escaped", []string{"-sessions", "redis://:%hunter2@localhost:1"}, 2, "write it as %25"},
		{"an option that Redis does not have", []string{"-sessions", "redis://:hunter2@localhost:1?cash"}, 2, "?cash is unknown"},
		{"a file that is not ours", []string{"-sessions", "bolt:" + key}, 1, key + ": not a file of sessions"},
		{"a file that is in use", []string{"-sessions", "bolt:" + inUse}, 1, inUse + ": another process has the file open"},
		{"a file in a directory that is not there", []string{"-sessions", "bolt:nowhere/sessions.db"}, 1, "nowhere/sessions.db: no such file"},
		{"a Redis that nobody listens as", []string{"-sessions", "redis://:hunter2@127.0.0.1:1"}, 1, "127.0.0.1:1: connect: connection refused"},
		{"a Redis with another password", []string{"-sessions", "redis://:hunter2@" + locked.Addr}, 1, "WRONGPASS"},
		{"a Redis with a password that is not given", []string{"-sessions", "redis://" + locked.Addr}, 1, "NOAUTH"},
		{"a Redis that hangs", []string{"-sessions", "redis://:hunter2@" + hanging.Addr}, 1, "no answer within 1s"},
	} {
		t.Run(row.rule, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			args := slices.DeleteFunc(slices.Clone(row.args), func(arg string) bool {
				name, value, ok := strings.Cut(arg, "=")
				if ok {
					t.Setenv(name, value)
				}
				return ok
			})
			err := run(ended, args, &stdout, &stderr)
			if errors.Is(err, errUsage) != (row.exit == 2) || (err == nil) != (row.exit == 0) {
				t.Errorf("run: %v", err)
			}
			if row.exit == 1 {
				stderr.WriteString("iris-sessions: " + err.Error() + "\n") // as main does
			}
			fromRun := stderr.String()
			if !strings.Contains(fromRun, row.says) || row.exit > 0 && strings.Count(fromRun, "\n") != 1 || stdout.Len() > 0 {
				t.Errorf("run prints %q, and on stderr %q", &stdout, fromRun)
			}

			stderr.Reset()
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			cmd := exec.CommandContext(ctx, program(t), args...)
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			began := time.Now()
			err = cmd.Run()
			if exit := cmd.ProcessState.ExitCode(); exit != row.exit {
				t.Errorf("exit status %d (%v), want %d", exit, err, row.exit)
			}
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("it took %v", took)
			}
			if strings.Contains(fromRun+stderr.String(), "hunter2") {
				t.Error("the password is printed")
			}
			if stderr.String() != fromRun || stdout.Len() > 0 {
				t.Errorf("the program prints %q, and on stderr %q, where run has %q", &stdout, &stderr, fromRun)
			}
		})
	}
}

// testStop stops a server while it answers a request: it takes no more
// connections, gives the answer and ends without an error.
func testStop(t *testing.T, s *server) {
	_, cookie := send(t, s.addr, raw("GET /login"))
	// net/http holds the answer back until it has all of a short body. It drops
	// a request that it has not read by the time of the stop: that the id is
	// dead shows that this one has come to its handler.
	slow := dial(t, s.addr, raw("GET /logout", "Cookie: "+cookie, "Content-Length: 1"))
	for begun, deadline := false, time.Now().Add(patience); !begun; {
		got, _ := send(t, s.addr, raw("GET /secret", "Cookie: "+cookie))
		if begun = got == forbidden; !begun && time.Now().After(deadline) {
			t.Fatalf("the logout does not come to its handler: %+v", got)
		}
	}

	s.stop()
	for refused := false; !refused; {
		conn, err := net.DialTimeout("tcp", s.addr, patience)
		if refused = err != nil; !refused {
			conn.Close()
		}
	}
	select {
	case <-s.done:
		t.Fatalf("it ended with a request in flight: %v", s.err)
	default:
	}
	if _, err := io.WriteString(slow, "x"); err != nil {
		t.Fatal(err)
	}
	if got, set := receive(t, slow, "GET"); got.status != 200 || set == "" {
		t.Errorf("the request in flight got %+v, Set-Cookie %q", got, set)
	}
	if s.wait(t); s.err != nil || s.rest != "" {
		t.Errorf("it ended with %v, having printed %q", s.err, s.rest)
	}
	for _, event := range []string{`msg=serving addr=` + s.addr + ` tls=false store=memory expires=24h0m0s idle=1h0m0s max_sessions=1000000`, `msg=stopping`, `msg=stopped`} {
		if !strings.Contains(s.log.String(), event) {
			t.Errorf("no %s in the log", event)
		}
	}
}

// lines polls the log until it has n records that match.
func (s *server) lines(t *testing.T, n int, pattern string) []string {
	t.Helper()
	wanted := regexp.MustCompile("(?m)^.*" + pattern + ".*$")
	var found []string
	s.eventually(t, fmt.Sprintf("%d records of %s", n, pattern), func() bool {
		found = wanted.FindAllString(s.log.String(), -1)
		return len(found) >= n
	})
	return found
}

// eventually polls until what it waits for is so.
func (s *server) eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	poll, deadline := time.NewTicker(10*time.Millisecond), time.Now().Add(patience)
	defer poll.Stop()
	for !so() {
		if <-poll.C; time.Now().After(deadline) {
			t.Fatal("waited in vain for ", what)
		}
	}
}

func TestLog(t *testing.T) {
	secretValue := regexp.MustCompile(`[A-Za-z0-9_-]{43}`)
	for _, row := range []struct {
		rule     string
		args     []string
		requests []string
		want     string // all of the log, as a pattern; TIME stands for the time
	}{
		{"a login and a logout, by the session's hash and the client's address", nil,
			[]string{raw("GET /login"), raw("GET /login", "Cookie: NEWEST"), raw("GET /logout", "Cookie: NEWEST"), raw("GET /secret", "Cookie: NEWEST")},
			`TIME level=INFO msg=login session=[0-9a-f]{8} client=127.0.0.1
TIME level=INFO msg=logout session=[0-9a-f]{8} client=127.0.0.1
`},
		{"and as JSON", []string{"-log-format", "json"}, []string{raw("GET /login")},
			`{TIME,"level":"INFO","msg":"login","session":"[0-9a-f]{8}","client":"127.0.0.1"}
`},
		{"nothing of either below the level", []string{"-log-level", "warn"}, []string{raw("GET /login")}, ``},
		{"each request at the debug level, but no query and no cookie", []string{"-log-level", "debug"},
			[]string{raw("HEAD /secret?token=x", "Cookie: "+forged, "User-Agent: curl")},
			`TIME level=DEBUG msg=request method=HEAD path=/secret status=403 took=\S+ client=127.0.0.1 user_agent=curl
`},
		{"a client forges no record", []string{"-log-level", "debug"},
			[]string{raw("GET /%0atime=now%20level=INFO%20msg=login%1b[2J", "User-Agent: a\" msg=login\t\x80")},
			`TIME level=DEBUG msg=request method=GET path="/\\ntime=now level=INFO msg=login\\x1b\[2J" status=404 took=\S+ client=127.0.0.1 user_agent="a\\" msg=login\\t\\x80"
`},
		{"a request from another origin", nil, []string{raw("GET /logout", "Sec-Fetch-Site: cross-site")},
			`TIME level=WARN msg="request refused" path=/logout client=127.0.0.1 error="cross-origin request detected from Sec-Fetch-Site header"
`},
		{"a store that takes no more", []string{"-max-sessions", "1"}, []string{raw("GET /login"), raw("GET /secret", "Cookie: NEWEST"), raw("GET /login"), raw("GET /login")},
			`TIME level=INFO msg=login session=[0-9a-f]{8} client=127.0.0.1
TIME level=ERROR msg="sessions: create [0-9a-f]{8}: sessions: the store is full of sessions in use \(Config.MaxSessions\)"
`},
		{"a panic with its request and its trace, but no cookie", nil, []string{raw("GET /panic?token=x", "Cookie: "+forged)},
			`TIME level=ERROR msg="iris: panic at \\"GET\\" \\"/panic\\": the lamp is broken" trace="goroutine .*handlers_test.go.*"
`},
	} {
		t.Run(row.rule, func(t *testing.T) {
			var log journal
			s := flagged(t, row.args...)
			app := newApp(s, nil, newLogger(s, &log))
			app.Get("/panic", func(*iris.Context) { panic("the lamp is broken") })
			srv := httptest.NewServer(app)
			newest := ""
			for _, request := range row.requests {
				if _, set := send(t, srv.Listener.Addr().String(), strings.ReplaceAll(request, "NEWEST", newest)); set != "" {
					newest = set
				}
			}
			srv.Close() // waits for the records
			want := strings.ReplaceAll(strings.ReplaceAll(row.want, "{TIME", `{"time":"[^"]+"`), "TIME", `time=\S+`)
			if !regexp.MustCompile("^" + want + "$").MatchString(log.String()) {
				t.Errorf("the log is\n%swant\n%s", &log, want)
			}
			if secretValue.MatchString(log.String()) || strings.Contains(log.String(), "token=x") {
				t.Errorf("a secret is in the log:\n%s", &log)
			}
		})
	}
}

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// readmeBlock is the first block of that language in a section of README.md.
func readmeBlock(t *testing.T, section, language string) string {
	t.Helper()
	_, text, _ := strings.Cut(readme(t), "# "+section+"\n")
	block := regexp.MustCompile("(?s)\n```" + language + "\n(.*?)\n```\n").FindStringSubmatch(text)
	if block == nil {
		t.Fatalf("README.md has no block of %s in %s", language, section)
	}
	return block[1]
}

func TestREADMETables(t *testing.T) {
	text := readme(t)
	var s settings
	s.flags().VisitAll(func(f *flag.Flag) {
		variable := envPrefix + "_" + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		row := regexp.MustCompile("(?m)^\\| `-" + f.Name + "` \\| `" + variable + "` \\| (?:`(.*)`)? ?\\| .+ \\|$").FindStringSubmatch(text)
		if row == nil {
			t.Errorf("README.md has no row of -%s and %s", f.Name, variable)
			return
		}
		if row[1] != "" {
			if err := f.Value.Set(row[1]); err != nil {
				t.Error(err)
			}
		}
		if f.Value.String() != f.DefValue {
			t.Errorf("README.md: -%s is %q by default, want %q", f.Name, row[1], f.DefValue)
		}
	})
	var tests strings.Builder
	for _, pattern := range []string{"*_test.go", "iris.v6/*_test.go", "iris.v6/adaptors/*/*_test.go", "iris.v6/adaptors/sessions/sessiondb/*/*_test.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			code, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			tests.Write(code)
		}
	}
	for _, name := range regexp.MustCompile(`\bTest[A-Z]\w+`).FindAllString(text, -1) {
		if !strings.Contains(tests.String(), "\nfunc "+name+"(") {
			t.Errorf("README.md names %s, which there is not", name)
		}
	}
}

// free is an address that nobody listens on.
func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// portOf is the port of an address.
func portOf(addr string) string { return addr[strings.LastIndexByte(addr, ':')+1:] }

// TestREADMEScaling runs two instances behind a Redis, by the commands that
// README.md has for three terminals.
func TestREADMEScaling(t *testing.T) {
	ports := []string{"6379", portOf(free(t)), "8081", portOf(free(t)), "8082", portOf(free(t))}
	renumber := strings.NewReplacer(ports...)
	terminals := strings.Split(renumber.Replace(readmeBlock(t, "Scaling", "sh")), "\n")
	terminal := func(command string) *exec.Cmd {
		cmd := exec.CommandContext(t.Context(), "sh", "-c", "exec "+command)
		cmd.Env = append(os.Environ(), "TMPDIR="+t.TempDir())
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // as go run has a child
		cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
		return cmd
	}
	redis := terminal(terminals[0])
	if err := redis.Start(); err != nil {
		t.Fatal(err)
	}
	redistest.Eventually(t, "Redis listens", func() bool {
		conn, err := net.Dial("tcp", "127.0.0.1:"+ports[1])
		if err == nil {
			conn.Close()
		}
		return err == nil
	})
	var instances []*server
	for _, command := range terminals[1:] {
		instances = append(instances, process(t, os.Interrupt, terminal(command)))
	}
	transcript(t, renumber.Replace(readmeBlock(t, "Scaling", "console")))
	for _, s := range instances {
		if err := syscall.Kill(-s.pid, syscall.SIGINT); err != nil {
			t.Error(err)
		}
		s.wait(t)
		s.lines(t, 1, "msg=stopped")
	}
	if err := errors.Join(redis.Process.Signal(os.Interrupt), redis.Wait()); err != nil {
		t.Error(err)
	}
}

// TestREADMEInProduction runs the unit's command behind nginx, as README.md sets both up.
func TestREADMEInProduction(t *testing.T) {
	const installed, upstream = "/usr/local/bin/iris-sessions", "127.0.0.1:8080"
	dir := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	unit := readmeBlock(t, "In production", "ini")
	verify := exec.CommandContext(t.Context(), "systemd-analyze", "verify", "--man=no", write("iris-sessions.service", strings.ReplaceAll(unit, installed, program(t))))
	if out, err := verify.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
	_, after, _ := strings.Cut(unit, "\nExecStart="+installed+" ")
	command, _, _ := strings.Cut(after, "\n")
	args := strings.Fields(strings.ReplaceAll(command, upstream, "127.0.0.1:0"))
	s := process(t, syscall.SIGTERM, exec.CommandContext(t.Context(), program(t), args...))

	cert, key, roots := newCertificate(t, 1, time.Hour)
	https, plain := free(t), free(t)
	site := strings.NewReplacer(upstream, s.addr, "listen 443", "listen "+https, "listen 80", "listen "+plain,
		"/etc/ssl/example.com.pem", cert, "/etc/ssl/example.com.key", key).Replace(readmeBlock(t, "In production", "nginx"))
	var temporary strings.Builder
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		fmt.Fprintf(&temporary, "%s_temp_path %s;\n", kind, filepath.Join(dir, kind))
	}
	config := write("nginx.conf", "daemon off; pid nginx.pid; error_log stderr; events {} http { access_log off;\n"+temporary.String()+site+"\n}")
	nginx := exec.CommandContext(t.Context(), "nginx", "-p", dir, "-c", config, "-e", "stderr")
	nginx.Stderr = s.log
	if err := nginx.Start(); err != nil {
		t.Fatal(err)
	}
	s.eventually(t, "nginx", func() bool {
		conn, err := net.Dial("tcp", plain)
		if err == nil {
			conn.Close()
		}
		return err == nil
	})

	client := newClient(t, roots, true)
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, _, cookie := fetch(t, client, "https://"+https+"/login", "")
	if resp.Proto != "HTTP/2.0" || len(resp.Header["Strict-Transport-Security"]) != 1 {
		t.Errorf("%s, header %v", resp.Proto, resp.Header)
	}
	if _, body, _ := fetch(t, client, "https://"+https+"/secret", cookie); body != cake.body {
		t.Errorf("after the login: %q", body)
	}
	if resp, _, _ := fetch(t, client, "http://"+plain+"/secret?a=b", ""); resp.StatusCode != 301 || resp.Header.Get("Location") != "https://"+plain+"/secret?a=b" {
		t.Errorf("plain HTTP: status %d, header %v", resp.StatusCode, resp.Header)
	}
	for origin, status := range map[string]int{"https://" + https: 200, "https://evil.example": 403} {
		r, err := http.NewRequestWithContext(t.Context(), "GET", "https://"+https+"/login", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Origin", origin)
		resp, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		if resp.Body.Close(); resp.StatusCode != status {
			t.Errorf("a login from %s: status %d, want %d", origin, resp.StatusCode, status)
		}
	}
	s.stop()
	if err := nginx.Process.Signal(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	if err := nginx.Wait(); err != nil {
		t.Errorf("nginx: %v", err)
	}
}

// testTranscript runs the commands that README.md shows at first.
func testTranscript(t *testing.T, s *server) {
	transcript(t, strings.ReplaceAll(readmeBlock(t, "iris-sessions", "console"), "localhost:8080", s.addr))
	s.stop()
	if s.wait(t); s.err != nil {
		t.Error(s.err)
	}
}

// transcript runs the commands of a block of README.md and compares what they
// print. Of a response's header, the lines shown must be there, in any order. An
// id is shown by its first characters: the first response with it says what it is.
func transcript(t *testing.T, text string) {
	t.Helper()
	curl, err := exec.LookPath("curl")
	if err != nil {
		t.Fatal("curl is needed to run the commands of README.md: ", err)
	}
	dir := t.TempDir()
	shownID := regexp.MustCompile(`my_sessionid=\w+…`)
	ids := map[string]string{} // what is shown → the cookie
	reveal := func(text string) string {
		return shownID.ReplaceAllStringFunc(text, func(shown string) string { return cmp.Or(ids[shown], shown) })
	}
	steps := strings.Split("\n"+text, "\n$ ")[1:]
	if len(steps) < 5 {
		t.Errorf("README.md shows %d commands only", len(steps))
	}
	for _, step := range steps {
		command, want, _ := strings.Cut(step, "\n")
		cmd := exec.CommandContext(t.Context(), "sh", "-c", reveal(command))
		cmd.Dir = dir
		cmd.Env = []string{"PATH=" + filepath.Dir(curl) + ":" + os.Getenv("PATH")} // no proxy
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("$ %s: %v", command, err)
		}
		got := strings.TrimSpace(strings.ReplaceAll(string(out), "\r\n", "\n"))
		want = strings.TrimSpace(want)
		if !strings.HasPrefix(want, "HTTP/") {
			if got != want {
				t.Errorf("$ %s\n%s\nREADME.md shows:\n%s", command, got, want)
			}
			continue
		}
		if shown := shownID.FindString(want); shown != "" && ids[shown] == "" {
			ids[shown] = regexp.MustCompile(`my_sessionid=[^;]+`).FindString(got)
		}
		lines := strings.Split(got, "\n")
		for i, line := range strings.Split(reveal(want), "\n") {
			if !slices.Contains(lines, line) || i == 0 && line != lines[0] {
				t.Errorf("$ %s\n%s\nREADME.md shows:\n%s", command, got, line)
			}
		}
	}
}

// newCertificate makes a self-signed one for loopback. It is valid for a day, which ends in that time.
func newCertificate(t *testing.T, serial int64, ends time.Duration) (certFile, keyFile string, roots *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	until := time.Now().Add(ends)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), NotBefore: until.Add(-24 * time.Hour), NotAfter: until,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"localhost", "*.site.localhost"},
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for file, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: cert}, keyFile: {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	parsed, err := x509.ParseCertificate(cert)
	if err != nil {
		t.Fatal(err)
	}
	roots = x509.NewCertPool()
	roots.AddCert(parsed)
	return certFile, keyFile, roots
}

// fetch gets a page with an HTTP client, and the session cookie that it sets.
func fetch(t *testing.T, client *http.Client, url, cookie string) (resp *http.Response, body, set string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Cookie", cookie)
	if resp, err = client.Do(r); err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(text), issued(t, resp.Header, true)
}

// newClient returns a client that trusts those roots.
func newClient(t *testing.T, roots *x509.CertPool, http2 bool) *http.Client {
	t.Helper()
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: http2}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: patience}
}

func TestTLS(t *testing.T) {
	cert, key, roots := newCertificate(t, 1, time.Hour)
	newCert, newKey, newRoots := newCertificate(t, 2, 2*time.Hour)
	s := ownProcess(t, syscall.SIGTERM, "-tls-cert", cert, "-tls-key", key, "-log-level", "debug")
	url := "https://" + s.addr

	for http2, proto := range map[bool]string{false: "HTTP/1.1", true: "HTTP/2.0"} {
		t.Run(proto, func(t *testing.T) {
			client := newClient(t, roots, http2)
			_, body, _ := fetch(t, client, url+"/secret", "")
			resp, _, cookie := fetch(t, client, url+"/login", "")
			_, secret, _ := fetch(t, client, url+"/secret", cookie)
			_, plain, _ := fetch(t, client, url+"/secret", strings.TrimPrefix(cookie, "__Host-"))
			if resp.Proto != proto || body != forbidden.body || secret != cake.body || plain != forbidden.body {
				t.Errorf("%s: %q, after the login %q, without the cookie's prefix %q", resp.Proto, body, secret, plain)
			}
			if got := resp.Header.Get("Strict-Transport-Security"); got != "max-age=31536000; includeSubDomains" {
				t.Errorf("Strict-Transport-Security: %q", got)
			}
		})
	}
	t.Run("TLS 1.1 is refused", func(t *testing.T) {
		conn, err := tls.Dial("tcp", s.addr, &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11})
		if err == nil {
			conn.Close()
			t.Error("it is not")
		}
	})
	t.Run("plain HTTP is refused", func(t *testing.T) {
		if got, _ := send(t, s.addr, raw("GET /secret")); got.status != 400 {
			t.Errorf("%+v", got)
		}
	})
	t.Run("SIGHUP", func(t *testing.T) {
		copyFile := func(from, to string) {
			t.Helper()
			content, err := os.ReadFile(from)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(to, content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		hangUp := func() {
			t.Helper()
			if err := syscall.Kill(s.pid, syscall.SIGHUP); err != nil {
				t.Fatal(err)
			}
		}
		old := newClient(t, roots, true)
		_, _, cookie := fetch(t, old, url+"/login", "")

		copyFile(newCert, cert)
		hangUp()
		s.lines(t, 1, `level=ERROR msg="certificate not read again, the old one stays" .*private key does not match`)
		fetch(t, newClient(t, roots, true), url+"/secret", "") // fails unless the old one is shown

		copyFile(newKey, key)
		hangUp()
		s.lines(t, 1, `level=INFO msg="certificate read again"`)
		fetch(t, newClient(t, newRoots, true), url+"/secret", "")

		reused := false
		r, err := http.NewRequestWithContext(httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
			GotConn: func(info httptrace.GotConnInfo) { reused = info.Reused },
		}), "GET", url+"/secret", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Cookie", cookie)
		resp, err := old.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if !reused || resp.StatusCode != 200 {
			t.Errorf("the connection from before: reused %v, status %d", reused, resp.StatusCode)
		}
	})
	s.stop()
	if s.wait(t); s.err != nil {
		t.Error(s.err)
	}
}

func TestBehindAProxyThatEndsTLS(t *testing.T) {
	srv := httptest.NewServer(newApp(flagged(t, "-secure-cookie"), nil, newLogger(settings{}, io.Discard)))
	defer srv.Close()
	resp, _, cookie := fetch(t, srv.Client(), srv.URL+"/login", "")
	if resp.Header.Get("Strict-Transport-Security") == "" {
		t.Error("no Strict-Transport-Security")
	}
	if _, body, _ := fetch(t, srv.Client(), srv.URL+"/secret", cookie); body != cake.body {
		t.Errorf("after the login: %q", body)
	}
}

func TestARequestFromAnotherOriginChangesNothing(t *testing.T) {
	s := inProcess(t)
	for _, row := range []struct {
		rule    string
		header  []string
		refused bool
	}{
		{"curl says nothing", nil, false},
		{"the address bar", []string{"Sec-Fetch-Site: none"}, false},
		{"our own page", []string{"Sec-Fetch-Site: same-origin"}, false},
		{"our own page, whatever the proxy makes of Host", []string{"Sec-Fetch-Site: same-origin", "Origin: https://example.com"}, false},
		{"our own page in an old browser", []string{"Origin: http://localhost"}, false},
		{"another site", []string{"Sec-Fetch-Site: cross-site"}, true},
		{"a sibling subdomain", []string{"Sec-Fetch-Site: same-site"}, true},
		{"what nobody knows", []string{"Sec-Fetch-Site: elsewhere"}, true},
		{"another site in an old browser", []string{"Origin: http://evil.example"}, true},
		{"an origin that is not told", []string{"Origin: null"}, true},
		{"another port in an old browser", []string{"Origin: http://localhost:81"}, true},
	} {
		for _, method := range []string{"GET", "HEAD"} {
			t.Run(row.rule+"/"+method, func(t *testing.T) {
				_, in := send(t, s.addr, raw("GET /login"))
				for path, was := range map[string]answer{"/logout": cake, "/login": forbidden} {
					cookie := in
					if path == "/login" {
						_, cookie = send(t, s.addr, raw("GET /logout"))
					}
					got, set := send(t, s.addr, raw(method+" "+path, append(row.header, "Cookie: "+cookie)...))
					after, _ := send(t, s.addr, raw("GET /secret", "Cookie: "+cookie))
					if refused := got.status == 403 && set == "" && after == was; refused != row.refused || !refused && (got != empty || set == "") {
						t.Errorf("%s: got %+v, Set-Cookie %q; /secret gives %+v, before it gave %+v", path, got, set, after, was)
					}
				}
				got, _ := send(t, s.addr, raw(method+" /secret", append(row.header, "Cookie: "+forged)...))
				if got.header != forbidden.header {
					t.Errorf("/secret, which changes nothing: %+v", got)
				}
			})
		}
	}
}

func TestEveryAnswerOfTheProgramForbidsSniffing(t *testing.T) {
	app := newApp(flagged(t, "-max-sessions", "1"), nil, newLogger(settings{}, io.Discard))
	app.Set(iris.OptionFireMethodNotAllowed(true))
	app.Get("/panic", func(*iris.Context) { panic("a bug") })
	user := logIn(app)
	for _, row := range []struct {
		method, path string
		header       http.Header
		status       int
	}{
		{"GET", "/secret", http.Header{"Cookie": {user}}, 200},
		{"GET", "/secret/", nil, 301},
		{"GET", "/secret", nil, 403},
		{"GET", "/login", http.Header{"Sec-Fetch-Site": {"cross-site"}}, 403},
		{"GET", "/nowhere", nil, 404},
		{"POST", "/login", nil, 405},
		{"GET", "/panic", nil, 500},
		{"GET", "/login", nil, 503},
	} {
		r, w := httptest.NewRequest(row.method, row.path, nil), httptest.NewRecorder()
		r.Header = row.header
		app.ServeHTTP(w, r)
		if w.Code != row.status || !slices.Equal(w.Header()["X-Content-Type-Options"], []string{"nosniff"}) {
			t.Errorf("%s %s: status %d, want %d, header %v", row.method, row.path, w.Code, row.status, w.Header())
		}
	}
}

// soak makes the tests of faults take as long as it takes. Without it they do
// the same in small.
var soak = flag.Bool("soak", false, "test faults at full length")

func scale(small, full int) int {
	if *soak {
		return full
	}
	return small
}

// visitor is a client on a connection of its own.
type visitor struct {
	net.Conn
	in *bufio.Reader
}

func connect(addr string) (*visitor, error) {
	conn, err := net.DialTimeout("tcp", addr, patience)
	if err != nil {
		return nil, err
	}
	return &visitor{conn, bufio.NewReader(conn)}, nil
}

// get sends a request and reads all of the answer, and the cookie that it sets.
func (v *visitor) get(path, cookie string) (status int, set string, err error) {
	if _, err := io.WriteString(v, raw("GET "+path, "Cookie: "+cookie)); err != nil {
		return 0, "", err
	}
	resp, err := http.ReadResponse(v.in, nil)
	if err != nil {
		return 0, "", err
	}
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return 0, "", err
	}
	set, _, _ = strings.Cut(resp.Header.Get("Set-Cookie"), ";")
	if resp.StatusCode == 503 && (resp.Header.Get("Retry-After") == "" || set != "") {
		err = fmt.Errorf("503 with the header %v", resp.Header)
	}
	return resp.StatusCode, set, err
}

// comes is a visitor who does nothing yet.
func comes(*visitor) error { return nil }

// crowd connects n visitors, each of which does something. They leave with the test.
func (s *server) crowd(t *testing.T, n int, do func(*visitor) error) []*visitor {
	t.Helper()
	visitors := make([]*visitor, n)
	for i := range visitors {
		v, err := connect(s.addr)
		if err == nil {
			t.Cleanup(func() { v.Close() })
			err = do(v)
		}
		if err != nil {
			t.Fatalf("connection %d: %v", i, err)
		}
		visitors[i] = v
	}
	return visitors
}

// memory is how many bytes of memory the server's process has.
func (s *server) memory(t *testing.T) int {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.pid))
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(status), "VmRSS:")
	line, _, _ := strings.Cut(after, " kB")
	n, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	return n << 10
}

// files is how many file descriptors the server's process has.
func (s *server) files(t *testing.T) int {
	t.Helper()
	all, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", s.pid))
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

// kill sends a signal to the server's process.
func (s *server) kill(t *testing.T, signal syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(s.pid, signal); err != nil {
		t.Fatal(err)
	}
}

// goroutines ends the server by SIGQUIT and counts those in the trace that are
// neither the first one nor the runtime's.
func (s *server) goroutines(t *testing.T) int {
	t.Helper()
	s.kill(t, syscall.SIGQUIT)
	s.wait(t)
	log := s.log.String()
	return strings.Count(log, "created by ") - strings.Count(log, "created by runtime.")
}

// leftNothing ends a server that all clients have left, and holds it to what
// one has that never had any.
func (s *server) leftNothing(t *testing.T, fresh *server) {
	t.Helper()
	files := fresh.files(t)
	s.eventually(t, "the connections to be closed", func() bool { return s.files(t) <= files })
	if strings.Contains(s.log.String(), "panic") {
		t.Error("a panic is in the log")
	}
	idle, left := fresh.goroutines(t), s.goroutines(t)
	t.Logf("%d goroutines are left, %d are in a server that had no clients", left, idle)
	if left > idle+2 { // one may be closing its connection, one freeing sessions
		t.Error("goroutines are left")
	}
}

func TestFaultStopUnderLoad(t *testing.T) {
	t.Run("HTTP/1.1", func(t *testing.T) {
		s := ownProcess(t, syscall.SIGTERM, "-log-level", "debug")
		// Their handlers are done, and the answers wait for the bodies.
		held := s.crowd(t, 32, func(v *visitor) error {
			_, err := io.WriteString(v, raw("GET /login", "Content-Length: 1"))
			return err
		})
		s.lines(t, len(held), "msg=request .*path=/login")
		testStopUnderLoad(t, s, held, func(addr string) (func() error, error) {
			v, err := connect(addr)
			return func() error { _, _, err := v.get("/secret", ""); return err }, err
		})
	})
	t.Run("HTTP/2", func(t *testing.T) {
		cert, key, roots := newCertificate(t, 1, time.Hour)
		s := ownProcess(t, syscall.SIGTERM, "-log-level", "debug", "-tls-cert", cert, "-tls-key", key)
		testStopUnderLoad(t, s, nil, func(addr string) (func() error, error) {
			client := newClient(t, roots, true)
			return func() error {
				resp, err := client.Get("https://" + addr + "/secret")
				if err == nil {
					err = resp.Body.Close()
				}
				return err
			}, nil
		})
	})
}

// testStopUnderLoad stops a server that 64 clients send requests to. Those held
// are in flight until it stops.
func testStopUnderLoad(t *testing.T, s *server, held []*visitor, client func(addr string) (request func() error, err error)) {
	var answers atomic.Int64
	var all sync.WaitGroup
	for range 64 - len(held) {
		request, err := client(s.addr)
		if err != nil {
			t.Fatal(err)
		}
		all.Go(func() {
			for request() == nil {
				answers.Add(1)
			}
		})
	}
	s.eventually(t, "load", func() bool { return answers.Load() > 5000 })
	began := time.Now()
	s.stop()
	s.lines(t, 1, "msg=stopping")
	for _, v := range held {
		if _, err := io.WriteString(v, "x"); err != nil {
			t.Error(err)
		} else if resp, err := http.ReadResponse(v.in, nil); err != nil || resp.StatusCode != 200 {
			t.Errorf("a request in flight is answered with %v, %v", resp, err)
		}
	}
	s.wait(t)
	took := time.Since(began)
	all.Wait()
	handled := int64(len(regexp.MustCompile("(?m)msg=request .* status=403").FindAllString(s.log.String(), -1)))
	t.Logf("64 connections, %d requests handled, %d answers received, stopped within %v", handled, answers.Load(), took)
	if s.err != nil || took > drainTime || handled != answers.Load() {
		t.Errorf("ended after %v with %v, %d requests handled, %d answers received", took, s.err, handled, answers.Load())
	}
}

func TestFaultSecondSIGTERM(t *testing.T) {
	s := ownProcess(t, syscall.SIGTERM)
	dial(t, s.addr, raw("GET /login", "Content-Length: 1")) // is in flight until its body comes
	s.lines(t, 1, "msg=login")
	s.stop()
	s.lines(t, 1, "msg=stopping")
	began := time.Now()
	s.stop()
	s.wait(t)
	var exit *exec.ExitError
	if took := time.Since(began); !errors.As(s.err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGTERM || took > drainTime/2 {
		t.Errorf("it ended %v after the second SIGTERM with %v", took, s.err)
	}
}

func TestFaultSIGQUIT(t *testing.T) {
	s := ownProcess(t, syscall.SIGQUIT)
	_, cookie := send(t, s.addr, raw("GET /login"))
	dial(t, s.addr, raw("GET /logout", "Cookie: "+cookie, "Content-Length: 1"))
	s.lines(t, 1, "msg=logout")
	s.stop()
	s.wait(t)
	_, id, _ := strings.Cut(cookie, "=")
	if log := s.log.String(); !strings.Contains(log, "SIGQUIT: quit") || !strings.Contains(log, "net/http.(*conn).serve") || strings.Contains(log, id) {
		t.Errorf("the log is\n%s", log)
	}
}

func TestFaultSlowClients(t *testing.T) {
	t.Parallel()
	s := ownProcess(t, syscall.SIGTERM)
	p99 := func() time.Duration {
		v, err := connect(s.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer v.Close()
		took := make([]time.Duration, 5000)
		for i := range took {
			began := time.Now()
			if status, _, err := v.get("/secret", ""); err != nil || status != 403 {
				t.Fatalf("another client's request: status %d, %v", status, err)
			}
			took[i] = time.Since(began)
		}
		slices.Sort(took)
		return took[len(took)*99/100]
	}
	quiet := p99()
	var lasted [2][500]time.Duration
	var all sync.WaitGroup
	for kind, request := range []string{
		raw("GET /secret", "X-Slow: "),
		raw("GET /secret", "Content-Length: 1000"),
	} {
		request = strings.TrimSuffix(request, "\r\n\r\n"[:4*(1-kind)]) // the header goes on
		for i, v := range s.crowd(t, len(lasted[kind]), func(v *visitor) error { _, err := io.WriteString(v, request); return err }) {
			began := time.Now()
			all.Go(func() {
				defer func() { lasted[kind][i] = time.Since(began) }()
				second := time.NewTicker(time.Second)
				defer second.Stop()
				cut := make(chan error, 1)
				go func() {
					_, err := io.Copy(io.Discard, v)
					cut <- err
				}()
				for {
					select {
					case <-cut:
						return
					case <-second.C:
						if time.Since(began) > time.Minute {
							return
						}
						if _, err := io.WriteString(v, "x"); err != nil && !errors.Is(err, syscall.EPIPE) && !errors.Is(err, syscall.ECONNRESET) {
							t.Error(err)
							return
						}
					}
				}
			})
		}
	}
	loud := p99()
	for range 2 { // somebody else may have had the processor
		if loud > 2*quiet {
			loud = min(loud, p99())
		}
	}
	all.Wait()
	header, body := slices.Max(lasted[0][:]), slices.Max(lasted[1][:])
	t.Logf("500 slow headers are cut off within %v, 500 slow bodies within %v; p99 of others %v, %v when quiet", header, body, loud, quiet)
	if header > 8*time.Second || body > 35*time.Second || *soak && loud > 2*quiet {
		t.Error("that is too long")
	}
}

func TestFaultIdleConnections(t *testing.T) {
	const mostEach = 32 << 10
	n := scale(1000, 10_000)
	s := ownProcess(t, syscall.SIGTERM)
	before := s.memory(t)
	s.crowd(t, n, func(v *visitor) error {
		_, _, err := v.get("/secret", "")
		return err
	})
	each := (s.memory(t) - before) / n
	t.Logf("%d idle connections take %d bytes each", n, each)
	if each > mostEach {
		t.Errorf("that is more than %d", mostEach)
	}
	if got, _ := send(t, s.addr, raw("GET /secret")); got != forbidden {
		t.Errorf("a new client gets %+v", got)
	}
	s.stop()
}

func TestFaultNoFileDescriptors(t *testing.T) {
	s := process(t, syscall.SIGTERM, exec.CommandContext(t.Context(), "sh", "-c", `ulimit -n 256 && exec "$0" -addr 127.0.0.1:0`, program(t)))
	crowd := s.crowd(t, 300, comes)
	records := s.lines(t, 4, `level=ERROR msg="http: Accept error: .*too many open files`)
	var times []time.Time
	for _, record := range records {
		text, _, _ := strings.Cut(strings.TrimPrefix(record, "time="), " ")
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		times = append(times, at)
	}
	took := times[len(times)-1].Sub(times[0])
	t.Logf("%d records of it within %v", len(times), took)
	if took < time.Duration(len(times)-1)*(time.Second-10*time.Millisecond) {
		t.Error("that is more than one a second")
	}
	for _, v := range crowd {
		v.Close()
	}
	if got, _ := send(t, s.addr, raw("GET /secret")); got != forbidden {
		t.Errorf("afterwards a client gets %+v", got)
	}
	s.stop()
}

// pour writes that many bytes after the first ones, for as long as they are
// taken, and returns the status of the answer, 0 if the connection is cut.
func pour(t *testing.T, addr, first, then string, bytes int) int {
	t.Helper()
	conn := dial(t, addr, first)
	defer conn.Close()
	answered := make(chan int, 1)
	go func() {
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			answered <- 0
			return
		}
		resp.Body.Close()
		answered <- resp.StatusCode
	}()
	chunk := []byte(strings.Repeat(then, 64<<10/len(then)))
	for written := 0; written < bytes; written += len(chunk) {
		if _, err := conn.Write(chunk); err != nil {
			break // the answer says why, if it comes through
		}
	}
	return <-answered
}

func TestFaultHostileRequests(t *testing.T) {
	s, fresh := ownProcess(t, syscall.SIGTERM), ownProcess(t, syscall.SIGTERM)
	send(t, s.addr, raw("GET /secret"))
	before := s.memory(t)
	for _, row := range []struct {
		rule        string
		first, then string
		bytes       int
		status      int
	}{
		{"a header of 100 MiB", "GET /secret HTTP/1.1\r\nHost: x\r\nX: ", "aaaaaaaa", 100 << 20, 431},
		{"100 MiB of header lines", "GET /secret HTTP/1.1\r\nHost: x\r\n", "X: aaa\r\n", 100 << 20, 431},
		{"a path of 100 MiB", "GET /", "aaaaaaaa", 100 << 20, 431},
		{"a body of 1 GiB", raw("POST /login", "Content-Length: 1073741824"), "aaaaaaaa", 1 << 30, 404},
		{"a chunked body of 1 GiB", raw("POST /login", "Transfer-Encoding: chunked"), "2\r\naa\r\n7\r\naaaaaaa\r\n"[:7], 1 << 30, 404},
		{"garbage behind a request", raw("GET /nowhere"), "\x00\xff\r\nGET", 1 << 20, 404},
		{"garbage", "", "\x16\x03\x01\x02\r\n\r\n", 1 << 20, 400},
	} {
		t.Run(row.rule, func(t *testing.T) {
			if status := pour(t, s.addr, row.first, row.then, row.bytes); status != row.status && status != 0 {
				t.Errorf("status %d, want %d or a cut connection", status, row.status)
			}
		})
	}
	t.Run("random requests", func(t *testing.T) { testRandomRequests(t, s, scale(5000, 1_000_000)) })
	grown := s.memory(t) - before
	t.Logf("the memory has grown by %d KiB", grown>>10)
	if grown > 32<<20 {
		t.Error("that is too much")
	}
	s.leftNothing(t, fresh)
}

// testRandomRequests sends what is left of oddRequests after random changes.
func testRandomRequests(t *testing.T, s *server, n int) {
	answered := regexp.MustCompile(`^HTTP/1\.[01] (2..|3..|4..|501|505) `) // 501 and 505: other versions of HTTP and transfer codings
	var next atomic.Int64
	var statuses [600]atomic.Int64
	var all sync.WaitGroup
	for worker := range 8 {
		random := mathrand.New(mathrand.NewPCG(uint64(worker), 1))
		all.Go(func() {
			for next.Add(1) <= int64(n) && !t.Failed() {
				request := []byte(oddRequests[random.IntN(len(oddRequests))])
				for range 1 + random.IntN(4) {
					at := random.IntN(len(request))
					to := at + random.IntN(len(request)-at)
					switch random.IntN(4) {
					case 0:
						request[at] = byte(random.UintN(256))
					case 1:
						request = slices.Insert(request, at, byte(random.UintN(256)))
					case 2:
						request = slices.Insert(request, to, request[at:to]...)
					case 3:
						request = slices.Delete(request, at, min(to, at+len(request)-1))
					}
				}
				// Many addresses, as each has only so many ports.
				from := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, byte(random.UintN(256)), 2)}}
				conn, err := from.DialContext(t.Context(), "tcp", s.addr)
				if err != nil {
					t.Error(err)
					return
				}
				conn.Write(request) // an error shows in what comes back
				conn.(*net.TCPConn).CloseWrite()
				conn.SetReadDeadline(time.Now().Add(patience))
				answer, err := io.ReadAll(conn)
				conn.Close()
				switch {
				case errors.Is(err, os.ErrDeadlineExceeded), len(answer) > 0 && !answered.Match(answer), bytes.Contains(answer, []byte(cake.body)):
					t.Errorf("%q gets %q, %v", request, answer, err)
				case len(answer) > 12:
					code, _ := strconv.Atoi(string(answer[9:12]))
					statuses[code].Add(1)
				default:
					statuses[0].Add(1)
				}
			}
		})
	}
	all.Wait()
	var counts []string
	for code := range statuses {
		if n := statuses[code].Load(); n > 0 {
			counts = append(counts, fmt.Sprintf("%d: %d", code, n))
		}
	}
	t.Logf("%d random requests; answers by status, 0 for none: %s", n, strings.Join(counts, ", "))
}

func TestFaultRapidReset(t *testing.T) {
	cert, key, roots := newCertificate(t, 1, time.Hour)
	s, fresh := ownProcess(t, syscall.SIGTERM, "-tls-cert", cert, "-tls-key", key), ownProcess(t, syscall.SIGTERM, "-tls-cert", cert, "-tls-key", key)
	client := newClient(t, roots, true)
	fetch(t, client, "https://"+s.addr+"/secret", "")
	before, sent, cut := s.memory(t), 0, 0
	var header bytes.Buffer
	fields := hpack.NewEncoder(&header)
	for _, field := range []hpack.HeaderField{{Name: ":method", Value: "GET"}, {Name: ":scheme", Value: "https"}, {Name: ":authority", Value: "localhost"}, {Name: ":path", Value: "/secret"}} {
		if err := fields.WriteField(field); err != nil {
			t.Fatal(err)
		}
	}
	for range 10 {
		conn, err := tls.Dial("tcp", s.addr, &tls.Config{RootCAs: roots, NextProtos: []string{"h2"}})
		if err != nil {
			t.Fatal(err)
		}
		conn.SetDeadline(time.Now().Add(patience))
		out := bufio.NewWriterSize(conn, 64<<10)
		out.WriteString(http2.ClientPreface)
		framer := http2.NewFramer(out, conn)
		err = framer.WriteSettings()
		done := make(chan error)
		go func() { // until the server has done all, or cuts the connection
			for {
				frame, err := framer.ReadFrame()
				if ping, ok := frame.(*http2.PingFrame); err != nil || ok && ping.IsAck() {
					done <- err
					return
				}
			}
		}()
		for id := uint32(1); id < uint32(scale(2_000, 40_000)) && err == nil; id += 2 {
			err = errors.Join(
				framer.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: header.Bytes(), EndStream: true, EndHeaders: true}),
				framer.WriteRSTStream(id, http2.ErrCodeCancel))
			sent++
		}
		err = errors.Join(err, framer.WritePing(false, [8]byte{}), out.Flush())
		if errors.Join(err, <-done) != nil {
			cut++
		}
		conn.Close()
	}
	if resp, _, _ := fetch(t, client, "https://"+s.addr+"/secret", ""); resp.StatusCode != 403 {
		t.Errorf("afterwards a client gets %d", resp.StatusCode)
	}
	client.CloseIdleConnections()
	grown := s.memory(t) - before
	t.Logf("%d requests cancelled at once on 10 connections, %d of which were cut; the memory has grown by %d KiB", sent, cut, grown>>10)
	if grown > 32<<20 {
		t.Error("that is too much")
	}
	s.leftNothing(t, fresh)
}

// held is what a client of the mixed load knows of a session.
type held struct {
	cookie        string
	in            bool         // logged in, as far as the client knows
	created, used [2]time.Time // at the earliest and at the latest
}

// TestFaultMixedLoad is what half an hour brings, in as little time as it takes.
func TestFaultMixedLoad(t *testing.T) {
	const idle, expires = 300 * time.Millisecond, time.Second
	const step, late = expires / 100, 250 * time.Millisecond // how much too early, or too late, an end may be
	n := scale(50_000, 10_000_000)
	args := []string{"-log-level", "warn", "-expires", expires.String(), "-idle", idle.String()}
	s, fresh := ownProcess(t, syscall.SIGTERM, args...), ownProcess(t, syscall.SIGTERM, args...)
	var next, logins, ended atomic.Int64
	var halves [2]int
	var all sync.WaitGroup
	visitors := s.crowd(t, 16, comes)
	for worker, v := range visitors {
		random := mathrand.New(mathrand.NewPCG(uint64(worker), 2))
		all.Go(func() {
			sessions := make([]held, 1000)
			for next.Add(1) <= int64(n) && !t.Failed() {
				h := &sessions[random.IntN(len(sessions))]
				path := [...]string{"/login", "/logout", "/secret", "/secret", "/secret", "/secret"}[random.IntN(6)]
				sent := time.Now()
				status, set, err := v.get(path, h.cookie)
				now := time.Now()
				mustEnd := sent.Sub(h.used[1]) > idle+late || sent.Sub(h.created[1]) > expires+late
				mayEnd := now.Sub(h.used[0]) > idle-step || now.Sub(h.created[0]) > expires-step
				switch {
				case err != nil, path != "/secret" && status != 200,
					path == "/secret" && status != 403 && (status != 200 || !h.in || mustEnd),
					path == "/secret" && status == 403 && h.in && !mayEnd:
					t.Errorf("%s: status %d, %v; the client has %+v", path, status, err, *h)
					return
				case path == "/login":
					logins.Add(1)
					h.in = true
				case path == "/logout":
					h.in = false
				case status == 403 && h.in:
					ended.Add(1)
					h.in, h.created[0] = false, time.Time{}
				}
				if h.used = [2]time.Time{sent, now}; set != "" {
					h.cookie, h.created[1] = set, now
					if h.created[0].IsZero() {
						h.created[0] = sent
					}
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { all.Wait(); close(done) }()
	sample := time.NewTicker(20 * time.Millisecond)
	defer sample.Stop()
	for running := true; running; {
		select {
		case <-done:
			running = false
		case <-sample.C:
			half := min(1, int(next.Load())*2/n)
			halves[half] = max(halves[half], s.memory(t))
		}
	}
	t.Logf("%d requests, %d logins, %d sessions had come to their end; at most %d KiB in the first half, %d KiB in the second",
		n, logins.Load(), ended.Load(), halves[0]>>10, halves[1]>>10)
	if halves[1] > halves[0]+halves[0]*scale(50, 5)/100 {
		t.Error("the memory grows")
	}
	if ended.Load() == 0 {
		t.Error("no session came to its end")
	}
	for _, v := range visitors {
		v.Close()
	}
	s.leftNothing(t, fresh)
}

func TestARestartOnBoltKeepsUsersLoggedIn(t *testing.T) {
	store := []string{"-sessions", "bolt:" + filepath.Join(t.TempDir(), "sessions.db")}
	s := ownProcess(t, syscall.SIGTERM, store...)
	_, user := send(t, s.addr, raw("GET /login"))
	_, old := send(t, s.addr, raw("GET /login"))
	_, former := send(t, s.addr, raw("GET /logout", "Cookie: "+old))
	for range 3 {
		s.stop()
		if s.wait(t); s.err != nil {
			t.Fatal(s.err)
		}
		s = ownProcess(t, syscall.SIGTERM, store...)
		for cookie, want := range map[string]answer{user: cake, old: forbidden, former: forbidden} {
			if got, _ := send(t, s.addr, raw("GET /secret", "Cookie: "+cookie)); got != want {
				t.Errorf("after the restart: %+v, want %+v", got, want)
			}
		}
		if _, set := send(t, s.addr, raw("GET /logout", "Cookie: "+former)); set != "" {
			t.Error("the session of who has logged out is lost")
		}
	}
	began := time.Now()
	out, err := exec.CommandContext(t.Context(), program(t), store...).CombinedOutput()
	if took := time.Since(began); err == nil || !bytes.Contains(out, []byte("another process has the file open")) || took > time.Second {
		t.Errorf("a second process ends after %v with %v: %s", took, err, out)
	}
	s.stop()
}

// TestFaultSIGKILLOnBolt kills the server 20 times while 1,000 clients log in,
// a quarter of whom log out again.
func TestFaultSIGKILLOnBolt(t *testing.T) {
	file := filepath.Join(t.TempDir(), "sessions.db")
	holds := map[string]int{} // what was acknowledged: cookies, and what they get from /secret
	check := func(s *server, holds map[string]int) {
		t.Helper()
		v := s.crowd(t, 1, comes)[0]
		defer v.Close()
		for cookie, want := range holds {
			if status, _, err := v.get("/secret", cookie); err != nil || status != want {
				t.Fatalf("after the restart: status %d, %v, want %d", status, err, want)
			}
		}
	}
	s := ownProcess(t, syscall.SIGKILL, "-sessions", "bolt:"+file)
	for round := range uint64(20) {
		random := mathrand.New(mathrand.NewPCG(round, 3))
		after, delay := 1+random.Int64N(1200), time.Duration(random.IntN(5000))*time.Microsecond
		var answers atomic.Int64
		var killed atomic.Bool
		acknowledged := func(status int, err error) bool {
			switch {
			case err != nil && killed.Load():
				return false
			case err != nil || status != 200:
				t.Errorf("status %d, %v", status, err)
				return false
			case answers.Add(1) == after:
				time.AfterFunc(delay, func() { killed.Store(true); s.stop() })
			}
			return true
		}
		var all sync.WaitGroup
		var mu sync.Mutex
		fresh := map[string]int{}
		for first, v := range s.crowd(t, 50, comes) {
			all.Go(func() {
				for i := first; i < 1000; i += 50 {
					status, in, err := v.get("/login", "")
					if !acknowledged(status, err) {
						return
					}
					out := ""
					if i/50%4 == 0 {
						if status, out, err = v.get("/logout", in); !acknowledged(status, err) {
							return // it may have come through or not
						}
					}
					mu.Lock()
					if out == "" {
						fresh[in] = 200
					} else {
						fresh[in], fresh[out] = 403, 403
					}
					mu.Unlock()
				}
			})
		}
		all.Wait()
		s.wait(t)
		t.Logf("killed %v after answer %d, with %d acknowledged", delay, after, answers.Load())
		s = ownProcess(t, syscall.SIGKILL, "-sessions", "bolt:"+file)
		check(s, fresh)
		maps.Copy(holds, fresh)
	}
	check(s, holds)
	s.stop()
}

// redisURL is what -sessions takes for those servers.
func redisURL(servers ...*redistest.Server) string {
	var addrs []string
	for _, s := range servers {
		addrs = append(addrs, s.Addr)
	}
	return "redis://:" + redistest.Password + "@" + strings.Join(addrs, ",")
}

// TestInstancesBehindOneRedisAnswerAsOne has them answer in turn, and knows what
// one would answer.
func TestInstancesBehindOneRedisAnswerAsOne(t *testing.T) {
	url := redisURL(redistest.Start(t))
	var instances [2]*server
	var conns [2]net.Conn
	for i := range instances {
		instances[i] = ownProcess(t, syscall.SIGTERM, "-sessions", url)
		conns[i] = dial(t, instances[i].addr, "")
	}
	random := mathrand.New(mathrand.NewPCG(4, 4))
	loggedIn := map[string]bool{}                                    // the sessions that live
	cookies := append([]string{forged, noID}, make([]string, 48)...) // of clients, some with a dead session
	seen := map[string]int{}
	client := 0
	for i := range 10_000 {
		path := [...]string{"/login", "/logout", "/secret", "/secret"}[random.IntN(4)]
		if random.IntN(3) == 0 { // the next request is the same client's, to the other instance
			client = random.IntN(len(cookies))
		}
		cookie := cookies[client]
		in, lives := loggedIn[cookie]
		want, issues := empty, !lives || in != (path == "/login")
		if path == "/secret" {
			want, issues = map[bool]answer{true: cake, false: forbidden}[in], false
		}
		conn := conns[i%2]
		if _, err := io.WriteString(conn, raw("GET "+path, "Cookie: "+cookie)); err != nil {
			t.Fatal(err)
		}
		got, set := receive(t, conn, "GET")
		if _, known := loggedIn[set]; got != want || (set != "") != issues || known {
			t.Fatalf("request %d, %s with %q: %+v, Set-Cookie %q; one instance would answer %+v", i, path, cookie, got, set, want)
		}
		seen[fmt.Sprintf("%s of a session %v, logged in %v", path, lives, in)]++
		if issues {
			delete(loggedIn, cookie)
			loggedIn[set] = path == "/login"
			if random.IntN(8) > 0 && client > 1 {
				cookies[client] = set
			} else {
				cookies[2+random.IntN(48)] = set // who sent the request does not hear the answer
			}
		}
	}
	t.Log(seen)
	if len(seen) != 9 {
		t.Error("some kind of request is missing")
	}
	for _, s := range instances {
		s.stop()
		if s.wait(t); s.err != nil || strings.Contains(s.log.String(), redistest.Password) {
			t.Errorf("%v, with the log:\n%s", s.err, s.log)
		}
	}
}

// TestFaultRedis breaks Redis while 32 connections bring logins, logouts and
// visits, and then mends it.
func TestFaultRedis(t *testing.T) {
	t.Parallel()
	single := func(t *testing.T, args ...string) (string, *redistest.Server) {
		r := redistest.Start(t, args...)
		return redisURL(r), r
	}
	// A master of a cluster dies and its replica takes over, which may have been
	// cut off from it before that.
	cluster := func(cut bool, option string) func(t *testing.T) (string, func(), func()) {
		return func(t *testing.T) (string, func(), func()) {
			all := redistest.Cluster(t)
			master := all[0]
			replica := all[slices.IndexFunc(all, func(r *redistest.Server) bool { return strings.Contains(r.Do("ROLE"), portOf(master.Addr)) })]
			written := func() int {
				_, after, _ := strings.Cut(master.Do("INFO", "replication"), "master_repl_offset:")
				n, _ := strconv.Atoi(strings.Fields(after)[0])
				return n
			}
			begin := func() {
				if cut {
					replica.Do("CONFIG", "SET", "masterauth", "wrong")
					master.Do("CLIENT", "KILL", "TYPE", "replica")
					before := written()
					redistest.Eventually(t, "there are writes that the replica does not have", func() bool { return written() > before+10_000 })
				}
				master.Kill()
			}
			return redisURL(all...) + option, begin, func() {
				redistest.Eventually(t, "the replica has taken over", replica.IsMaster)
				master.Launch() // as a replica, for writes to wait for
			}
		}
	}
	for _, row := range []struct {
		rule  string
		halts string // which requests fail meanwhile: all that need Redis, writes, or some
		loses string // what of the acknowledged may be undone: nothing, logins, or logouts too
		start func(t *testing.T) (url string, begin, end func())
	}{
		{"stopped by SIGSTOP", "all", "nothing", func(t *testing.T) (string, func(), func()) {
			url, r := single(t)
			return url, r.Pause, r.Resume
		}},
		{"killed, with its writes in a file", "all", "nothing", func(t *testing.T) (string, func(), func()) {
			url, r := single(t, "--appendonly", "yes", "--appendfsync", "always")
			return url, r.Kill, r.Launch
		}},
		{"killed, and empty when it comes back", "all", "logins", func(t *testing.T) (string, func(), func()) {
			url, r := single(t)
			return url, r.Kill, r.Launch
		}},
		{"read-only", "writes", "nothing", func(t *testing.T) (string, func(), func()) {
			url, r := single(t)
			return url, func() { r.Do("REPLICAOF", "127.0.0.1", "1") }, func() { r.Do("REPLICAOF", "NO", "ONE") }
		}},
		{"out of memory", "writes", "nothing", func(t *testing.T) (string, func(), func()) {
			url, r := single(t)
			return url, func() { r.Do("CONFIG", "SET", "maxmemory", "1") }, func() { r.Do("CONFIG", "SET", "maxmemory", "0") }
		}},
		{"answering after 3 s", "all", "nothing", func(t *testing.T) (string, func(), func()) {
			_, r := single(t)
			proxy, lag := lagging(t, r.Addr)
			return redisURL(&redistest.Server{Addr: proxy}), func() { lag.Store(int64(3 * time.Second)) }, func() { lag.Store(0) }
		}},
		{"a master of a cluster killed", "some", "logouts too", cluster(false, "")},
		{"a master of a cluster killed, whose replica was cut off", "some", "logouts too", cluster(true, "")},
		{"a master of a cluster killed, whose replica was cut off, but writes wait for it", "some", "nothing", cluster(true, "?wait=1")},
	} {
		t.Run(row.rule, func(t *testing.T) {
			url, begin, end := row.start(t)
			s := ownProcess(t, syscall.SIGTERM, "-sessions", url, "-log-level", "warn")
			l := load{halts: row.halts, loses: row.loses}
			var all sync.WaitGroup
			for i, v := range s.crowd(t, 32, comes) {
				all.Go(func() { l.run(t, v, mathrand.New(mathrand.NewPCG(uint64(i), 5))) })
			}
			reaches := func(what string, n *atomic.Int64, least int64) {
				t.Helper()
				if s.eventually(t, what, func() bool { return n.Load() >= least || t.Failed() }); t.Failed() {
					t.FailNow()
				}
			}
			stop := sync.OnceFunc(func() { l.phase.Store(loadEnds); all.Wait() })
			defer stop()
			reaches("load", &l.answers, 2000)
			l.phase.Store(faultBegins)
			begin()
			reaches("refusals", &l.refused, 64)
			if row.halts != "some" {
				l.phase.Store(faultLasts)
				reaches("refusals that last", &l.refused, l.refused.Load()+128)
			}
			l.phase.Store(faultEnds)
			end()
			ended := time.Now()
			reaches("things to be as before", &l.inARow, 1000)
			stop()
			t.Logf("%d answers, %d of them 503, the slowest after %v, the last 503 %v after the end of the fault; of %d acknowledged logins %d are lost, of %d logouts %d",
				l.answers.Load(), l.refused.Load(), time.Duration(l.slowest.Load()), max(0, time.Duration(l.lastRefused.Load()-ended.UnixNano())), l.logins.Load(), l.lost.Load(), l.logouts.Load(), l.undone.Load())
			if slowest := time.Duration(l.slowest.Load()); slowest > 1500*time.Millisecond {
				t.Errorf("an answer took %v", slowest)
			}
			s.stop()
			if s.wait(t); s.err != nil {
				t.Error(s.err)
			}
		})
	}
}

// Phases of a load.
const (
	beforeFault = iota
	faultBegins
	faultLasts
	faultEnds
	loadEnds
)

// load is what many clients do to a server whose store has a fault.
type load struct {
	halts                    string // which requests fail in the phase faultLasts
	loses                    string // what of the acknowledged may be undone
	phase                    atomic.Int64
	answers, refused, inARow atomic.Int64 // all, those that are 503, and those since the last of these
	slowest, lastRefused     atomic.Int64 // how long it took, and when it was, in nanoseconds
	logins, logouts          atomic.Int64 // that were acknowledged
	lost, undone             atomic.Int64 // of these
}

// get sends one request, and holds the answer to what goes for all of them. It
// may be a 503 if it needs the store.
func (l *load) get(t *testing.T, v *visitor, path, cookie string) (status int, set string) {
	write := path != "/secret"
	halted := write && l.halts != "some" || cookie != "" && l.halts == "all"
	phase, began := l.phase.Load(), time.Now()
	v.SetDeadline(began.Add(patience))
	status, set, err := v.get(path, cookie)
	took := int64(time.Since(began))
	for slowest := l.slowest.Load(); took > slowest && !l.slowest.CompareAndSwap(slowest, took); slowest = l.slowest.Load() {
	}
	l.answers.Add(1)
	now := l.phase.Load()
	lasts := phase == faultLasts && now == faultLasts
	switch {
	case err != nil:
	case status == 503:
		l.inARow.Store(0)
		l.refused.Add(1)
		l.lastRefused.Store(time.Now().UnixNano())
		if now == beforeFault || !write && (cookie == "" || l.halts == "writes") {
			err = errors.New("which needs nothing that has failed")
		}
	case halted && lasts:
		err = errors.New("in spite of the fault")
	default:
		l.inARow.Add(1)
		if write != (status == 200 && set != "") {
			err = errors.New("which is not what it asks for")
		}
	}
	if err != nil {
		t.Errorf("%s with %q: status %d, Set-Cookie %q: %v", path, cookie, status, set, err)
	}
	return status, set
}

// run is one connection's clients: they come at random, and when the load ends
// each of them looks whether what was acknowledged holds.
func (l *load) run(t *testing.T, v *visitor, random *mathrand.Rand) {
	var in, out []string                         // the cookies of those who are logged in, and of those who have logged out
	dead, unsure := []string{forged}, []string{} // those that nobody may be logged in with, and those whose logout got a 503
	take := func(from *[]string) string {
		i := random.IntN(len(*from))
		cookie := (*from)[i]
		*from = slices.Delete(*from, i, i+1)
		return cookie
	}
	look := func(cookie string, wants bool) {
		status, _ := l.get(t, v, "/secret", cookie)
		without := func(cookies []string) []string {
			return slices.DeleteFunc(cookies, func(c string) bool { return c == cookie })
		}
		switch {
		case status == 403 && wants:
			l.lost.Add(1)
			in, dead = without(in), append(dead, cookie) // it must not come back
		case status == 200 && !wants:
			l.undone.Add(1)
			dead = without(dead)
		default:
			return
		}
		if mayBe := l.loses == "logouts too" || l.loses == "logins" && wants; !mayBe || cookie == "" || cookie == forged {
			t.Errorf("%q is logged in: %v, want %v", cookie, !wants, wants)
		}
	}
	logOut := func(cookie string) {
		switch status, set := l.get(t, v, "/logout", cookie); status {
		case 200:
			l.logouts.Add(1)
			dead, out = append(dead, cookie), append(out, set)
		case 503:
			unsure = append(unsure, cookie)
		}
	}
	pace := time.NewTicker(10 * time.Millisecond)
	defer pace.Stop()
	for l.phase.Load() != loadEnds && !t.Failed() {
		<-pace.C
		switch action := random.IntN(9); {
		case action == 0:
			look("", false)
		case action == 1 && len(out) > 0: // a second login
			cookie := take(&out)
			dead = append(dead, cookie)
			if status, set := l.get(t, v, "/login", cookie); status == 200 {
				l.logins.Add(1)
				in = append(in, set)
			}
		case action <= 2:
			if status, set := l.get(t, v, "/login", ""); status == 200 {
				l.logins.Add(1)
				in = append(in, set)
			}
		case action == 3 && len(in) > 0:
			logOut(take(&in))
		case action == 4 && len(unsure) > 0:
			logOut(take(&unsure))
		case action <= 6 && len(in) > 0:
			look(in[random.IntN(len(in))], true)
		case action == 7 && len(out) > 0:
			look(out[random.IntN(len(out))], false)
		default:
			look(dead[random.IntN(len(dead))], false)
		}
	}
	for _, cookie := range slices.Clone(in) {
		look(cookie, true)
	}
	for _, cookie := range slices.Concat(out, dead) {
		look(cookie, false)
	}
}

// lagging forwards connections to a server, whose answers come late by lag.
func lagging(t *testing.T, server string) (addr string, lag *atomic.Int64) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	lag = new(atomic.Int64)
	forward := func(client net.Conn) {
		defer client.Close()
		backend, err := net.Dial("tcp", server)
		if err != nil {
			return
		}
		go func() {
			defer backend.Close()
			io.Copy(backend, client)
		}()
		type part struct {
			data []byte
			due  time.Time
		}
		parts := make(chan part, 1<<16)
		go func() {
			defer close(parts)
			for buffer := make([]byte, 64<<10); ; {
				n, err := backend.Read(buffer)
				if err != nil {
					return
				}
				parts <- part{bytes.Clone(buffer[:n]), time.Now().Add(time.Duration(lag.Load()))}
			}
		}()
		for p := range parts {
			<-time.After(time.Until(p.due))
			if _, err := client.Write(p.data); err != nil {
				return // its end closes the backend's, too
			}
		}
	}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go forward(conn)
		}
	}()
	return l.Addr().String(), lag
}

// chromium runs headless until the test ends.
func chromium(t *testing.T) context.Context {
	t.Helper()
	program, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal("chromium is needed, which make browser installs: ", err)
	}
	profile, err := os.MkdirTemp(scratch, "chromium")
	if err != nil {
		t.Fatal(err)
	}
	options := []chromedp.ExecAllocatorOption{chromedp.ExecPath(program), chromedp.UserDataDir(profile),
		chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.IgnoreCertErrors}
	for _, off := range []string{"disable-quic", "disable-background-networking", "disable-component-update", "disable-sync"} {
		options = append(options, chromedp.Flag(off, true))
	}
	allocator, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal("chromium does not start: ", err)
	}
	return ctx
}

// visit types an address into the address bar and returns the page's text.
func visit(t *testing.T, browser context.Context, url string) (text string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(browser, patience)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.Navigate(url)); err != nil {
		t.Fatalf("%s: %v", url, err)
	}
	// A form or a link of the page before may have been on its way.
	poll := time.NewTicker(10 * time.Millisecond)
	defer poll.Stop()
	for {
		page, err := chromedp.Run(ctx, chromedp.Evaluate[[]string]("[location.href, document.readyState, document.body?.innerText ?? '']"))
		if err == nil && strings.TrimSuffix(page[0], "/") == url && page[1] == "complete" {
			return page[2]
		}
		if <-poll.C; ctx.Err() != nil {
			t.Fatalf("%s: the browser shows %q, %v", url, page, err)
		}
	}
}

// script runs in the page that the browser shows.
func script(t *testing.T, browser context.Context, code string) (result string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(browser, patience)
	defer cancel()
	result, err := chromedp.Run(ctx, chromedp.Evaluate[string](code))
	if err != nil {
		t.Fatalf("%s: %v", code, err)
	}
	return result
}

// elsewhere is a page of another origin. A request to /plant sets those cookies.
func elsewhere(t *testing.T, start func(*httptest.Server), cookies ...string) (port string) {
	t.Helper()
	page := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/plant" {
			w.Header()["Set-Cookie"] = cookies
		}
		io.WriteString(w, "<!doctype html><title>elsewhere</title><body>hello")
	}))
	page.Config.ErrorLog = log.New(io.Discard, "", 0)
	start(page)
	t.Cleanup(page.Close)
	_, port, err := net.SplitHostPort(page.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func TestBrowserCrossOrigin(t *testing.T) {
	s := ownProcess(t, syscall.SIGTERM, "-log-level", "debug")
	other := elsewhere(t, (*httptest.Server).Start)
	ours := "http://" + s.addr
	browser := chromium(t)
	sends := map[string]string{
		"an image": "document.body.append(Object.assign(new Image(), {src: '%s'}))",
		"a fetch":  "fetch('%s', {mode: 'no-cors', credentials: 'include'}).catch(() => {})",
		"a form":   "const form = Object.assign(document.createElement('form'), {action: '%s'}); document.body.append(form); form.submit()",
		"a link":   "const link = Object.assign(document.createElement('a'), {href: '%s'}); document.body.append(link); link.click()",
	}
	count := func(status int, path string) int {
		return strings.Count(s.log.String(), fmt.Sprintf("msg=request method=GET path=%s status=%d ", path, status))
	}
	for _, page := range []struct {
		rule, url string
		status    int
	}{
		{"our own origin", ours + "/secret", 200},
		{"another site", "http://localhost:" + other, 403},
		{"another port of the same site", "http://127.0.0.1:" + other, 403},
	} {
		for kind, code := range sends {
			t.Run(kind+" of "+page.rule, func(t *testing.T) {
				for _, change := range []struct{ path, before, was, becomes string }{
					{"/logout", "/login", cake.body, forbidden.body},
					{"/login", "/logout", forbidden.body, cake.body},
				} {
					visit(t, browser, ours+change.before)
					visit(t, browser, page.url)
					had := count(page.status, change.path)
					script(t, browser, fmt.Sprintf("{"+code+"; ''}", ours+change.path))
					s.eventually(t, fmt.Sprintf("%s to be answered with %d", change.path, page.status), func() bool { return count(page.status, change.path) > had })
					want := change.was
					if page.status == 200 {
						want = change.becomes
					}
					if text := visit(t, browser, ours+"/secret"); text != want {
						t.Errorf("after %s, /secret shows %q, want %q", change.path, text, want)
					}
				}
			})
		}
	}
	s.stop()
}

func TestBrowserCookie(t *testing.T) {
	cert, key, roots := newCertificate(t, 1, time.Hour)
	s := ownProcess(t, syscall.SIGTERM, "-tls-cert", cert, "-tls-key", key)
	_, port, err := net.SplitHostPort(s.addr)
	if err != nil {
		t.Fatal(err)
	}
	ours := "https://app.site.localhost:" + port
	_, _, attackers := fetch(t, newClient(t, roots, true), "https://"+s.addr+"/login", "")
	_, id, _ := strings.Cut(attackers, "=")
	other := elsewhere(t, (*httptest.Server).StartTLS,
		"my_sessionid="+id+"; Path=/; Domain=site.localhost",
		attackers+"; Path=/; Secure; Domain=site.localhost",
		attackers+"; Path=/; Secure")
	browser := chromium(t)
	stored := func() []*network.Cookie {
		t.Helper()
		result, err := chromedp.Call(browser, network.GetCookies, network.GetCookiesParams{URLs: []string{ours}})
		if err != nil {
			t.Fatal(err)
		}
		return result.Cookies
	}

	visit(t, browser, "https://evil.site.localhost:"+other+"/plant")
	if all := stored(); len(all) != 1 || all[0].Name != "my_sessionid" || all[0].Value != id {
		t.Fatalf("a sibling subdomain has planted %+v, want the cookie without the prefix alone", all)
	}
	if text := visit(t, browser, ours+"/secret"); text != forbidden.body {
		t.Errorf("with the attacker's session planted, /secret shows %q", text)
	}

	visit(t, browser, ours+"/login")
	if text := visit(t, browser, ours+"/secret"); text != cake.body {
		t.Errorf("after the login, /secret shows %q", text)
	}
	if readable := script(t, browser, "document.cookie"); strings.Contains(readable, "__Host-") {
		t.Errorf("document.cookie is %q", readable)
	}
	all := stored()
	i := slices.IndexFunc(all, func(c *network.Cookie) bool { return c.Name == "__Host-my_sessionid" })
	if i < 0 {
		t.Fatalf("there is no __Host- cookie among %+v", all)
	}
	if c := all[i]; !c.Secure || !c.HTTPOnly || c.SameSite != network.CookieSameSiteLax || c.Path != "/" || c.Domain != "app.site.localhost" || c.Session || c.Value == id {
		t.Errorf("the cookie is %+v", c)
	}
	s.stop()
}

// TestAFloodOfLogins has ten times as many clients log in as there is room for,
// and never come back, while one user does.
func TestAFloodOfLogins(t *testing.T) {
	limits := defaults
	limits.MaxSessions = 5000
	app := quiet(limits)
	status := func(path, cookie string) int {
		r, w := httptest.NewRequest("GET", path, nil), httptest.NewRecorder()
		r.Header.Set("Cookie", cookie)
		app.ServeHTTP(w, r)
		return w.Code
	}
	flood := func(users ...string) (heap uint64) {
		for i := range limits.MaxSessions {
			logIn(app)
			if i%100 == 0 {
				for _, user := range users {
					if got := status("/secret", user); got != 200 {
						t.Fatalf("login %d of the flood: a user in session gets %d", i, got)
					}
				}
			}
		}
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}

	user, idler := logIn(app), logIn(app)
	full := flood(user)
	var newcomer string
	for range 9 {
		newcomer = logIn(app)
		if heap := flood(user, newcomer); heap > full+full/4 {
			t.Fatalf("a flood took %d bytes, the next one %d", full, heap)
		}
	}
	if got := status("/secret", idler); got != 403 {
		t.Errorf("the oldest session, never presented, gets %d, want 403: something else has made room", got)
	}
	if got := status("/logout", newcomer); got != 200 {
		t.Errorf("the newcomer's logout: %d", got)
	}
}

func TestWhereAllSessionsAreInUseANewOneGets503(t *testing.T) {
	limits := defaults
	limits.MaxSessions = 1
	app := quiet(limits)
	user := logIn(app)
	for _, request := range []struct {
		path, cookie string
		status       int
	}{{"/secret", user, 200}, {"/login", "", 503}, {"/secret", "", 403}, {"/secret", user, 200}, {"/login", user, 200}} {
		r, w := httptest.NewRequest("GET", request.path, nil), httptest.NewRecorder()
		r.Header.Set("Cookie", request.cookie)
		app.ServeHTTP(w, r)
		if w.Code != request.status || w.Code == 503 && (w.Header().Get("Retry-After") == "" || w.Header()["Set-Cookie"] != nil) {
			t.Errorf("%s: status %d, header %v, want status %d", request.path, w.Code, w.Header(), request.status)
		}
	}
}

func TestASessionEndsByTheLimitsOfTheCommandLine(t *testing.T) {
	for _, row := range []struct {
		rule string
		args []string
		use  time.Duration // how often the user comes
		ends time.Duration // when there is no session any more; 0: never
	}{
		{"an hour without use by default", nil, 61 * time.Minute, 61 * time.Minute},
		{"a day by default, however much it is used", nil, 30 * time.Minute, 24 * time.Hour},
		{"-idle", []string{"-idle", "10m"}, 11 * time.Minute, 11 * time.Minute},
		{"-expires", []string{"-expires", "90m"}, 30 * time.Minute, 90 * time.Minute},
		{"0 is no limit", []string{"-expires", "0", "-idle", "0"}, 24 * time.Hour, 0},
	} {
		t.Run(row.rule, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				app := quiet(flagged(t, row.args...).limits)
				r := httptest.NewRequest("GET", "/secret", nil)
				r.Header.Set("Cookie", logIn(app))
				for passed := row.use; passed <= 48*time.Hour; passed += row.use {
					<-time.After(row.use)
					synctest.Wait()
					w := httptest.NewRecorder()
					app.ServeHTTP(w, r)
					if want := row.ends == 0 || passed < row.ends; (w.Code == 200) != want {
						t.Fatalf("after %v: status %d", passed, w.Code)
					}
				}
			})
		})
	}
}

// oddRequests are what random ones are made from.
var oddRequests = []string{
	raw("GET /secret"),
	raw("GET /login"),
	raw("HEAD /login"),
	raw("GET /logout", "Cookie: "+forged),
	raw("GET /secret", "Cookie: "+forged),
	raw("GET /login", "Cookie: "+noID+"; "+forged, "Cookie: "+forged),
	raw("GET /login", "Cookie: my_sessionid=\t; my_sessionid=\xff"),
	raw("POST /login", "Content-Length: 5") + "hello",
	raw("POST /logout/", "Transfer-Encoding: chunked") + "5\r\nhello\r\n0\r\n\r\n",
	raw("HEAD /login/"),
	raw("GET /login/?next=//evil.example"),
	raw("GET /secret%2f"),
	raw("GET //evil.example/%2e%2e/login/"),
	raw("GET http://evil.example/login"),
	raw("CONNECT login:443"),
	raw("OPTIONS *"),
	raw("BREW /log%00in"),
	"GET /login HTTP/1.0\r\n\r\n",
	"GET /logout HTTP/0.9\n\n",
}

func FuzzRequest(f *testing.F) {
	for _, request := range oddRequests {
		f.Add([]byte(request))
	}
	app := quiet(defaults)
	f.Fuzz(func(t *testing.T, request []byte) {
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(request)))
		if err != nil {
			return // the server does not let it through to the handlers
		}
		method, path := r.Method, r.URL.Path
		rec := httptest.NewRecorder()
		app.ServeHTTP(rec, r)

		runs := (method == "GET" || method == "HEAD") && slices.Contains([]string{"/secret", "/login", "/logout"}, path)
		switch code := rec.Code; {
		case path == "/secret" && runs && code == 403:
		case path != "/secret" && runs && code == 200:
		case !runs && (code == 404 || code == 301 || code == 308):
		default:
			t.Errorf("%s %q: status %d", method, path, code)
		}
		if strings.Contains(rec.Body.String(), cake.body) {
			t.Error("the secret is out")
		}
		if method == "HEAD" && rec.Body.Len() > 0 {
			t.Errorf("HEAD has the body %q", rec.Body)
		}
		if runs != (rec.Header().Get("Cache-Control") == "no-store") {
			t.Errorf("%s %q: Cache-Control: %q", method, path, rec.Header()["Cache-Control"])
		}
		set := issued(t, rec.Header(), false)
		if (set != "") != (runs && path != "/secret") {
			t.Errorf("%s %q: Set-Cookie: %q", method, path, set)
		}
		if _, id, ok := strings.Cut(set, "="); ok && bytes.Contains(request, []byte(id)) {
			t.Errorf("the client's %s is issued", id)
		}
		if to := rec.Header().Get("Location"); rec.Code/100 == 3 && (!strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//")) {
			t.Errorf("%s %q leads to another host: %q", method, path, to)
		}
	})
}

// writer is the least ResponseWriter there can be, used for one request after another.
type writer struct {
	header http.Header
	status int
	cookie [1]string // of the request
	_      [64]byte  // two goroutines' writers share no cache line
}

func (w *writer) Header() http.Header               { return w.header }
func (w *writer) WriteHeader(code int)              { w.status = code }
func (w *writer) Write(p []byte) (int, error)       { return len(p), nil }
func (w *writer) WriteString(s string) (int, error) { return len(s), nil }

// bench measures GET requests for path. prepare returns, for n requests to
// come, who answers the i-th and its Cookie header.
func bench(b *testing.B, path string, status int, prepare func(n int) func(i int) (http.Handler, string)) {
	for _, size := range []struct {
		name       string
		goroutines int
	}{{"one goroutine", 1}, {"all", runtime.GOMAXPROCS(0)}} {
		b.Run(size.name, func(b *testing.B) {
			request := prepare(b.N)
			b.ReportAllocs()
			b.ResetTimer()
			var all sync.WaitGroup
			for first := range size.goroutines {
				all.Go(func() {
					base, req := httptest.NewRequest("GET", path, nil), new(http.Request)
					w := &writer{header: http.Header{}, status: status}
					for i := first; i < b.N && w.status == status; i += size.goroutines {
						handler, value := request(i)
						if value != "" {
							w.cookie[0] = value
							base.Header["Cookie"] = w.cookie[:]
						}
						*req = *base
						clear(w.header)
						w.status = 200
						handler.ServeHTTP(w, req)
					}
					if w.status != status {
						b.Error("status", w.status)
					}
				})
			}
			all.Wait()
		})
	}
}

// logIn returns the cookie of a new session.
func logIn(app http.Handler) string {
	w := &writer{header: http.Header{}}
	app.ServeHTTP(w, httptest.NewRequest("GET", "/login", nil))
	cookie, _, _ := strings.Cut(w.header.Get("Set-Cookie"), ";")
	return cookie
}

// TestSecretAllocatesNothing runs all that is between net/http and the handler,
// as the flags' defaults wire it. Under the race detector a sync.Pool forgets at
// random, so the best of many runs counts.
func TestSecretAllocatesNothing(t *testing.T) {
	for _, args := range [][]string{nil, {"-secure-cookie"}} {
		s := flagged(t, args...)
		app := newApp(s, nil, newLogger(s, io.Discard))
		w, r := &writer{header: http.Header{}}, httptest.NewRequest("GET", "/secret", nil)
		r.Header.Set("Cookie", logIn(app))
		best := 1.0
		for range 100 {
			best = min(best, testing.AllocsPerRun(1, func() {
				clear(w.header)
				w.status = 200
				app.ServeHTTP(w, r)
			}))
		}
		if best != 0 || w.status != 200 {
			t.Errorf("%q: status %d with %v allocations", args, w.status, best)
		}
	}
}

// oneApp has one app answer requests that all carry the same cookie, or none.
func oneApp(loggedIn bool) func(int) func(int) (http.Handler, string) {
	return func(int) func(int) (http.Handler, string) {
		app, cookie := quiet(defaults), ""
		if loggedIn {
			cookie = logIn(app)
		}
		return func(int) (http.Handler, string) { return app, cookie }
	}
}

func BenchmarkSecret(b *testing.B)         { bench(b, "/secret", 200, oneApp(true)) }
func BenchmarkSecretNoCookie(b *testing.B) { bench(b, "/secret", 403, oneApp(false)) }
func BenchmarkLogin(b *testing.B)          { bench(b, "/login", 200, oneApp(false)) } // a session each

// BenchmarkLogout logs another session out with every request.
func BenchmarkLogout(b *testing.B) {
	const perApp = 500_000 // well below the number at which sessions make room for others
	bench(b, "/logout", 200, func(n int) func(int) (http.Handler, string) {
		var apps []http.Handler
		cookies := make([]string, n)
		for i := range cookies {
			if i%perApp == 0 {
				apps = append(apps, quiet(defaults))
			}
			cookies[i] = logIn(apps[i/perApp])
		}
		return func(i int) (http.Handler, string) { return apps[i/perApp], cookies[i] }
	})
}
