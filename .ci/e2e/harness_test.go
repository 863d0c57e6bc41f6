//go:build unix

package e2e

import (
	"bufio"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is how long a test waits for what should happen at once.
const patience = 30 * time.Second

// drainTime is how long a stop waits for requests in flight.
const drainTime = 10 * time.Second

// soak makes the load tests take as long as they take.
var soak = flag.Bool("soak", false, "test load at full length")

func scale(small, full int) int {
	if *soak {
		return full
	}
	return small
}

// scratch is a directory that lasts as long as the tests, and program the file
// in it that they test: the one that make build makes.
var scratch, program string

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(buildAndRun(m))
}

func buildAndRun(m *testing.M) (exit int) {
	var err error
	if scratch, err = os.MkdirTemp("", "iris-sessions"); err != nil {
		panic(err)
	}
	defer func() {
		if err := os.RemoveAll(scratch); err != nil {
			panic(err)
		}
	}()
	program = filepath.Join(scratch, "iris-sessions")
	if out, err := exec.Command("make", "-C", "../..", "build", "OUT="+program).CombinedOutput(); err != nil {
		panic(fmt.Sprintf("make build: %v\n%s", err, out))
	}
	return m.Run()
}

// server is the program while it runs.
type server struct {
	addr string
	pid  int
	log  *journal
	done chan struct{} // closed when the program has ended
	err  error         // how it ended, once done is closed
}

// journal is what a server has logged so far.
type journal struct {
	mu   sync.Mutex
	text strings.Builder
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// start runs the program on a free port with those flags.
func start(t *testing.T, flags ...string) *server {
	t.Helper()
	return startCommand(t, exec.CommandContext(t.Context(), program, append([]string{"-addr", "127.0.0.1:0"}, flags...)...))
}

// startCommand runs a command that becomes the program, and waits until it
// listens. The program ends with the test.
func startCommand(t *testing.T, cmd *exec.Cmd) *server {
	t.Helper()
	s := &server{log: new(journal), done: make(chan struct{})}
	cmd.Stderr = s.log
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s.pid = cmd.Process.Pid
	line, lineErr := bufio.NewReader(out).ReadString('\n')
	go func() {
		defer close(s.done)
		s.err = cmd.Wait()
	}()
	t.Cleanup(func() {
		<-s.done
		if t.Failed() {
			t.Logf("the program logged:\n%.5000s", s.log)
		}
	})
	said := regexp.MustCompile(`^listening on (?:https?://)?(.+)\n$`).FindStringSubmatch(line)
	if said == nil {
		t.Fatalf("the first line is %q: %v", line, lineErr)
	}
	s.addr = said[1]
	return s
}

// signal sends a signal to the program.
func (s *server) signal(t *testing.T, sig syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(s.pid, sig); err != nil {
		t.Fatal(err)
	}
}

// wait waits until the program has ended.
func (s *server) wait(t *testing.T) {
	t.Helper()
	select {
	case <-s.done:
	case <-time.After(patience):
		t.Fatal("the program does not end")
	}
}

// stop stops the program by SIGTERM. It fails the test if that is not clean.
func (s *server) stop(t *testing.T) {
	t.Helper()
	s.signal(t, syscall.SIGTERM)
	s.wait(t)
	if s.err != nil {
		t.Errorf("after SIGTERM the program ended with %v", s.err)
	}
}

// lines waits for n log records that match, and returns all that do.
func (s *server) lines(t *testing.T, n int, pattern string) []string {
	t.Helper()
	wanted := regexp.MustCompile("(?m)^.*" + pattern + ".*$")
	var found []string
	eventually(t, fmt.Sprintf("%d records of %s", n, pattern), func() bool {
		found = wanted.FindAllString(s.log.String(), -1)
		return len(found) >= n
	})
	return found
}

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	poll, deadline := time.NewTicker(10*time.Millisecond), time.Now().Add(patience)
	defer poll.Stop()
	for !holds() {
		if <-poll.C; time.Now().After(deadline) {
			t.Fatal("waited in vain for ", what)
		}
	}
}

// portOf returns the port of an address.
func portOf(addr string) string { return addr[strings.LastIndexByte(addr, ':')+1:] }

// untilOpen waits until somebody listens on the address.
func untilOpen(t *testing.T, addr string) {
	t.Helper()
	eventually(t, "a listener on "+addr, func() bool {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			return false
		}
		return conn.Close() == nil
	})
}
