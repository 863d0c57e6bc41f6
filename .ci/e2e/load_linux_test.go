package e2e

import (
	"cmp"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis/redistest"
)

// mostGrowth is how much more memory a server may have after an attack.
const mostGrowth = 32 << 20

// memory returns how many bytes of memory the program has.
func (s *server) memory(t *testing.T) int {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.pid))
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(status), "VmRSS:")
	line, _, _ := strings.Cut(after, " kB")
	n, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	return n << 10
}

// openFiles returns how many file descriptors the program has.
func (s *server) openFiles(t *testing.T) int {
	t.Helper()
	all, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", s.pid))
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

// goroutines ends the program by SIGQUIT and counts its own in the trace.
func (s *server) goroutines(t *testing.T) int {
	t.Helper()
	s.signal(t, syscall.SIGQUIT)
	s.wait(t)
	log := s.log(t)
	return strings.Count(log, "created by ") - strings.Count(log, "created by runtime.")
}

// leftNothing ends a server that all clients have left, and compares it with
// one that never had a client.
func (s *server) leftNothing(t *testing.T, fresh *server) {
	t.Helper()
	most := fresh.openFiles(t)
	redistest.Eventually(t, "the connections to be closed", func() bool { return s.openFiles(t) <= most })
	if strings.Contains(s.log(t), "panic") {
		t.Error("a panic is in the log")
	}
	idle, left := fresh.goroutines(t), s.goroutines(t)
	t.Logf("%d goroutines are left, %d are in a server that had no clients", left, idle)
	if left > idle+2 { // one may be closing its connection, one freeing sessions
		t.Error("goroutines are left")
	}
}

func TestLoadIdleConnections(t *testing.T) {
	const mostEach = 32 << 10
	n := scale(1000, 10_000)
	s := start(t)
	before := s.memory(t)
	for i, c := range s.clients(t, n, "") {
		if got, _, err := c.get("/secret", ""); got != forbidden || err != nil {
			t.Fatalf("connection %d: %+v, %v", i, got, err)
		}
	}
	each := (s.memory(t) - before) / n
	t.Logf("%d idle connections take %d bytes each", n, each)
	if each > mostEach {
		t.Errorf("that is more than %d", mostEach)
	}
	if got, _ := s.get(t, "/secret", ""); got != forbidden {
		t.Errorf("a new client gets %+v", got)
	}
}

func TestLoadNoFileDescriptors(t *testing.T) {
	s := startCommand(t, exec.CommandContext(t.Context(), "sh", "-c", `ulimit -n 256 && exec "$0" -addr 127.0.0.1:0`, program))
	clients := s.clients(t, 300, "")
	s.lines(t, 4, `level=ERROR msg="http: Accept error: .*too many open files`)
	for _, c := range clients {
		c.Close()
	}
	if got, _ := s.get(t, "/secret", ""); got != forbidden {
		t.Errorf("afterwards a client gets %+v", got)
	}
}

// TestLoadSlowClients has clients send a byte a second, while another client asks
// this server and one without slow clients in turn.
func TestLoadSlowClients(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		rule, first string
		limit       time.Duration
	}{
		{"a slow header is cut off after 5 s and delays nobody", "GET /secret HTTP/1.1\r\nX-Slow: ", 5 * time.Second},
		{"a slow body is cut off after 30 s and delays nobody", rawRequest("GET /secret", "Content-Length: 1000"), 30 * time.Second},
	} {
		t.Run(row.rule, func(t *testing.T) {
			t.Parallel()
			servers := [...]*server{start(t), start(t)}
			began := time.Now()
			slow := servers[0].clients(t, 500, row.first)
			var left atomic.Int64
			for _, c := range slow {
				left.Add(1)
				go func() {
					io.Copy(io.Discard, c) // returns when the server cuts the connection
					left.Add(-1)
				}()
			}
			requests, delayed := 0, 0 // of the other client
			pace := time.NewTicker(10 * time.Millisecond)
			defer pace.Stop()
			for ; left.Load() > 0; requests++ {
				if <-pace.C; time.Since(began) > row.limit+20*time.Second { // less than the other limit, and more than a busy machine needs
					t.Fatal("slow clients are not cut off")
				}
				if requests%100 == 0 {
					for _, c := range slow {
						io.WriteString(c, "x") // fails when the server has cut the connection
					}
				}
				var took [len(servers)]time.Duration
				for i := range servers {
					i = (i + requests) % len(servers) // each is the first one in turn
					sent := time.Now()
					if got, _ := servers[i].get(t, "/secret", ""); got != forbidden {
						t.Errorf("another client gets %+v", got)
					}
					took[i] = time.Since(sent)
				}
				if took[0] > 3*took[1] {
					delayed++
				}
			}
			if took := time.Since(began); took < row.limit-time.Second {
				t.Errorf("they are cut off after %v, want %v", took, row.limit)
			}
			if t.Logf("of %d requests %d took three times as long as without slow clients", requests, delayed); delayed > requests/2 {
				t.Error("slow clients delay others")
			}
		})
	}
}

// pour sends bytes after the first ones for as long as they are taken, and returns
// the status of the response.
func pour(t *testing.T, s *server, first, then string, bytes int) int {
	t.Helper()
	c := s.clients(t, 1, first)[0]
	defer c.Close()
	go func() {
		chunk := []byte(strings.Repeat(then, 64<<10/max(1, len(then))))
		for written := 0; written < bytes; written += len(chunk) {
			if _, err := c.Write(chunk); err != nil {
				return // the server has answered, and closed the connection
			}
		}
	}()
	resp, err := http.ReadResponse(c.in, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode
}

func TestLoadHostileRequests(t *testing.T) {
	s, fresh := start(t), start(t)
	s.get(t, "/secret", "")
	before := s.memory(t)
	for _, row := range []struct {
		rule        string
		first, then string
		bytes       int
		status      int
	}{
		{"a header of 100 MiB is refused", "GET /secret HTTP/1.1\r\nHost: x\r\nX: ", "aaaaaaaa", 100 << 20, 431},
		{"100 MiB of header lines are refused", "GET /secret HTTP/1.1\r\nHost: x\r\n", "X: aaa\r\n", 100 << 20, 431},
		{"a path of 100 MiB is refused", "GET /", "aaaaaaaa", 100 << 20, 431},
		{"a cookie of 72 KiB is refused", rawRequest("GET /login", "Cookie: my_sessionid="+strings.Repeat("A", 72<<10)), "", 0, 431},
		{"a control byte in a cookie is refused", rawRequest("GET /login", "Cookie: "+forged+"\x00"), "", 0, 400},
		{"two lengths of a body are refused", rawRequest("GET /login", "Content-Length: 1", "Content-Length: 2"), "", 0, 400},
		{"a body of 1 GiB is not read", rawRequest("POST /login", "Content-Length: 1073741824"), "aaaaaaaa", 1 << 30, 404},
		{"a chunked body of 1 GiB is not read", rawRequest("POST /login", "Transfer-Encoding: chunked"), "2\r\naa\r\n", 1 << 30, 404},
		{"garbage after a request does not matter", rawRequest("GET /nowhere"), "\x00\xff\r\nGET", 1 << 20, 404},
		{"garbage is refused", "", "\x16\x03\x01\x02\r\n\r\n", 1 << 20, 400},
	} {
		t.Run(row.rule, func(t *testing.T) {
			if status := pour(t, s, row.first, row.then, row.bytes); status != row.status {
				t.Errorf("status %d, want %d", status, row.status)
			}
		})
	}
	grown := s.memory(t) - before
	t.Logf("the memory has grown by %d KiB", grown>>10)
	if grown > mostGrowth {
		t.Error("that is too much")
	}
	s.leftNothing(t, fresh)
}

// TestLoadMixed has sessions begin and end as fast as the server can.
func TestLoadMixed(t *testing.T) {
	const workers = 16
	n := int64(scale(50_000, 10_000_000)) / workers * workers
	flags := []string{"-log-level", "warn", "-expires", "1s", "-idle", "300ms"}
	s, fresh := start(t, flags...), start(t, flags...)
	var done, ended atomic.Int64
	var all sync.WaitGroup
	for worker, c := range s.clients(t, workers, "") {
		random := rand.New(rand.NewPCG(uint64(worker), 2))
		all.Go(func() {
			defer c.Close()
			var users [1000]string // cookies of those who are logged in, unless the session has ended
			for range n / workers {
				cookie := &users[random.IntN(len(users))]
				path := [...]string{"/login", "/logout", "/secret", "/secret", "/secret", "/secret"}[random.IntN(6)]
				got, set, err := c.get(path, *cookie)
				switch {
				case err != nil, path != "/secret" && got != empty, path == "/secret" && got != forbidden && (got != cake || *cookie == ""):
					t.Errorf("%s with %q: %+v, %v", path, *cookie, got, err)
					return
				case path == "/login":
					*cookie = cmp.Or(set, *cookie)
				case got == forbidden && *cookie != "":
					ended.Add(1)
					fallthrough
				case path == "/logout":
					*cookie = ""
				}
				done.Add(1)
			}
		})
	}
	var halves [2]int // the most memory in each
	sample := time.NewTicker(20 * time.Millisecond)
	defer sample.Stop()
	for done.Load() < n && !t.Failed() {
		<-sample.C
		half := min(1, done.Load()*2/n)
		halves[half] = max(halves[half], s.memory(t))
	}
	all.Wait()
	t.Logf("%d requests, %d sessions of users had ended; at most %d KiB in the first half, %d KiB in the second",
		done.Load(), ended.Load(), halves[0]>>10, halves[1]>>10)
	if ended.Load() == 0 {
		t.Error("no session has ended")
	}
	if halves[1] == 0 || halves[1] > halves[0]+halves[0]*scale(50, 5)/100 {
		t.Error("the memory grows")
	}
	s.leftNothing(t, fresh)
}
