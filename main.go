// The sessions example of the Iris v6 web framework: three handlers, a cookie
// and curl. See README.md.
package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"
	"strings"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/httprouter"
	"gopkg.in/kataras/iris.v6/adaptors/sessions"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/bolt"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/memory"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
	"gopkg.in/kataras/iris.v6/middleware/crossorigin"
	"gopkg.in/kataras/iris.v6/middleware/logger"
	"gopkg.in/kataras/iris.v6/middleware/realip"
	"gopkg.in/kataras/iris.v6/middleware/secure"
)

var build, _ = debug.ReadBuildInfo() // every program that is built as a module has it

func main() {
	s, err := parse(os.Args[1:], os.Stderr)
	exitIf(err, 2)
	st, err := openStore(s.store)
	exitIf(err, 1)
	app := newApp(s, st)
	app.Adapt(iris.EventPolicy{Build: func(*iris.Framework) {
		fmt.Printf("listening on %s://%s\n", app.Config.VScheme, app.Config.VHost)
		s.log.Info("serving", "addr", app.Config.VHost, "tls", s.tlsCert != "", "store", fmt.Sprint(st), "expires", s.expires.String(),
			"idle", s.idle.String(), "max_sessions", s.maxSessions, "version", build.Main.Version, "go", build.GoVersion)
	}, Interrupted: func(*iris.Framework) { s.log.Info("stopping") }})
	if s.tlsCert != "" {
		app.ListenTLS(s.addr, s.tlsCert, s.tlsKey)
	} else {
		app.Listen(s.addr)
	}
	s.log.Info("stopped") // the store needs no Close: every acknowledged write is saved
}

// newApp returns the example's app.
func newApp(s settings, st store.Store) *iris.Framework {
	app := iris.New()
	app.Adapt(httprouter.New())
	app.Adapt(secure.New(secure.Config{HTTPS: s.https}), logger.Slog(s.log), logger.Requests(s.log, slog.LevelDebug), realip.New(s.proxies...))
	app.Adapt(sessions.New(sessions.Config{
		Cookie: "my_sessionid", Secure: s.https,
		Store: st, Expires: s.expires, IdleTimeout: s.idle, MaxSessions: s.maxSessions,
		RenewOn: []string{authenticated}, OnRenew: sessions.LogLogins(s.log),
	}))

	own := crossorigin.New(crossorigin.Config{Log: s.log}) // no other site logs a user in or out
	app.Get("/secret", secret)
	app.Get("/login", own, login)
	app.Get("/logout", own, logout)
	return app
}

var errStore = errors.New("-store: neither memory nor bolt:PATH nor redis://HOST:PORT") // its value may have a password

// openStore opens the store that -store names.
func openStore(name string) (store.Store, error) {
	switch kind, path, _ := strings.Cut(name, ":"); {
	case name == "memory":
		return memory.New(), nil
	case kind == "bolt" && path != "":
		return bolt.Open(path)
	case kind == "redis", kind == "rediss":
		return redis.Open(name)
	}
	return nil, errStore
}

func exitIf(err error, status int) {
	if errors.Is(err, errStore) || errors.As(err, new(*redis.URLError)) {
		status = 2
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "iris-sessions:", err)
		os.Exit(status)
	}
}
