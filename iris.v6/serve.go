package iris

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"gopkg.in/kataras/iris.v6/internal/ratelog"
)

// drainTime is how long a stop by a signal waits for requests in flight.
const drainTime = 10 * time.Second

// Serve boots the framework and answers the requests of the listener's
// connections. On SIGINT and SIGTERM it fires EventPolicy.Interrupted, answers the
// requests in flight, for 10 s at most, and returns; a second signal ends the
// process at once. Serve returns nil when all have been answered, and after Shutdown,
// which returns its own error. Otherwise it returns the error that ended it, or that
// some requests took longer than the 10 s.
func (f *Framework) Serve(l net.Listener) error {
	return f.serve("http", l, func() {
		f.Log(InfoMode, fmt.Sprintf("iris: SIGHUP: %s has no certificate to read again", l.Addr()))
	})
}

// Listen is Serve on a TCP address, ":8080" say. It has bound the address and
// filled in Configuration.VHost when EventPolicy.Build fires. If it cannot
// listen, or Serve returns an error, it logs that and exits with status 1.
// Functions deferred by the caller do not run then. The stores of this module need
// no Close in that case: they have saved what was answered.
func (f *Framework) Listen(addr string) {
	l := f.opened(net.Listen("tcp", addr))
	f.listensOn("http", addr, l.Addr())
	f.exitIf(f.Serve(l))
}

// ListenUNIX is Listen on a Unix socket, whose file gets the given mode. On Linux
// the file never lets in more than that. On other systems it has the mode that
// the umask leaves for a moment before: put it into a directory that others may
// not enter.
func (f *Framework) ListenUNIX(socketFile string, mode os.FileMode) {
	f.exitIf(f.Serve(f.opened(listenUNIX(socketFile, mode))))
}

func listenUNIX(socketFile string, mode os.FileMode) (net.Listener, error) {
	l, err := bindUNIX(socketFile, mode)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(socketFile, mode); err != nil { // whatever the umask is
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// opened returns l. It exits if there was an error.
func (f *Framework) opened(l net.Listener, err error) net.Listener {
	if err != nil {
		f.exitIf(fmt.Errorf("iris: %w", err))
	}
	return l
}

func (f *Framework) exitIf(err error) {
	if err != nil {
		f.Log(ProdMode, err.Error())
		os.Exit(1)
	}
}

// serve is Serve. It calls hangup at a SIGHUP.
func (f *Framework) serve(scheme string, l net.Listener, hangup func()) error {
	stops, hangups := make(chan os.Signal, 1), make(chan os.Signal, 1)
	signal.Notify(stops, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(stops)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups) // not before: a SIGHUP must not end a drain
	f.listensOn(scheme, "", l.Addr())
	if _, err := f.tryBoot(); err != nil {
		return errors.Join(err, l.Close())
	}
	served := make(chan error, 1)
	go func() { served <- f.server.Serve(lazyListener{l}) }()
	for {
		select {
		case err := <-served:
			if !errors.Is(err, http.ErrServerClosed) {
				return fmt.Errorf("iris: serve %s: %w", l.Addr(), err)
			}
			<-f.drained // otherwise a main that ends with Serve would drop requests
			return nil
		case <-hangups:
			hangup()
		case <-stops:
			signal.Stop(stops) // a second one ends the process at once
			if err := f.drain(); err != nil {
				return err
			}
		}
	}
}

// shutdown is Shutdown.
func (f *Framework) shutdown(ctx context.Context) error {
	defer f.stopped.Do(func() { close(f.drained) })
	if err := f.server.Shutdown(ctx); err != nil {
		return fmt.Errorf("iris: shutdown: %w", err)
	}
	return nil
}

func (f *Framework) drain() error {
	f.interrupted.Do(func() { f.policies.Interrupted.fire(f) })
	ctx, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	err := f.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%w: requests were still in flight after %v", err, drainTime)
	}
	return err
}

// listensOn fills in the host that clients use, at the first call: the one of
// given, the address that the program asked for, because a certificate may have
// that name. An address for all hosts is localhost.
func (f *Framework) listensOn(scheme, given string, addr net.Addr) {
	f.listens.Do(func() {
		host := "localhost"
		if tcp, ok := addr.(*net.TCPAddr); ok {
			if !tcp.IP.IsUnspecified() {
				host = tcp.IP.String()
				if name, _, err := net.SplitHostPort(given); err == nil {
					host = name
				}
			}
			host = net.JoinHostPort(host, strconv.Itoa(tcp.Port))
		}
		f.Config.VScheme = cmp.Or(f.Config.VScheme, scheme)
		f.Config.VHost = cmp.Or(f.Config.VHost, host)
	})
}

// logWriter hands net/http's own messages to the adapted logger: every panic, and one
// a second of the others, because any client can cause those.
type logWriter struct {
	framework *Framework
	limit     ratelog.Limit
}

func (w *logWriter) Write(p []byte) (int, error) {
	message := strings.TrimSuffix(string(p), "\n")
	pass := true
	if !strings.Contains(message, "panic serving") {
		message, pass = w.limit.Pass(message)
	}
	if pass {
		w.framework.Log(ProdMode, message)
	}
	return len(p), nil
}
