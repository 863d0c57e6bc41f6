package realip_test

import (
	"fmt"
	"net/http/httptest"
	"net/netip"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/httprouter"
	"gopkg.in/kataras/iris.v6/middleware/realip"
)

// The header field counts only if it comes from the proxy.
func Example() {
	app := iris.New()
	app.Adapt(httprouter.New(), realip.New(netip.MustParsePrefix("10.0.0.0/8")))
	app.Get("/", func(ctx *iris.Context) { fmt.Println(ctx.RemoteAddr()) })

	for _, from := range []string{"10.0.0.1:5000", "192.0.2.1:5000"} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = from
		r.Header.Set("X-Forwarded-For", "203.0.113.9")
		app.ServeHTTP(httptest.NewRecorder(), r)
	}
	// Output:
	// 203.0.113.9
	// 192.0.2.1
}
