// The sessions example of the Iris v6 web framework: three handlers, a cookie
// and curl. See README.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/httprouter"
	"gopkg.in/kataras/iris.v6/adaptors/sessions"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/bolt"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis"
)

// drainTime is how long a stop waits for requests in flight.
const drainTime = 10 * time.Second

// errUsage says that the command line was wrong.
var errUsage = errors.New("usage")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	switch err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); {
	case errors.Is(err, errUsage):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "iris-sessions:", err)
		os.Exit(1)
	}
}

// defaults are the limits that sessions live by unless the flags say otherwise.
var defaults = sessions.Limits{
	Expires:     24 * time.Hour,
	IdleTimeout: time.Hour,
	MaxSessions: 1_000_000,
}

// store keeps the sessions; nil is this process's memory.
type store interface {
	sessions.Store
	io.Closer
}

// openStore opens what the flag -sessions names. errUsage is for a name that is
// wrong whatever the system is like.
func openStore(name string) (store, error) {
	kind, path, _ := strings.Cut(name, ":")
	switch {
	case name == "memory":
		return nil, nil
	case kind == "bolt" && path != "":
		return bolt.Open(path)
	case kind == "redis", kind == "rediss":
		s, err := redis.Open(name)
		if wrong := new(redis.URLError); errors.As(err, &wrong) {
			return nil, fmt.Errorf("%w: %w", errUsage, wrong.Err) // not the URL: it may have a password
		}
		return s, err
	}
	return nil, fmt.Errorf("%w: neither memory nor bolt:PATH nor redis://HOST:PORT", errUsage)
}

// newApp wires the example.
func newApp(limits sessions.Limits, store sessions.Store) *iris.Framework {
	app := iris.New()
	app.Adapt(httprouter.New())
	app.Adapt(sessions.New(sessions.Config{
		Cookie:      "my_sessionid",
		Expires:     limits.Expires,
		IdleTimeout: limits.IdleTimeout,
		MaxSessions: limits.MaxSessions,
		RenewOn:     []string{authenticated},
		Store:       store,
	}))

	app.Get("/secret", secret)
	app.Get("/login", login)
	app.Get("/logout", logout)
	return app
}

// config is what the command line says.
type config struct {
	addr, sessions string
	limits         sessions.Limits
}

// parse reads the command line. What is wrong with it goes to stderr.
func parse(args []string, stderr io.Writer) (c config, err error) {
	flags := flag.NewFlagSet("iris-sessions", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&c.addr, "addr", ":8080", "TCP `address` to listen on; port 0 takes a free one")
	flags.StringVar(&c.sessions, "sessions", "memory", "where sessions are kept: memory, bolt:PATH, or redis://[user:password@]host:port[,host:port...][/db]")
	flags.DurationVar(&c.limits.Expires, "expires", defaults.Expires, "`time` that a session lives, however much it is used; 0: no limit")
	flags.DurationVar(&c.limits.IdleTimeout, "idle", defaults.IdleTimeout, "`time` that a session lives without being used; 0: no limit")
	flags.IntVar(&c.limits.MaxSessions, "max-sessions", defaults.MaxSessions, "`number` of sessions that may be alive at once in memory")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return c, err
	} else if err != nil {
		return c, errUsage
	}
	wrong := ""
	switch {
	case flags.NArg() > 0:
		wrong = fmt.Sprintf("unexpected argument: %q", flags.Arg(0))
	case c.limits.Expires < 0:
		wrong = fmt.Sprintf("invalid value %q for flag -expires: less than 0", c.limits.Expires)
	case c.limits.IdleTimeout < 0:
		wrong = fmt.Sprintf("invalid value %q for flag -idle: less than 0", c.limits.IdleTimeout)
	case c.limits.MaxSessions < 1:
		wrong = fmt.Sprintf("invalid value \"%d\" for flag -max-sessions: less than 1", c.limits.MaxSessions)
	}
	if wrong != "" {
		fmt.Fprintln(stderr, wrong)
		flags.Usage()
		return c, errUsage
	}
	return c, nil
}

// run serves until ctx ends, and then until what is in flight has been answered.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	c, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	store, err := openStore(c.sessions)
	if errors.Is(err, errUsage) {
		fmt.Fprintln(stderr, "invalid value for flag -sessions:", err)
		return errUsage
	}
	if err != nil {
		return err
	}
	if store != nil {
		defer func() { err = errors.Join(err, store.Close()) }()
	}
	app := newApp(c.limits, store)
	l, err := net.Listen("tcp", c.addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%w: choose another with -addr", err)
	case err != nil:
		return err
	}
	if _, err := fmt.Fprintf(stdout, "listening on %s\n", l.Addr()); err != nil {
		return errors.Join(err, l.Close())
	}

	served := make(chan error, 1)
	go func() { served <- app.Serve(l) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	if err := app.Shutdown(drain); err != nil {
		return fmt.Errorf("requests were still in flight after %v: %w", drainTime, err)
	}
	return <-served
}
