package logger_test

import (
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"strings"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/httprouter"
	"gopkg.in/kataras/iris.v6/middleware/logger"
)

// A line begins with the time and how long the handlers took.
func Example() {
	app := iris.New(iris.OptionTimeFormat("15:04:05"))
	app.Adapt(httprouter.New(), iris.LoggerPolicy(func(_ iris.LogMode, line string) {
		fields := strings.Fields(line)
		fmt.Println(fields[2:])
	}))
	app.UseFunc(logger.New())
	app.Get("/tea", func(ctx *iris.Context) { ctx.EmitError(iris.StatusTeapot) })

	app.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/tea", nil))
	// Output: [418 192.0.2.1 "GET" "/tea"]
}

// Requests and the framework's own messages go to one slog.Logger.
func ExampleRequests() {
	log := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == "took" {
			return slog.Attr{} // they differ from run to run
		}
		return a
	}}))
	app := iris.New()
	app.Adapt(logger.Requests(log, slog.LevelInfo), logger.Slog(log), httprouter.New())
	app.Get("/tea", func(ctx *iris.Context) {
		ctx.Log(iris.ProdMode, "out of water")
		ctx.EmitError(iris.StatusTeapot)
	})

	app.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/tea?milk=yes", nil))
	// Output:
	// level=ERROR msg="out of water"
	// level=INFO msg=request method=GET path=/tea status=418 client=192.0.2.1 user_agent=""
}
