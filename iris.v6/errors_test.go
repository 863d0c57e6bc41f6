package iris_test

import (
	"strings"
	"testing"

	"gopkg.in/kataras/iris.v6"
)

func TestEmitError(t *testing.T) {
	for name, test := range map[string]struct {
		handler iris.HandlerFunc
		status  int
		body    string
	}{
		"answers with the status text":        {func(ctx *iris.Context) { ctx.EmitError(403) }, 403, "Forbidden"},
		"of an unknown status has no body":    {func(ctx *iris.Context) { ctx.EmitError(599) }, 599, ""},
		"replaces a partial body":             {func(ctx *iris.Context) { ctx.WriteString("partial"); ctx.EmitError(500) }, 500, "Internal Server Error"},
		"replaces 4 KiB that are held back":   {func(ctx *iris.Context) { ctx.WriteString(strings.Repeat("x", 4096)); ctx.EmitError(500) }, 500, "Internal Server Error"},
		"replaces the status":                 {func(ctx *iris.Context) { ctx.SetStatusCode(201); ctx.EmitError(403) }, 403, "Forbidden"},
		"replaces the error before it":        {func(ctx *iris.Context) { ctx.EmitError(404); ctx.EmitError(403) }, 403, "Forbidden"},
		"replaces the media type":             {func(ctx *iris.Context) { ctx.JSON(200, 1); ctx.EmitError(403) }, 403, "Forbidden"},
		"NotFound is a 404":                   {(*iris.Context).NotFound, 404, "Not Found"},
		"Panic is a 500":                      {(*iris.Context).Panic, 500, "Internal Server Error"},
		"has the Router's as its equal":       {func(ctx *iris.Context) { ctx.Framework().EmitError(410, ctx) }, 410, "Gone"},
		"has the ErrorHandlers' as its equal": {func(ctx *iris.Context) { ctx.Framework().Errors.Fire(410, ctx) }, 410, "Gone"},
	} {
		t.Run(name, func(t *testing.T) {
			app, logged := newApp()
			app.Get("/", test.handler)
			w := answer(app, "GET", "/")
			wantAnswer(t, w, test.status, test.body)
			equal(t, "Content-Type", w.Header().Get("Content-Type"), "text/plain; charset=utf-8")
			logged.none(t)
		})
	}
}

// Header fields of the body that an error replaces must not describe the error's body.
func TestEmitErrorResetsTheHeader(t *testing.T) {
	app, _ := newApp()
	gone := []string{"Content-Length", "Content-Encoding", "Content-Range", "Etag", "Last-Modified"}
	app.Get("/", func(ctx *iris.Context) {
		for _, field := range gone {
			ctx.SetHeader(field, "7")
		}
		ctx.SetHeader("X-Request-Id", "kept")
		ctx.WriteString("partial")
		ctx.EmitError(500)
		equal(t, "StatusCode()", ctx.ResponseWriter.StatusCode(), 500)
	})
	server := listenTo(t, app)
	resp, body, err := get(t, server.Client(), "GET", server.URL)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "body", body, "Internal Server Error")
	equal(t, "X-Request-Id", resp.Header.Get("X-Request-Id"), "kept")
	equal(t, "Content-Length", resp.Header.Get("Content-Length"), "21")
	for _, field := range gone[1:] {
		equal(t, field, resp.Header.Get(field), "")
	}
}

func TestOnError(t *testing.T) {
	app, logged := newApp()
	app.OnError(401, func(ctx *iris.Context) { ctx.WriteString("log in first") })
	app.OnError(404, func(ctx *iris.Context) { ctx.HTML(404, "<h1>"+ctx.Path()+"</h1>") })
	app.OnError(410, func(ctx *iris.Context) { ctx.Redirect("/moved") })
	app.OnError(500, func(ctx *iris.Context) { ctx.WriteString("first") })
	app.OnError(500, func(ctx *iris.Context) { ctx.Writef("second, status %d", ctx.ResponseWriter.StatusCode()) })
	app.OnError(502, func(ctx *iris.Context) { ctx.EmitError(503) })
	emit := func(status int) iris.HandlerFunc {
		return func(ctx *iris.Context) { ctx.WriteString("partial"); ctx.EmitError(status) }
	}
	app.Get("/401", emit(401))
	app.Get("/410", emit(410))
	app.Get("/500", emit(500))
	app.Get("/502", emit(502))
	app.Get("/panic", func(*iris.Context) { panic("oops") })
	for name, test := range map[string]struct {
		path   string
		status int
		body   string
	}{
		"its handler answers, with the status":       {"/401", 401, "log in first"},
		"its handler answers for an unknown path":    {"/nowhere", 404, "<h1>/nowhere</h1>"},
		"its handler may choose another status":      {"/410", 302, "<a href=\"/moved\">Found</a>.\n\n"},
		"the last handler of a status counts":        {"/500", 500, "second, status 500"},
		"its handler answers for a panic":            {"/panic", 500, "second, status 500"},
		"its handler may hand over to another error": {"/502", 503, "Service Unavailable"},
	} {
		t.Run(name, func(t *testing.T) { wantAnswer(t, answer(app, "GET", test.path), test.status, test.body) })
	}
	if message := logged.one(t); !strings.Contains(message, "oops") {
		t.Errorf("log record: %q", message)
	}
}

// A handler that has said "application/json" and then fails has not said what
// the error page is.
func TestOnErrorResponseHasNoHeaderOfTheFailedOne(t *testing.T) {
	app, _ := newApp()
	app.OnError(500, func(ctx *iris.Context) { ctx.WriteString("<!DOCTYPE html><p>sorry") })
	app.Get("/", func(ctx *iris.Context) {
		ctx.SetContentType("application/json")
		ctx.EmitError(500)
	})
	server := listenTo(t, app)
	resp, _, err := get(t, server.Client(), "GET", server.URL)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "Content-Type", resp.Header.Get("Content-Type"), "text/html; charset=utf-8")
}

// Nobody may take a response that failed halfway for a whole one.
func TestEmitErrorAfterTheResponseBeganCutsTheConnection(t *testing.T) {
	for name, begin := range map[string]func(*iris.Context){
		"by a flush":             func(ctx *iris.Context) { ctx.WriteString("begun"); ctx.ResponseWriter.Flush() },
		"by more than 4 KiB":     func(ctx *iris.Context) { ctx.WriteString(strings.Repeat("x", 9000)) },
		"with a flush of nought": func(ctx *iris.Context) { ctx.ResponseWriter.Flush() },
	} {
		t.Run(name, func(t *testing.T) {
			app, logged := newApp()
			app.Get("/*path", func(ctx *iris.Context) {
				begin(ctx)
				ctx.EmitError(500)
				t.Error("the handler goes on")
			})
			server := listenTo(t, app)
			resp, body, err := get(t, server.Client(), "GET", server.URL+"/a%0ab?token=s3cret")
			if err == nil {
				t.Errorf("a whole response arrived: %d %q", resp.StatusCode, body)
			}
			if strings.Contains(body, "Internal Server Error") {
				t.Errorf("the error's text is part of the body %q", body)
			}
			message := logged.one(t)
			for _, part := range []string{"GET", `"/a\nb"`, "500"} {
				if !strings.Contains(message, part) {
					t.Errorf("log record %q lacks %q", message, part)
				}
			}
			if strings.Contains(message, "s3cret") {
				t.Errorf("log record with the query: %q", message)
			}
		})
	}
}
