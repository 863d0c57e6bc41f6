//go:build unix

package e2e

import (
	"errors"
	"io"
	"net"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// pending is a request that is in flight until a byte of body follows: net/http
// holds the answer back until it has all of a short body.
func pending(path, cookie string) string {
	return rawRequest("GET "+path, "Cookie: "+cookie, "Content-Length: 1")
}

func TestStopAnswersWhatIsInFlight(t *testing.T) {
	for _, row := range []struct {
		rule   string
		signal syscall.Signal
	}{{"SIGINT", syscall.SIGINT}, {"SIGTERM", syscall.SIGTERM}} {
		t.Run(row.rule, func(t *testing.T) {
			s := start(t)
			_, cookie := s.get(t, "/login", "")
			slow := s.clients(t, 1, pending("/logout", cookie))[0]
			s.lines(t, 1, "msg=logout")
			s.signal(t, row.signal)
			eventually(t, "the port to be closed", func() bool {
				conn, err := net.DialTimeout("tcp", s.addr, patience)
				if err == nil {
					conn.Close()
				}
				return err != nil
			})
			select {
			case <-s.done:
				t.Fatalf("it ended with a request in flight: %v", s.err)
			default:
			}
			if _, err := io.WriteString(slow, "x"); err != nil {
				t.Fatal(err)
			}
			if got, set, err := slow.receive(); got != empty || set == "" || err != nil {
				t.Errorf("the request in flight got %+v, Set-Cookie %q, %v", got, set, err)
			}
			if s.wait(t); s.err != nil {
				t.Errorf("it ended with %v", s.err)
			}
			for _, record := range []string{"serving", "stopping", "stopped"} {
				s.lines(t, 1, "level=INFO msg="+record)
			}
		})
	}
}

func TestSecondSIGTERMEndsTheProgramAtOnce(t *testing.T) {
	s := start(t)
	s.clients(t, 1, pending("/login", ""))
	s.lines(t, 1, "msg=login")
	s.signal(t, syscall.SIGTERM)
	s.lines(t, 1, "msg=stopping")
	began := time.Now()
	s.signal(t, syscall.SIGTERM)
	s.wait(t)
	var exit *exec.ExitError
	if took := time.Since(began); !errors.As(s.err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGTERM || took > drainTime/2 {
		t.Errorf("it ended %v after the second SIGTERM with %v", took, s.err)
	}
}

func TestSIGHUPWithoutTLSLeavesARecord(t *testing.T) {
	s := start(t)
	s.signal(t, syscall.SIGHUP)
	s.lines(t, 1, "SIGHUP")
	if got, _ := s.get(t, "/secret", ""); got != forbidden {
		t.Errorf("afterwards: %+v", got)
	}
	s.stop(t)
}

func TestSIGQUITPrintsNoID(t *testing.T) {
	s := start(t)
	_, cookie := s.get(t, "/login", "")
	s.clients(t, 1, pending("/logout", cookie))
	s.lines(t, 1, "msg=logout")
	s.signal(t, syscall.SIGQUIT)
	s.wait(t)
	_, id, _ := strings.Cut(cookie, "=")
	if log := s.log.String(); !strings.Contains(log, "SIGQUIT: quit") || !strings.Contains(log, "net/http.(*conn).serve") || strings.Contains(log, id) {
		t.Errorf("the log is\n%s", log)
	}
}

func TestStopUnderLoadAnswersWhatIsHandled(t *testing.T) {
	cert, key, roots := newCertificate(t, time.Hour)
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
			eventually(t, "load", func() bool { return answers.Load() > 5000 })
			began := time.Now()
			s.stop(t)
			took := time.Since(began)
			all.Wait()
			handled := int64(strings.Count(s.log.String(), "msg=request method=GET path=/secret status=403 "))
			t.Logf("%d requests handled, %d answers received, stopped within %v", handled, answers.Load(), took)
			if took > drainTime || handled != answers.Load() {
				t.Errorf("stopped after %v, %d requests handled, %d answers received", took, handled, answers.Load())
			}
		})
	}
}
