package httprouter_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"gopkg.in/kataras/iris.v6"
)

func TestTrailingSlashIsRedirected(t *testing.T) {
	app := newApp(nil,
		"GET /login", "POST /login", "PUT /login", "CONNECT /login",
		"GET /admin/", "HEAD /head", "GET /user/:id", "GET /dir/:name/", "GET /both", "GET /both/",
	)
	for name, test := range map[string]struct {
		method, path string
		status       int
		location     string
	}{
		"a slash too many":                       {"GET", "/login/", 301, "/login"},
		"a slash too few":                        {"GET", "/admin", 301, "/admin/"},
		"HEAD, for a route of GET":               {"HEAD", "/login/", 301, "/login"},
		"HEAD, for a route of its own":           {"HEAD", "/head/", 301, "/head"},
		"POST with 308, so that it stays a POST": {"POST", "/login/", 308, "/login"},
		"PUT with 308":                           {"PUT", "/login/", 308, "/login"},
		"CONNECT is not":                         {"CONNECT", "/login/", 404, ""},
		"a method without such a route is not":   {"DELETE", "/login/", 404, ""},
		"a route that exists is not":             {"GET", "/both/", 200, ""},
		"two extra slashes are not":              {"GET", "/login//", 404, ""},
		"the query is kept":                      {"GET", "/login/?next=/a/&x=%20", 301, "/login?next=/a/&x=%20"},
		"a parameter is kept":                    {"GET", "/user/7/", 301, "/user/7"},
		"a parameter stays escaped":              {"GET", "/dir/a%20b%3Fc%25", 301, "/dir/a%20b%3Fc%25/"},
		"letters beyond ASCII are escaped":       {"GET", "/dir/%C3%BC", 301, "/dir/%C3%BC/"},
	} {
		t.Run(name, func(t *testing.T) {
			w := answer(app, test.method, test.path)
			if w.Code != test.status || w.Header().Get("Location") != test.location {
				t.Errorf("status %d to %q, want %d to %q", w.Code, w.Header().Get("Location"), test.status, test.location)
			}
		})
	}
}

func TestRedirectHasOneBody(t *testing.T) {
	app := newApp(nil, "GET /login", "POST /login")
	wantAnswer(t, answer(app, "GET", "/login/"), 301, "<a href=\"/login\">Moved Permanently</a>.\n\n")
	wantAnswer(t, answer(app, "HEAD", "/login/"), 301, "")
	wantAnswer(t, answer(app, "POST", "/login/"), 308, "")
}

// A Location that a browser reads as another host's would make every app an
// open redirect. A path that begins with two slashes is therefore not corrected.
func TestRedirectCannotLeadToAnotherHost(t *testing.T) {
	app := newApp(nil, "GET /:a/:b/", "GET /:a/:b/:c", "GET /:a/")
	for path, want := range map[string]string{
		"//evil.example":       "",
		"//evil.example/x/":    "",
		"//evil.example?x=//y": "",
		"/%2fevil.example":     "",
		`/\evil.example`:       "/%5Cevil.example/", // browsers take a backslash for a slash
		"/%5cevil.example":     "/%5Cevil.example/",
		"/%09/evil.example":    "/%09/evil.example/",
		"/%0a/evil.example":    "/%0A/evil.example/",
		"/x@evil.example":      "/x@evil.example/",
	} {
		t.Run(path, func(t *testing.T) {
			u, err := url.ParseRequestURI(path) // as net/http does
			if err != nil {
				t.Fatal(err)
			}
			w := httptest.NewRecorder()
			app.ServeHTTP(w, &http.Request{Method: "GET", URL: u, Host: "app.example", Header: make(http.Header)})
			status := 301
			if want == "" {
				status = 404
			}
			if w.Code != status || w.Header().Get("Location") != want {
				t.Errorf("status %d to %q, want %d to %q", w.Code, w.Header().Get("Location"), status, want)
			}
		})
	}
}

func TestDisablePathCorrection(t *testing.T) {
	app := newApp([]iris.OptionSetter{iris.OptionDisablePathCorrection(true)}, "GET /login", "GET /admin/")
	wantAnswer(t, answer(app, "GET", "/login/"), 404, "Not Found")
	wantAnswer(t, answer(app, "GET", "/admin"), 404, "Not Found")
	wantAnswer(t, answer(app, "GET", "/login"), 200, "GET /login")
}

// A request line may name the host and no path (RFC 9112 §3.2.2).
func TestAbsoluteFormWithoutAPathLeadsToTheRoot(t *testing.T) {
	app := newApp(nil, "GET /")
	w := answer(app, "GET", "http://app.example")
	if w.Code != 301 || w.Header().Get("Location") != "/" {
		t.Errorf("status %d to %q, want 301 to /", w.Code, w.Header().Get("Location"))
	}
}
