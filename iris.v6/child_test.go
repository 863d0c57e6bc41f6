package iris_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/httprouter"
)

// childEnv makes the test binary a server that calls the method of its first
// argument with the others.
const childEnv = "IRIS_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childEnv) != "" {
		listen(os.Args[1:])
		fmt.Println("returned")
		os.Exit(0)
	}
	m.Run()
}

// listen is the child's main function. It prints events on stdout.
func listen(args []string) {
	app := iris.New()
	if args[0] != "NoRouter" {
		app.Adapt(httprouter.New())
	}
	app.Adapt(iris.EventPolicy{
		Build:       func(*iris.Framework) { fmt.Println("listening") }, // Serve builds, after Listen has bound the address
		Interrupted: func(*iris.Framework) { fmt.Println("interrupted") },
	})
	app.Get("/", func(ctx *iris.Context) {
		ctx.Writef("hello over %s", ctx.Request.Proto)
		if ctx.Request.TLS != nil { // sessions ask this before they call their cookie Secure
			ctx.WriteString(" and TLS")
		}
	}).ChangeName("home")
	app.Get("/url", func(ctx *iris.Context) { ctx.WriteString(app.URL("home")) })
	app.Get("/slow", func(ctx *iris.Context) {
		fmt.Println("in flight")
		bufio.NewReader(os.Stdin).ReadString('\n')
		ctx.WriteString("finished")
	})
	switch args[0] {
	case "Listen", "NoRouter":
		app.Listen(args[1])
	case "ListenTLS":
		app.ListenTLS(args[1], args[2], args[3])
	case "ListenUNIX":
		app.ListenUNIX(args[1], 0o600)
	case "Serve": // two listeners
		served := make(chan error)
		for _, addr := range args[1:] {
			l, err := net.Listen("tcp", addr)
			if err != nil {
				panic(err)
			}
			go func() { served <- app.Serve(l) }()
		}
		fmt.Println(<-served, <-served)
	case "ListenInVain":
		app.Shutdown = func(ctx context.Context) error { // as if a request never ended
			end, _ := ctx.Deadline()
			fmt.Println("drains for", time.Until(end).Round(time.Second))
			return context.DeadlineExceeded
		}
		app.Listen(args[1])
	}
}

// child is a process: one that runs listen, or an example.
type child struct {
	*testing.T
	*exec.Cmd
	stdin  io.WriteCloser
	stdout *bufio.Reader
	stderr bytes.Buffer
}

func start(t *testing.T, args ...string) *child {
	t.Helper()
	return startProgram(t, os.Args[0], args...)
}

func startProgram(t *testing.T, file string, args ...string) *child {
	t.Helper()
	c := &child{T: t, Cmd: exec.CommandContext(t.Context(), file, args...)}
	c.Cmd.Env = append(os.Environ(), childEnv+"=1", "GORACE=atexit_sleep_ms=0") // -race waits for a second otherwise
	c.Cmd.Stderr = &c.stderr
	stdout, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.stdout = bufio.NewReader(stdout)
	if c.stdin, err = c.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	return c
}

// says waits until the child prints that line.
func (c *child) says(want string) {
	c.Helper()
	if line, err := c.stdout.ReadString('\n'); strings.TrimSpace(line) != want {
		c.Fatalf("the child says %q, %v, want %q; on stderr:\n%s", line, err, want, &c.stderr)
	}
}

// ends waits until the child has ended, and returns what it has printed on stdout.
func (c *child) ends() (stdout string) {
	c.Helper()
	rest, err := io.ReadAll(c.stdout)
	if err != nil {
		c.Fatal(err)
	}
	if err := c.Wait(); err != nil && c.ProcessState == nil {
		c.Fatal(err)
	}
	return string(rest)
}

func (c *child) signal(sig os.Signal) {
	c.Helper()
	if err := c.Process.Signal(sig); err != nil {
		c.Fatal(err)
	}
}

// freeAddr returns an address that was not in use a moment ago.
func freeAddr(t *testing.T) string {
	t.Helper()
	l := listener(t)
	defer l.Close()
	return l.Addr().String()
}

// over returns a client that sends every request to that address.
func over(network, addr string) *http.Client {
	var d net.Dialer
	transport := &http.Transport{DisableKeepAlives: true}
	transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) { return d.DialContext(ctx, network, addr) }
	return &http.Client{Transport: transport, Timeout: patience}
}
