// Basicauth: a Party that asks for a name and a password: mia and sesame. There is no
// session: the browser sends both with every request.
//
//	curl -u mia:sesame localhost:8080/admin/
package main

import (
	"flag"
	"time"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/httprouter"
	"gopkg.in/kataras/iris.v6/middleware/basicauth"
)

func main() {
	addr := flag.String("addr", "localhost:8080", "`address` to listen on")
	flag.Parse()

	auth := basicauth.Config{
		Users:   map[string]string{"mia": "sesame"},
		Realm:   "The cave",
		Expires: 30 * time.Minute,
	}

	app := iris.New()
	app.Adapt(httprouter.New())
	app.Get("/", func(ctx *iris.Context) { ctx.WriteString("everybody may see this") })
	admin := app.Party("/admin", basicauth.New(auth))
	admin.Get("/", func(ctx *iris.Context) { ctx.Writef("%s may see this", auth.User(ctx)) })

	app.Listen(*addr)
}
