// Shutdown: SIGINT, or SIGTERM, ends the program when what is in flight has been
// answered. EventPolicy.Interrupted is where it says good-bye.
package main

import (
	"flag"
	"log"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/httprouter"
)

func main() {
	addr := flag.String("addr", "localhost:8080", "`address` to listen on")
	flag.Parse()

	app := iris.New()
	app.Adapt(httprouter.New())
	app.Adapt(iris.EventPolicy{
		Interrupted: func(*iris.Framework) { log.Print("interrupted: answering what is in flight") },
	})
	app.Get("/", func(ctx *iris.Context) { ctx.WriteString("hello") })

	app.Listen(*addr)
	log.Print("nothing is left: closing the database, say")
}
