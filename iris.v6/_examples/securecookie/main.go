// Securecookie: the session's id leaves the server sealed, so that only a cookie
// which this server has made is ever looked up.
package main

import (
	"flag"

	"github.com/gorilla/securecookie"
	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/httprouter"
	"gopkg.in/kataras/iris.v6/adaptors/sessions"
)

func main() {
	addr := flag.String("addr", "localhost:8080", "`address` to listen on")
	flag.Parse()

	// Keys of this process. Servers that share their sessions share the keys, too.
	secure := securecookie.New(securecookie.GenerateRandomKey(64), securecookie.GenerateRandomKey(32))

	app := iris.New()
	app.Adapt(httprouter.New())
	app.Adapt(sessions.New(sessions.Config{
		Cookie: "my_sessionid",
		Encode: secure.Encode,
		Decode: secure.Decode,
	}))
	app.Get("/count", func(ctx *iris.Context) {
		n, _ := ctx.Session().GetInt("n") // 0 the first time
		ctx.Session().Set("n", n+1)
		ctx.Writef("visit %d", n+1)
	})

	app.Listen(*addr)
}
