//go:build unix

package e2e

import (
	"maps"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// TestKillOnBoltLosesNoAcknowledgedWrite kills the server 20 times while clients
// log in, a quarter of whom log out again.
func TestKillOnBoltLosesNoAcknowledgedWrite(t *testing.T) {
	store := []string{"-store", "bolt:" + filepath.Join(t.TempDir(), "sessions.db")}
	check := func(s *server, acknowledged map[string]answer) {
		t.Helper()
		c := s.clients(t, 1, "")[0]
		defer c.Close()
		for cookie, want := range acknowledged {
			if got, _, err := c.get("/secret", cookie); err != nil || got != want {
				t.Fatalf("after the restart: %+v, %v, want %+v", got, err, want)
			}
		}
	}
	all := map[string]answer{} // the response of /secret for each cookie
	s := start(t, store...)
	for round := range uint64(20) {
		random := rand.New(rand.NewPCG(round, 3))
		after, delay := 1+random.Int64N(1200), time.Duration(random.IntN(5000))*time.Microsecond
		fresh := killUnderLogins(t, s, after, delay)
		s.wait(t)
		t.Logf("killed %v after answer %d, with %d cookies acknowledged", delay, after, len(fresh))
		s = start(t, store...)
		check(s, fresh)
		maps.Copy(all, fresh)
	}
	check(s, all)
	if len(all) < 2000 {
		t.Errorf("%d cookies are too few for a test", len(all))
	}
	s.stop(t)
}

// killUnderLogins kills the server by SIGKILL that long after an answer, and
// returns what was acknowledged until then.
func killUnderLogins(t *testing.T, s *server, after int64, delay time.Duration) map[string]answer {
	var answers atomic.Int64
	var killed atomic.Bool
	answered := func(got answer, err error) bool {
		switch {
		case err != nil && killed.Load():
			return false
		case err != nil || got != empty && got.status != 503: // which acknowledges nothing: the disk is slow
			t.Errorf("%+v, %v", got, err)
			return false
		case answers.Add(1) == after:
			time.AfterFunc(delay, func() {
				killed.Store(true)
				if err := syscall.Kill(s.pid, syscall.SIGKILL); err != nil {
					t.Error(err)
				}
			})
		}
		return true
	}
	var mu sync.Mutex
	fresh := map[string]answer{}
	var all sync.WaitGroup
	for _, c := range s.clients(t, 50, "") {
		all.Go(func() {
			for i := 0; ; i++ {
				got, in, err := c.get("/login", "")
				if !answered(got, err) {
					return
				}
				out := ""
				if got == empty && i%4 == 0 {
					if got, out, err = c.get("/logout", in); !answered(got, err) {
						return // the logout may be stored or not
					}
				}
				if got != empty {
					continue
				}
				mu.Lock()
				if out == "" {
					fresh[in] = cake
				} else {
					fresh[in], fresh[out] = forbidden, forbidden
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	return fresh
}
