//go:build unix

package e2e

import (
	"cmp"
	"crypto/sha256"
	"flag"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis/redistest"
)

var seedFlag = flag.Uint64("seed", 0, "begin random requests with this number; 0: with a random one")

// newSeed returns what random requests begin with, and logs it.
func newSeed(t *testing.T) uint64 {
	seed := cmp.Or(*seedFlag, rand.Uint64())
	t.Logf("-seed=%d", seed)
	return seed
}

// app builds the program in ./app: it has more handlers, and stores that break
// their promises.
var app = sync.OnceValues(func() (string, error) {
	file := filepath.Join(scratch, "app")
	if out, err := exec.Command("go", "build", "-o", file, "./app").CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return file, nil
})

func startApp(t *testing.T, flags ...string) *server {
	t.Helper()
	file, err := app()
	if err != nil {
		t.Fatal(err)
	}
	return startCommand(t, exec.CommandContext(t.Context(), file, flags...))
}

// setting is some instances on one store, and the fault that it has for a while.
type setting struct {
	addrs      []string
	begin, end func() // of the fault; nil: there is none
	cuts       bool   // the fault cuts connections
	fallBehind func() // cuts the replica off that takes over in the end; nil: the fault does
	failover   *failover
}

// on returns a setting of instances on a store, without a fault.
func on(t *testing.T, instances int, flags ...string) *setting {
	t.Helper()
	s := new(setting)
	for range instances {
		s.addrs = append(s.addrs, startApp(t, flags...).addr)
	}
	return s
}

func inMemory(flags ...string) func(*testing.T) *setting {
	return func(t *testing.T) *setting { return on(t, 1, flags...) }
}

func onRedis(flags ...string) func(*testing.T) *setting {
	return func(t *testing.T) *setting {
		return on(t, 2, append(flags, "-store", redisURL(redistest.Start(t)))...)
	}
}

// onBolt kills the instance by SIGKILL and starts it again.
func onBolt(t *testing.T) *setting {
	flags := []string{"-addr", redistest.FreeAddr(t), "-store", "bolt:" + filepath.Join(t.TempDir(), "sessions.db")}
	s := startApp(t, flags...)
	return &setting{addrs: []string{s.addr}, cuts: true,
		begin: func() { s.signal(t, syscall.SIGKILL); s.wait(t) },
		end:   func() { startApp(t, flags...) },
	}
}

// onFaulty has two instances on a Redis with a fault that loses nothing.
func onFaulty(f fault) func(*testing.T) *setting {
	return func(t *testing.T) *setting {
		url, begin, end := f(t)
		s := on(t, 2, "-store", url)
		s.begin, s.end = begin, end
		return s
	}
}

// onSentinel has a master that is killed and replaced by its replica.
func onSentinel(query string, acknowledged bool) func(*testing.T) *setting {
	return func(t *testing.T) *setting {
		sentinel, master, replica := redistest.Sentinel(t)
		s := on(t, 2, "-store", redisURL(sentinel)+"?sentinel="+redistest.SentinelName+query)
		s.begin, s.end = master.Kill, func() {
			redistest.Eventually(t, "the replica has taken over", replica.IsMaster)
			redistest.Start(t, "--replicaof", "127.0.0.1", portOf(replica.Addr)) // for writes to wait for
		}
		s.failover = &failover{lost: allIDs, acknowledged: acknowledged}
		return s
	}
}

// onCluster has a cluster whose first master is killed and replaced by its
// replica, which is cut off before if it is to be behind.
func onCluster(query string, behind, acknowledged bool) func(*testing.T) *setting {
	return func(t *testing.T) *setting {
		all, master, replica := cluster(t)
		s := on(t, 2, "-store", redisURL(all...)+query)
		s.begin, s.end = master.Kill, func() {
			redistest.Eventually(t, "the replica has taken over", replica.IsMaster)
			master.Launch() // as a replica, for writes to wait for
		}
		if behind {
			replica.Do("CONFIG", "SET", "masterauth", "wrong")
			s.fallBehind = func() { master.Do("CLIENT", "KILL", "TYPE", "replica") }
		}
		s.failover = &failover{lost: idsOfFirstMaster, acknowledged: acknowledged, inSteps: true}
		return s
	}
}

func allIDs(string) bool { return true }

// idsOfFirstMaster tells whether the first master of a cluster has the session:
// its slots are the first third of 16384.
func idsOfFirstMaster(id string) bool {
	sum := sha256.Sum256([]byte(id))
	crc := uint16(0) // CRC-16/XMODEM of what the name of the session in Redis has in braces
	for _, b := range fmt.Appendf(nil, "%02x", sum[0]) {
		crc ^= uint16(b) << 8
		for range 8 {
			carry := crc >> 15
			crc = crc<<1 ^ carry*0x1021
		}
	}
	return crc%16384 <= 5460
}

// TestLinearizable has many browsers send requests to instances on a store, while
// it has a fault. The model must give the same responses if every request is a
// read and then a write, at two moments between its beginning and its end.
func TestLinearizable(t *testing.T) {
	t.Parallel()
	seed := newSeed(t)
	turns := make(chan struct{}, 4) // more at a time would make each other late
	type row struct {
		rule  string
		given func(*testing.T) *setting
		holds bool
	}
	rows := []row{
		{"sessions in memory are linearizable", inMemory(), true},
		{"a store that revives an ended session is caught", inMemory("-broken", "revive"), false},
		{"a store that leaves an old ID valid is caught", inMemory("-broken", "oldkey"), false},
		{"sessions in a file are linearizable when the server is killed", onBolt, true},
		{"sessions of two instances on Redis are linearizable", onRedis(), true},
		{"a store that does not see another instance's writes is caught", onRedis("-broken", "cache"), false},
		{"a Redis that hangs loses nothing", onFaulty(redisHangs), true},
		{"a Redis that is killed with its writes in a file loses nothing", onFaulty(redisKilled), true},
		{"a Redis that is read-only loses nothing", onFaulty(redisReadOnly), true},
		{"a Redis out of memory loses nothing", onFaulty(redisOutOfMemory), true},
		{"a failover undoes nothing acknowledged when writes wait for the replica", onSentinel("&wait=1", false), true},
		{"a failover in a cluster to a replica that is behind may undo the writes since then", onCluster("", true, true), true},
		{"a failover in a cluster undoes nothing acknowledged when writes wait for the replica", onCluster("?wait=1", true, false), true},
		{"a failover that undoes more than it may is caught", onCluster("", true, false), false},
	}
	if *soak { // how far a replica is behind depends on what else the machine does
		rows = append(rows,
			row{"a failover may undo the last writes", onSentinel("", true), true},
			row{"a failover in a cluster may undo the last writes of its master", onCluster("", false, true), true})
	}
	for i, row := range rows {
		t.Run(row.rule, func(t *testing.T) {
			t.Parallel()
			turns <- struct{}{}
			defer func() { <-turns }()
			random := rand.New(rand.NewPCG(seed, uint64(i)))
			rounds := scale(1, 20)
			if !row.holds {
				rounds = 10
			}
			illegal := ""
			for round := 0; round < rounds && illegal == "" && !t.Failed(); round++ {
				t.Run(fmt.Sprint(round), func(t *testing.T) { illegal = history(t, row.given(t), random.Uint64()) })
			}
			if (illegal == "") != row.holds {
				t.Errorf("want that it holds: %v; this cannot be: %s", row.holds, illegal)
			}
		})
	}
}

// crowdSize is the number of browsers.
const crowdSize = 8

// history has browsers send requests until the fault is over, and returns a
// history that does not fit the model, or "".
func history(t *testing.T, s *setting, seed uint64) string {
	c := &crowd{addrs: s.addrs, cuts: s.cuts, began: time.Now()}
	var histories [][]*request
	finished := make(chan struct{})
	go func() { histories = c.run(t, crowdSize, seed); close(finished) }()
	defer func() { c.stopped.Store(true); <-finished }()
	reaches := func(what string, n *atomic.Int64, least int64) {
		t.Helper()
		if eventually(t, what, func() bool { return n.Load() >= least || t.Failed() }); t.Failed() {
			t.FailNow()
		}
	}
	reaches("responses", &c.answers, 800)
	m := model{s.failover}
	if s.begin != nil {
		from, behind := time.Since(c.began), time.Duration(0)
		c.faulty.Store(true)
		if s.fallBehind != nil {
			s.fallBehind()
			behind = time.Since(c.began)
			reaches("responses", &c.answers, c.answers.Load()+200)
		}
		s.begin()
		if m.failover != nil {
			m.from, m.killed = from, time.Since(c.began)
			m.behind = cmp.Or(behind, m.killed)
		}
		reaches("failures", &c.refused, c.refused.Load()+crowdSize)
		s.end()
		c.faulty.Store(false)
		reaches("responses as before", &c.inARow, 200)
	}
	reaches("more responses", &c.answers, c.answers.Load()+800)
	c.stopped.Store(true)
	<-finished
	t.Logf("%d requests answered and %d failed within %v", c.answers.Load(), c.refused.Load(), time.Since(c.began))
	var illegal atomic.Pointer[string]
	checkers := make(chan struct{}, 2)
	var all sync.WaitGroup
	for _, h := range histories {
		all.Go(func() {
			checkers <- struct{}{}
			defer func() { <-checkers }()
			switch result := m.check(h); result {
			case porcupine.Unknown:
				t.Errorf("browser %d: the checker has not finished", h[0].browser)
			case porcupine.Illegal:
				text := fmt.Sprintf("browser %d, %+v:\n%s", h[0].browser, m.failover, m.explain(h))
				illegal.Store(&text)
			}
		})
	}
	all.Wait()
	if text := illegal.Load(); text != nil {
		return *text
	}
	return ""
}
