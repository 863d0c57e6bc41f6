package recover_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/httprouter"
	"gopkg.in/kataras/iris.v6/adaptors/sessions"
	middleware "gopkg.in/kataras/iris.v6/middleware/recover"
)

// newApp returns an app whose outermost handler notes the status that it sees.
func newApp() (app *iris.Framework, seen *int, logged *[]string) {
	app, seen, logged = iris.New(), new(int), new([]string)
	app.Adapt(httprouter.New(), sessions.New(sessions.Config{}), iris.LoggerPolicy(func(_ iris.LogMode, message string) {
		*logged = append(*logged, message)
	}))
	app.UseFunc(func(ctx *iris.Context) {
		ctx.Next()
		*seen = ctx.ResponseWriter.StatusCode()
	}, middleware.New())
	app.Get("/fine", func(ctx *iris.Context) { ctx.WriteString("fine") })
	app.Get("/panic", func(ctx *iris.Context) {
		ctx.Session().Set("half", "done")
		ctx.WriteString("half")
		panic("oops")
	})
	app.Get("/sent", func(ctx *iris.Context) { ctx.ResponseWriter.Flush(); panic("oops") })
	app.Get("/abort", func(ctx *iris.Context) { panic(http.ErrAbortHandler) })
	return app, seen, logged
}

func TestEarlierHandlersGoOnAfterPanic(t *testing.T) {
	app, seen, logged := newApp()
	recovered := ""
	app.Adapt(iris.EventPolicy{Recover: func(_ *iris.Framework, err error) { recovered = err.Error() }})
	w := httptest.NewRecorder()
	app.ServeHTTP(w, httptest.NewRequest("GET", "/panic", nil))
	if w.Code != 500 || w.Body.String() != "Internal Server Error" || *seen != 500 || recovered != "oops" {
		t.Errorf("answer %d %q, status seen %d, recovered %q", w.Code, w.Body, *seen, recovered)
	}
	if cookies := w.Result().Cookies(); len(cookies) != 0 {
		t.Errorf("the session was saved: %v", cookies)
	}
	if len(*logged) != 1 || !strings.Contains((*logged)[0], "oops") || !strings.Contains((*logged)[0], "recover_test.go") {
		t.Errorf("log records: %q, want one with the trace", *logged)
	}
}

func TestNoPanicChangesNothing(t *testing.T) {
	app, seen, logged := newApp()
	w := httptest.NewRecorder()
	app.ServeHTTP(w, httptest.NewRequest("GET", "/fine", nil))
	if w.Code != 200 || w.Body.String() != "fine" || *seen != 200 || len(*logged) != 0 {
		t.Errorf("answer %d %q, status seen %d, log records %q", w.Code, w.Body, *seen, *logged)
	}
}

func TestConnectionIsCutIfTheResponseCannotBeReplaced(t *testing.T) {
	for _, row := range []struct {
		path    string
		records int
	}{{"/sent", 1}, {"/abort", 0}} {
		app, _, logged := newApp()
		func() {
			defer func() {
				if cause := recover(); cause != http.ErrAbortHandler {
					t.Errorf("%s panics with %v, want http.ErrAbortHandler", row.path, cause)
				}
			}()
			app.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", row.path, nil))
		}()
		if len(*logged) != row.records {
			t.Errorf("%s: log records %q, want %d", row.path, *logged, row.records)
		}
	}
}
