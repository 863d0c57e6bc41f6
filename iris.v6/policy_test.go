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

// trail records what happens in which order.
type trail []string

func (tr *trail) add(step string) { *tr = append(*tr, step) }

func (tr *trail) want(t *testing.T, steps ...string) {
	t.Helper()
	if !slices.Equal(*tr, steps) {
		t.Errorf("order: %s, want %s", strings.Join(*tr, ", "), strings.Join(steps, ", "))
	}
}

func TestStandardLogger(t *testing.T) {
	for name, test := range map[string]struct {
		policies []iris.Policy
		mode     iris.LogMode
		want     string
	}{
		"without a logger, the operator's messages go there":    {nil, iris.ProdMode, "message\n"},
		"without a logger, the developer's messages go nowhere": {nil, iris.DevMode, ""},
		"DevLogger writes the operator's messages":              {[]iris.Policy{iris.DevLogger()}, iris.ProdMode, "message\n"},
		"DevLogger writes the developer's messages":             {[]iris.Policy{iris.DevLogger()}, iris.DevMode, "message\n"},
		"another logger takes its place":                        {[]iris.Policy{iris.LoggerPolicy(func(iris.LogMode, string) {})}, iris.ProdMode, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			defer log.SetOutput(log.Writer())
			defer log.SetFlags(log.Flags())
			log.SetOutput(&out)
			log.SetFlags(0)
			app := iris.New()
			app.Adapt(test.policies...)
			app.Log(test.mode, "message")
			equal(t, "standard logger", out.String(), test.want)
		})
	}
}

func TestContextLogFormats(t *testing.T) {
	app, logged := newApp()
	app.Get("/", func(ctx *iris.Context) { ctx.Log(iris.DevMode, "%d of %s", 1, "two") })
	answer(app, "GET", "/")
	equal(t, "message", logged.one(t), "dev: 1 of two")
}

func TestEveryEventListenerIsCalledInOrder(t *testing.T) {
	var got trail
	listeners := func(name string) iris.EventPolicy {
		return iris.EventPolicy{
			Boot:    func(*iris.Framework) { got.add("boot " + name) },
			Build:   func(*iris.Framework) { got.add("build " + name) },
			Recover: func(_ *iris.Framework, err error) { got.add("recover " + name + ": " + err.Error()) },
		}
	}
	app, _ := newApp()
	app.Adapt(listeners("1"), iris.EventPolicy{}, listeners("2"))
	app.Adapt(listeners("3"))
	app.Get("/", func(*iris.Context) { panic("oops") })

	app.Boot()
	got.want(t, "boot 1", "boot 2", "boot 3", "build 1", "build 2", "build 3")

	got = nil
	answer(app, "GET", "/")
	got.want(t, "recover 1: oops", "recover 2: oops", "recover 3: oops")
}

func TestEventListenersGetTheFramework(t *testing.T) {
	app, _ := newApp()
	var calls int
	same := func(f *iris.Framework) {
		calls++
		if f != app {
			t.Error("a listener got another framework")
		}
	}
	app.Adapt(iris.EventPolicy{Boot: same, Build: same, Recover: func(f *iris.Framework, _ error) { same(f) }})
	app.Get("/", func(*iris.Context) { panic("oops") })
	answer(app, "GET", "/")
	equal(t, "calls", calls, 3)
}

func TestBootListenerMayAddRoutes(t *testing.T) {
	app, _ := newApp()
	app.Adapt(iris.EventPolicy{Boot: func(f *iris.Framework) {
		f.Get("/late", func(ctx *iris.Context) { ctx.WriteString("added at boot") })
	}})
	wantAnswer(t, answer(app, "GET", "/late"), 200, "added at boot")
}

func TestBuildListenerFindsARouterThatAnswers(t *testing.T) {
	app, _ := newApp()
	var body string
	app.Get("/", func(ctx *iris.Context) { ctx.WriteString("ready") })
	app.Adapt(iris.EventPolicy{Build: func(f *iris.Framework) { body = answer(f, "GET", "/").Body.String() }})
	app.Boot()
	equal(t, "answer at build", body, "ready")
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
	ran := false
	app.Get("/closed", func(*iris.Context) { ran = true })
	app.Get("/open", func(ctx *iris.Context) { ctx.WriteString("open") })
	wantAnswer(t, answer(app, "GET", "/closed"), 418, "")
	wantAnswer(t, answer(app, "GET", "/open"), 200, "open")
	equal(t, "the router ran for /closed", ran, false)
}

func TestPoliciesAdaptAllThatTheyHave(t *testing.T) {
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
		ctx.Log(iris.ProdMode, "message")
		ctx.Session()
		ctx.SessionDestroy()
	})
	answer(app, "GET", "/")
	got.want(t, "build", "wrapper in", "log message", "start", "destroy", "wrapper out")
}
