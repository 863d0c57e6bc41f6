package secure_test

import (
	"fmt"
	"net/http/httptest"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/httprouter"
	"gopkg.in/kataras/iris.v6/middleware/secure"
)

// Errors have the header fields too.
func Example() {
	app := iris.New()
	app.Adapt(httprouter.New(), secure.New(secure.Config{HTTPS: true}))

	w := httptest.NewRecorder()
	app.ServeHTTP(w, httptest.NewRequest("GET", "/nowhere", nil))
	fmt.Println(w.Code, w.Header().Get("X-Content-Type-Options"), w.Header().Get("Strict-Transport-Security"))
	// Output: 404 nosniff max-age=31536000
}
