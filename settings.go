package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"time"

	"github.com/peterbourgon/ff/v3"
	"gopkg.in/kataras/iris.v6/middleware/realip"
)

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
	flags.StringVar(&s.addr, "addr", ":8080", "TCP `address` to listen on; port 0 takes a free one")
	flags.StringVar(&s.store, "store", "memory", "`store` of the sessions: memory, bolt:PATH or redis://[user:password@]host:port[,host:port...][/db]; rediss:// for TLS")
	s.expires, s.idle = 24*time.Hour, time.Hour
	flags.Var((*life)(&s.expires), "expires", "`time` after which a session ends, even if it is used; 0: no limit")
	flags.Var((*life)(&s.idle), "idle", "`time` without use after which a session ends; 0: no limit")
	flags.IntVar(&s.maxSessions, "max-sessions", 1_000_000, "largest `number` of sessions in memory or in a bolt file; Redis has its own limit")
	flags.StringVar(&s.tlsCert, "tls-cert", "", "serve HTTPS with the certificate in this PEM `file`; SIGHUP reads it again")
	flags.StringVar(&s.tlsKey, "tls-key", "", "PEM `file` with the certificate's private key")
	flags.BoolVar(&s.https, "secure-cookie", false, "set when a proxy in front of this server terminates TLS")
	flags.Func("trusted-proxies", "`networks`, such as 10.0.0.0/8,::1, whose X-Forwarded-For is trusted to have the client's address", func(text string) (err error) { s.proxies, err = realip.Parse(text); return })
	flags.TextVar(level, "log-level", level, "lowest `level` of the log records: debug, info, warn or error")
	logFormat := flags.String("log-format", "text", "`format` of the log records: text or json")
	printVersion := flags.Bool("version", false, "print the version and exit")
	err = ff.Parse(flags, args, ff.WithEnvVarPrefix("IRIS_SESSIONS"))
	switch {
	case errors.Is(err, flag.ErrHelp):
		flags.SetOutput(stderr)
		flags.Usage()
		fmt.Fprintln(stderr, "Each flag is also an environment variable: -log-level is IRIS_SESSIONS_LOG_LEVEL. The flag wins.")
		os.Exit(0)
	case err != nil:
		err = fmt.Errorf("%w (-h lists the flags)", err)
	case *printVersion:
		fmt.Println("iris-sessions", build.Main.Version, build.GoVersion)
		os.Exit(0)
	case flags.NArg() > 0:
		err = errors.New("unexpected argument: there are flags only, and a URL belongs to -store")
	case s.addr == "" || s.maxSessions < 1:
		err = errors.New("-addr must not be empty, and -max-sessions not less than 1")
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

// life is a session's life as a flag: the errors name the units of time.
type life time.Duration

func (l *life) String() string { return time.Duration(*l).String() }

func (l *life) Set(text string) error {
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return errors.New("want a time such as 90s, 30m or 24h, or 0")
	}
	*l = life(d)
	return nil
}
