package crossorigin_test

import (
	"fmt"
	"log/slog"
	"net/http/httptest"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/httprouter"
	"gopkg.in/kataras/iris.v6/middleware/crossorigin"
)

// A link on another site cannot log the user out.
func Example() {
	app := iris.New()
	app.Adapt(httprouter.New())
	sameOrigin := crossorigin.New(crossorigin.Config{Log: slog.New(slog.DiscardHandler)})
	app.Get("/logout", sameOrigin, func(ctx *iris.Context) { ctx.WriteString("good-bye") })

	for _, from := range []string{"same-origin", "cross-site"} {
		w, r := httptest.NewRecorder(), httptest.NewRequest("GET", "/logout", nil)
		r.Header.Set("Sec-Fetch-Site", from)
		app.ServeHTTP(w, r)
		fmt.Println(w.Code, w.Body)
	}
	// Output:
	// 200 good-bye
	// 403 Forbidden
}
