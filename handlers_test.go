package main

import (
	"bufio"
	"bytes"
	"cmp"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/memory"
)

func TestSecretIsShownBetweenLoginAndLogout(t *testing.T) {
	server := httptest.NewServer(testApp(t, io.Discard))
	defer server.Close()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := server.Client()
	client.Jar = jar
	for _, step := range []struct {
		path   string
		status int
		body   string
	}{
		{"/secret", 403, "Forbidden"},
		{"/login", 200, ""},
		{"/secret", 200, "The cake is a lie!"},
		{"/logout", 200, ""},
		{"/secret", 403, "Forbidden"},
	} {
		resp, err := client.Get(server.URL + step.path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != step.status || string(body) != step.body {
			t.Errorf("%s: status %d, body %q, error %v", step.path, resp.StatusCode, body, err)
		}
	}
}

// testApp returns the app that the program serves with those flags.
func testApp(t testing.TB, log io.Writer, flags ...string) *iris.Framework {
	t.Helper()
	s, err := parse(flags, log)
	if err != nil {
		t.Fatal(err)
	}
	return newApp(s, memory.New())
}

// Cookies that no server has issued.
const (
	malformed = "my_sessionid=garbage"
	forged    = "my_sessionid=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
)

// rawRequest returns a request with further header lines as it is sent.
func rawRequest(line string, header ...string) string {
	return line + " HTTP/1.1\r\nHost: localhost\r\n" + strings.Join(append(header, "\r\n"), "\r\n")
}

// answer is a response: its header without Set-Cookie, sorted.
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

// send sends a raw request. It returns the answer and the session cookie that
// this sets, as the browser will send it, "" if none.
func send(t *testing.T, app http.Handler, request string) (a answer, set string) {
	t.Helper()
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(request)))
	if err != nil {
		t.Fatal(err)
	}
	r.RemoteAddr = "192.0.2.1:1234"
	w := httptest.NewRecorder()
	app.ServeHTTP(w, r)
	if w.Header()["Content-Length"] == nil {
		w.Header().Set("Content-Length", strconv.Itoa(w.Body.Len())) // as net/http does
	}
	var header strings.Builder
	if err := w.Header().WriteSubset(&header, map[string]bool{"Set-Cookie": true}); err != nil {
		t.Fatal(err)
	}
	return answer{w.Code, w.Body.String(), strings.ReplaceAll(header.String(), "\r\n", "|")}, issued(t, w.Header())
}

func get(t *testing.T, app http.Handler, path, cookie string) (a answer, set string) {
	t.Helper()
	return send(t, app, rawRequest("GET "+path, "Cookie: "+cookie))
}

var setCookie = regexp.MustCompile(`^(my_sessionid=[A-Za-z0-9_-]{43}; Path=/; Max-Age=86400; HttpOnly|__Host-my_sessionid=[A-Za-z0-9_-]{43}; Path=/; Max-Age=86400; HttpOnly; Secure); SameSite=Lax$`)

// issued returns the session cookie of a response, "" if there is none. It
// fails the test if the cookie is not as it must be.
func issued(t *testing.T, header http.Header) string {
	t.Helper()
	if lines := header["Set-Cookie"]; len(lines) > 1 || len(lines) == 1 && !setCookie.MatchString(lines[0]) {
		t.Errorf("Set-Cookie: %q", lines)
	}
	cookie, _, _ := strings.Cut(header.Get("Set-Cookie"), ";")
	return cookie
}

// sendAll sends requests in which NEWEST is the last cookie that was set. It
// returns the last answer and the cookie that this sets.
func sendAll(t *testing.T, app http.Handler, requests ...string) (a answer, set string) {
	t.Helper()
	newest := ""
	for _, request := range requests {
		a, set = send(t, app, strings.ReplaceAll(request, "NEWEST", newest))
		newest = cmp.Or(set, newest)
	}
	return a, set
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
		{"without a cookie nobody is logged in, and only a write begins a session", nil, "", forbidden, issues, issues},
		{"a cookie that cannot be an ID counts as none", nil, malformed, forbidden, issues, issues},
		{"8 KiB of cookie count as none", nil, "my_sessionid=" + strings.Repeat("A", 8<<10), forbidden, issues, issues},
		{"bytes above ASCII count as none", nil, "my_sessionid=\xff\xfe" + strings.Repeat("A", 41), forbidden, issues, issues},
		{"cookies of longer names count as none", nil, "x" + forged + "; " + strings.Replace(forged, "=", "x=", 1), forbidden, issues, issues},
		{"an ID that was never issued is not adopted", nil, forged, forbidden, issues, issues},
		{"two IDs that were never issued are not adopted", nil, forged + "; " + malformed + "; " + forged, forbidden, issues, issues},
		{"a login shows the secret, and its ID lasts until the logout", []string{"/login"}, "NEWEST", cake, keeps, issues},
		{"a logout hides the secret, and its ID lasts until the login", []string{"/login", "/logout"}, "NEWEST", forbidden, issues, keeps},
		{"a second login changes nothing", []string{"/login", "/login"}, "NEWEST", cake, keeps, issues},
		{"login invalidates the previous ID", []string{"/logout", "/login"}, "OLDEST", forbidden, issues, issues},
		{"logout invalidates the previous ID", []string{"/login", "/logout"}, "OLDEST", forbidden, issues, issues},
		{"a forged cookie after the session's changes nothing", []string{"/login"}, "NEWEST; " + forged, cake, keeps, issues},
	}
	app := testApp(t, io.Discard)
	for _, row := range rows {
		for _, req := range []struct {
			path   string
			want   answer
			issues bool
			after  answer // what the browser sees at /secret from then on
		}{
			{"/secret", row.secret, keeps, row.secret},
			{"/login", empty, row.login, cake},
			{"/logout", empty, row.logout, forbidden},
		} {
			for _, method := range []string{"GET", "HEAD", "POST"} {
				t.Run(row.rule+"/"+method+" "+req.path, func(t *testing.T) {
					want, wantIssue, wantAfter := req.want, req.issues, req.after
					switch method {
					case "HEAD":
						want.body = "" // everything else is as with GET
					case "POST":
						want, wantIssue, wantAfter = notFound, keeps, row.secret
					}
					given := []string{""}
					for _, path := range row.visited {
						if _, set := get(t, app, path, given[len(given)-1]); set != "" {
							given = append(given, set)
						}
					}
					newest := given[len(given)-1]
					sends := strings.NewReplacer("OLDEST", given[min(1, len(given)-1)], "NEWEST", newest).Replace(row.sends)
					before, _ := get(t, app, "/secret", newest)

					got, set := send(t, app, rawRequest(method+" "+req.path, "Cookie: "+sends))
					if got != want || (set != "") != wantIssue {
						t.Errorf("got  %+v, Set-Cookie %q\nwant %+v, Set-Cookie %v", got, set, want, wantIssue)
					}
					if old, _ := get(t, app, "/secret", sends); set != "" && (old != forbidden || strings.Contains(sends, set)) {
						t.Errorf("with the old cookie: %+v; the new one is %s", old, set)
					}
					if after, _ := get(t, app, "/secret", cmp.Or(set, sends)); after != wantAfter {
						t.Errorf("afterwards, /secret gives %+v\nwant %+v", after, wantAfter)
					}
					if after, _ := get(t, app, "/secret", newest); !strings.Contains(sends, newest) && after != before {
						t.Errorf("another browser's session was changed: %+v", after)
					}
				})
			}
		}
	}
}

func TestBadInput(t *testing.T) {
	app := testApp(t, io.Discard)
	for _, row := range []struct {
		rule, request string
		status        int
		location      string
	}{
		{"TRACE has no route", rawRequest("TRACE /login"), 404, ""},
		{"an unknown method has no route", rawRequest("BREW /login"), 404, ""},
		{"OPTIONS * asks about the server", rawRequest("OPTIONS *"), 200, ""},
		{"GET * has no route", rawRequest("GET *"), 404, ""},
		{"dots do not lead up to a route", rawRequest("GET /../login"), 404, ""},
		{`"//login" is not "/login"`, rawRequest("GET //login"), 404, ""},
		{"a trailing slash leads to the route", rawRequest("GET /login/?a=b"), 301, "/login?a=b"},
		{"an escaped trailing slash leads to the route", rawRequest("GET /login%2f"), 301, "/login"},
		{"a body of a GET is ignored", rawRequest("GET /secret", "Content-Length: 5") + "hello", 403, ""},
		{"a broken body of a GET is ignored", rawRequest("GET /secret", "Transfer-Encoding: chunked") + "x\r\n", 403, ""},
	} {
		t.Run(row.rule, func(t *testing.T) {
			got, set := send(t, app, row.request)
			if got.status != row.status || row.location != "" && !strings.Contains("|"+got.header, "|Location: "+row.location+"|") || set != "" {
				t.Errorf("got %+v, Set-Cookie %q, want status %d and Location %q", got, set, row.status, row.location)
			}
		})
	}
}

func TestLog(t *testing.T) {
	secretValue := regexp.MustCompile(`[A-Za-z0-9_-]{43}`)
	for _, row := range []struct {
		rule     string
		flags    []string
		requests []string
		want     string // the whole log, as a pattern; TIME is the time
	}{
		{"a login and a logout are logged with the session's hash and the client's address", nil,
			[]string{rawRequest("GET /login"), rawRequest("GET /login", "Cookie: NEWEST"), rawRequest("GET /logout", "Cookie: NEWEST"), rawRequest("GET /secret", "Cookie: NEWEST")},
			`TIME level=INFO msg=login .*[0-9a-f]{8}.* client=192.0.2.1\nTIME level=INFO msg=logout .*[0-9a-f]{8}.* client=192.0.2.1\n`},
		{"-log-format json", []string{"-log-format", "json"}, []string{rawRequest("GET /login")},
			`{"time":"[^"]+","level":"INFO","msg":"login",.*"client":"192.0.2.1"}\n`},
		{"-log-level warn leaves logins out", []string{"-log-level", "warn"}, []string{rawRequest("GET /login")}, ``},
		{"-log-level debug logs each request without query and cookie, and escapes log injection", []string{"-log-level", "debug"},
			[]string{rawRequest("HEAD /%0atime=now%20level=INFO%20msg=login%1b[2J?token=x", "Cookie: "+forged, "User-Agent: a\" msg=login\t\x80")},
			`TIME level=DEBUG msg=request method=HEAD path="/\\ntime=now level=INFO msg=login\\x1b\[2J" status=404 took=\S+ client=192.0.2.1 user_agent="a\\" msg=login\\t\\x80"\n`},
		{"a request from another origin is logged", nil, []string{rawRequest("GET /logout", "Sec-Fetch-Site: cross-site")},
			`TIME level=WARN msg="request refused" path=/logout client=192.0.2.1 error="cross-origin request detected from Sec-Fetch-Site header"\n`},
		{"a store that is full is logged", []string{"-max-sessions", "1", "-log-level", "error"},
			[]string{rawRequest("GET /login"), rawRequest("GET /secret", "Cookie: NEWEST"), rawRequest("GET /login")},
			`TIME level=ERROR msg="sessions: .*: the store is full of sessions in use.*"\n`},
		{"a panic is logged with its request and its trace, but no cookie", nil, []string{rawRequest("GET /panic?token=x", "Cookie: "+forged)},
			`TIME level=ERROR msg="iris: panic at \\"GET\\" \\"/panic\\": the lamp is broken" trace="goroutine .*handlers_test.go.*"\n`},
	} {
		t.Run(row.rule, func(t *testing.T) {
			var log bytes.Buffer
			app := testApp(t, &log, row.flags...)
			app.Get("/panic", func(*iris.Context) { panic("the lamp is broken") })
			sendAll(t, app, row.requests...)
			if want := strings.ReplaceAll(row.want, "TIME", `time=\S+`); !regexp.MustCompile("^" + want + "$").MatchString(log.String()) {
				t.Errorf("the log is\n%swant\n%s", &log, want)
			}
			if secretValue.MatchString(log.String()) || strings.Contains(log.String(), "token=x") {
				t.Errorf("a secret is in the log:\n%s", &log)
			}
		})
	}
}

// The protections themselves are tested in iris.v6: these rows show that the
// program has each of them.
func TestProtections(t *testing.T) {
	login, use := rawRequest("GET /login"), rawRequest("GET /secret", "Cookie: NEWEST")
	for _, row := range []struct {
		rule     string
		flags    []string
		requests []string
		want     string // status, header and cookie of the last answer, as a pattern
	}{
		{"another site cannot log a user in", nil, []string{rawRequest("GET /login", "Sec-Fetch-Site: cross-site")}, `^403 .*nosniff.* $`},
		{"another site cannot log a user out", nil, []string{login, rawRequest("GET /logout", "Sec-Fetch-Site: cross-site", "Cookie: NEWEST")}, `^403 .*nosniff.* $`},
		{"another site cannot log a user of an old browser in", nil, []string{rawRequest("GET /login", "Origin: http://evil.example")}, `^403 .*nosniff.* $`},
		{"a refused logout changes nothing", nil, []string{login, rawRequest("GET /logout", "Sec-Fetch-Site: cross-site", "Cookie: NEWEST"), use}, `^200 `},
		{"another site may link to the secret", nil, []string{login, rawRequest("GET /secret", "Sec-Fetch-Site: cross-site", "Cookie: NEWEST")}, `^200 `},
		{"the site itself may log a user in", nil, []string{rawRequest("GET /login", "Sec-Fetch-Site: same-origin")}, `^200 .* my_sessionid=`},
		{"with HTTPS browsers use nothing else, and no subdomain can set the cookie", []string{"-secure-cookie"}, []string{login}, `^200 .*\|Strict-Transport-Security: max-age=31536000\|.* __Host-my_sessionid=`},
		{"with HTTPS a login holds", []string{"-secure-cookie"}, []string{login, use}, `^200 `},
		{"a full store refuses a new session", []string{"-max-sessions", "1"}, []string{login, use, login}, `^503 .*Retry-After: .*nosniff.* $`},
		{"a full store keeps the session in use", []string{"-max-sessions", "1"}, []string{login, use, login, use}, `^200 `},
	} {
		t.Run(row.rule, func(t *testing.T) {
			a, set := sendAll(t, testApp(t, io.Discard, row.flags...), row.requests...)
			if got := fmt.Sprintf("%d %s %s", a.status, a.header, set); !regexp.MustCompile(row.want).MatchString(got) {
				t.Errorf("got %q, want %s", got, row.want)
			}
		})
	}
}

func TestSessionEndsAtItsLimits(t *testing.T) {
	for _, row := range []struct {
		rule  string
		flags []string
		use   time.Duration // time between two uses
		ends  time.Duration // age of the session at its end; 0: it has none
	}{
		{"after an hour without use by default", nil, 61 * time.Minute, 61 * time.Minute},
		{"after a day of use by default", nil, 30 * time.Minute, 24 * time.Hour},
		{"-idle", []string{"-idle", "10m"}, 11 * time.Minute, 11 * time.Minute},
		{"-expires", []string{"-expires", "90m"}, 30 * time.Minute, 90 * time.Minute},
		{"0 is no limit", []string{"-expires", "0", "-idle", "0"}, 24 * time.Hour, 0},
	} {
		t.Run(row.rule, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				app := testApp(t, io.Discard, row.flags...)
				cookie := logIn(app)
				for passed := row.use; passed <= 48*time.Hour; passed += row.use {
					<-time.After(row.use)
					synctest.Wait()
					got, _ := get(t, app, "/secret", cookie)
					if want := row.ends == 0 || passed < row.ends; (got.status == 200) != want {
						t.Fatalf("after %v: status %d", passed, got.status)
					}
				}
			})
		})
	}
}

func FuzzRequest(f *testing.F) {
	for _, request := range []string{
		rawRequest("GET /secret", "Cookie: "+forged),
		rawRequest("GET /logout", "Cookie: "+malformed+"; "+forged, "Cookie: "+forged),
		rawRequest("GET /login", "Cookie: my_sessionid=\t; my_sessionid=\xff"),
		rawRequest("POST /logout/", "Transfer-Encoding: chunked") + "5\r\nhello\r\n0\r\n\r\n",
		rawRequest("GET /login/?next=//evil.example"),
		rawRequest("GET //evil.example/%2e%2e/login/"),
		rawRequest("GET http://evil.example/login"),
		rawRequest("OPTIONS *"),
	} {
		f.Add([]byte(request))
	}
	app := testApp(f, io.Discard)
	f.Fuzz(func(t *testing.T, request []byte) {
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(request)))
		if err != nil {
			return // the server does not pass it to the handlers
		}
		method, path := r.Method, r.URL.Path
		rec := httptest.NewRecorder()
		app.ServeHTTP(rec, r)

		runs := (method == "GET" || method == "HEAD") && slices.Contains([]string{"/secret", "/login", "/logout"}, path)
		refused := path != "/secret" && (r.Header["Origin"] != nil || r.Header["Sec-Fetch-Site"] != nil)
		set, to := issued(t, rec.Header()), rec.Header().Get("Location")
		_, id, _ := strings.Cut(set, "=")
		for _, rule := range []struct {
			rule string
			kept bool
		}{
			{"a handler answers", !runs || rec.Code == 403 && (path == "/secret" || refused) || rec.Code == 200 && path != "/secret"},
			{"nothing else answers", runs || method == "OPTIONS" && r.RequestURI == "*" || slices.Contains([]int{301, 308, 404}, rec.Code)},
			{"a session begins with a login or a logout", (set != "") == (runs && rec.Code == 200)},
			{"the secret needs a login", !strings.Contains(rec.Body.String(), cake.body)},
			{"HEAD has no body", method != "HEAD" || rec.Body.Len() == 0},
			{"an answer from a session is not cached", refused || runs == (rec.Header().Get("Cache-Control") == "no-store")},
			{"an ID is not adopted", set == "" || !bytes.Contains(request, []byte(id))},
			{"no redirect leads to another host", rec.Code/100 != 3 || strings.HasPrefix(to, "/") && !strings.HasPrefix(to, "//")},
		} {
			if !rule.kept {
				t.Errorf("%s: %s %q gets %d %v %q", rule.rule, method, path, rec.Code, rec.Header(), rec.Body)
			}
		}
	})
}

// writer is a minimal ResponseWriter, used for one request after another.
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
// come, the handler for the i-th and its Cookie header.
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

// TestSecretAllocatesNothing runs everything between net/http and the handler,
// wired by the flags' defaults. Under the race detector a sync.Pool forgets at
// random, so the best of many runs counts.
func TestSecretAllocatesNothing(t *testing.T) {
	for _, flags := range [][]string{nil, {"-secure-cookie"}} {
		app := testApp(t, io.Discard, flags...)
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
			t.Errorf("%q: status %d with %v allocations", flags, w.status, best)
		}
	}
}

// oneApp has one app answer requests that all carry the same cookie, or none.
func oneApp(b *testing.B, loggedIn bool) func(int) func(int) (http.Handler, string) {
	return func(int) func(int) (http.Handler, string) {
		app, cookie := testApp(b, io.Discard), ""
		if loggedIn {
			cookie = logIn(app)
		}
		return func(int) (http.Handler, string) { return app, cookie }
	}
}

func BenchmarkSecret(b *testing.B)         { bench(b, "/secret", 200, oneApp(b, true)) }
func BenchmarkSecretNoCookie(b *testing.B) { bench(b, "/secret", 403, oneApp(b, false)) }
func BenchmarkLogin(b *testing.B)          { bench(b, "/login", 200, oneApp(b, false)) } // a session each

// BenchmarkLogout logs another session out with every request.
func BenchmarkLogout(b *testing.B) {
	const perApp = 500_000 // well below the number at which sessions make room for others
	bench(b, "/logout", 200, func(n int) func(int) (http.Handler, string) {
		var apps []http.Handler
		cookies := make([]string, n)
		for i := range cookies {
			if i%perApp == 0 {
				apps = append(apps, testApp(b, io.Discard))
			}
			cookies[i] = logIn(apps[i/perApp])
		}
		return func(i int) (http.Handler, string) { return apps[i/perApp], cookies[i] }
	})
}
