package iris_test

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"gopkg.in/kataras/iris.v6"
)

// Interrupted is about signals: a program that calls Shutdown knows that it did.
func TestListenEndsAtShutdownWithoutInterrupted(t *testing.T) {
	app, logged := newApp()
	interrupted := make(chan bool, 1)
	app.Adapt(iris.EventPolicy{
		Build:       func(*iris.Framework) { go app.Shutdown(t.Context()) },
		Interrupted: func(*iris.Framework) { interrupted <- true },
	})
	returned := make(chan bool, 1)
	go func() { app.Listen("127.0.0.1:0"); returned <- true }()
	wait(t, returned)

	// What Listen has started ends, too, and only then is it clear that it did not fire.
	stacks := make([]byte, 1<<20)
	for begin := time.Now(); strings.Contains(string(stacks[:runtime.Stack(stacks, true)]), "(*Framework).serve"); runtime.Gosched() {
		if time.Since(begin) > patience {
			t.Fatal("Listen has left a goroutine behind")
		}
	}
	select {
	case <-interrupted:
		t.Error("Interrupted is fired without a signal")
	default:
	}
	logged.none(t)
}
