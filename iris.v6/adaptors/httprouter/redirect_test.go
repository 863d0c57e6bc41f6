package httprouter_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"gopkg.in/kataras/iris.v6"
)

func wantLocation(t *testing.T, w *httptest.ResponseRecorder, status int, location string) {
	t.Helper()
	if w.Code != status || w.Header().Get("Location") != location {
		t.Errorf("status %d to %q, want %d to %q", w.Code, w.Header().Get("Location"), status, location)
	}
}

func TestTrailingSlashIsRedirected(t *testing.T) {
	app := newApp(nil,
		"GET /login", "POST /login", "PUT /login", "CONNECT /login",
		"GET /admin/", "HEAD /head", "GET /user/:id", "GET /dir/:name/", "GET /both", "GET /both/",
	)
	for _, row := range []struct {
		rule, method, path string
		status             int
		location           string
	}{
		{"a slash too many", "GET", "/login/", 301, "/login"},
		{"a slash too few", "GET", "/admin", 301, "/admin/"},
		{"HEAD, for a route of GET", "HEAD", "/login/", 301, "/login"},
		{"HEAD, for a route of its own", "HEAD", "/head/", 301, "/head"},
		{"POST with 308, which keeps the method", "POST", "/login/", 308, "/login"},
		{"PUT with 308", "PUT", "/login/", 308, "/login"},
		{"CONNECT is not redirected", "CONNECT", "/login/", 404, ""},
		{"a method without such a route is not", "DELETE", "/login/", 404, ""},
		{"a path with a route is not", "GET", "/both/", 200, ""},
		{"two slashes too many are not", "GET", "/login//", 404, ""},
		{"the query stays", "GET", "/login/?next=/a/&x=%20", 301, "/login?next=/a/&x=%20"},
		{"a parameter stays", "GET", "/user/7/", 301, "/user/7"},
		{"a parameter stays escaped", "GET", "/dir/a%20b%3Fc%25", 301, "/dir/a%20b%3Fc%25/"},
		{"letters beyond ASCII are escaped", "GET", "/dir/%C3%BC", 301, "/dir/%C3%BC/"},
	} {
		t.Run(row.rule, func(t *testing.T) { wantLocation(t, answer(app, row.method, row.path), row.status, row.location) })
	}
}

// If a browser read a Location as another host's, every app would be an open redirect.
// So a path that begins with two slashes is not redirected.
func TestRedirectCannotLeadToAnotherHost(t *testing.T) {
	app := newApp(nil, "GET /:a/:b/", "GET /:a/:b/:c", "GET /:a/")
	for _, row := range []struct {
		path   string
		status int
		want   string
	}{
		{"//evil.example", 404, ""},
		{"//evil.example/x/", 404, ""},
		{"//evil.example?x=//y", 404, ""},
		{"/%2fevil.example", 404, ""},
		{`/\evil.example`, 301, "/%5Cevil.example/"}, // browsers take a backslash for a slash
		{"/%5cevil.example", 301, "/%5Cevil.example/"},
		{"/%09/evil.example", 301, "/%09/evil.example/"},
		{"/%0a/evil.example", 301, "/%0A/evil.example/"},
		{"/x@evil.example", 301, "/x@evil.example/"},
	} {
		t.Run(row.path, func(t *testing.T) {
			u, err := url.ParseRequestURI(row.path) // as net/http does
			if err != nil {
				t.Fatal(err)
			}
			w := httptest.NewRecorder()
			app.ServeHTTP(w, &http.Request{Method: "GET", URL: u, Host: "app.example", Header: make(http.Header)})
			wantLocation(t, w, row.status, row.want)
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
	wantLocation(t, answer(newApp(nil, "GET /"), "GET", "http://app.example"), 301, "/")
}
