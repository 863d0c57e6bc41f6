package iris_test

import (
	"errors"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"

	"gopkg.in/kataras/iris.v6"
)

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
	equal(t, "Boot afterwards", app.Boot(), false)
	equal(t, "builds", builds, 1)
	app, _ = newApp()
	equal(t, "Boot before", app.Boot(), true)
}

func wantMessage(t *testing.T, message string, parts ...string) {
	t.Helper()
	if !strings.HasPrefix(message, "iris: ") || strings.Contains(message, "\n") {
		t.Errorf("message %q is not one line of ours", message)
	}
	for _, part := range parts {
		if !strings.Contains(message, part) {
			t.Errorf("message %q does not say %q", message, part)
		}
	}
}

// An app without a router says which line to add.
func TestWithoutARouter(t *testing.T) {
	want := []string{"no router", "add app.Adapt(httprouter.New())", "gopkg.in/kataras/iris.v6/adaptors/httprouter"}
	t.Run("Boot panics each time", func(t *testing.T) {
		app := iris.New()
		for range 2 {
			err, _ := panicOf(func() { app.Boot() }).(error)
			if err == nil {
				t.Fatal("Boot does not panic with an error")
			}
			wantMessage(t, err.Error(), want...)
		}
	})
	t.Run("ServeHTTP answers 500 and logs it once", func(t *testing.T) {
		app, logged := iris.New(), new(logs)
		app.Adapt(iris.LoggerPolicy(logged.add))
		app.Get("/", func(ctx *iris.Context) { ctx.WriteString("never") })
		for range 3 {
			wantAnswer(t, answer(app, "GET", "/"), 500, "Internal Server Error\n")
		}
		wantMessage(t, logged.one(t), want...)
	})
	t.Run("Serve returns it and closes the listener", func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		if err = iris.New().Serve(l); err == nil {
			t.Fatal("Serve returns nil")
		}
		wantMessage(t, err.Error(), want...)
		refused(t, l.Addr())
	})
}

func TestWithoutASessionManager(t *testing.T) {
	for _, use := range []iris.HandlerFunc{func(ctx *iris.Context) { ctx.Session() }, (*iris.Context).SessionDestroy} {
		app, logged := newApp()
		app.Get("/", use)
		wantAnswer(t, answer(app, "GET", "/"), 500, "Internal Server Error")
		message, _, _ := strings.Cut(logged.one(t), "\n")
		wantMessage(t, message, "no session manager", "add app.Adapt(sessions.New(", "gopkg.in/kataras/iris.v6/adaptors/sessions")
	}
}

// The first request of a server boots, and net/http recovers the panic: later
// requests must not find half a framework.
func TestRequestsAfterAPanicOfBootGet500(t *testing.T) {
	for _, row := range []struct {
		name    string
		mistake func(*iris.Framework)
	}{
		{"conflicting routes", func(app *iris.Framework) {
			app.Get("/user/:name", func(*iris.Context) {})
			app.Get("/user/:id", func(*iris.Context) {})
		}},
		{"a Boot listener that panics", func(app *iris.Framework) {
			app.Adapt(iris.EventPolicy{Boot: func(*iris.Framework) { panic("no database") }})
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			app, _ := newApp()
			row.mistake(app)
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

func TestFrameworkBehindAnotherMux(t *testing.T) {
	app, _ := newApp()
	var got *iris.Framework
	app.Get("/x", func(ctx *iris.Context) {
		got = ctx.Framework()
		ctx.WriteString(ctx.Path())
	})
	mux := http.NewServeMux()
	mux.Handle("/app/", http.StripPrefix("/app", app))
	wantCalls(t, mux, []call{
		{"a route is found by the rest of the path", "GET /app/x", 200, "/x"},
		{"the framework answers below its path", "GET /app/nowhere", 404, "Not Found"},
		{"the mux answers elsewhere", "GET /x", 404, "404 page not found\n"},
	})
	equal(t, "Framework()", got, app)
	equal(t, "Framework() of the pool", app.Context.Framework(), app)
}
