package iris_test

import (
	"strings"
	"testing"

	"gopkg.in/kataras/iris.v6"
)

func TestEmitError(t *testing.T) {
	for _, row := range []struct {
		rule    string
		handler iris.HandlerFunc
		status  int
		body    string
	}{
		{"an unknown status has no body", func(ctx *iris.Context) { ctx.EmitError(599) }, 599, ""},
		{"4 KiB are replaced", func(ctx *iris.Context) { ctx.WriteString(strings.Repeat("x", 4096)); ctx.EmitError(500) }, 500, "Internal Server Error"},
		{"the status is replaced", func(ctx *iris.Context) { ctx.SetStatusCode(201); ctx.EmitError(403) }, 403, "Forbidden"},
		{"an earlier error is replaced", func(ctx *iris.Context) { ctx.EmitError(404); ctx.EmitError(403) }, 403, "Forbidden"},
		{"the type is replaced", func(ctx *iris.Context) { ctx.JSON(200, 1); ctx.EmitError(403) }, 403, "Forbidden"},
		{"the Router's does the same", func(ctx *iris.Context) { ctx.Framework().EmitError(410, ctx) }, 410, "Gone"},
		{"Fire does the same", func(ctx *iris.Context) { ctx.Framework().Errors.Fire(410, ctx) }, 410, "Gone"},
	} {
		t.Run(row.rule, func(t *testing.T) {
			app, logged := newApp()
			app.Get("/", row.handler)
			w := answer(app, "GET", "/")
			wantAnswer(t, w, row.status, row.body)
			equal(t, "Content-Type", w.Header().Get("Content-Type"), "text/plain; charset=utf-8")
			logged.none(t)
		})
	}
}

// Header fields of the replaced body must not describe the error's body.
func TestEmitErrorResetsTheHeader(t *testing.T) {
	app, _ := newApp()
	gone := []string{"Content-Length", "Content-Disposition", "Content-Encoding", "Content-Range", "Etag", "Last-Modified"}
	app.OnError(500, func(ctx *iris.Context) { ctx.WriteString("<!DOCTYPE html><p>sorry") })
	app.Get("/", func(ctx *iris.Context) {
		for _, field := range gone {
			ctx.SetHeader(field, "7")
		}
		ctx.SetContentType("application/json")
		ctx.SetHeader("X-Request-Id", "kept")
		ctx.WriteString("partial")
		ctx.EmitError(500)
		equal(t, "StatusCode()", ctx.ResponseWriter.StatusCode(), 500)
	})
	resp, body := ask(t, app, "GET /")
	equal(t, "body", body, "<!DOCTYPE html><p>sorry")
	equal(t, "X-Request-Id", resp.Header.Get("X-Request-Id"), "kept")
	equal(t, "Content-Type", resp.Header.Get("Content-Type"), "text/html; charset=utf-8")
	equal(t, "Content-Length", resp.Header.Get("Content-Length"), "23")
	for _, field := range gone[1:] {
		equal(t, field, resp.Header.Get(field), "")
	}
}

func TestOnError(t *testing.T) {
	app, logged := newApp()
	app.OnError(404, func(ctx *iris.Context) { ctx.HTML(404, "<h1>"+ctx.Path()+"</h1>") })
	app.OnError(410, func(ctx *iris.Context) { ctx.Redirect("/moved") })
	app.OnError(500, func(ctx *iris.Context) { ctx.Writef("status %d", ctx.ResponseWriter.StatusCode()) })
	app.OnError(502, func(ctx *iris.Context) { ctx.EmitError(503) })
	app.Errors.Register(507, iris.HandlerFunc(func(ctx *iris.Context) { ctx.WriteString("registered") }))
	for path, status := range map[string]int{"/410": 410, "/500": 500, "/502": 502, "/507": 507} {
		app.Get(path, func(ctx *iris.Context) { ctx.WriteString("partial"); ctx.EmitError(status) })
	}
	app.Get("/panic", func(*iris.Context) { panic("oops") })
	wantCalls(t, app, []call{
		{"its handler answers, with the status", "GET /500", 500, "status 500"},
		{"its handler answers for an unknown path", "GET /nowhere", 404, "<h1>/nowhere</h1>"},
		{"its handler may choose another status", "GET /410", 302, "<a href=\"/moved\">Found</a>.\n\n"},
		{"its handler answers for a panic", "GET /panic", 500, "status 500"},
		{"Register does the same", "GET /507", 507, "registered"},
		{"its handler may emit another error", "GET /502", 503, "Service Unavailable"},
	})
	if message := logged.one(t); !strings.Contains(message, "oops") {
		t.Errorf("log record: %q", message)
	}
}

// A client must not take a partial response for a complete one.
func TestEmitErrorAfterTheResponseBeganCutsTheConnection(t *testing.T) {
	for _, row := range []struct {
		rule  string
		begin func(*iris.Context)
	}{
		{"by a flush", func(ctx *iris.Context) { ctx.WriteString("begun"); ctx.ResponseWriter.Flush() }},
		{"by more than 4 KiB", func(ctx *iris.Context) { ctx.WriteString(strings.Repeat("x", 9000)) }},
		{"by a flush without a body", func(ctx *iris.Context) { ctx.ResponseWriter.Flush() }},
	} {
		t.Run(row.rule, func(t *testing.T) {
			app, logged := newApp()
			app.Get("/*path", func(ctx *iris.Context) {
				row.begin(ctx)
				ctx.EmitError(500)
				t.Error("the handler continues")
			})
			server := listenTo(t, app)
			resp, body, err := get(t, server.Client(), "GET", server.URL+"/a%0ab?token=s3cret")
			if err == nil || strings.Contains(body, "Internal Server Error") {
				t.Errorf("response %v %q, error %v, want one that is cut off", resp, body, err)
			}
			equal(t, "log record", logged.one(t), `iris: "GET" "/a\nb": error 500 after the response had begun`)
		})
	}
}
