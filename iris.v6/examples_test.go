package iris_test

import (
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	_ "golang.org/x/crypto/bcrypt" // for _examples/login, which go mod tidy does not see
)

// visit is a request to an example, and its response.
type visit struct {
	method, path string
	form         url.Values
	header       http.Header
	status       int
	body         string // a regular expression
	cookie       string // one for Set-Cookie, "" for any or none
}

// In place of a visit, restart ends the example and starts it again, and
// otherBrowser gives the visitor another cookie jar, or the first one again.
var (
	restart      = visit{method: "RESTART"}
	otherBrowser = visit{method: "OTHER BROWSER"}
)

// crossSite is what a browser adds to a request that another site's page makes.
var crossSite = http.Header{"Sec-Fetch-Site": {"cross-site"}}

// examples are the programs of _examples, each with a visitor that keeps its cookies.
var examples = map[string][]visit{
	"sessions": {
		{"GET", "/get", nil, nil, 200, `^name is ""$`, ""},
		{"GET", "/set?name=mia", nil, nil, 200, `^name is "mia"$`, ""},
		{"GET", "/get", nil, nil, 200, `^name is "mia"$`, ""},
		{"GET", "/delete", nil, nil, 200, `^$`, ""},
		{"GET", "/get", nil, nil, 200, `^name is ""$`, ""},
		{"GET", "/set?name=ali", nil, nil, 200, `"ali"`, ""},
		{"GET", "/clear", nil, nil, 200, `^$`, ""},
		{"GET", "/get", nil, nil, 200, `^name is ""$`, ""},
		{"GET", "/set?name=eve", nil, nil, 200, `"eve"`, ""},
		{"GET", "/destroy", nil, nil, 200, `^$`, ""},
		{"GET", "/get", nil, nil, 200, `^name is ""$`, ""},
	},
	"securecookie": {
		{"GET", "/count", nil, nil, 200, `^visit 1$`, `^my_sessionid=[^;]{100,};`},
		{"GET", "/count", nil, nil, 200, `^visit 2$`, ""},
	},
	"bolt": {
		{"GET", "/", nil, nil, 200, `^visit 1$`, `; Max-Age=7200;`},
		restart,
		{"GET", "/", nil, nil, 200, `^visit 2$`, ""},
	},
	"login": {
		{"GET", "/", nil, nil, 200, `action="/login"`, ""},
		{"POST", "/login", url.Values{"user": {"mia"}, "password": {"sesame"}}, crossSite, 403, `^Forbidden$`, ""},
		{"POST", "/login", url.Values{"user": {"mia"}, "password": {"open"}}, nil, 200, `<em>Wrong name or password\.</em>`, ""},
		{"POST", "/login", url.Values{"user": {"eve"}, "password": {"sesame"}}, nil, 200, `<em>Wrong name or password\.</em>`, ""},
		{"POST", "/login", url.Values{"user": {"mia"}, "password": {"sesame"}}, nil, 200, `</title>\s*<p>You are mia\.`, ""}, // the message is gone
		otherBrowser,
		{"GET", "/", nil, nil, 200, `action="/login"`, ""},
		{"POST", "/login", url.Values{"user": {"mia"}, "password": {"sesame"}}, nil, 200, `You are mia\.`, ""},
		{"POST", "/logout", nil, crossSite, 403, `^Forbidden$`, ""},
		{"POST", "/logout-everywhere", nil, crossSite, 403, `^Forbidden$`, ""},
		{"GET", "/", nil, nil, 200, `You are mia\.`, ""},
		{"POST", "/logout-everywhere", nil, nil, 200, `action="/login"`, ""},
		otherBrowser,
		{"GET", "/", nil, nil, 200, `action="/login"`, ""},
		{"POST", "/login", url.Values{"user": {"mia"}, "password": {"sesame"}}, nil, 200, `You are mia\.`, ""},
		{"POST", "/logout", nil, nil, 200, `action="/login"`, ""},
	},
	"router": {
		{"GET", "/user/ali", nil, nil, 200, `^hello ali$`, ""},
		{"GET", "/me", nil, nil, 200, `^hello mia$`, ""}, // redirected
		{"GET", "/nowhere", nil, nil, 404, `^there is no /nowhere$`, ""},
	},
	"guard": {
		{"GET", "/admin/page", nil, nil, 200, `Log in`, ""}, // redirected
		{"GET", "/admin/page", nil, nil, 200, `Log in`, ""},
		{"POST", "/login", nil, crossSite, 403, `^Forbidden$`, ""},
		{"POST", "/login", nil, nil, 200, `^only users see this$`, ""},
	},
	"middleware": {
		{"GET", "/func", nil, nil, 200, `^from net/http$`, ""},
		{"GET", "/files/hello.txt", nil, nil, 200, `^from a file$`, ""},
		{"GET", "/files/none.txt", nil, nil, 404, `^404 page not found\n$`, ""},
		{"POST", "/order", nil, nil, 200, `^ordered$`, ""},
		{"POST", "/order", nil, crossSite, 403, `cross-origin`, ""},
	},
}

func TestExamples(t *testing.T) {
	dirs, err := filepath.Glob("_examples/*")
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	for _, args := range [][]string{{"vet"}, {"build", "-o", bin + "/"}} {
		for _, dir := range dirs { // no pattern matches directories that begin with "_"
			args = append(args, "./"+dir)
		}
		if out, err := exec.CommandContext(t.Context(), "go", args...).CombinedOutput(); err != nil {
			t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	for _, dir := range dirs {
		name := filepath.Base(dir)
		if name == "redis" {
			continue // it needs a Redis: the tests of sessiondb/redis run it
		}
		t.Run(name, func(t *testing.T) {
			visits := examples[name]
			if len(visits) == 0 {
				t.Fatal("no visits")
			}
			args := []string{"-addr", freeAddr(t)}
			if name == "bolt" {
				args = append(args, "-file", filepath.Join(t.TempDir(), "sessions.db"))
			}
			program := startExample(t, filepath.Join(bin, name), args)
			var jars [2]http.CookieJar
			for i := range jars {
				if jars[i], err = cookiejar.New(nil); err != nil {
					t.Fatal(err)
				}
			}
			client := &http.Client{Jar: jars[0], Timeout: patience}
			defer client.CloseIdleConnections()
			for _, v := range visits {
				switch v.method {
				case restart.method:
					endExample(t, program)
					program = startExample(t, filepath.Join(bin, name), args)
				case otherBrowser.method:
					jars[0], jars[1] = jars[1], jars[0]
					client.Jar = jars[0]
				default:
					v.pay(t, client, "http://"+args[1])
				}
			}
			stderr := endExample(t, program)
			if name == "guard" && strings.Count(stderr, "the page runs") != 1 {
				t.Errorf("want the guarded handler to run once, after the login; on stderr: %s", stderr)
			}
		})
	}
	for name := range examples {
		equal(t, "there is _examples/"+name, slices.Contains(dirs, filepath.Join("_examples", name)), true)
	}
}

// startExample returns when the program that gets the arguments -addr, … listens.
func startExample(t *testing.T, file string, args []string) *child {
	t.Helper()
	program := startProgram(t, file, args...)
	untilOpen(t, args[1])
	return program
}

// endExample returns what the program has printed on stderr.
func endExample(t *testing.T, program *child) string {
	t.Helper()
	program.signal(syscall.SIGTERM)
	program.ends()
	equal(t, "exit status", program.ProcessState.ExitCode(), 0)
	return program.stderr.String()
}

func (v visit) pay(t *testing.T, client *http.Client, base string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), v.method, base+v.path, strings.NewReader(v.form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for name := range v.header {
		r.Header.Set(name, v.header.Get(name))
	}
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if cookie := resp.Header.Get("Set-Cookie"); !regexp.MustCompile(v.cookie).MatchString(cookie) {
		t.Errorf("%s %s: Set-Cookie %q, want %s", v.method, v.path, cookie, v.cookie)
	}
	if err != nil || resp.StatusCode != v.status || !regexp.MustCompile(v.body).Match(body) {
		t.Errorf("%s %s: %d %q, %v, want %d %s", v.method, v.path, resp.StatusCode, body, err, v.status, v.body)
	}
}

// untilOpen waits until the address accepts connections.
func untilOpen(t *testing.T, addr string) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for started := time.Now(); ; <-tick.C {
		conn, err := net.Dial("tcp", addr)
		if err == nil {
			equal(t, "Close", conn.Close(), nil)
			return
		}
		if time.Since(started) > patience {
			t.Fatal(err)
		}
	}
}
