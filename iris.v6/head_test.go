package iris_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"gopkg.in/kataras/iris.v6"
)

// writesNothing are the rows below whose handlers write nothing to HEAD: whether
// GET has a body nobody can tell, so the length may be left out. It must not be
// wrong (RFC 9110 §8.6).
var writesNothing = []string{"nothing", "a cookie", "a redirect"}

// HEAD runs the GET handlers, and answers as GET would, but for the body (RFC
// 9110 §9.3.2).
func TestHeadAnswersAsGetWithoutTheBody(t *testing.T) {
	for name, handler := range map[string]iris.HandlerFunc{
		"nothing":                      func(*iris.Context) {},
		"a short text":                 func(ctx *iris.Context) { ctx.WriteString("words") },
		"a short text of Writef":       func(ctx *iris.Context) { ctx.Writef("%d", 12) },
		"HTML, sniffed":                func(ctx *iris.Context) { ctx.WriteString("<!DOCTYPE html><p>") },
		"a media type of its own":      func(ctx *iris.Context) { ctx.SetContentType("text/csv"); ctx.WriteString("a,b") },
		"JSON":                         func(ctx *iris.Context) { ctx.JSON(201, iris.Map{"a": 1}) },
		"a cookie":                     func(ctx *iris.Context) { ctx.SetHeader("Set-Cookie", "a=b") },
		"an error":                     func(ctx *iris.Context) { ctx.EmitError(403) },
		"a panic":                      func(*iris.Context) { panic("oops") },
		"a redirect":                   func(ctx *iris.Context) { ctx.Redirect("/x") },
		"204":                          func(ctx *iris.Context) { ctx.SetStatusCode(204) },
		"204, its body dropped":        func(ctx *iris.Context) { ctx.SetStatusCode(204); ctx.WriteString("dropped") },
		"304":                          func(ctx *iris.Context) { ctx.SetStatusCode(304); ctx.SetHeader("Etag", `"1"`) },
		"304, its body dropped":        func(ctx *iris.Context) { ctx.SetStatusCode(304); ctx.WriteString("dropped") },
		"a length of its own":          func(ctx *iris.Context) { ctx.SetHeader("Content-Length", "5"); ctx.WriteString("words") },
		"an encoded body, not sniffed": func(ctx *iris.Context) { ctx.SetHeader("Content-Encoding", "br"); ctx.WriteString("words") },
		"no media type at all":         func(ctx *iris.Context) { ctx.ResponseWriter.Header()["Content-Type"] = nil; ctx.WriteString("words") },
		"3000 bytes, held back whole":  func(ctx *iris.Context) { ctx.WriteString(strings.Repeat("x", 3000)) },
		"4096 bytes, held back whole":  func(ctx *iris.Context) { ctx.WriteString(strings.Repeat("x", 4096)) },
		"4097 bytes in one write":      func(ctx *iris.Context) { ctx.WriteString(strings.Repeat("x", 4097)) },
		"a small write, then a large one": func(ctx *iris.Context) {
			ctx.WriteString("<!")
			ctx.WriteString("DOCTYPE HTML>" + strings.Repeat("x", 5000))
		},
		"many writes": writeMany,
		"many writes with a length and type": func(ctx *iris.Context) {
			ctx.SetHeader("Content-Length", "10000")
			ctx.SetContentType("a/b")
			writeMany(ctx)
		},
		"a flush before the rest of the body": func(ctx *iris.Context) { ctx.WriteString("begun"); ctx.ResponseWriter.Flush(); ctx.WriteString("rest") },
		"a flush of nothing":                  func(ctx *iris.Context) { ctx.ResponseWriter.Flush() },
	} {
		t.Run(name, func(t *testing.T) {
			app, _ := newApp()
			app.Get("/", handler)
			client := dial(t, listenTo(t, app).Listener.Addr())
			client.send("GET / HTTP/1.1", "Host: x", "")
			want, _ := client.receive("GET")
			client.send("HEAD / HTTP/1.1", "Host: x", "", "GET /nowhere HTTP/1.1", "Host: x", "")
			got, _ := client.receive("HEAD")

			equal(t, "status", got.StatusCode, want.StatusCode)
			fields := slices.Collect(maps.Keys(got.Header))
			for _, field := range append(fields, slices.Collect(maps.Keys(want.Header))...) {
				if field == "Date" || field == "Content-Length" && got.Header[field] == nil && slices.Contains(writesNothing, name) {
					continue
				}
				if !slices.Equal(got.Header[field], want.Header[field]) {
					t.Errorf("%s: %q, GET's is %q", field, got.Header[field], want.Header[field])
				}
			}
			// Had HEAD sent a body, this would not be the next thing to arrive.
			if next, body := client.receive("GET"); next.StatusCode != 404 || body != "Not Found" {
				t.Errorf("next response: %d %q", next.StatusCode, body)
			}
		})
	}
}

func writeMany(ctx *iris.Context) {
	for range 100 {
		ctx.WriteString(strings.Repeat("x", 100))
	}
}

func TestHeadRouteOfItsOwnComesFirst(t *testing.T) {
	app, _ := newApp()
	app.Get("/both", func(ctx *iris.Context) { ctx.SetHeader("X-Ran", "get") })
	app.Head("/both", func(ctx *iris.Context) { ctx.SetHeader("X-Ran", "head"); ctx.WriteString("dropped") })
	app.Get("/get", func(ctx *iris.Context) { ctx.SetHeader("X-Ran", "get") })
	app.Post("/post", func(ctx *iris.Context) { ctx.SetHeader("X-Ran", "post") })
	for path, test := range map[string]struct {
		status int
		ran    string
	}{"/both": {200, "head"}, "/get": {200, "get"}, "/post": {404, ""}} {
		w := answer(app, "HEAD", path)
		wantAnswer(t, w, test.status, "")
		equal(t, "the route that ran at "+path, w.Header().Get("X-Ran"), test.ran)
	}
}

func TestHeadWritesReturnTheLength(t *testing.T) {
	app, _ := newApp()
	ran := false
	app.Get("/", func(ctx *iris.Context) {
		ran = true
		for _, length := range []int{3, 5000, 3} {
			n, err := ctx.WriteString(strings.Repeat("x", length))
			equal(t, "length", n, length)
			equal(t, "error", err, nil)
		}
	})
	wantAnswer(t, answer(app, "HEAD", "/"), 200, "")
	equal(t, "the handler ran", ran, true)
}

func TestHeadSavesWhatIsAttached(t *testing.T) {
	app, _ := newApp()
	var got trail
	app.Get("/", func(ctx *iris.Context) { attach(ctx.ResponseWriter, "owner", &noted{trail: &got}) })
	answer(app, "HEAD", "/")
	got.want(t, "save true", "release")
}
