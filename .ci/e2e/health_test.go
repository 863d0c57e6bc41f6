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
