package recover_test

import (
	"fmt"
	"net/http/httptest"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/httprouter"
	middleware "gopkg.in/kataras/iris.v6/middleware/recover"
)

// After the panic, count continues and sees the response.
func Example() {
	app := iris.New()
	app.Adapt(httprouter.New(), iris.LoggerPolicy(func(iris.LogMode, string) {})) // the panic would be logged
	count := func(ctx *iris.Context) {
		ctx.Next()
		fmt.Println("counted:", ctx.ResponseWriter.StatusCode())
	}
	app.UseFunc(count, middleware.New())
	app.Get("/", func(*iris.Context) { panic("oops") })

	w := httptest.NewRecorder()
	app.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	fmt.Println(w.Code, w.Body)
	// Output:
	// counted: 500
	// 500 Internal Server Error
}
