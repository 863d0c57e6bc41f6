//go:build unix

package e2e

import (
	"net/http"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis/redistest"
)

// earlier is a revision whose stores have the formats of today.
const earlier = "93be7a9"

// earlierProgram builds the program of that revision. Without the history it
// returns today's program; the stores' testdata then holds the earlier format.
func earlierProgram(t *testing.T) string {
	t.Helper()
	if err := exec.CommandContext(t.Context(), "git", "cat-file", "-e", earlier+"^{tree}").Run(); err != nil {
		t.Logf("without the revision %s, today's program takes its place: %v", earlier, err)
		return program
	}
	dir := t.TempDir()
	const build = `git -C ../.. archive "$0" | tar -x -C "$1" && cd "$1" && CGO_ENABLED=0 go build -trimpath -o iris-sessions .`
	if out, err := exec.CommandContext(t.Context(), "sh", "-c", build, earlier, dir).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return filepath.Join(dir, "iris-sessions")
}

// TestRestartKeepsSessions restarts the server as an upgrade does, the way back,
// and an upgrade once more.
func TestRestartKeepsSessions(t *testing.T) {
	t.Parallel()
	before := earlierProgram(t)
	for _, row := range []struct{ rule, store string }{
		{"bolt keeps sessions", "bolt:" + filepath.Join(t.TempDir(), "sessions.db")},
		{"Redis keeps sessions", redisURL(redistest.Start(t))},
	} {
		t.Run(row.rule, func(t *testing.T) {
			run := func(program string) *server {
				return startCommand(t, exec.CommandContext(t.Context(), program, "-addr", "127.0.0.1:0", "-store", row.store))
			}
			secret := map[string]answer{} // by the cookie
			user := ""
			for _, now := range []string{before, program, before, program, program} {
				s := run(now)
				for cookie, want := range secret {
					if got, _ := s.get(t, "/secret", cookie); got != want {
						t.Errorf("after a restart: %+v, want %+v", got, want)
					}
				}
				_, visitor := s.get(t, "/logout", user)
				if _, renewed := s.get(t, "/logout", visitor); renewed != "" {
					t.Error("the session after a logout is lost")
				}
				secret[user], secret[visitor] = forbidden, forbidden
				_, stays := s.get(t, "/login", "")
				_, user = s.get(t, "/login", "")
				secret[stays], secret[user] = cake, cake
				s.stop(t)
			}
		})
	}
}

// TestRollingRestartLosesNoRequest restarts two instances in turn behind nginx,
// under load, as the documentation says.
func TestRollingRestartLosesNoRequest(t *testing.T) {
	t.Parallel()
	store := redisURL(redistest.Start(t))
	addrs := [...]string{redistest.FreeAddr(t), redistest.FreeAddr(t)}
	run := func(addr string) *server {
		return startCommand(t, exec.CommandContext(t.Context(), program, "-addr", addr, "-secure-cookie", "-store", store))
	}
	instances := [...]*server{run(addrs[0]), run(addrs[1])}
	two := strings.NewReplacer("127.0.0.1:8081", addrs[0], "127.0.0.1:8082", addrs[1]).Replace(block(t, "nginx", "127.0.0.1:8082"))
	site := regexp.MustCompile(`(?s)\nupstream .*?\n}`).ReplaceAllLiteralString(block(t, "nginx", "proxy_pass"), "\n"+two)
	cert, key, roots := newCertificate(t)
	nginx := startProxy(t, site, cert, key)

	var answers, lost atomic.Int64
	var ended atomic.Bool
	var all sync.WaitGroup
	for range 8 {
		client := newClient(t, roots, true)
		_, _, cookie := fetch(t, client, "https://"+nginx.https+"/login", nil)
		all.Go(func() {
			for !ended.Load() {
				if _, got, _, err := tryFetch(client, "https://"+nginx.https+"/secret", http.Header{"Cookie": {cookie}}); err != nil || got != cake {
					lost.Add(1)
				}
				answers.Add(1)
			}
		})
	}
	for range 3 {
		for i, addr := range addrs {
			instances[i].stop(t)
			instances[i] = run(addr)
			enough := answers.Load() + 500
			redistest.Eventually(t, "500 answers", func() bool { return answers.Load() > enough })
		}
	}
	ended.Store(true)
	all.Wait()
	if n := lost.Load(); n > 0 {
		t.Errorf("of %d requests %d are lost", answers.Load(), n)
	}
	for _, s := range instances {
		s.stop(t)
	}
}
