// Sessionlife: a session ends two hours after it began, or half an hour after its last
// use. The server keeps both limits, because a client can keep a cookie for ever.
package main

import (
	"flag"
	"time"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/httprouter"
	"gopkg.in/kataras/iris.v6/adaptors/sessions"
)

func main() {
	addr := flag.String("addr", "localhost:8080", "`address` to listen on")
	flag.Parse()

	app := iris.New()
	app.Adapt(httprouter.New())
	app.Adapt(sessions.New(sessions.Config{
		Cookie:      "my_sessionid",
		Expires:     2 * time.Hour,    // bounds how long a stolen ID is of use
		IdleTimeout: 30 * time.Minute, // ends the session of a user who has left
	}))
	app.Get("/", func(ctx *iris.Context) {
		since, known := ctx.Session().Get("since").(time.Time) // values keep their Go type
		if !known {
			since = time.Now()
			ctx.Session().Set("since", since)
		}
		ctx.Writef("your session ends at %s at the latest", since.Add(2*time.Hour).Format(time.TimeOnly))
	})

	app.Listen(*addr)
}
