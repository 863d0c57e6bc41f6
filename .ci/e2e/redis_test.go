//go:build unix

package e2e

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis/redistest"
)

// redisURL returns what -store takes for those servers.
func redisURL(servers ...*redistest.Server) string {
	var addrs []string
	for _, s := range servers {
		addrs = append(addrs, s.Addr)
	}
	return "redis://:" + redistest.Password + "@" + strings.Join(addrs, ",")
}

// fault is something that happens to Redis, and its end.
type fault func(t *testing.T) (url string, begin, end func())

func redisHangs(t *testing.T) (url string, begin, end func()) {
	r := redistest.Start(t)
	return redisURL(r), r.Pause, r.Resume
}

func redisKilled(t *testing.T) (url string, begin, end func()) {
	r := redistest.Start(t, "--appendonly", "yes", "--appendfsync", "always")
	return redisURL(r), r.Kill, r.Launch
}

func redisKilledAndEmpty(t *testing.T) (url string, begin, end func()) {
	r := redistest.Start(t)
	return redisURL(r), r.Kill, r.Launch
}

func redisReadOnly(t *testing.T) (url string, begin, end func()) {
	r := redistest.Start(t)
	return redisURL(r), func() { r.Do("REPLICAOF", "127.0.0.1", "1") }, func() { r.Do("REPLICAOF", "NO", "ONE") }
}

func redisOutOfMemory(t *testing.T) (url string, begin, end func()) {
	r := redistest.Start(t)
	return redisURL(r), func() { r.Do("CONFIG", "SET", "maxmemory", "1") }, func() { r.Do("CONFIG", "SET", "maxmemory", "0") }
}

func masterKilled(t *testing.T) (url string, begin, end func()) {
	all, master, replica := cluster(t)
	return redisURL(all...), master.Kill, func() {
		redistest.Eventually(t, "the replica has taken over", replica.IsMaster)
		master.Launch() // as a replica, for writes to wait for
	}
}

func masterKilledReplicaBehind(t *testing.T) (url string, begin, end func()) {
	all, master, replica := cluster(t)
	written := func() int {
		_, after, _ := strings.Cut(master.Do("INFO", "replication"), "master_repl_offset:")
		n, err := strconv.Atoi(strings.Fields(after)[0])
		if err != nil {
			t.Error(err)
		}
		return n
	}
	begin = func() {
		replica.Do("CONFIG", "SET", "masterauth", "wrong")
		master.Do("CLIENT", "KILL", "TYPE", "replica")
		before := written()
		redistest.Eventually(t, "there are writes that the replica does not have", func() bool { return written() > before+10_000 })
		master.Kill()
	}
	return redisURL(all...), begin, func() {
		redistest.Eventually(t, "the replica has taken over", replica.IsMaster)
		master.Launch()
	}
}

func masterKilledReplicaBehindWritesWait(t *testing.T) (url string, begin, end func()) {
	url, begin, end = masterKilledReplicaBehind(t)
	return url + "?wait=1", begin, end
}

// cluster starts one, and names one of its masters and that one's replica.
func cluster(t *testing.T) (all []*redistest.Server, master, replica *redistest.Server) {
	t.Helper()
	all = redistest.Cluster(t)
	master = all[0]
	i := slices.IndexFunc(all, func(r *redistest.Server) bool { return strings.Contains(r.Do("ROLE"), portOf(master.Addr)) })
	return all, master, all[i]
}

// TestRedisFaults breaks Redis while 32 connections bring logins, logouts and
// visits, and then mends it.
func TestRedisFaults(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		rule  string
		fault fault
		fails requests // while the fault lasts
		loses losses   // of what was acknowledged
	}{
		{"a Redis that hangs fails requests and loses nothing", redisHangs, allThatNeedRedis, nothing},
		{"a Redis that is killed with its writes in a file loses nothing", redisKilled, allThatNeedRedis, nothing},
		{"a Redis that is killed and comes back empty loses logins", redisKilledAndEmpty, allThatNeedRedis, logins},
		{"a Redis that is read-only fails writes", redisReadOnly, writes, nothing},
		{"a Redis out of memory fails writes", redisOutOfMemory, writes, nothing},
		{"a failover of a cluster may undo the last writes", masterKilled, some, loginsAndLogouts},
		{"a failover to a replica that is behind may undo writes", masterKilledReplicaBehind, some, loginsAndLogouts},
		{"a failover undoes nothing when writes wait for the replica", masterKilledReplicaBehindWritesWait, some, nothing},
	} {
		t.Run(row.rule, func(t *testing.T) { testRedisFault(t, row.fault, row.fails, row.loses) })
	}
}

func testRedisFault(t *testing.T, f fault, fails requests, loses losses) {
	url, begin, end := f(t)
	s := start(t, "-store", url)
	l := load{fails: fails, loses: loses}
	var all sync.WaitGroup
	for i, c := range s.clients(t, 32, "") {
		all.Go(func() { l.run(t, c, rand.New(rand.NewPCG(uint64(i), 5))) })
	}
	reaches := func(what string, n *atomic.Int64, least int64) {
		t.Helper()
		if eventually(t, what, func() bool { return n.Load() >= least || t.Failed() }); t.Failed() {
			t.FailNow()
		}
	}
	stop := sync.OnceFunc(func() { l.phase.Store(loadEnds); all.Wait() })
	defer stop()
	reaches("load", &l.answers, 2000)
	l.phase.Store(faultBegins)
	begin()
	reaches("refusals", &l.refused, 64)
	if fails != some {
		l.phase.Store(faultLasts)
		reaches("refusals that last", &l.refused, l.refused.Load()+128)
	}
	l.phase.Store(faultEnds)
	end()
	reaches("answers as before", &l.inARow, 1000)
	stop()
	t.Logf("%d answers, %d of them 503, the slowest after %v; of %d acknowledged logins %d are lost, of %d logouts %d",
		l.answers.Load(), l.refused.Load(), time.Duration(l.slowest.Load()), l.logins.Load(), l.lost.Load(), l.logouts.Load(), l.undone.Load())
	if slowest := time.Duration(l.slowest.Load()); slowest > 3*time.Second {
		t.Errorf("an answer took %v", slowest)
	}
	s.stop(t)
	if strings.Contains(s.log.String(), redistest.Password) {
		t.Error("the password is in the log")
	}
}
