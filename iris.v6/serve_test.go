package iris_test

import (
	"context"
	"errors"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"gopkg.in/kataras/iris.v6"
)

func listener(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// serving runs app.Serve, and sends its result on the channel.
func serving(t *testing.T, app *iris.Framework) (net.Addr, <-chan error) {
	t.Helper()
	l, served := listener(t), make(chan error, 1)
	go func() { served <- app.Serve(l) }()
	return l.Addr(), served
}

// shutdown stops the app and fails the test if that, or Serve, had an error.
func shutdown(t *testing.T, app *iris.Framework, served <-chan error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	equal(t, "error of Shutdown", app.Shutdown(ctx), nil)
	equal(t, "error of Serve", wait(t, served), nil)
}

// wait receives from the channel, and fails the test if nothing is sent.
func wait[T any](t *testing.T, c <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(patience):
		t.Fatal("nothing was sent")
	}
	return v
}

func TestServeAnswersUntilShutdown(t *testing.T) {
	app, logged := newApp()
	app.Get("/", func(ctx *iris.Context) { ctx.WriteString(ctx.RemoteAddr()) })
	addr, served := serving(t, app)

	client := dial(t, addr)
	for range 2 { // on one connection
		client.send("GET / HTTP/1.1", "Host: x", "")
		resp, body := client.receive("GET")
		equal(t, "status", resp.StatusCode, 200)
		equal(t, "body", body, "127.0.0.1")
	}
	shutdown(t, app, served)
	equal(t, "the idle connection is closed", client.rest(), "")
	refused(t, addr)
	logged.none(t)
}

// refused waits until connections to the address are refused.
func refused(t *testing.T, addr net.Addr) {
	t.Helper()
	for begin := time.Now(); time.Since(begin) < patience; runtime.Gosched() {
		conn, err := net.Dial(addr.Network(), addr.String())
		if err != nil {
			return
		}
		conn.Close()
	}
	t.Fatalf("connections to %s are still accepted", addr)
}

func TestShutdownClosesEveryListenerAndAnswersTheRequestsInFlight(t *testing.T) {
	app, _ := newApp()
	started, finish := make(chan bool, 2), make(chan bool)
	app.Get("/", func(ctx *iris.Context) {
		started <- true
		<-finish
		ctx.WriteString("finished")
	})
	one, oneServed := serving(t, app)
	other, otherServed := serving(t, app)
	clients := []*wire{dial(t, one), dial(t, other)}
	for _, client := range clients {
		client.send("GET / HTTP/1.1", "Host: x", "")
		wait(t, started)
	}
	down := make(chan error, 1)
	go func() { down <- app.Shutdown(t.Context()) }()
	refused(t, one)
	refused(t, other)
	select {
	case err := <-down:
		t.Errorf("Shutdown returns %v with requests in flight", err)
	case err := <-oneServed:
		t.Errorf("Serve returns %v with requests in flight", err)
	case err := <-otherServed:
		t.Errorf("Serve returns %v with requests in flight", err)
	default:
	}
	close(finish)
	for _, client := range clients {
		resp, body := client.receive("GET")
		equal(t, "status", resp.StatusCode, 200)
		equal(t, "body", body, "finished")
	}
	equal(t, "error of Shutdown", wait(t, down), nil)
	equal(t, "error of one Serve", wait(t, oneServed), nil)
	equal(t, "error of the other Serve", wait(t, otherServed), nil)
	equal(t, "error of a second Shutdown", app.Shutdown(t.Context()), nil)
}

func TestShutdownGivesUpWhenItsContextEnds(t *testing.T) {
	app, _ := newApp()
	started, finish := make(chan bool, 1), make(chan bool)
	app.Get("/", func(*iris.Context) {
		started <- true
		<-finish
	})
	addr, served := serving(t, app)
	dial(t, addr).send("GET / HTTP/1.1", "Host: x", "")
	wait(t, started)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := app.Shutdown(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("Shutdown returns %v, want context.Canceled", err)
	}
	equal(t, "error of Serve", wait(t, served), nil)
	close(finish)
	equal(t, "error of a Shutdown that waits", app.Shutdown(t.Context()), nil)
}

func TestServeAfterShutdownClosesTheListener(t *testing.T) {
	app, _ := newApp()
	equal(t, "error of Shutdown", app.Shutdown(t.Context()), nil)
	l := listener(t)
	equal(t, "error of Serve", app.Serve(l), nil)
	refused(t, l.Addr())
}

func TestServeReturnsTheErrorThatEndedIt(t *testing.T) {
	app, _ := newApp()
	l := listener(t)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	err := app.Serve(l)
	if !errors.Is(err, net.ErrClosed) || !strings.HasPrefix(err.Error(), "iris: serve "+l.Addr().String()+": ") {
		t.Errorf("Serve returns %v", err)
	}
}
