package iris_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"gopkg.in/kataras/iris.v6"
)

func putOnline(app *iris.Framework) {
	app.Routes().(iris.RouteRepository).ChangeMethod(app.None("/off"), iris.MethodGet)
}

func TestMisconfigurationPanicsAtOnce(t *testing.T) {
	start := func(http.ResponseWriter, *http.Request) iris.Session { return nil }
	for mistake, make := range map[string]func(*iris.Framework){
		"a handler is nil":                   func(app *iris.Framework) { app.Get("/", nil) },
		"a handler is nil ":                  func(app *iris.Framework) { app.UseFunc(nil) },
		"a handler is nil  ":                 func(app *iris.Framework) { app.OnError(404, nil) },
		"one of Start and Destroy is nil":    func(app *iris.Framework) { app.Adapt(iris.SessionsPolicy{Start: start}) },
		"GET /x: no handler":                 func(app *iris.Framework) { app.Get("/x") },
		"GET /p/x: no handler":               func(app *iris.Framework) { app.Party("/p", writes("p")).Get("/x") },
		"GET /off: no handler":               putOnline,
		"GET /y: a handler is nil":           func(app *iris.Framework) { app.Get("/y", writes("y")); app.UseGlobal(nil) },
		"missing closing ]":                  func(app *iris.Framework) { app.OnError(404, writes("x"), "[") },
		"ToHandler: string is not a handler": func(*iris.Framework) { iris.ToHandler("") },
	} {
		func() {
			defer func() {
				if message := fmt.Sprint(recover()); !strings.HasPrefix(message, "iris: ") || !strings.Contains(message, strings.TrimSpace(mistake)) {
					t.Errorf("panic %q, want one that says %q", message, mistake)
				}
			}()
			make(iris.New())
		}()
	}
}
