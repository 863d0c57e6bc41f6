package iris_test

import (
	"bytes"
	"log"
	"net/http"
	"slices"
	"strings"
	"testing"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/httprouter"
)

// trail records steps in their order.
type trail []string

func (tr *trail) add(step string) { *tr = append(*tr, step) }

func (tr *trail) want(t *testing.T, steps ...string) {
	t.Helper()
	if !slices.Equal(*tr, steps) {
		t.Errorf("order: %s, want %s", strings.Join(*tr, ", "), strings.Join(steps, ", "))
	}
}

func TestStandardLogger(t *testing.T) {
	for _, row := range []struct {
		name     string
		policies []iris.Policy
		mode     iris.LogMode
		want     string
	}{
		{"without a logger it gets the operator's messages", nil, iris.ProdMode, "message\n"},
		{"without a logger it does not get the developer's messages", nil, iris.DevMode, ""},
		{"DevLogger writes the operator's messages", []iris.Policy{iris.DevLogger()}, iris.ProdMode, "message\n"},
		{"DevLogger writes the developer's messages", []iris.Policy{iris.DevLogger()}, iris.DevMode, "message\n"},
		{"another logger takes its place", []iris.Policy{iris.LoggerPolicy(func(iris.LogMode, string) {})}, iris.ProdMode, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			var out bytes.Buffer
			defer log.SetOutput(log.Writer())
			defer log.SetFlags(log.Flags())
			log.SetOutput(&out)
			log.SetFlags(0)
			app := iris.New()
			app.Adapt(row.policies...)
			app.Log(row.mode, "message")
			equal(t, "standard logger", out.String(), row.want)
		})
	}
}

func TestEventListenersAreCalledInOrderWithTheFramework(t *testing.T) {
	var got trail
	app, _ := newApp()
	listeners := func(name string) iris.EventPolicy {
		event := func(event string) iris.EventListener {
			return func(f *iris.Framework) {
				equal(t, "framework", f, app)
				got.add(event + " " + name)
			}
		}
		return iris.EventPolicy{
			Boot:    event("boot"),
			Build:   event("build"),
			Recover: func(f *iris.Framework, err error) { event("recover " + err.Error())(f) },
		}
	}
	app.Adapt(listeners("1"), iris.EventPolicy{}, listeners("2"))
	app.Adapt(listeners("3"))
	app.Get("/", func(*iris.Context) { panic("oops") })

	app.Boot()
	got.want(t, "boot 1", "boot 2", "boot 3", "build 1", "build 2", "build 3")

	got = nil
	answer(app, "GET", "/")
	got.want(t, "recover oops 1", "recover oops 2", "recover oops 3")
}

func TestListenersMayUseTheFramework(t *testing.T) {
	app, _ := newApp()
	var body string
	app.Adapt(iris.EventPolicy{
		Boot:  func(f *iris.Framework) { f.Get("/late", writes("added at boot")) },
		Build: func(f *iris.Framework) { body = answer(f, "GET", "/late").Body.String() },
	})
	app.Boot()
	equal(t, "answer at build", body, "added at boot")
}

func TestRouterWrapperMayAnswerInPlaceOfTheRouter(t *testing.T) {
	app, _ := newApp()
	app.Adapt(iris.RouterWrapperPolicy(func(w http.ResponseWriter, r *http.Request, next http.HandlerFunc) {
		if r.URL.Path == "/closed" {
			w.WriteHeader(iris.StatusTeapot)
			return
		}
		next(w, r)
	}))
	app.Get("/closed", writes("never"))
	app.Get("/open", writes("open"))
	wantAnswer(t, answer(app, "GET", "/closed"), 418, "")
	wantAnswer(t, answer(app, "GET", "/open"), 200, "open")
}

func TestPoliciesAdaptAllTheirParts(t *testing.T) {
	var got trail
	router := httprouter.New()
	app := iris.New()
	app.Adapt(iris.Policies{
		LoggerPolicy:        func(_ iris.LogMode, message string) { got.add("log " + message) },
		EventPolicy:         iris.EventPolicy{Build: func(*iris.Framework) { got.add("build") }},
		RouterBuilderPolicy: router.RouterBuilderPolicy,
		RouterWrapperPolicy: wrapper("wrapper", &got),
		SessionsPolicy: iris.SessionsPolicy{
			Start:   func(http.ResponseWriter, *http.Request) iris.Session { got.add("start"); return nil },
			Destroy: func(http.ResponseWriter, *http.Request) { got.add("destroy") },
		},
	})
	app.Get("/", func(ctx *iris.Context) {
		ctx.Log(iris.ProdMode, "%d of %s", 1, "two")
		ctx.Session()
		ctx.SessionDestroy()
	})
	answer(app, "GET", "/")
	got.want(t, "build", "wrapper in", "log 1 of two", "start", "destroy", "wrapper out")
}
