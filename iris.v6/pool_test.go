package iris_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"gopkg.in/kataras/iris.v6"
)

func TestNextRequestOnTheSameContextFindsNothing(t *testing.T) {
	for _, row := range []struct {
		name  string
		first iris.HandlerFunc
	}{
		{"of values", func(ctx *iris.Context) { ctx.Set("secret", "s3cret"); ctx.Set("other", 7) }},
		{"of a path parameter", func(ctx *iris.Context) { equal(t, "Param", ctx.Param("secret"), "s3cret") }},
		{"of the status", func(ctx *iris.Context) { ctx.SetStatusCode(418) }},
		{"of the header", func(ctx *iris.Context) { ctx.SetHeader("X-Secret", "s3cret"); ctx.SetContentType("a/b") }},
		{"of a buffered body", func(ctx *iris.Context) { ctx.WriteString(strings.Repeat("s3cret", 600)) }},
		{"of a large body", func(ctx *iris.Context) { ctx.WriteString(strings.Repeat("s3cret", 6000)) }},
		{"of a flush", func(ctx *iris.Context) { ctx.WriteString("s3cret"); ctx.Flush() }},
		{"of StopExecution", func(ctx *iris.Context) { ctx.StopExecution() }},
		{"of an error", func(ctx *iris.Context) { ctx.EmitError(500) }},
		{"of a failed Save", func(ctx *iris.Context) { attach(ctx.ResponseWriter, "failing", &failing{}).(*failing).err = errDown }},
		{"of another writer", func(ctx *iris.Context) { ctx.ResponseWriter = otherWriter{ctx.ResponseWriter} }},
		{"of another request", func(ctx *iris.Context) { ctx.Request = httptest.NewRequest("PUT", "/s3cret", nil) }},
		{"of another chain", func(ctx *iris.Context) { ctx.Middleware = iris.Middleware{writes("s3cret")}; ctx.Do() }},
	} {
		t.Run(row.name, func(t *testing.T) {
			app, _ := newApp()
			var one, other *iris.Context
			app.Get("/first/:secret", func(ctx *iris.Context) { one = ctx; row.first(ctx) })
			app.Head("/head/:secret", func(ctx *iris.Context) { one = ctx; row.first(ctx) })
			app.Get("/second/:own", func(ctx *iris.Context) { other = ctx; wantPristine(t, ctx) }, writes("second"))
			app.OnError(404, func(ctx *iris.Context) {
				other = ctx
				equal(t, "Param at a 404", ctx.Param("secret"), "")
				equal(t, "len(Middleware) at a 404", len(ctx.Middleware), 0)
				equal(t, "IsStopped() at a 404", ctx.IsStopped(), false)
			})
			for _, first := range []struct{ method, path string }{{"GET", "/first/s3cret"}, {"HEAD", "/head/s3cret"}} {
				for _, second := range []struct{ path, body string }{{"/second/own", "second"}, {"/nowhere", ""}} {
					var next *bareWriter
					onOneContext(t, &one, &other, func() {
						new(bareWriter).serve(app, first.method, first.path)
						next = new(bareWriter)
						next.serve(app, "GET", second.path)
					})
					equal(t, "body of the next response", string(next.body), second.body)
					equal(t, "header of the next response", fmt.Sprint(next.sent), "map[]")
				}
			}
		})
	}
}

// onOneContext runs two requests until they have got the same Context. A sync.Pool may
// forget any Context, and under the race detector it forgets one in four.
func onOneContext(t *testing.T, one, other **iris.Context, requests func()) {
	t.Helper()
	for range 1000 {
		if requests(); *one == *other {
			return
		}
	}
	t.Fatal("the pool never gave the same Context twice")
}

func TestErrorHasNoHeaderFieldOfAnEarlierRequest(t *testing.T) {
	app, _ := newApp()
	app.Adapt(iris.RouterWrapperPolicy(func(w http.ResponseWriter, r *http.Request, next http.HandlerFunc) {
		w.Header().Set("X"+strings.ReplaceAll(r.URL.Path, "/", "-"), "set")
		next(w, r)
	}))
	var one, other *iris.Context
	app.Get("/first", func(ctx *iris.Context) { one = ctx; ctx.SetHeader("A", "b") })
	app.Get("/second", func(ctx *iris.Context) { other = ctx; ctx.SetHeader("A", "b"); panic("oops") })
	var w *httptest.ResponseRecorder
	onOneContext(t, &one, &other, func() {
		answer(app, "GET", "/first")
		w = answer(app, "GET", "/second")
	})
	equal(t, "X-Second", w.Header().Get("X-Second"), "set")
	equal(t, "X-First", w.Header().Get("X-First"), "")
	equal(t, "A", w.Header().Get("A"), "")
}

func wantPristine(t *testing.T, ctx *iris.Context) {
	t.Helper()
	equal(t, "Get", ctx.Get("secret"), nil)
	equal(t, "Get of another key", ctx.Get("other"), nil)
	equal(t, "Param", ctx.Param("secret"), "")
	equal(t, "Param of its own", ctx.Param("own"), "own")
	equal(t, "Method()", ctx.Method(), "GET")
	equal(t, "Path()", ctx.Path(), "/second/own")
	equal(t, "Pos", ctx.Pos, 0)
	equal(t, "IsStopped()", ctx.IsStopped(), false)
	equal(t, "len(Middleware)", len(ctx.Middleware), 2)
	equal(t, "StatusCode()", ctx.ResponseWriter.StatusCode(), 200)
	equal(t, "ContentType()", ctx.ResponseWriter.ContentType(), "")
	equal(t, "Header()", fmt.Sprint(ctx.ResponseWriter.Header()), "map[]")
	if _, is := ctx.ResponseWriter.(otherWriter); is {
		t.Error("the ResponseWriter is the first request's")
	}
	ctx.Next()
}

// otherWriter is a ResponseWriter that a handler puts in the place of ours.
type otherWriter struct{ iris.ResponseWriter }

// failing is an Attachment whose Save fails if the request has set err.
type failing struct{ err error }

func (f *failing) Save(bool) error { return f.err }

func (f *failing) Release() { f.err = nil }

// A Context keeps its Attachments, so nothing is attached again, and each request saves
// and releases them.
func TestAttachmentStaysForTheNextRequest(t *testing.T) {
	app, _ := newApp()
	var one, other *iris.Context
	var got trail
	created := 0
	get := func(ctx *iris.Context) {
		iris.Attach(ctx.ResponseWriter, "owner", func() iris.Attachment { created++; return &noted{trail: &got} })
	}
	app.Get("/first", func(ctx *iris.Context) { one, got = ctx, nil; get(ctx); created = 0 })
	app.Get("/second", func(ctx *iris.Context) { other = ctx; get(ctx) })
	onOneContext(t, &one, &other, func() {
		answer(app, "GET", "/first")
		answer(app, "GET", "/second")
	})
	got.want(t, "save true", "release", "save true", "release")
	equal(t, "attachments made for the second request", created, 0)
}

func TestConcurrentRequestsDoNotMix(t *testing.T) {
	app, _ := newApp()
	app.UseFunc(func(ctx *iris.Context) { ctx.Set("name", ctx.RequestHeader("X-Name")); ctx.Next() })
	app.Get("/:param/:size", func(ctx *iris.Context) {
		ctx.SetHeader("X-Name", ctx.GetString("name"))
		ctx.WriteString(ctx.Param("param"))
		if ctx.Param("size") == "big" {
			ctx.WriteString(strings.Repeat("x", 5000))
		}
	})
	var clients sync.WaitGroup
	for i := range 8 {
		clients.Go(func() {
			for j := range 50 {
				name, size, rest := fmt.Sprintf("%d-%d", i, j), "small", ""
				if j%2 == 0 {
					size, rest = "big", strings.Repeat("x", 5000)
				}
				r := httptest.NewRequest("GET", "/"+name+"/"+size, nil)
				r.Header.Set("X-Name", name)
				w := answerTo(app, r)
				if w.Body.String() != name+rest || w.Header().Get("X-Name") != name {
					t.Errorf("request %s got %.20q and header %q", name, w.Body, w.Header().Get("X-Name"))
				}
			}
		})
	}
	clients.Wait()
}
