// Package iris is the part of the Iris v6 web framework that a server with sessions
// needs, written from scratch on net/http.
//
// A program adapts a router and, if it uses sessions, a session manager:
//
//	app := iris.New()
//	app.Adapt(httprouter.New())
//	app.Adapt(sessions.New(sessions.Config{Cookie: "my_sessionid"}))
//	app.Get("/", func(ctx *iris.Context) { ctx.WriteString("hello") })
//	app.Listen(":8080")
//
// A [Framework] is an [http.Handler], so it also runs inside any net/http server.
//
// # How a request runs
//
// The adapted router finds the route and takes a [Context] from a pool. The
// route's handlers run on it, and the first 4 KiB of what they write are buffered.
// When the handlers are done, or have written more, or flush, the attachments of the
// response (see [Attach]; a session is one) are saved first. Then the header leaves,
// and then the body. So a late error, in a handler or in a store, can still replace
// the response, and a response of success has been saved before it leaves.
//
// A Context, its ResponseWriter and its Session are reused for later requests: do
// not keep them after the handlers have returned.
package iris
