// Guard: middleware that sends visitors without a login to the login page. It may
// always call Next: Redirect has stopped the chain, so the page does not run.
package main

import (
	"flag"
	"log"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/httprouter"
	"gopkg.in/kataras/iris.v6/adaptors/sessions"
	"gopkg.in/kataras/iris.v6/middleware/crossorigin"
)

func guard(ctx *iris.Context) {
	if in, _ := ctx.Session().GetBoolean("authenticated"); !in { // false without a session
		ctx.Redirect("/login")
	}
	ctx.Next()
}

func main() {
	addr := flag.String("addr", "localhost:8080", "`address` to listen on")
	flag.Parse()

	app := iris.New()
	app.Adapt(httprouter.New())
	app.Adapt(sessions.New(sessions.Config{Cookie: "my_sessionid", RenewOn: []string{"authenticated"}}))

	app.Get("/login", func(ctx *iris.Context) { ctx.HTML(iris.StatusOK, `<form method="POST"><button>Log in</button></form>`) })
	app.Post("/login", crossorigin.New(crossorigin.Config{}), func(ctx *iris.Context) {
		ctx.Session().Set("authenticated", true) // also renews the ID: see RenewOn
		ctx.Redirect("/admin/page", iris.StatusSeeOther)
	})
	admin := app.Party("/admin", guard)
	admin.Get("/page", func(ctx *iris.Context) {
		log.Print("the page runs")
		ctx.WriteString("only users see this")
	})

	app.Listen(*addr)
}
