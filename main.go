// The sessions example of the Iris v6 web framework: three handlers, a cookie
// and curl. See README.md.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"github.com/peterbourgon/ff/v3"
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
	s.log.Info("stopped") // the store needs no Close: what was answered is saved
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

// openStore opens the store of that name.
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

// settings are what the command line and the environment say.
type settings struct {
	addr, store, tlsCert, tlsKey string
	expires, idle                time.Duration
	maxSessions                  int
	https                        bool
	proxies                      []netip.Prefix
	log                          *slog.Logger
}

// parse reads the command line and, for flags that it does not have, the
// environment: IRIS_SESSIONS_ADDR is -addr's variable.
func parse(args []string, stderr io.Writer) (s settings, err error) {
	level := new(slog.LevelVar)
	options := &slog.HandlerOptions{Level: level}
	s.log = slog.New(slog.NewTextHandler(stderr, options))
	flags := flag.NewFlagSet("iris-sessions", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&s.addr, "addr", ":8080", "TCP `address` to listen on; port 0 takes a free one")
	flags.StringVar(&s.store, "store", "memory", "`where` sessions are kept: memory, bolt:PATH or redis://[user:password@]host:port[,host:port...][/db]; rediss:// for TLS")
	flags.DurationVar(&s.expires, "expires", 24*time.Hour, "`time` that a session lives, however much it is used; 0: no limit")
	flags.DurationVar(&s.idle, "idle", time.Hour, "`time` that a session lives without being used; 0: no limit")
	flags.IntVar(&s.maxSessions, "max-sessions", 1_000_000, "`number` of sessions that may be alive at once; not counted in Redis")
	flags.StringVar(&s.tlsCert, "tls-cert", "", "PEM `file` with the certificate: serve HTTPS; SIGHUP reads it again")
	flags.StringVar(&s.tlsKey, "tls-key", "", "PEM `file` with the certificate's private key")
	flags.BoolVar(&s.https, "secure-cookie", false, "set when a proxy in front of this server terminates TLS")
	flags.Func("trusted-proxies", "`ranges` of addresses, such as 10.0.0.0/8,::1, of the proxies whose X-Forwarded-For tells the client's address (default none)", func(text string) (err error) { s.proxies, err = realip.Parse(text); return })
	flags.TextVar(level, "log-level", level, "log records from this `level` on: debug, info, warn or error")
	logFormat := flags.String("log-format", "text", "`form` of the log records: text or json")
	printVersion := flags.Bool("version", false, "print the version and exit")
	err = ff.Parse(flags, args, ff.WithEnvVarPrefix("IRIS_SESSIONS"))
	switch {
	case errors.Is(err, flag.ErrHelp):
		flags.SetOutput(stderr)
		flags.Usage()
		fmt.Fprintln(stderr, "Each flag is an environment variable too: -log-level is IRIS_SESSIONS_LOG_LEVEL, for example. The flag wins.")
		os.Exit(0)
	case err != nil:
		err = fmt.Errorf("%w (times are like 90s, 30m or 24h; -h lists the flags)", err)
	case *printVersion:
		fmt.Println("iris-sessions", build.Main.Version, build.GoVersion)
		os.Exit(0)
	case flags.NArg() > 0:
		err = errors.New("unexpected argument: there are flags only, and a URL belongs to -store")
	case s.addr == "" || s.maxSessions < 1 || s.expires < 0 || s.idle < 0:
		err = errors.New("-addr must not be empty, -max-sessions not be less than 1, -expires and -idle not be negative")
	case (s.tlsCert == "") != (s.tlsKey == ""):
		err = errors.New("-tls-cert and -tls-key need each other")
	case *logFormat == "json":
		s.log = slog.New(slog.NewJSONHandler(stderr, options))
	case *logFormat != "text":
		err = errors.New("-log-format is neither text nor json")
	}
	s.https = s.https || s.tlsCert != ""
	return s, err
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
