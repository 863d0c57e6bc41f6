package iris_test

import (
	"errors"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"gopkg.in/kataras/iris.v6"
)

// exhausted is a listener without file descriptors for connections, until it is closed.
type exhausted struct{ closed chan struct{} }

func (l exhausted) Accept() (net.Conn, error) {
	select {
	case <-l.closed:
		return nil, net.ErrClosed
	default:
		return nil, &net.OpError{Op: "accept", Net: "tcp", Err: syscall.EMFILE}
	}
}

func (l exhausted) Close() error   { return nil }
func (l exhausted) Addr() net.Addr { return &net.TCPAddr{} }

func TestAcceptErrorsAreLoggedOnceASecond(t *testing.T) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGHUP) // starts the goroutine of os/signal, which never ends, outside of the bubble
	signal.Stop(c)
	synctest.Test(t, func(t *testing.T) {
		app, logged := newApp()
		l, served := exhausted{make(chan struct{})}, make(chan error)
		go func() { served <- app.Serve(l) }()
		<-time.After(10 * time.Second)
		close(l.closed)
		if err := <-served; !errors.Is(err, net.ErrClosed) {
			t.Errorf("Serve: %v", err)
		}
		records := logged.all()
		if n := len(records); n < 8 || n > 11 {
			t.Errorf("%d records in 10 seconds:\n%s", n, strings.Join(records, "\n"))
		}
		if !strings.HasPrefix(records[0], "http: Accept error: ") || !strings.Contains(records[1], " more since the last record)") {
			t.Errorf("records:\n%s", strings.Join(records[:2], "\n"))
		}
	})
}

func TestEveryPanicOutsideTheHandlersIsLogged(t *testing.T) {
	app, logged := newApp()
	app.Adapt(iris.RouterWrapperPolicy(func(http.ResponseWriter, *http.Request, http.HandlerFunc) { panic("in a wrapper") }))
	addr, served := serving(t, app)
	for range 3 {
		client := dial(t, addr)
		client.send("GET / HTTP/1.1", "Host: x", "")
		equal(t, "bytes received", client.rest(), "")
	}
	shutdown(t, app, served)
	equal(t, "records", len(logged.all()), 3)
	for _, message := range logged.all() {
		if !strings.HasPrefix(message, "http: panic serving ") || !strings.Contains(message, "in a wrapper") || strings.HasSuffix(message, "\n") {
			t.Errorf("log record: %q", message)
		}
	}
}

// Interrupted is for signals: a program that calls Shutdown knows that it did.
func TestListenEndsAtShutdownWithoutInterrupted(t *testing.T) {
	app, logged := newApp()
	app.Adapt(iris.EventPolicy{
		Build:       func(*iris.Framework) { go app.Shutdown(t.Context()) },
		Interrupted: func(*iris.Framework) { t.Error("Interrupted is fired without a signal") },
	})
	returned := make(chan bool, 1)
	go func() { app.Listen("127.0.0.1:0"); returned <- true }()
	wait(t, returned)
	logged.none(t)
}
