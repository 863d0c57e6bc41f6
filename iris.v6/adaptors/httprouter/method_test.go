package httprouter_test

import (
	"testing"

	"gopkg.in/kataras/iris.v6"
)

func TestFireMethodNotAllowed(t *testing.T) {
	app := newApp([]iris.OptionSetter{iris.OptionFireMethodNotAllowed(true)},
		"GET /page", "POST /page", "PUT /form", "HEAD /head", "GET /both", "HEAD /both", "GET /user/:id", "DELETE /user/:name", "BREW /pot", "GET /admin/",
	)
	for name, test := range map[string]struct {
		method, path string
		status       int
		allow        string
	}{
		"names every method, and HEAD with GET": {"DELETE", "/page", 405, "GET, POST, HEAD"},
		"names no HEAD without GET":             {"GET", "/form", 405, "PUT"},
		"names HEAD if it has a route":          {"GET", "/head", 405, "HEAD"},
		"names HEAD once":                       {"POST", "/both", 405, "GET, HEAD"},
		"looks at parameters, too":              {"PUT", "/user/7", 405, "DELETE, GET, HEAD"},
		"names methods of the app's own":        {"GET", "/pot", 405, "BREW"},
		"answers a method that no route has":    {"WHEN", "/form", 405, "PUT"},
		"answers HEAD without a GET route":      {"HEAD", "/form", 405, "PUT"},
		"leaves an unknown path a 404":          {"GET", "/nowhere", 404, ""},
		"leaves another trailing slash a 404":   {"POST", "/admin", 404, ""},
		"leaves the redirect alone":             {"GET", "/admin", 301, ""},
		"leaves routes alone":                   {"POST", "/page", 200, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := answer(app, test.method, test.path)
			if w.Code != test.status || w.Header().Get("Allow") != test.allow {
				t.Errorf("status %d, Allow %q, want %d, %q", w.Code, w.Header().Get("Allow"), test.status, test.allow)
			}
			if w.Code == 405 && test.method != "HEAD" && w.Body.String() != "Method Not Allowed" {
				t.Errorf("body: %q", w.Body)
			}
		})
	}
}

func TestOnErrorAnswersForTheRouter(t *testing.T) {
	app := newApp([]iris.OptionSetter{iris.OptionFireMethodNotAllowed(true)}, "GET /page")
	app.OnError(404, func(ctx *iris.Context) { ctx.Writef("no %s", ctx.Path()) })
	app.OnError(405, func(ctx *iris.Context) {
		ctx.Writef("not by %s, but %s", ctx.Method(), ctx.ResponseWriter.Header().Get("Allow"))
	})
	wantAnswer(t, answer(app, "GET", "/nowhere"), 404, "no /nowhere")
	wantAnswer(t, answer(app, "POST", "/page"), 405, "not by POST, but GET, HEAD")
}

func TestHeadLooksAtItsOwnRoutesFirst(t *testing.T) {
	app := newApp(nil, "GET /page", "HEAD /page", "GET /get")
	ran := ""
	app.HandleFunc("HEAD", "/page", func(ctx *iris.Context) { ran = "head" })
	app.HandleFunc("GET", "/page", func(ctx *iris.Context) { ran = "get" })
	wantAnswer(t, answer(app, "HEAD", "/page"), 200, "")
	if ran != "head" {
		t.Errorf("the route that ran: %q, want head", ran)
	}
	wantAnswer(t, answer(app, "GET", "/page"), 200, "")
	if ran != "get" {
		t.Errorf("the route that ran: %q, want get", ran)
	}
	wantAnswer(t, answer(app, "HEAD", "/get"), 200, "")
}

func TestWithoutFireMethodNotAllowedAnotherMethodIs404(t *testing.T) {
	app := newApp(nil, "GET /page")
	w := answer(app, "POST", "/page")
	wantAnswer(t, w, 404, "Not Found")
	if allow := w.Header().Get("Allow"); allow != "" {
		t.Errorf("Allow: %q", allow)
	}
}

func TestOptionsOfTheServerIsNoPath(t *testing.T) {
	app := newApp([]iris.OptionSetter{iris.OptionFireMethodNotAllowed(true)}, "GET /", "OPTIONS /page")
	wantAnswer(t, answer(app, "OPTIONS", "*"), 200, "")
	wantAnswer(t, answer(app, "OPTIONS", "/*"), 404, "Not Found")
}
