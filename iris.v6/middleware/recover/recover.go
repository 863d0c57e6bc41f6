// Package recover has middleware that ends a panic at its own place in the chain:
//
//	app.Use(recover.New())
//
// The framework itself answers a panic with 500. With this middleware, the handlers
// before it go on, and see that response.
package recover

import "gopkg.in/kataras/iris.v6"

// New returns the middleware. A panic of a later handler is logged with its
// trace, given to the listeners to EventPolicy.Recover and answered with 500. If
// the response has begun to leave, or the panic is http.ErrAbortHandler, the
// connection is cut.
func New() iris.HandlerFunc {
	return func(ctx *iris.Context) {
		defer func() {
			if cause := recover(); cause != nil {
				ctx.Recovered(cause)
			}
		}()
		ctx.Next()
	}
}
