// The sessions example of the Iris v6 web framework: three handlers, a cookie
// and curl. See README.md.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
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
		fmt.Printf("listening on %s (%s://%s)\n", s.addr, app.Config.VScheme, app.Config.VHost)
		s.log.Info("serving", "addr", s.addr, "host", app.Config.VHost, "store", fmt.Sprint(st), "expires", s.expires.String(), "idle", s.idle.String(),
			"max_sessions", s.maxSessions, "version", build.Main.Version, "go", build.GoVersion)
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

// openStore opens the store that -store names.
func openStore(name string) (store.Store, error) {
	switch file, isBolt := strings.CutPrefix(name, "bolt:"); {
	case name == "memory":
		return memory.New(), nil
	case isBolt && file != "":
		return bolt.Open(file)
	}
	return redis.Open(name) // a *redis.URLError if it is no URL of Redis
}

func exitIf(err error, status int) {
	if errors.As(err, new(*redis.URLError)) {
		err, status = fmt.Errorf("-store wants memory, bolt:PATH, redis://HOST:PORT or rediss://HOST:PORT: %w", err), 2
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "iris-sessions:", err)
		os.Exit(status)
	}
}

// settings are the flags' values.
type settings struct {
	addr, store, tlsCert, tlsKey string
	expires, idle                time.Duration
	maxSessions                  int
	https                        bool
	proxies                      []netip.Prefix
	log                          *slog.Logger
}

// parse reads the flags and, for those that are not given, the environment:
// IRIS_SESSIONS_ADDR is -addr's variable.
func parse(args []string, stderr io.Writer) (s settings, err error) {
	level := new(slog.LevelVar)
	options := &slog.HandlerOptions{Level: level}
	s.log = slog.New(slog.NewTextHandler(stderr, options))
	flags := flag.NewFlagSet("iris-sessions", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&s.addr, "addr", ":8080", "TCP `address` to listen on, host:port; without a host, every address of this machine; port 0 takes a free one")
	flags.StringVar(&s.store, "store", "memory", "`store` of the sessions: memory, bolt:PATH or redis://[user:password@]host:port[,host:port...][/db]; rediss:// for TLS")
	flags.DurationVar(&s.expires, "expires", 24*time.Hour, "`time` after which a session ends, even if it is used, such as 90s, 30m or 24h; 0: no limit")
	flags.DurationVar(&s.idle, "idle", time.Hour, "`time` without use after which a session ends; 0: no limit")
	flags.IntVar(&s.maxSessions, "max-sessions", 1_000_000, "largest `number` of sessions in memory or in a bolt file; Redis has its own limit")
	flags.StringVar(&s.tlsCert, "tls-cert", "", "serve HTTPS with the certificate in this PEM `file`; SIGHUP reads it again")
	flags.StringVar(&s.tlsKey, "tls-key", "", "PEM `file` with the certificate's private key")
	flags.BoolVar(&s.https, "secure-cookie", false, "use it if a proxy in front does HTTPS: the cookie gets Secure and __Host-, responses get HSTS")
	flags.Func("trusted-proxies", "`networks`, such as 10.0.0.0/8,::1, whose X-Forwarded-For is trusted to have the client's address", func(text string) (err error) { s.proxies, err = realip.Parse(text); return })
	flags.TextVar(level, "log-level", level, "lowest `level` of the log records: debug, info, warn or error")
	logFormat := flags.String("log-format", "text", "`format` of the log records: text or json")
	printVersion := flags.Bool("version", false, "print the version and exit")
	err = ff.Parse(flags, args, ff.WithEnvVarPrefix("IRIS_SESSIONS"))
	_, addrErr := net.ResolveTCPAddr("tcp", s.addr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		flags.SetOutput(stderr)
		flags.Usage()
		fmt.Fprintln(stderr, "Each flag is also an environment variable: -log-level is IRIS_SESSIONS_LOG_LEVEL. The flag wins.")
		os.Exit(0)
	case err != nil:
		err = fmt.Errorf("%w (-h lists the flags and their values; a time is one such as 90s, 30m or 24h)", err)
	case *printVersion:
		fmt.Println("iris-sessions", build.Main.Version, build.GoVersion)
		os.Exit(0)
	case flags.NArg() > 0:
		err = errors.New("unexpected argument: a URL belongs to -store, and a switch is written as -secure-cookie=false")
	case s.addr == "" || addrErr != nil:
		err = fmt.Errorf("-addr %q is no host:port of this machine, such as localhost:8080", s.addr)
	case s.maxSessions < 1 || s.expires < 0 || s.idle < 0:
		err = errors.New("-max-sessions must not be less than 1, -expires and -idle not be negative")
	case (s.tlsCert == "") != (s.tlsKey == ""):
		err = errors.New("-tls-cert and -tls-key need each other")
	case strings.EqualFold(*logFormat, "json"):
		s.log = slog.New(slog.NewJSONHandler(stderr, options))
	case !strings.EqualFold(*logFormat, "text"):
		err = fmt.Errorf("-log-format %q is neither text nor json", *logFormat)
	}
	s.https = s.https || s.tlsCert != ""
	return s, err
}
