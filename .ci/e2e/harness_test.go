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
	"syscall"
	"testing"
	"time"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis/redistest"
)

// patience is the longest wait for something that should happen at once.
const patience = 30 * time.Second

// soak makes the load tests run at full length.
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
	if os.Getenv(asApp) != "" {
		runApp(os.Args[1], os.Args[2])
		return
	}
	var err error
	if scratch, err = os.MkdirTemp("", "iris-sessions"); err != nil {
		panic(err)
	}
	program = filepath.Join(scratch, "iris-sessions")
	if out, err := exec.Command("make", "-C", "../..", "build", "OUT="+program).CombinedOutput(); err != nil {
		panic(fmt.Sprintf("make build: %v\n%s", err, out))
	}
	exit := m.Run()
	if err := os.RemoveAll(scratch); err != nil {
		panic(err)
	}
	os.Exit(exit)
}

// server is the program while it runs.
type server struct {
	addr    string
	pid     int
	logFile string
	done    chan struct{} // closed when the program has ended
	err     error         // how it ended, once done is closed
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
	log, err := os.CreateTemp(t.TempDir(), "log")
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	cmd.Stderr = log
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s := &server{pid: cmd.Process.Pid, logFile: log.Name(), done: make(chan struct{})}
	line, lineErr := bufio.NewReader(out).ReadString('\n')
	go func() {
		defer close(s.done)
		s.err = cmd.Wait()
	}()
	t.Cleanup(func() {
		<-s.done
		log := s.log(t)
		if strings.Contains(log, redistest.Password) || strings.Contains(log, "DATA RACE") {
			t.Error("the log has the password of Redis, or a data race")
		}
		if t.Failed() {
			t.Logf("the program logged:\n%.5000s", log)
		}
	})
	said := regexp.MustCompile(`^listening on (?:\S+ \()?https?://([^)]+)\)?\n$`).FindStringSubmatch(line)
	if said == nil {
		t.Fatalf("the first line is %q: %v", line, lineErr)
	}
	s.addr = said[1]
	return s
}

// log returns what the program has logged so far.
func (s *server) log(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(s.logFile)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
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
	redistest.Eventually(t, fmt.Sprintf("%d records of %s", n, pattern), func() bool {
		found = wanted.FindAllString(s.log(t), -1)
		return len(found) >= n
	})
	return found
}

// portOf returns the port of an address.
func portOf(addr string) string { return addr[strings.LastIndexByte(addr, ':')+1:] }

// untilOpen waits until somebody listens on the address.
func untilOpen(t *testing.T, addr string) {
	t.Helper()
	redistest.Eventually(t, "a listener on "+addr, func() bool {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			return false
		}
		return conn.Close() == nil
	})
}
