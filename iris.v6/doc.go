// Package iris is the part of the Iris v6 web framework that a session-backed
// server is written with, made anew on net/http.
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
// route's handlers run on it; what they write is held back up to 4 KiB. When
// they are done, or when more has been written, or at a Flush, whatever is
// attached to the response (see [Attach]: a session, for one) is saved first,
// then the header leaves, then the body. So an error that is noticed late, in a
// handler or in a store, can still be the answer, and a success that leaves has
// already been saved.
//
// A Context, its ResponseWriter and its Session are used again for other
// requests: nothing may hold on to them after the handlers have returned.
package iris
