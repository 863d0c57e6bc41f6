// Securecookie: the cookie is signed and encrypted. The session ID in it is random and
// needs neither, but a forged cookie now never costs a look-up in the store.
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

	// With new keys at each start, earlier cookies are refused. Instances that share
	// sessions need the same keys.
	secure := securecookie.New(securecookie.GenerateRandomKey(64), securecookie.GenerateRandomKey(32))

	app := iris.New()
	app.Adapt(httprouter.New())
	app.Adapt(sessions.New(sessions.Config{
		Cookie: "my_sessionid",
		Encode: secure.Encode,
		Decode: secure.Decode,
	}))
	app.Get("/count", func(ctx *iris.Context) {
		n, err := ctx.Session().GetInt("n")
		if err != nil {
			n = 0 // the first visit
		}
		ctx.Session().Set("n", n+1)
		ctx.Writef("visit %d", n+1)
	})

	app.Listen(*addr)
}
