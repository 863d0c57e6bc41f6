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

// newApp wires the example.
func newApp() *iris.Framework {
	app := iris.New()
	app.Adapt(httprouter.New())
	app.Adapt(sessions.New(sessions.Config{
		Cookie:      "my_sessionid",
		Expires:     24 * time.Hour,
		IdleTimeout: time.Hour,
		RenewOn:     []string{authenticated},
	}))

	app.Get("/secret", secret)
	app.Get("/login", login)
	app.Get("/logout", logout)
	return app
}

// run serves until ctx ends, and then until what is in flight has been answered.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("iris-sessions", flag.ContinueOnError)
	flags.SetOutput(stderr)
	addr := flags.String("addr", ":8080", "TCP `address` to listen on; port 0 takes a free one")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return nil
	} else if err != nil {
		return errUsage
	}
	if flags.NArg() > 0 {
		fmt.Fprintf(stderr, "unexpected argument: %s\n", flags.Arg(0))
		flags.Usage()
		return errUsage
	}

	app := newApp()
	l, err := net.Listen("tcp", *addr)
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
