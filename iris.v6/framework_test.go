package iris_test

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"

	"gopkg.in/kataras/iris.v6"
)

func TestBootTellsWhetherItIsTheFirst(t *testing.T) {
	app, _ := newApp()
	builds := 0
	app.Adapt(iris.EventPolicy{Build: func(*iris.Framework) { builds++ }})
	equal(t, "first Boot", app.Boot(), true)
	equal(t, "second Boot", app.Boot(), false)
	answer(app, "GET", "/")
	equal(t, "builds", builds, 1)
}

func TestFirstRequestsBootOnce(t *testing.T) {
	app, _ := newApp()
	builds := 0
	app.Adapt(iris.EventPolicy{Build: func(*iris.Framework) { builds++ }})
	app.Get("/", func(ctx *iris.Context) { ctx.WriteString("booted") })
	var requests sync.WaitGroup
	for range 8 {
		requests.Go(func() { wantAnswer(t, answer(app, "GET", "/"), 200, "booted") })
	}
	requests.Wait()
	equal(t, "builds", builds, 1)
	equal(t, "Boot afterwards", app.Boot(), false)
}

// noRouter is what the message about an app without a router must say: the line to add.
var noRouter = []string{"no router", "add app.Adapt(httprouter.New())", "gopkg.in/kataras/iris.v6/adaptors/httprouter"}

func wantMessage(t *testing.T, message string, parts []string) {
	t.Helper()
	if strings.Contains(message, "\n") {
		t.Errorf("message of more than one line: %q", message)
	}
	for _, part := range append([]string{"iris: "}, parts...) {
		if !strings.Contains(message, part) {
			t.Errorf("message %q does not say %q", message, part)
		}
	}
}

func TestBootPanicsWithoutARouter(t *testing.T) {
	app := iris.New()
	for range 2 { // the second Boot is as clear as the first
		err, _ := panicOf(func() { app.Boot() }).(error)
		if err == nil {
			t.Fatal("Boot does not panic with an error")
		}
		wantMessage(t, err.Error(), noRouter)
	}
}

func TestServeHTTPAnswers500WithoutARouterAndLogsItOnce(t *testing.T) {
	app, logged := iris.New(), new(logs)
	app.Adapt(iris.LoggerPolicy(logged.add))
	app.Get("/", func(ctx *iris.Context) { ctx.WriteString("never") })
	for range 3 {
		wantAnswer(t, answer(app, "GET", "/"), 500, "Internal Server Error\n")
	}
	wantMessage(t, logged.one(t), noRouter)
}

func TestServeWithoutARouterReturnsWhyAndClosesTheListener(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err = iris.New().Serve(l); err == nil {
		t.Fatal("Serve returns nil")
	}
	wantMessage(t, err.Error(), noRouter)
	refused(t, l.Addr())
}

func TestSessionWithoutManagerSaysWhichLineToAdd(t *testing.T) {
	for name, use := range map[string]func(*iris.Context){
		"Session":        func(ctx *iris.Context) { ctx.Session() },
		"SessionDestroy": (*iris.Context).SessionDestroy,
	} {
		t.Run(name, func(t *testing.T) {
			app, logged := newApp()
			app.Get("/", use)
			wantAnswer(t, answer(app, "GET", "/"), 500, "Internal Server Error")
			message, _, _ := strings.Cut(logged.one(t), "\n")
			wantMessage(t, message, []string{
				"no session manager", "add app.Adapt(sessions.New(", "gopkg.in/kataras/iris.v6/adaptors/sessions",
			})
		})
	}
}

// The first request of a server boots, and net/http recovers what that panics
// with: the requests after it must not find half a framework.
func TestNoRequestDereferencesNilAfterBootHasPanicked(t *testing.T) {
	for name, breakIt := range map[string]func(*iris.Framework){
		"two routes that conflict": func(app *iris.Framework) {
			app.Get("/user/:name", func(*iris.Context) {})
			app.Get("/user/:id", func(*iris.Context) {})
		},
		"a Boot listener that panics": func(app *iris.Framework) {
			app.Adapt(iris.EventPolicy{Boot: func(*iris.Framework) { panic("no database") }})
		},
	} {
		t.Run(name, func(t *testing.T) {
			app, _ := newApp()
			breakIt(app)
			panicOf(func() { answer(app, "GET", "/") })
			for range 2 {
				wantAnswer(t, answer(app, "GET", "/"), 500, "Internal Server Error\n")
			}
			if err, _ := panicOf(func() { app.Boot() }).(error); err == nil || errors.As(err, new(runtime.Error)) {
				t.Errorf("Boot afterwards panics with %v", err)
			}
		})
	}
}

func TestFrameworksShareNothing(t *testing.T) {
	one, _ := newApp()
	other, _ := newApp()
	one.Get("/", func(ctx *iris.Context) { ctx.WriteString("one") })
	one.OnError(404, func(ctx *iris.Context) { ctx.WriteString("one's 404") })
	wantAnswer(t, answer(other, "GET", "/"), 404, "Not Found")
	wantAnswer(t, answer(one, "GET", "/nowhere"), 404, "one's 404")
}

func TestContextKnowsItsFramework(t *testing.T) {
	app, _ := newApp()
	var got *iris.Framework
	app.Get("/", func(ctx *iris.Context) { got = ctx.Framework() })
	answer(app, "GET", "/")
	if got != app || app.Context.Framework() != app {
		t.Error("Framework() is another one")
	}
}

func TestFrameworkIsAHandler(t *testing.T) {
	app, _ := newApp()
	app.Get("/app/x", func(ctx *iris.Context) { fmt.Fprint(ctx.ResponseWriter, "inside") })
	mux := http.NewServeMux()
	mux.Handle("/app/", app)
	wantAnswer(t, answer(mux, "GET", "/app/x"), 200, "inside")
}
