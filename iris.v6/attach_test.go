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

// noted is an Attachment that records its calls.
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

var errDown = errors.New("store is down")

// failToSave attaches state that cannot be saved.
func failToSave(ctx *iris.Context) {
	attach(ctx.ResponseWriter, "failing", &noted{trail: new(trail), err: errDown})
	ctx.WriteString("fine")
}

// failToSaveAtLast attaches state that can be saved when the header leaves, but not
// when the handlers are done.
func failToSaveAtLast(ctx *iris.Context) {
	n := &noted{trail: new(trail)}
	n.save = func(last bool) {
		if last {
			n.err = errDown
		}
	}
	attach(ctx.ResponseWriter, "failing at last", n)
}

func TestAttachmentIsSavedBeforeTheHeaderLeavesAndWhenTheHandlersAreDone(t *testing.T) {
	once, twice := []string{"save true", "release"}, []string{"save false", "save true", "release"}
	for _, row := range []struct {
		rule    string
		handler iris.HandlerFunc
		late    bool // Attach says so at the end of the handler
		want    []string
	}{
		{"at the end", func(ctx *iris.Context) { ctx.WriteString("x") }, false, once},
		{"at the end of an empty response", func(ctx *iris.Context) {}, false, once},
		{"at an early flush", func(ctx *iris.Context) { ctx.Flush(); ctx.Flush() }, true, twice},
		{"when more than 4 KiB are written", func(ctx *iris.Context) { ctx.WriteString(strings.Repeat("x", 9000)) }, true, twice},
		{"with an error", func(ctx *iris.Context) { ctx.EmitError(403) }, false, once},
		{"with a response without a body", func(ctx *iris.Context) { ctx.SetStatusCode(204) }, false, once},
		{"not with an informational header", func(ctx *iris.Context) { ctx.SetStatusCode(103) }, false, once},
		{"once if it was attached twice", func(ctx *iris.Context) { attach(ctx.ResponseWriter, "owner", nil) }, false, once},
	} {
		t.Run(row.rule, func(t *testing.T) {
			app, _ := newApp()
			var got trail
			var w bareWriter
			n := &noted{trail: &got, save: func(bool) {
				if len(got) == 1 {
					equal(t, "status that has left before the first Save", w.status, 0)
				}
				w.Header().Set("X-Saved", "yes")
			}}
			app.Get("/", func(ctx *iris.Context) {
				attach(ctx.ResponseWriter, "owner", n)
				row.handler(ctx)
				for _, owner := range []string{"owner", "another"} {
					_, late := iris.Attach(ctx.ResponseWriter, owner, func() iris.Attachment { return &noted{trail: new(trail)} })
					equal(t, owner+" is late", late, row.late)
				}
			})
			w.serve(app, "GET", "/")
			got.want(t, row.want...)
			equal(t, "a field that Save has set", w.sent.Get("X-Saved"), "yes")
		})
	}
}

func TestSaveErrorGives503(t *testing.T) {
	big := strings.Repeat("x", 5000)
	for _, row := range []struct {
		rule    string
		handler func(*testing.T, *iris.Context)
	}{
		{"in place of a reply", func(_ *testing.T, ctx *iris.Context) { ctx.JSON(201, 1) }},
		{"in place of an error", func(_ *testing.T, ctx *iris.Context) { ctx.EmitError(403) }},
		{"in place of a redirect", func(_ *testing.T, ctx *iris.Context) { ctx.Redirect("/x", 307) }},
		{"and later writes return an error", func(t *testing.T, ctx *iris.Context) {
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
		}},
		{"and a flush returns an error", func(t *testing.T, ctx *iris.Context) {
			for range 2 {
				if err := http.NewResponseController(ctx.ResponseWriter).Flush(); err == nil {
					t.Error("Flush returns no error")
				}
			}
			ctx.SetStatusCode(200)
		}},
		{"also if the handler answers a failed write with an error", func(_ *testing.T, ctx *iris.Context) {
			if _, err := ctx.WriteString(big); err != nil {
				ctx.EmitError(500)
			}
		}},
		{"also if the handler panics after a failed write", func(_ *testing.T, ctx *iris.Context) {
			if _, err := ctx.WriteString(big); err != nil {
				panic(err)
			}
		}},
	} {
		t.Run(row.rule, func(t *testing.T) {
			app, _ := newApp()
			app.Get("/", func(ctx *iris.Context) {
				failToSave(ctx)
				row.handler(t, ctx)
			})
			wantRows(t, app, []wireRow{{"", "GET /", 503, "text/plain; charset=utf-8", "Service Unavailable", "Retry-After: 1"}})
		})
	}
}

// No shared cache may keep an outage, and no client may get a cookie or follow a
// redirect of a request that failed.
func TestErrorKeepsNothingOfReplacedResponse(t *testing.T) {
	for _, row := range []struct {
		rule   string
		save   error
		panics bool // the handler; else Save, if there is no error
		status int
	}{
		{"Save fails", errDown, false, 503},
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
		failToSaveAtLast(ctx)
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
	for _, row := range []struct {
		rule    string
		onError iris.HandlerFunc
		want    string
	}{
		{"that is short", writes("later, please"), "later, please"},
		{"that writes more than 4 KiB", writes(page), page},
		{"that writes 4 KiB and more later", func(ctx *iris.Context) { ctx.WriteString("short, "); ctx.WriteString(page) }, "short, " + page},
		{"that flushes", func(ctx *iris.Context) { ctx.WriteString("later, "); ctx.Flush(); ctx.WriteString("please") }, "later, please"},
	} {
		t.Run(row.rule, func(t *testing.T) {
			app, _ := newApp()
			app.OnError(503, row.onError)
			app.Get("/", failToSave)
			resp, body := ask(t, app, "GET /")
			equal(t, "status", resp.StatusCode, 503)
			if body != row.want {
				t.Errorf("body of %d bytes: %.40q…, want %d bytes: %.40q…", len(body), body, len(row.want), row.want)
			}
		})
	}
}

func TestAttachmentIsReleasedAfterEveryRequest(t *testing.T) {
	for _, row := range []struct {
		rule    string
		handler iris.HandlerFunc
		saved   bool // before the first release
	}{
		{"that panics", func(ctx *iris.Context) { panic("oops") }, false},
		{"that panics after a part has left", func(ctx *iris.Context) { ctx.Flush(); panic("oops") }, true},
		{"that fails after a part has left", func(ctx *iris.Context) { ctx.Flush(); ctx.EmitError(500) }, true},
		{"that is aborted", func(ctx *iris.Context) { panic(http.ErrAbortHandler) }, false},
		{"whose status cannot be sent", func(ctx *iris.Context) { ctx.SetStatusCode(1000) }, false},
	} {
		t.Run(row.rule, func(t *testing.T) {
			app, _ := newApp()
			var got trail
			app.Get("/", func(ctx *iris.Context) {
				attach(ctx.ResponseWriter, "owner", &noted{trail: &got})
				row.handler(ctx)
			})
			panicOf(func() { answer(app, "GET", "/") })
			if len(got) == 0 || got[len(got)-1] != "release" || strings.HasPrefix(got[0], "save") != row.saved {
				t.Errorf("order: %v, want a release at the end, and a save first: %v", got, row.saved)
			}
		})
	}
}

// wrapped is the ResponseWriter of middleware.
type wrapped struct{ http.ResponseWriter }

func (w wrapped) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func TestAttach(t *testing.T) {
	app, _ := newApp()
	one, other := &noted{trail: new(trail)}, &noted{trail: new(trail)}
	app.Get("/", iris.ToHandler(shouting), func(ctx *iris.Context) {
		w := ctx.ResponseWriter // whose own writer has no Unwrap
		equal(t, "an owner's first is made", attach(w, "one", one), iris.Attachment(one))
		equal(t, "another owner has another", attach(w, "other", other), iris.Attachment(other))
		equal(t, "an owner has one only", attach(w, "one", other), iris.Attachment(one))
		equal(t, "it is found behind wrappers", attach(wrapped{wrapped{w}}, "one", nil), iris.Attachment(one))
	})
	wantAnswer(t, answer(app, "GET", "/"), 200, "")
	one.want(t, "save true", "release")
	other.want(t, "save true", "release")
}

func TestAttachWithoutAFrameworkReturnsNil(t *testing.T) {
	for _, row := range []struct {
		rule string
		w    http.ResponseWriter
	}{
		{"on a plain server's writer", httptest.NewRecorder()},
		{"behind a wrapper", wrapped{httptest.NewRecorder()}},
		{"behind a wrapper without Unwrap", struct{ http.ResponseWriter }{httptest.NewRecorder()}},
		{"on nil behind a wrapper", wrapped{}},
		{"on nil", nil},
	} {
		t.Run(row.rule, func(t *testing.T) {
			a, late := iris.Attach(row.w, "owner", func() iris.Attachment { t.Error("it is made"); return &noted{} })
			equal(t, "Attach", a, nil)
			equal(t, "late", late, false)
		})
	}
}

func TestSaveStopsAtTheFirstError(t *testing.T) {
	app, _ := newApp()
	var got trail
	app.Get("/", func(ctx *iris.Context) {
		w := ctx.ResponseWriter
		attach(w, "1", &noted{trail: &got, save: func(bool) { w.Header().Set("Set-Cookie", "a=b") }})
		attach(w, "2", &noted{trail: &got, err: errDown})
		attach(w, "3", &noted{trail: &got})
	})
	w := answer(app, "GET", "/")
	wantAnswer(t, w, 503, "Service Unavailable")
	equal(t, "cookie of the first", w.Header().Get("Set-Cookie"), "")
	got.want(t, "save true", "save true", "release", "release", "release")
}
