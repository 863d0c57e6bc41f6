//go:build unix

package e2e

import (
	"cmp"
	"flag"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis/redistest"
)

var seedFlag = flag.Uint64("seed", 0, "begin random requests with this number; 0: with a random one")

// newSeed returns the seed of random requests, and logs it.
func newSeed(t *testing.T) uint64 {
	seed := cmp.Or(*seedFlag, rand.Uint64())
	t.Logf("-seed=%d", seed)
	return seed
}

// TestLinearizable has many browsers send requests to instances on a store, while
// it has a fault. The model must give the same responses if every request is a
// read and then a write, at two moments between its beginning and its end.
func TestLinearizable(t *testing.T) {
	t.Parallel()
	seed := newSeed(t)
	turns := make(chan struct{}, 4) // more at a time would make each other late
	const tries, holds, caught = 10, true, false
	once := scale(1, 20)
	for i, row := range []struct {
		rule   string
		given  func(*testing.T) *setting
		rounds int
		holds  bool
	}{
		{"sessions in memory are linearizable", inMemory(""), once, holds},
		{"a store that revives an ended session is caught", inMemory(" revive"), tries, caught},
		{"a store that leaves an old ID valid is caught", inMemory(" oldkey"), tries, caught},
		{"sessions in a file are linearizable when the server is killed", serverKilled, scale(3, 20), holds},
		{"sessions of two instances on Redis are linearizable", onRedis(""), once, holds},
		{"a store that does not see another instance's writes is caught", onRedis(" cache"), tries, caught},
		{"a Redis that hangs loses nothing", redisHangs, once, holds},
		{"a Redis that is killed with its writes in a file loses nothing", redisKilled, once, holds},
		{"a Redis that is killed and comes back empty loses everything, once", redisKilledAndEmpty, once, holds},
		{"a Redis that is read-only fails writes and loses nothing", redisFailsWrites("REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE"), once, holds},
		{"a Redis out of memory fails writes and loses nothing", redisFailsWrites("CONFIG SET maxmemory 1", "CONFIG SET maxmemory 0"), once, holds},
		{"a failover by sentinel to a replica that is behind undoes the writes since then", sentinelFailover("", failover{behind: true, acknowledged: true}), once, holds},
		{"a failover by sentinel undoes nothing acknowledged when writes wait for the replica", sentinelFailover("&wait=1", failover{}), once, holds},
		{"a failover in a cluster to a replica that is behind undoes its writes since then", clusterFailover("", failover{behind: true, acknowledged: true}), once, holds},
		{"a failover in a cluster undoes nothing acknowledged when writes wait for the replica", clusterFailover("?wait=1", failover{behind: true}), once, holds},
		{"a failover that undoes more than it may is caught", clusterFailover("", failover{behind: true}), tries, caught},
	} {
		t.Run(row.rule, func(t *testing.T) {
			t.Parallel()
			turns <- struct{}{}
			defer func() { <-turns }()
			random := rand.New(rand.NewPCG(seed, uint64(i)))
			illegal := ""
			for round := 0; round < row.rounds && illegal == "" && !t.Failed(); round++ {
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
	c := &crowd{setting: s, client: newClient(t, nil, false), began: time.Now()}
	histories := make([][]*request, crowdSize)
	var all sync.WaitGroup
	for i := range histories {
		all.Go(func() { histories[i] = c.browse(t, &browser{number: i}, seed) })
	}
	stop := func() { c.stopped.Store(true); all.Wait() }
	defer stop()
	reaches := func(what string, n *atomic.Int64, more int64) {
		t.Helper()
		least := n.Load() + more
		if redistest.Eventually(t, what, func() bool { return n.Load() >= least || t.Failed() }); t.Failed() {
			t.FailNow()
		}
	}
	reaches("responses", &c.answers, 500)
	if s.begin != nil {
		c.faulty.Store(true)
		lag := [2]time.Duration{time.Since(c.began)}
		if s.cutOff != nil {
			c.gate.Lock() // so that the replica has the writes before, and no others
			s.cutOff()
			lag = [2]time.Duration{time.Since(c.began), time.Since(c.began)}
			c.gate.Unlock()
			reaches("responses meanwhile", &c.answers, 200)
		}
		s.begin()
		if s.failover != nil {
			s.killed = time.Since(c.began)
			s.lag = [2]time.Duration{lag[0], cmp.Or(lag[1], s.killed)}
		}
		reaches("failures", &c.refused, crowdSize)
		s.end()
		c.faulty.Store(false)
		reaches("responses as before", &c.inARow, 200)
	}
	reaches("more responses", &c.answers, 500)
	stop()
	t.Logf("%d requests answered and %d failed within %v", c.answers.Load(), c.refused.Load(), time.Since(c.began))
	for _, h := range histories {
		switch (model{s.failover}).check(h) {
		case porcupine.Unknown:
			t.Error("the checker has not finished")
		case porcupine.Illegal:
			return fmt.Sprintf("%+v: %v", s.failover, h)
		}
	}
	return ""
}
