//go:build unix

package e2e

import (
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis/redistest"
)

// setting is some instances of the app on one store, and a fault that the store
// has for a while.
type setting struct {
	instances  []*server
	begin, end func() // of the fault; nil: there is none
	cuts       bool   // the fault cuts connections
	onlyWrites bool   // the fault fails writes only
	cutOff     func() // cuts off the replica that takes over in the end; nil: the fault does
	*failover         // nil: nothing is lost
}

// on starts instances of the app on a store.
func on(t *testing.T, instances int, store string) *setting {
	t.Helper()
	s := new(setting)
	for range instances {
		s.instances = append(s.instances, startApp(t, "127.0.0.1:0", store))
	}
	return s
}

// inMemory has no fault. The store breaks a promise if it is named.
func inMemory(broken string) func(*testing.T) *setting {
	return func(t *testing.T) *setting { return on(t, 1, "memory"+broken) }
}

// onRedis is inMemory for two instances on Redis.
func onRedis(broken string) func(*testing.T) *setting {
	return func(t *testing.T) *setting { return on(t, 2, redisURL(redistest.Start(t))+broken) }
}

// redisURL returns the URL of those servers for -store.
func redisURL(servers ...*redistest.Server) string {
	var addrs []string
	for _, s := range servers {
		addrs = append(addrs, s.Addr)
	}
	return "redis://:" + redistest.Password + "@" + strings.Join(addrs, ",")
}

func serverKilled(t *testing.T) *setting {
	addr, store := redistest.FreeAddr(t), "bolt:"+filepath.Join(t.TempDir(), "sessions.db")
	s := startApp(t, addr, store)
	return &setting{instances: []*server{s}, cuts: true,
		begin: func() { s.signal(t, syscall.SIGKILL); s.wait(t) },
		end:   func() { startApp(t, addr, store) },
	}
}

// redisFault is a fault of a Redis with those arguments.
func redisFault(begin, end func(*redistest.Server), args ...string) func(*testing.T) *setting {
	return func(t *testing.T) *setting {
		r := redistest.Start(t, args...)
		s := on(t, 2, redisURL(r))
		s.begin, s.end = func() { begin(r) }, func() { end(r) }
		return s
	}
}

var (
	redisHangs  = redisFault((*redistest.Server).Pause, (*redistest.Server).Resume)
	redisKilled = redisFault((*redistest.Server).Kill, (*redistest.Server).Launch, "--appendonly", "yes", "--appendfsync", "always")
)

// redisKilledAndEmpty is a failover to a replica that has always been empty.
func redisKilledAndEmpty(t *testing.T) *setting {
	s := redisFault((*redistest.Server).Kill, (*redistest.Server).Launch)(t)
	s.failover = &failover{empty: true, lost: allIDs, acknowledged: true}
	return s
}

// redisFailsWrites begins and ends with those commands.
func redisFailsWrites(begin, end string) func(*testing.T) *setting {
	return func(t *testing.T) *setting {
		does := func(command string) func(*redistest.Server) {
			return func(r *redistest.Server) { r.Do(strings.Fields(command)...) }
		}
		s := redisFault(does(begin), does(end))(t)
		s.onlyWrites = true
		return s
	}
}

// sentinelFailover has the replica of a single master take over.
func sentinelFailover(query string, f failover) func(*testing.T) *setting {
	return func(t *testing.T) *setting {
		sentinel, master, replica := redistest.Sentinel(t)
		f.lost = allIDs
		return masterKilled(t, f, redisURL(sentinel)+"?sentinel="+redistest.SentinelName+query, master, replica,
			func() { redistest.Start(t, "--replicaof", "127.0.0.1", portOf(replica.Addr)) })
	}
}

// clusterFailover has the replica of one of three masters take over.
func clusterFailover(query string, f failover) func(*testing.T) *setting {
	return func(t *testing.T) *setting {
		all := redistest.Cluster(t)
		master := all[0]
		i := slices.IndexFunc(all, func(r *redistest.Server) bool { return strings.Contains(r.Do("ROLE"), portOf(master.Addr)) })
		f.lost = idsOfFirstMaster
		return masterKilled(t, f, redisURL(all...)+query, master, all[i], master.Launch)
	}
}

// masterKilled has a replica take over from a master. newReplica starts another
// one, which writes may wait for.
func masterKilled(t *testing.T, f failover, store string, master, replica *redistest.Server, newReplica func()) *setting {
	s := on(t, 2, store)
	s.failover = &f
	s.begin, s.end = master.Kill, func() {
		redistest.Eventually(t, "the replica has taken over", replica.IsMaster)
		newReplica()
	}
	if f.behind {
		s.cutOff = func() {
			redistest.Eventually(t, "the replica has all writes", func() bool {
				offsets := regexp.MustCompile(`(?s)offset=(\d+),.*master_repl_offset:(\d+)`).FindStringSubmatch(master.Do("INFO", "replication"))
				return offsets != nil && offsets[1] == offsets[2]
			})
			replica.Do("CONFIG", "SET", "masterauth", "wrong")
			master.Do("CLIENT", "KILL", "TYPE", "replica")
		}
	}
	return s
}

func allIDs(string) bool { return true }

// idsOfFirstMaster reports whether the first master of a cluster has the session:
// its slots are the first third of 16384.
func idsOfFirstMaster(id string) bool {
	sum := sha256.Sum256([]byte(id))
	crc := uint16(0) // CRC-16/XMODEM of the part in braces of the session's name in Redis
	for _, b := range fmt.Appendf(nil, "%02x", sum[0]) {
		crc ^= uint16(b) << 8
		for range 8 {
			carry := crc >> 15
			crc = crc<<1 ^ carry*0x1021
		}
	}
	return crc%16384 <= 5460
}
