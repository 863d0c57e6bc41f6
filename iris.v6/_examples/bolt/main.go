// Bolt: sessions in a file, so that they outlive the program.
package main

import (
	"flag"
	"log"
	"time"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/httprouter"
	"gopkg.in/kataras/iris.v6/adaptors/sessions"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/bolt"
)

func main() {
	addr := flag.String("addr", "localhost:8080", "`address` to listen on")
	file := flag.String("file", "sessions.db", "`file` that has the sessions")
	flag.Parse()

	store, err := bolt.Open(*file)
	if err != nil {
		log.Fatal(err)
	}
	app := iris.New()
	app.Adapt(httprouter.New())
	app.Adapt(sessions.New(sessions.Config{Cookie: "my_sessionid", Expires: 2 * time.Hour, Store: store}))

	app.Get("/", func(ctx *iris.Context) {
		n, _ := ctx.Session().GetInt("n") // 0 the first time
		ctx.Session().Set("n", n+1)
		ctx.Writef("visit %d", n+1)
	})

	app.Listen(*addr)
	if err := store.Close(); err != nil {
		log.Fatal(err)
	}
}
