//go:build unix

package e2e

import (
	"strings"
	"testing"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis/redistest"
)

// TestHealthProbe runs the documented probes, of the process and of the store,
// while Redis answers and while it hangs.
func TestHealthProbe(t *testing.T) {
	r := redistest.Start(t)
	s := start(t, "-secure-cookie", "-store", redisURL(r))
	probes := strings.ReplaceAll(block(t, "console", "%{http_code}"), "127.0.0.1:8080", s.addr)
	transcript(t, probes)
	r.Pause()
	transcript(t, strings.TrimSuffix(probes, "403")+"503")
	r.Resume()
	transcript(t, probes)
	if keys := r.Do("DBSIZE"); keys != "0" {
		t.Errorf("the probes have left %s keys", keys)
	}
	s.stop(t)
}

func TestRedisThatMayEvictSessionsIsWarnedOf(t *testing.T) {
	for _, row := range []struct {
		policy   string
		warnings int
	}{{"noeviction", 0}, {"allkeys-lru", 1}} {
		t.Run(row.policy, func(t *testing.T) {
			s := start(t, "-store", redisURL(redistest.Start(t, "--maxmemory-policy", row.policy)))
			s.get(t, "/login", "")
			s.stop(t)
			if log := s.log.String(); strings.Count(log, "maxmemory-policy") != row.warnings || strings.Count(log, row.policy) != row.warnings {
				t.Errorf("want %d warnings in:\n%s", row.warnings, log)
			}
		})
	}
}
