// The program that TestLinearizable tests: the example's handlers, two further
// values and an end of the session. Each handler reads the session first, then
// the request's body, which the client sends when it likes, and then writes.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/httprouter"
	"gopkg.in/kataras/iris.v6/adaptors/sessions"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/bolt"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/memory"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:0", "`address` to listen on")
	name := flag.String("store", "memory", "`where` sessions are kept: memory, bolt:PATH or redis://…")
	fault := flag.String("broken", "", "`promise` that the store breaks: revive, oldkey or cache")
	flag.Parse()
	st, err := open(*name, *fault)
	if err != nil {
		fmt.Fprintln(os.Stderr, "app:", err)
		os.Exit(1)
	}
	app := newApp(st)
	app.Adapt(iris.EventPolicy{Build: func(*iris.Framework) { fmt.Printf("listening on http://%s\n", app.Config.VHost) }})
	app.Listen(*addr)
}

func newApp(st store.Store) *iris.Framework {
	app := iris.New()
	app.Adapt(httprouter.New())
	app.Adapt(sessions.New(sessions.Config{
		Cookie: "my_sessionid", Store: st, Expires: time.Hour, IdleTimeout: time.Hour, RenewOn: []string{"authenticated", "role"},
	}))
	app.UseFunc(func(ctx *iris.Context) {
		ctx.Session()
		if _, err := io.Copy(io.Discard, ctx.Request.Body); err != nil {
			return // the client has left
		}
		ctx.Next()
	})
	app.Get("/login", func(ctx *iris.Context) { ctx.Session().Set("authenticated", true) })
	app.Get("/logout", func(ctx *iris.Context) { ctx.Session().Set("authenticated", false) })
	app.Get("/role/:value", func(ctx *iris.Context) { ctx.Session().Set("role", ctx.Param("value")) })
	app.Get("/note/:value", func(ctx *iris.Context) { ctx.Session().Set("note", ctx.Param("value")) })
	app.Get("/destroy", func(ctx *iris.Context) { ctx.SessionDestroy() })
	app.Get("/secret", func(ctx *iris.Context) {
		s := ctx.Session()
		ctx.Writef("%v %v %v", s.Get("authenticated"), s.Get("role"), s.Get("note"))
	})
	return app
}

func open(name, fault string) (st store.Store, err error) {
	switch kind, path, _ := strings.Cut(name, ":"); kind {
	case "memory":
		st = memory.New()
	case "bolt":
		st, err = bolt.Open(path)
	case "redis":
		st, err = redis.Open(name)
	default:
		err = errors.New("unknown store")
	}
	if err != nil {
		return nil, err
	}
	return breakStore(st, fault)
}
