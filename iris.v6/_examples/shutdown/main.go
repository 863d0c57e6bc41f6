// Shutdown: SIGINT and SIGTERM end the program when the requests in flight have been
// answered. EventPolicy.Interrupted is called before that.
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
		Interrupted: func(*iris.Framework) { log.Print("interrupted: answering the requests in flight") },
	})
	app.Get("/", func(ctx *iris.Context) { ctx.WriteString("hello") })

	app.Listen(*addr)
	log.Print("all requests are answered: a place to close a database")
}
