package httprouter_test

import (
	"fmt"
	"net/http/httptest"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/httprouter"
)

// ":name" matches one segment, "*rest" all that is left, its slash included.
func Example() {
	app := iris.New()
	app.Adapt(httprouter.New())
	app.Get("/p/:name/*rest", func(ctx *iris.Context) {
		ctx.Writef("name is %s and rest is %s", ctx.Param("name"), ctx.Param("rest"))
	})

	w := httptest.NewRecorder()
	app.ServeHTTP(w, httptest.NewRequest("GET", "/p/ab/c/d", nil))
	fmt.Println(w.Body)
	// Output: name is ab and rest is /c/d
}
