package redis_test

import (
	"strings"
	"sync"
	"testing"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis/redistest"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

func TestWriteFailsWithTooFewReplicas(t *testing.T) {
	s := openWith(t, urlOf("?wait=1", redistest.Start(t)), prefix(), limits)
	if err := s.Create(key(1), items(1)); err == nil || !strings.Contains(err.Error(), "0 of the 1 replicas") {
		t.Errorf("Create: error %v", err)
	}
	if got := read(t, s, key(1)); got != 1 {
		t.Errorf("the created session is read as %v", got)
	}
	if err := s.Destroy(key(1)); err == nil {
		t.Error("Destroy: no error")
	}
	if _, err := s.Renew(key(1), key(2), nil); err == nil {
		t.Error("Renew of an ended session: no error")
	}
	if err := s.DestroyAll(); err == nil {
		t.Error("DestroyAll: no error")
	}
	if _, ok, err := s.Read(key(1)); ok || err == nil {
		t.Errorf("Read says that the session has ended, which a failover would undo: %v", err)
	}
}

// TestRenewWithTooFewReplicasLosesNothing takes the replica away.
func TestRenewWithTooFewReplicasLosesNothing(t *testing.T) {
	_, master, replica := redistest.Sentinel(t)
	p := prefix()
	s := openWith(t, urlOf("?wait=1", master), p, limits)
	redistest.Eventually(t, "the replica keeps up", func() bool { return s.Destroy(key(9)) == nil })
	must(t, s.Create(key(1), items(1)))
	replica.Pause()
	defer replica.Resume()
	if _, err := s.Renew(key(1), key(2), items(2)); err == nil {
		t.Error("a renewal that no replica has is no error")
	}
	other := openWith(t, urlOf("", master), p, limits)
	if old, renewed := read(t, other, key(1)), read(t, other, key(2)); old != 1 || renewed != nil {
		t.Errorf("afterwards the old key has %v and the new one %v, want 1 and nothing", old, renewed)
	}
}

// TestMissingSessionsShareConnections asks for many sessions that are not there,
// as anybody can.
func TestMissingSessionsShareConnections(t *testing.T) {
	_, master, _ := redistest.Sentinel(t)
	s := openWith(t, urlOf("?wait=1&timeout=10s", master), prefix(), limits)
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
