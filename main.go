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
	"syscall"
	"time"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/httprouter"
	"gopkg.in/kataras/iris.v6/adaptors/sessions"
)

// drainTime is how long a stop waits for requests in flight.
const drainTime = 10 * time.Second

// errUsage says that the command line was wrong, and that the user was told why.
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

// newApp wires the example.
func newApp(limits sessions.Limits) *iris.Framework {
	app := iris.New()
	app.Adapt(httprouter.New())
	app.Adapt(sessions.New(sessions.Config{
		Cookie:      "my_sessionid",
		Expires:     limits.Expires,
		IdleTimeout: limits.IdleTimeout,
		MaxSessions: limits.MaxSessions,
		RenewOn:     []string{authenticated},
	}))

	app.Get("/secret", secret)
	app.Get("/login", login)
	app.Get("/logout", logout)
	return app
}

// parse reads the command line. What is wrong with it goes to stderr.
func parse(args []string, stderr io.Writer) (addr string, limits sessions.Limits, err error) {
	flags := flag.NewFlagSet("iris-sessions", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&addr, "addr", ":8080", "TCP `address` to listen on; port 0 takes a free one")
	flags.DurationVar(&limits.Expires, "expires", defaults.Expires, "`time` that a session lives, however much it is used; 0: no limit")
	flags.DurationVar(&limits.IdleTimeout, "idle", defaults.IdleTimeout, "`time` that a session lives without being used; 0: no limit")
	flags.IntVar(&limits.MaxSessions, "max-sessions", defaults.MaxSessions, "`number` of sessions that may be alive at once")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return "", limits, err
	} else if err != nil {
		return "", limits, errUsage
	}
	wrong := ""
	switch {
	case flags.NArg() > 0:
		wrong = fmt.Sprintf("unexpected argument: %q", flags.Arg(0))
	case limits.Expires < 0:
		wrong = fmt.Sprintf("invalid value %q for flag -expires: less than 0", limits.Expires)
	case limits.IdleTimeout < 0:
		wrong = fmt.Sprintf("invalid value %q for flag -idle: less than 0", limits.IdleTimeout)
	case limits.MaxSessions < 1:
		wrong = fmt.Sprintf("invalid value \"%d\" for flag -max-sessions: less than 1", limits.MaxSessions)
	}
	if wrong != "" {
		fmt.Fprintln(stderr, wrong)
		flags.Usage()
		return "", limits, errUsage
	}
	return addr, limits, nil
}

// run serves until ctx ends, and then until what is in flight has been answered.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	addr, limits, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	app := newApp(limits)
	l, err := net.Listen("tcp", addr)
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
