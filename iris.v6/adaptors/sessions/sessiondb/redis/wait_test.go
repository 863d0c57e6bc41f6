package redis_test

import (
	"strings"
	"sync"
	"testing"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis/redistest"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// replicated starts a master with n replicas that have what it has.
func replicated(t *testing.T, n int) (master *redistest.Server, replicas []*redistest.Server) {
	t.Helper()
	master = redistest.Start(t)
	_, port, _ := strings.Cut(master.Addr, ":")
	for range n {
		replicas = append(replicas, redistest.Start(t, "--replicaof", "127.0.0.1", port))
	}
	redistest.Eventually(t, "the replicas are online", func() bool {
		return strings.Count(master.Do("INFO", "replication"), "state=online") == n
	})
	return master, replicas
}

// openReplicated opens the master once its replicas acknowledge writes.
func openReplicated(t *testing.T, url string) *redis.Store {
	t.Helper()
	s := openWith(t, url, "", limits)
	redistest.Eventually(t, "the replicas keep up", func() bool { return s.Destroy(key(9)) == nil })
	return s
}

func TestWriteFailsWithTooFewReplicas(t *testing.T) {
	s := openWith(t, urlOf("?wait=1", redistest.Start(t)), prefix(), limits)
	if err := s.Create(key(1), items(1)); err == nil || !strings.Contains(err.Error(), "0 of the 1 replicas") {
		t.Errorf("Create: error %v", err)
	}
	if got := read(t, s, key(1)); got != 1 {
		t.Errorf("the created session is read as %v", got)
	}
	_, update := s.Update(key(1), items(2))
	destroy := s.Destroy(key(1))
	_, renew := s.Renew(key(1), key(2), nil)
	_, _, readEnded := s.Read(key(1))
	for _, call := range []struct {
		name string
		err  error
	}{
		{"Update", update}, {"Destroy", destroy}, {"DestroyAll", s.DestroyAll()},
		{"Renew of an ended session", renew}, {"Read of an ended session, which a failover would bring back", readEnded},
	} {
		if call.err == nil {
			t.Errorf("%s: no error", call.name)
		}
	}
}

func TestRenewThatFailsHalfwayLosesNothing(t *testing.T) {
	for _, row := range []struct {
		rule string
		fail func(master, replica *redistest.Server)
	}{
		{"the copy has no replica", func(_, replica *redistest.Server) { replica.Pause() }},
		{"the old session is not replaced", func(master, _ *redistest.Server) { master.Do("ACL", "SETUSER", "default", "-unlink") }},
	} {
		t.Run(row.rule, func(t *testing.T) {
			master, replicas := replicated(t, 1)
			s := openReplicated(t, urlOf("?wait=1", master))
			must(t, s.Create(key(1), items(1)))
			row.fail(master, replicas[0])
			defer replicas[0].Resume()
			if _, err := s.Renew(key(1), key(2), items(2)); err == nil {
				t.Error("no error")
			}
			other := openWith(t, urlOf("", master), "", limits)
			if old, renewed := read(t, other, key(1)), read(t, other, key(2)); old != 1 || renewed != nil {
				t.Errorf("afterwards the old key has %v and the new one %v, want 1 and nothing", old, renewed)
			}
		})
	}
}

// TestMissingSessionsShareConnections asks for many sessions that are not there,
// as anybody can.
func TestMissingSessionsShareConnections(t *testing.T) {
	master, _ := replicated(t, 1)
	s := openReplicated(t, urlOf("?wait=1&timeout=10s", master))
	master.Do("CONFIG", "RESETSTAT")
	var reads sync.WaitGroup
	for i := range 2000 {
		reads.Go(func() {
			if _, ok, err := s.Read(store.Key{byte(i), byte(i >> 8)}); ok || err != nil {
				t.Errorf("read %v, %v", ok, err)
			}
		})
	}
	reads.Wait()
	if n := strings.Count(master.Do("CLIENT", "LIST", "TYPE", "normal"), "\n") + 1; n > 20 {
		t.Errorf("the master has %d connections", n)
	}
	if waits := master.Do("INFO", "commandstats"); !strings.Contains(waits, "cmdstat_wait:calls=") {
		t.Error("nobody has waited for the replica")
	}
}

// TestPromotionKeepsWritesThatWaitedForTheReplica cuts one of two replicas off.
// Then the old master takes a write, and one of the replicas takes over.
func TestPromotionKeepsWritesThatWaitedForTheReplica(t *testing.T) {
	for _, row := range []struct {
		rule, query  string
		cutOff       bool // the replica that takes over was cut off before the write
		acknowledged bool
		kept         any
	}{
		{"a replica that was counted has the write", "?wait=1&timeout=10s", false, true, 1},
		{"a replica that was cut off does not, although another was counted", "?wait=1&timeout=10s", true, true, nil},
		{"a write that waits for all replicas fails while one is cut off", "?wait=2", true, false, nil},
		{"a write that waits for none is lost to a replica that was cut off", "", true, true, nil},
	} {
		t.Run(row.rule, func(t *testing.T) {
			master, replicas := replicated(t, 2)
			old := openReplicated(t, urlOf(row.query, master))
			next := replicas[0]
			next.Do("REPLICAOF", "NO", "ONE")
			if err := old.Create(key(2), items(1)); (err == nil) != row.acknowledged {
				t.Errorf("a write of the old master: error %v, want none: %v", err, row.acknowledged)
			}
			if !row.cutOff {
				next = replicas[1]
				next.Do("REPLICAOF", "NO", "ONE")
			}
			if got := read(t, openWith(t, urlOf("", next), "", limits), key(2)); got != row.kept {
				t.Errorf("the new master has %v, want %v", got, row.kept)
			}
		})
	}
}

func TestMasterThatIsCutOffStillServesItsSessions(t *testing.T) {
	master, replicas := replicated(t, 1)
	old := openReplicated(t, urlOf("?wait=1", master))
	must(t, openWith(t, urlOf("?wait=1&timeout=10s", master), "", limits).Create(key(1), items(1)))
	replicas[0].Do("REPLICAOF", "NO", "ONE")
	must(t, openWith(t, urlOf("", replicas[0]), "", limits).Destroy(key(1)))
	if got := read(t, old, key(1)); got != 1 {
		t.Errorf("the session is read as %v: the documentation can promise more", got)
	}
	if ok, err := old.Update(key(1), items(2)); err == nil {
		t.Errorf("Update: %v and no error, although no replica has it", ok)
	}
}
