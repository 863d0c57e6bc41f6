package iris_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"gopkg.in/kataras/iris.v6"
)

// HEAD runs the GET handlers, and answers as GET would, without the body (RFC 9110
// §9.3.2).
func TestHeadAnswersAsGetWithoutTheBody(t *testing.T) {
	for _, row := range []struct {
		name    string
		handler iris.HandlerFunc
		// noLength says that HEAD may leave the length out, because the handler writes
		// nothing to HEAD, and may write to GET. A wrong length is not allowed (RFC 9110
		// §8.6).
		noLength bool
	}{
		{"nothing", func(*iris.Context) {}, true},
		{"a cookie", func(ctx *iris.Context) { ctx.SetHeader("Set-Cookie", "a=b") }, true},
		{"a redirect", func(ctx *iris.Context) { ctx.Redirect("/x") }, true},
		{"a short text", func(ctx *iris.Context) { ctx.WriteString("words") }, false},
		{"HTML, sniffed", func(ctx *iris.Context) { ctx.WriteString("<!DOCTYPE html><p>") }, false},
		{"a declared type", func(ctx *iris.Context) { ctx.SetContentType("text/csv"); ctx.WriteString("a,b") }, false},
		{"an error", func(ctx *iris.Context) { ctx.EmitError(403) }, false},
		{"a panic", func(*iris.Context) { panic("oops") }, false},
		{"204", func(ctx *iris.Context) { ctx.SetStatusCode(204) }, false},
		{"204, its body dropped", func(ctx *iris.Context) { ctx.SetStatusCode(204); ctx.WriteString("dropped") }, false},
		{"304", func(ctx *iris.Context) { ctx.SetStatusCode(304); ctx.SetHeader("Etag", `"1"`) }, false},
		{"304, its body dropped", func(ctx *iris.Context) { ctx.SetStatusCode(304); ctx.WriteString("dropped") }, false},
		{"a declared length", func(ctx *iris.Context) { ctx.SetHeader("Content-Length", "5"); ctx.WriteString("words") }, false},
		{"an encoded body, not sniffed", func(ctx *iris.Context) { ctx.SetHeader("Content-Encoding", "br"); ctx.WriteString("words") }, false},
		{"no type at all", func(ctx *iris.Context) { ctx.Header()["Content-Type"] = nil; ctx.WriteString("words") }, false},
		{"3000 bytes, buffered", func(ctx *iris.Context) { ctx.WriteString(strings.Repeat("x", 3000)) }, false},
		{"4096 bytes, buffered", func(ctx *iris.Context) { ctx.WriteString(strings.Repeat("x", 4096)) }, false},
		{"4097 bytes in one write", func(ctx *iris.Context) { ctx.WriteString(strings.Repeat("x", 4097)) }, false},
		{"a small write, then a large one", func(ctx *iris.Context) {
			ctx.WriteString("<!")
			ctx.WriteString("DOCTYPE HTML>" + strings.Repeat("x", 5000))
		}, false},
		{"many writes with a declared length and type", func(ctx *iris.Context) {
			ctx.SetHeader("Content-Length", "10000")
			ctx.SetContentType("a/b")
			for range 100 {
				ctx.WriteString(strings.Repeat("x", 100))
			}
		}, false},
		{"a flush before the rest of the body", func(ctx *iris.Context) { ctx.WriteString("begun"); ctx.Flush(); ctx.WriteString("rest") }, false},
		{"a flush of nothing", func(ctx *iris.Context) { ctx.Flush() }, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			app, _ := newApp()
			app.Get("/", row.handler)
			client := dial(t, listenTo(t, app).Listener.Addr())
			client.send("GET / HTTP/1.1", "Host: x", "")
			want, _ := client.receive("GET")
			client.send("HEAD / HTTP/1.1", "Host: x", "", "GET /nowhere HTTP/1.1", "Host: x", "")
			got, _ := client.receive("HEAD")

			equal(t, "status", got.StatusCode, want.StatusCode)
			fields := slices.Collect(maps.Keys(got.Header))
			for _, field := range append(fields, slices.Collect(maps.Keys(want.Header))...) {
				if field == "Date" || field == "Content-Length" && got.Header[field] == nil && row.noLength {
					continue
				}
				if !slices.Equal(got.Header[field], want.Header[field]) {
					t.Errorf("%s: %q, GET's is %q", field, got.Header[field], want.Header[field])
				}
			}
			// A body of HEAD would arrive before this response.
			if next, body := client.receive("GET"); next.StatusCode != 404 || body != "Not Found" {
				t.Errorf("next response: %d %q", next.StatusCode, body)
			}
		})
	}
}
