package logger_test

import (
	"fmt"
	"net/http/httptest"
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
