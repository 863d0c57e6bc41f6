// Sessions: what a handler can do with one.
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
	app.Adapt(sessions.New(sessions.Config{Cookie: "my_sessionid"}))

	app.Get("/set", func(ctx *iris.Context) {
		ctx.Session().Set("name", ctx.URLParam("name"))
		ctx.Writef("name is %q", ctx.Session().GetString("name"))
	})
	app.Get("/get", func(ctx *iris.Context) {
		ctx.Writef("name is %q", ctx.Session().GetString("name"))
	})
	app.Get("/delete", func(ctx *iris.Context) { // one value
		ctx.Session().Delete("name")
	})
	app.Get("/clear", func(ctx *iris.Context) { // all values
		ctx.Session().Clear()
	})
	app.Get("/destroy", func(ctx *iris.Context) { // the session, and the cookie
		ctx.SessionDestroy()
	})

	app.Listen(*addr)
}
