// Package redistest starts real Redis servers for tests: one, a cluster, or one
// that a sentinel watches. It needs redis-server and redis-cli, and listens on
// loopback only. The servers end with the test.
package redistest

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// Password is the password of every Redis here.
const Password = "s3cret:/?#@,"

// Server is a running redis-server.
type Server struct {
	Addr string // host:port

	t    testing.TB
	args []string
	cmd  *exec.Cmd // nil unless it runs
	log  *bytes.Buffer
}

// Start starts a server that keeps nothing on disk. The arguments are added to
// its command line.
func Start(t testing.TB, args ...string) *Server {
	t.Helper()
	addr := FreeAddr(t)
	return start(t, addr, append([]string{"--port", port(addr), "--bind", "127.0.0.1", "--dir", t.TempDir(), "--save", "", "--appendonly", "no",
		"--requirepass", Password, "--masterauth", Password, "--repl-diskless-sync-delay", "0", "--loglevel", "warning"}, args...))
}

func start(t testing.TB, addr string, args []string) *Server {
	t.Helper()
	s := &Server{Addr: addr, t: t, args: args}
	t.Cleanup(s.Kill)
	s.Launch()
	return s
}

func port(addr string) string { return strings.TrimPrefix(addr, "127.0.0.1:") }

// FreeAddr returns a host:port on loopback that nobody listens on. It is below
// the ports of outgoing connections, of which tests make many.
func FreeAddr(t testing.TB) string {
	t.Helper()
	for range 100 {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 10_000+rand.IntN(20_000)))
		if err != nil {
			continue // taken
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		return l.Addr().String()
	}
	t.Fatal("there is no free port")
	return ""
}

// Launch starts the server, again if it was killed, and waits until it answers.
func (s *Server) Launch() {
	s.t.Helper()
	cmd, log := exec.Command("redis-server", s.args...), new(bytes.Buffer)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		s.t.Fatalf("%v: install it with apt-get install redis-server, or brew install redis", err)
	}
	s.cmd, s.log = cmd, log
	Eventually(s.t, "redis-server answers", func() bool {
		out, err := s.try("PING")
		return err == nil && (out == "PONG" || strings.HasPrefix(out, "NOAUTH"))
	})
}

// Kill ends the server at once. It does nothing if it has ended.
func (s *Server) Kill() {
	if s.cmd == nil {
		return
	}
	if err := s.cmd.Process.Kill(); err != nil {
		s.t.Error(err)
	}
	err := s.cmd.Wait()
	s.cmd = nil
	if s.t.Failed() {
		s.t.Logf("redis-server at %s ended with %v and logged:\n%s", s.Addr, err, s.log)
	}
}

// Pause stops the server where it is, until Resume. The system still accepts
// connections for it. It fails the test where there are no Unix signals.
func (s *Server) Pause() { s.signal("STOP") }

// Resume lets a paused server go on.
func (s *Server) Resume() { s.signal("CONT") }

func (s *Server) signal(name string) {
	if out, err := exec.Command("sh", "-c", fmt.Sprintf("kill -%s %d", name, s.cmd.Process.Pid)).CombinedOutput(); err != nil {
		s.t.Errorf("kill -%s: %v: %s", name, err, out)
	}
}

// Do runs a command and returns its answer as text.
func (s *Server) Do(args ...string) string {
	s.t.Helper()
	out, err := s.try(args...)
	if err != nil {
		s.t.Fatalf("redis-cli %s: %v: %s", strings.Join(args, " "), err, out)
	}
	return out
}

func (s *Server) try(args ...string) (string, error) {
	cmd := exec.Command("redis-cli", append([]string{"-p", port(s.Addr)}, args...)...)
	if !slices.Contains(s.args, "--sentinel") {
		cmd.Env = append(os.Environ(), "REDISCLI_AUTH="+Password)
	}
	out, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

// Eventually waits until the condition holds, and fails the test if that takes
// more than half a minute.
func Eventually(t testing.TB, event string, condition func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(30 * time.Second); !condition(); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf("not after half a minute: %s", event)
		}
	}
}

// Cluster starts three masters with a replica each. A master that is gone for a
// second is replaced.
func Cluster(t testing.TB) []*Server {
	t.Helper()
	var servers []*Server
	create := []string{"--cluster", "create"}
	for range 6 {
		s := Start(t, "--cluster-enabled", "yes", "--cluster-node-timeout", "1000", "--cluster-port", port(FreeAddr(t)))
		servers = append(servers, s)
		create = append(create, s.Addr)
	}
	servers[0].Do(append(create, "--cluster-replicas", "1", "--cluster-yes")...)
	for _, s := range servers {
		Eventually(t, "the cluster is complete", func() bool {
			return strings.Contains(s.Do("CLUSTER", "INFO"), "cluster_state:ok") && s.linked()
		})
	}
	return servers
}

// linked tells whether the server is a replica that has what its master has, or
// a master that has such a replica.
func (s *Server) linked() bool {
	info := s.Do("INFO", "replication")
	return strings.Contains(info, "master_link_status:up") || strings.Contains(info, "state=online")
}

// IsMaster tells whether the server takes writes.
func (s *Server) IsMaster() bool {
	out, err := s.try("ROLE")
	return err == nil && strings.HasPrefix(out, "master")
}

// SentinelName is what a sentinel here calls the master that it watches.
const SentinelName = "mymaster"

// Sentinel starts a master with a replica, and a sentinel that replaces the one
// by the other when it is gone for a second.
func Sentinel(t testing.TB) (sentinel, master, replica *Server) {
	t.Helper()
	master = Start(t)
	replica = Start(t, "--replicaof", "127.0.0.1", port(master.Addr))
	Eventually(t, "the replica is linked", replica.linked)
	sentinel = Watch(t, master.Addr)
	Eventually(t, "the sentinel knows the replica", func() bool {
		return strings.Contains(sentinel.Do("SENTINEL", "REPLICAS", SentinelName), replica.Addr)
	})
	return sentinel, master, replica
}

// Watch starts a sentinel that watches the master. The arguments are added to its
// command line.
func Watch(t testing.TB, master string, args ...string) (sentinel *Server) {
	t.Helper()
	addr := FreeAddr(t)
	config := fmt.Sprintf(`port %s
bind 127.0.0.1
sentinel monitor %[2]s 127.0.0.1 %[3]s 1
sentinel auth-pass %[2]s "%[4]s"
sentinel down-after-milliseconds %[2]s 1000
sentinel failover-timeout %[2]s 5000
`, port(addr), SentinelName, port(master), Password)
	file := filepath.Join(t.TempDir(), "sentinel.conf")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	return start(t, addr, append([]string{file, "--sentinel"}, args...))
}
