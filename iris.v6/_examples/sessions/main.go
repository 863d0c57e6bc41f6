// Sessions: a handler sets, reads and deletes values, and ends the session.
//
//	go run ./_examples/sessions
//	curl -c jar -b jar 'localhost:8080/set?name=mia'
//	curl -c jar -b jar localhost:8080/get
package main

import (
	"flag"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/httprouter"
	"gopkg.in/kataras/iris.v6/adaptors/sessions"
)

func main() {
	addr := flag.String("addr", "localhost:8080", "`address` to listen on")
	flag.Parse()

	app := iris.New()
	app.Adapt(iris.DevLogger())
	app.Adapt(httprouter.New())
	// The cookie carries a random ID only. The values stay in this server's memory.
	app.Adapt(sessions.New(sessions.Config{Cookie: "my_sessionid"}))

	app.Get("/set", func(ctx *iris.Context) {
		ctx.Session().Set("name", ctx.URLParam("name")) // the first write begins the session
		ctx.Writef("name is %q", ctx.Session().GetString("name"))
	})
	app.Get("/get", func(ctx *iris.Context) { // begins no session: "" if there is none
		ctx.Writef("name is %q", ctx.Session().GetString("name"))
	})
	app.Get("/delete", func(ctx *iris.Context) { // the session stays
		ctx.Session().Delete("name")
	})
	app.Get("/clear", func(ctx *iris.Context) { // so it does without values
		ctx.Session().Clear()
	})
	app.Get("/destroy", func(ctx *iris.Context) { // ends it, and removes the cookie
		ctx.SessionDestroy()
	})

	app.Listen(*addr)
}
