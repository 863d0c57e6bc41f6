//go:build unix

package e2e

import (
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis/redistest"
)

func TestSIGQUITPrintsNoID(t *testing.T) {
	s := start(t)
	_, cookie := s.get(t, "/login", "")
	s.clients(t, 1, rawRequest("GET /logout", "Cookie: "+cookie, "Content-Length: 1")) // net/http waits for a short body
	s.lines(t, 1, "msg=logout")
	s.signal(t, syscall.SIGQUIT)
	s.wait(t)
	_, id, _ := strings.Cut(cookie, "=")
	if log := s.log(t); !strings.Contains(log, "SIGQUIT: quit") || !strings.Contains(log, "net/http.(*conn).serve") || strings.Contains(log, id) {
		t.Errorf("the log is\n%s", log)
	}
}

func TestStopUnderLoadAnswersWhatIsHandled(t *testing.T) {
	cert, key, roots := newCertificate(t)
	for _, row := range []struct {
		proto, scheme string
		flags         []string
	}{
		{"HTTP/1.1", "http://", nil},
		{"HTTP/2", "https://", []string{"-tls-cert", cert, "-tls-key", key}},
	} {
		t.Run(row.proto, func(t *testing.T) {
			s := start(t, append(row.flags, "-log-level", "debug")...)
			var answers atomic.Int64
			var all sync.WaitGroup
			for range 64 {
				client := newClient(t, roots, true)
				all.Go(func() {
					for {
						resp, _, _, err := tryFetch(client, row.scheme+s.addr+"/secret", nil)
						if resp == nil {
							return
						}
						if err != nil {
							t.Error(err)
						}
						answers.Add(1)
					}
				})
			}
			redistest.Eventually(t, "load", func() bool { return answers.Load() > 5000 })
			began := time.Now()
			s.stop(t)
			took := time.Since(began)
			all.Wait()
			s.lines(t, 1, "level=INFO msg=stopping(.|\n)*level=INFO msg=stopped")
			handled := int64(strings.Count(s.log(t), "msg=request method=GET path=/secret status=403 "))
			t.Logf("%d requests handled, %d answers received, stopped within %v", handled, answers.Load(), took)
			if took > 10*time.Second || handled != answers.Load() {
				t.Errorf("stopped after %v, %d requests handled, %d answers received", took, handled, answers.Load())
			}
		})
	}
}
