// Bolt: sessions in a file, so that users stay logged in when the program restarts.
// The server keeps both limits of a session: a client can keep its cookie for ever.
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

	store, err := bolt.Open(*file) // one process at a time can open it
	if err != nil {
		log.Fatal(err)
	}
	app := iris.New()
	app.Adapt(httprouter.New())
	app.Adapt(sessions.New(sessions.Config{
		Cookie:      "my_sessionid",
		Store:       store,
		Expires:     2 * time.Hour,    // bounds the use of a stolen ID
		IdleTimeout: 30 * time.Minute, // ends the session of a user who has left
	}))

	app.Get("/", func(ctx *iris.Context) {
		n, err := ctx.Session().GetInt("n")
		if err != nil {
			n = 0 // the first visit
		}
		ctx.Session().Set("n", n+1) // on the disk before the response leaves
		ctx.Writef("visit %d", n+1)
	})

	app.Listen(*addr) // returns after SIGINT or SIGTERM, when all requests are answered
	if err := store.Close(); err != nil {
		log.Fatal(err)
	}
}
