package iris_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"gopkg.in/kataras/iris.v6"
)

// noted is an Attachment that records what it is asked for.
type noted struct {
	*trail
	err  error           // what Save returns
	save func(last bool) // called by Save
}

func (n *noted) Save(last bool) error {
	n.add(fmt.Sprint("save ", last))
	if n.save != nil {
		n.save(last)
	}
	return n.err
}

func (n *noted) Release() { n.add("release") }

// attach puts a on the response, unless the owner has another one there.
func attach(w http.ResponseWriter, owner any, a iris.Attachment) iris.Attachment {
	a, _ = iris.Attach(w, owner, func() iris.Attachment { return a })
	return a
}

func TestAttachmentIsSavedBeforeTheHeaderLeavesAndWhenTheHandlersAreDone(t *testing.T) {
	for name, test := range map[string]struct {
		handler iris.HandlerFunc
		want    []string
	}{
		"at the end":                       {func(ctx *iris.Context) { ctx.WriteString("x") }, []string{"save true", "release"}},
		"at the end of an empty response":  {func(ctx *iris.Context) {}, []string{"save true", "release"}},
		"at an early flush":                {func(ctx *iris.Context) { ctx.ResponseWriter.Flush(); ctx.ResponseWriter.Flush() }, []string{"save false", "save true", "release"}},
		"when more than 4 KiB are written": {func(ctx *iris.Context) { ctx.WriteString(strings.Repeat("x", 9000)) }, []string{"save false", "save true", "release"}},
		"with an error":                    {func(ctx *iris.Context) { ctx.EmitError(403) }, []string{"save true", "release"}},
		"with a response that has no body": {func(ctx *iris.Context) { ctx.SetStatusCode(204) }, []string{"save true", "release"}},
		"not with an informational header": {func(ctx *iris.Context) { ctx.SetStatusCode(103) }, []string{"save true", "release"}},
		"with a redirect of the handler's": {func(ctx *iris.Context) { ctx.Redirect("/x") }, []string{"save true", "release"}},
		"also if the chain was stopped":    {func(ctx *iris.Context) { ctx.StopExecution() }, []string{"save true", "release"}},
		"once if it was attached twice":    {func(ctx *iris.Context) { attach(ctx.ResponseWriter, "owner", nil) }, []string{"save true", "release"}},
	} {
		t.Run(name, func(t *testing.T) {
			app, _ := newApp()
			var got trail
			var w bareWriter
			n := &noted{trail: &got, save: func(bool) {
				if len(got) == 1 {
					equal(t, "status that has left when Save is called first", w.status, 0)
				}
				w.Header().Set("X-Saved", "yes")
			}}
			app.Get("/", func(ctx *iris.Context) {
				attach(ctx.ResponseWriter, "owner", n)
				test.handler(ctx)
			})
			w.serve(app, "GET", "/")
			got.want(t, test.want...)
			equal(t, "what Save set leaves with the header", w.left.Get("X-Saved"), "yes")
		})
	}
}

func TestSaveErrorGives503(t *testing.T) {
	down := errors.New("store is down")
	big := strings.Repeat("x", 5000)
	for name, handler := range map[string]func(*testing.T, *iris.Context){
		"in place of what the handler wrote": func(_ *testing.T, ctx *iris.Context) { ctx.JSON(201, 1) },
		"in place of an error":               func(_ *testing.T, ctx *iris.Context) { ctx.EmitError(403) },
		"in place of a redirect":             func(_ *testing.T, ctx *iris.Context) { ctx.Redirect("/x", 307) },
		"and later writes return an error": func(t *testing.T, ctx *iris.Context) {
			for _, write := range []func(string) (int, error){
				ctx.WriteString, // the one that makes the header leave
				ctx.WriteString,
				func(s string) (int, error) { return ctx.Write([]byte(s)) },
				func(string) (int, error) { return ctx.Writef("short") },
			} {
				if n, err := write(big); n != 0 || err == nil {
					t.Errorf("write returns %d, %v", n, err)
				}
			}
		},
		"and a flush returns an error": func(t *testing.T, ctx *iris.Context) {
			ctx.WriteString("early")
			for range 2 {
				if err := http.NewResponseController(ctx.ResponseWriter).Flush(); err == nil {
					t.Error("Flush returns no error")
				}
			}
			ctx.SetStatusCode(200)
		},
		"also if the handler answers a failed write with an error": func(_ *testing.T, ctx *iris.Context) {
			if _, err := ctx.WriteString(big); err != nil {
				ctx.EmitError(500)
			}
		},
		"also if the handler panics over a failed write": func(_ *testing.T, ctx *iris.Context) {
			if _, err := ctx.WriteString(big); err != nil {
				panic(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			app, _ := newApp()
			app.Get("/", func(ctx *iris.Context) {
				attach(ctx.ResponseWriter, "owner", &noted{trail: new(trail), err: down})
				handler(t, ctx)
			})
			server := listenTo(t, app)
			resp, body, err := get(t, server.Client(), "GET", server.URL)
			if err != nil {
				t.Fatal(err)
			}
			equal(t, "status", resp.StatusCode, 503)
			equal(t, "body", body, "Service Unavailable")
			equal(t, "Content-Type", resp.Header.Get("Content-Type"), "text/plain; charset=utf-8")
		})
	}
}

// No shared cache may keep an outage, and no cookie or redirect of a request that
// failed may be followed.
func TestErrorKeepsNothingOfReplacedResponse(t *testing.T) {
	for _, row := range []struct {
		rule   string
		save   error
		panics bool // the handler; else Save, if there is no error
		status int
	}{
		{"Save fails", errors.New("store is down"), false, 503},
		{"Save panics", nil, false, 500},
		{"the handler panics", nil, true, 500},
	} {
		t.Run(row.rule, func(t *testing.T) {
			app, _ := newApp()
			app.Adapt(iris.RouterWrapperPolicy(func(w http.ResponseWriter, r *http.Request, next http.HandlerFunc) {
				w.Header().Set("X-Server", "kept")
				w.Header().Set("Vary", "Accept")
				next(w, r)
			}))
			app.Get("/", func(ctx *iris.Context) {
				attach(ctx.ResponseWriter, "owner", &noted{trail: new(trail), err: row.save, save: func(bool) {
					if row.save == nil {
						panic("no luck")
					}
				}})
				ctx.SetHeader("Cache-Control", "public, max-age=600")
				ctx.SetHeader("Location", "/elsewhere")
				ctx.SetHeader("Vary", "Cookie")
				ctx.SetCookieKV("theme", "dark")
				ctx.JSON(201, "a success")
				if row.panics {
					panic("oops")
				}
			})
			w := answer(app, "GET", "/")
			wantAnswer(t, w, row.status, http.StatusText(row.status))
			want := http.Header{"X-Server": {"kept"}, "Vary": {"Accept"}, "Cache-Control": {"no-store"}, "Content-Type": {"text/plain; charset=utf-8"}}
			if row.status == 503 {
				want.Set("Retry-After", "1")
			}
			if got := w.Result().Header; !reflect.DeepEqual(got, want) {
				t.Errorf("header %v, want %v", got, want)
			}
		})
	}
}

func TestPanicIsOneRecordAndContextIsNotReused(t *testing.T) {
	for _, row := range []struct {
		rule          string
		handler, save func()
	}{
		{"in a handler", func() { panic("no luck") }, func() {}},
		{"in Save", func() {}, func() { panic("no luck") }},
	} {
		t.Run(row.rule, func(t *testing.T) {
			app, logged := newApp()
			var told []error
			app.Adapt(iris.EventPolicy{Recover: func(_ *iris.Framework, err error) { told = append(told, err) }})
			made, broken := 0, true
			app.Get("/", func(ctx *iris.Context) {
				iris.Attach(ctx.ResponseWriter, "owner", func() iris.Attachment {
					made++ // once for each Context, because a Context keeps its attachments
					return &noted{trail: new(trail), save: func(bool) {
						if broken {
							row.save()
						}
					}}
				})
				if broken {
					row.handler()
				}
			})
			wantAnswer(t, answer(app, "GET", "/"), 500, "Internal Server Error")
			if record := logged.one(t); !strings.Contains(record, "no luck") {
				t.Errorf("record %q, want one of the panic", record)
			}
			if len(told) != 1 || told[0].Error() != "no luck" {
				t.Errorf("EventPolicy.Recover is told %v, want the panic", told)
			}
			broken = false
			wantAnswer(t, answer(app, "GET", "/"), 200, "")
			equal(t, "Contexts that were used", made, 2)
		})
	}
}

func TestSaveErrorAfterAPartHasLeftCutsTheConnection(t *testing.T) {
	app, _ := newApp()
	app.Get("/", func(ctx *iris.Context) {
		n := &noted{trail: new(trail)}
		n.save = func(last bool) {
			if last {
				n.err = errors.New("store is down")
			}
		}
		attach(ctx.ResponseWriter, "owner", n)
		ctx.WriteString(strings.Repeat("x", 5000))
	})
	server := listenTo(t, app)
	resp, _, err := get(t, server.Client(), "GET", server.URL)
	if resp == nil || resp.StatusCode != 200 || err == nil {
		t.Errorf("answer %v, error %v, want a 200 that is cut off", resp, err)
	}
}

func TestSaveErrorIsAnsweredByErrorHandler(t *testing.T) {
	page := "<!DOCTYPE html>" + strings.Repeat("x", 5000)
	for name, test := range map[string]struct {
		onError iris.HandlerFunc
		want    string
	}{
		"that is short":            {func(ctx *iris.Context) { ctx.WriteString("later, please") }, "later, please"},
		"that is more than 4 KiB":  {func(ctx *iris.Context) { ctx.WriteString(page) }, page},
		"that is longer than that": {func(ctx *iris.Context) { ctx.WriteString("short, "); ctx.WriteString(page) }, "short, " + page},
		"that flushes": {func(ctx *iris.Context) {
			ctx.WriteString("later, ")
			ctx.ResponseWriter.Flush()
			ctx.WriteString("please")
		}, "later, please"},
	} {
		t.Run(name, func(t *testing.T) {
			app, _ := newApp()
			app.OnError(503, test.onError)
			app.Get("/", func(ctx *iris.Context) {
				attach(ctx.ResponseWriter, "owner", &noted{trail: new(trail), err: errors.New("store is down")})
				ctx.WriteString("a success")
			})
			server := listenTo(t, app)
			resp, body, err := get(t, server.Client(), "GET", server.URL)
			if err != nil {
				t.Fatal(err)
			}
			equal(t, "status", resp.StatusCode, 503)
			if body != test.want {
				t.Errorf("body of %d bytes: %.40q…, want %d bytes: %.40q…", len(body), body, len(test.want), test.want)
			}
		})
	}
}

func TestAttachmentIsReleasedAfterEveryRequest(t *testing.T) {
	for name, test := range map[string]struct {
		handler func(*iris.Context)
		saved   bool
	}{
		"that succeeds":                     {func(ctx *iris.Context) { ctx.WriteString("x") }, true},
		"that fails":                        {func(ctx *iris.Context) { ctx.EmitError(500) }, true},
		"that panics":                       {func(ctx *iris.Context) { panic("oops") }, false},
		"that panics after a part has left": {func(ctx *iris.Context) { ctx.ResponseWriter.Flush(); panic("oops") }, true},
		"that fails after a part has left":  {func(ctx *iris.Context) { ctx.ResponseWriter.Flush(); ctx.EmitError(500) }, true},
		"that is aborted":                   {func(ctx *iris.Context) { panic(http.ErrAbortHandler) }, false},
		"whose status cannot be sent":       {func(ctx *iris.Context) { ctx.SetStatusCode(1000) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			app, _ := newApp()
			var got trail
			n := &noted{trail: &got}
			app.Get("/", func(ctx *iris.Context) {
				attach(ctx.ResponseWriter, "owner", n)
				test.handler(ctx)
			})
			panicOf(func() { answer(app, "GET", "/") })
			if len(got) == 0 || got[len(got)-1] != "release" {
				t.Errorf("order: %v, want a release at the end", got)
			}
			if first := len(got) > 0 && strings.HasPrefix(got[0], "save"); first != test.saved {
				t.Errorf("order: %v, saved before the first release: %v, want %v", got, first, test.saved)
			}
		})
	}
}

func TestAttach(t *testing.T) {
	app, _ := newApp()
	one, other := &noted{trail: new(trail)}, &noted{trail: new(trail)}
	app.Get("/", func(ctx *iris.Context) {
		w := ctx.ResponseWriter
		equal(t, "the first of an owner is made", attach(w, "one", one), iris.Attachment(one))
		equal(t, "another owner has another", attach(w, "other", other), iris.Attachment(other))
		equal(t, "an owner has one only", attach(w, "one", other), iris.Attachment(one))
		equal(t, "it is found behind a wrapper", attach(wrapped{w}, "one", nil), iris.Attachment(one))
		equal(t, "it is found behind two wrappers", attach(wrapped{wrapped{w}}, "one", nil), iris.Attachment(one))
	})
	wantAnswer(t, answer(app, "GET", "/"), 200, "")
	one.want(t, "save true", "release")
	other.want(t, "save true", "release")
}

// wrapped is a middleware's ResponseWriter.
type wrapped struct{ http.ResponseWriter }

func (w wrapped) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func TestAttachToAForeignWriterIsNil(t *testing.T) {
	for name, w := range map[string]http.ResponseWriter{
		"of a plain server":                httptest.NewRecorder(),
		"behind a wrapper":                 wrapped{httptest.NewRecorder()},
		"behind a wrapper without Unwrap":  struct{ http.ResponseWriter }{httptest.NewRecorder()},
		"that is nothing behind a wrapper": wrapped{},
		"that is nothing":                  nil,
	} {
		t.Run(name, func(t *testing.T) {
			created := false
			a, late := iris.Attach(w, "owner", func() iris.Attachment { created = true; return &noted{} })
			equal(t, "Attach", a, nil)
			equal(t, "late", late, false)
			equal(t, "create was called", created, false)
		})
	}
}

func TestAttachReportsLateness(t *testing.T) {
	for name, test := range map[string]struct {
		before iris.HandlerFunc
		late   bool
	}{
		"not before anything is written":    {func(*iris.Context) {}, false},
		"not while the body is held back":   {func(ctx *iris.Context) { ctx.WriteString("x") }, false},
		"not after an informational header": {func(ctx *iris.Context) { ctx.SetStatusCode(103) }, false},
		"after a flush":                     {func(ctx *iris.Context) { ctx.ResponseWriter.Flush() }, true},
		"after more than 4 KiB":             {func(ctx *iris.Context) { ctx.WriteString(strings.Repeat("x", 5000)) }, true},
	} {
		t.Run(name, func(t *testing.T) {
			app, _ := newApp()
			app.Get("/", func(ctx *iris.Context) {
				attach(ctx.ResponseWriter, "early", &noted{trail: new(trail)})
				test.before(ctx)
				for _, owner := range []string{"early", "new"} {
					_, late := iris.Attach(ctx.ResponseWriter, owner, func() iris.Attachment { return &noted{trail: new(trail)} })
					equal(t, owner+" is late", late, test.late)
				}
			})
			var w bareWriter
			w.serve(app, "GET", "/")
			equal(t, "status", w.status, 200)
		})
	}
}

func TestSaveStopsAtTheFirstError(t *testing.T) {
	app, _ := newApp()
	var got trail
	app.Get("/", func(ctx *iris.Context) {
		attach(ctx.ResponseWriter, "1", &noted{trail: &got, err: errors.New("down")})
		attach(ctx.ResponseWriter, "2", &noted{trail: &got})
	})
	wantAnswer(t, answer(app, "GET", "/"), 503, "Service Unavailable")
	got.want(t, "save true", "release", "release")
}
