package redis_test

import (
	"strings"
	"testing"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis/redistest"
)

// replicated starts a master with n replicas that have what it has.
func replicated(t *testing.T, n int) (master *redistest.Server, replicas []*redistest.Server) {
	t.Helper()
	master = redistest.Start(t)
	for range n {
		replicas = append(replicas, redistest.Start(t, "--replicaof", "127.0.0.1", master.Addr[strings.LastIndexByte(master.Addr, ':')+1:]))
	}
	redistest.Eventually(t, "the replicas are online", func() bool {
		return strings.Count(master.Do("INFO", "replication"), "state=online") == n
	})
	return master, replicas
}

// TestPromotionKeepsWritesThatWaitedForTheReplica cuts one of two replicas off.
// Then the old master takes a write, and one of the replicas takes over.
func TestPromotionKeepsWritesThatWaitedForTheReplica(t *testing.T) {
	for _, row := range []struct {
		rule, query  string
		cutOff       bool // the replica that takes over
		acknowledged bool
		kept         any
	}{
		{"a replica that was counted has the write", "?wait=1&timeout=10s", false, true, 1},
		{"a replica that was cut off does not, although another was counted", "?wait=1&timeout=10s", true, true, nil},
		{"a write that waits for all replicas fails while one is cut off", "?wait=2", true, false, nil},
	} {
		t.Run(row.rule, func(t *testing.T) {
			master, replicas := replicated(t, 2)
			p := prefix()
			old := openWith(t, urlOf(row.query, master), p, limits)
			redistest.Eventually(t, "the replicas keep up", func() bool { return old.Destroy(key(1)) == nil })
			cutOff, counted := replicas[0], replicas[1]
			cutOff.Do("REPLICAOF", "NO", "ONE")
			if err := old.Create(key(2), items(1)); (err == nil) != row.acknowledged {
				t.Errorf("a write of the old master: error %v, want none: %v", err, row.acknowledged)
			}
			next := cutOff
			if !row.cutOff {
				counted.Do("REPLICAOF", "NO", "ONE")
				next = counted
			}
			if got := read(t, openWith(t, urlOf("", next), p, limits), key(2)); got != row.kept {
				t.Errorf("the new master has %v, want %v", got, row.kept)
			}
		})
	}
}

func TestMasterThatIsCutOffStillServesItsSessions(t *testing.T) {
	master, replicas := replicated(t, 1)
	p := prefix()
	old := openWith(t, urlOf("?wait=1", master), p, limits)
	redistest.Eventually(t, "the replica keeps up", func() bool { return old.Destroy(key(1)) == nil })
	must(t, openWith(t, urlOf("?wait=1&timeout=10s", master), p, limits).Create(key(1), items(1)))
	replicas[0].Do("REPLICAOF", "NO", "ONE")
	must(t, openWith(t, urlOf("", replicas[0]), p, limits).Destroy(key(1)))
	if got := read(t, old, key(1)); got != 1 {
		t.Errorf("the session is read as %v: the documentation can promise more", got)
	}
	if ok, err := old.Update(key(1), items(2)); err == nil {
		t.Errorf("Update: %v and no error, although no replica has it", ok)
	}
	if _, ok, err := old.Read(key(2)); ok || err == nil {
		t.Errorf("a session that is not there is read as %v, %v: the new master may have it", ok, err)
	}
}
