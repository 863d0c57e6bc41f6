// Redis: sessions for any number of instances of the program, with v6's functions. A
// login on one instance is visible on the others at the next request.
//
//	docker run -p 6379:6379 redis
//	go run ./_examples/redis
package main

import (
	"flag"
	"os"
	"time"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/httprouter"
	"gopkg.in/kataras/iris.v6/adaptors/sessions"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis/service"
)

func main() {
	addr := flag.String("addr", "localhost:8080", "`address` to listen on")
	server := flag.String("redis", service.DefaultRedisAddr, "`address` of the Redis; its password is taken from $REDIS_PASSWORD")
	flag.Parse()

	db := redis.New(service.Config{
		Network:       service.DefaultRedisNetwork,
		Addr:          *server,
		Password:      os.Getenv("REDIS_PASSWORD"),
		Database:      "0",
		IdleTimeout:   service.DefaultRedisIdleTimeout,
		Prefix:        "example:",
		MaxAgeSeconds: service.DefaultRedisMaxAgeSeconds,
	})
	sess := sessions.New(sessions.Config{Cookie: "my_sessionid", Expires: 2 * time.Hour})
	sess.UseDatabase(db) // if Redis fails, the response is 503, and nobody is logged out

	app := iris.New()
	app.Adapt(httprouter.New())
	app.Adapt(sess)

	app.Get("/set", func(ctx *iris.Context) {
		ctx.Session().Set("name", ctx.URLParam("name"))
	})
	app.Get("/get", func(ctx *iris.Context) {
		ctx.Writef("name is %q", ctx.Session().GetString("name"))
	})
	app.Get("/destroy", func(ctx *iris.Context) {
		ctx.SessionDestroy()
	})

	app.Listen(*addr)
}
