//go:build unix

package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis/redistest"
)

// proxy is an nginx that is set up as documented.
type proxy struct{ https, plain, accessLog string }

// startProxy starts nginx with that site. It ends with the test.
func startProxy(t *testing.T, site, cert, key string) proxy {
	t.Helper()
	dir := t.TempDir()
	p := proxy{redistest.FreeAddr(t), redistest.FreeAddr(t), filepath.Join(dir, "access.log")}
	site = strings.NewReplacer("listen 443", "listen "+p.https, "listen 80", "listen "+p.plain,
		"/etc/ssl/example.com.pem", cert, "/etc/ssl/example.com.key", key, "rate=20r/s", "rate=1000000r/s",
		"/var/log/nginx/iris-sessions.log", p.accessLog).Replace(site + "\n" + block(t, "nginx", "log_format"))
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		site += fmt.Sprintf("\n%s_temp_path %s;", kind, filepath.Join(dir, kind))
	}
	config := filepath.Join(dir, "nginx.conf")
	writeFile(t, config, "daemon off; pid nginx.pid; error_log stderr; events {} http {\n"+site+"\n}")
	nginx := exec.Command("nginx", "-p", dir, "-c", config, "-e", "stderr")
	nginx.Stderr = new(bytes.Buffer)
	if err := nginx.Start(); err != nil {
		t.Fatalf("%v: make test installs it", err)
	}
	t.Cleanup(func() {
		if err := errors.Join(nginx.Process.Signal(syscall.SIGTERM), nginx.Wait()); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("nginx logged:\n%.5000s", nginx.Stderr)
		}
	})
	untilOpen(t, p.plain)
	return p
}

// TestProxy runs the unit's command behind nginx, as the documentation sets both up.
func TestProxy(t *testing.T) {
	const upstream = "127.0.0.1:8080"
	flags := strings.ReplaceAll(strings.Join(unitFlags(block(t, "ini", "[Unit]")), " "), upstream, "127.0.0.1:0")
	s := startCommand(t, exec.CommandContext(t.Context(), program, strings.Fields(flags)...))
	cert, key, roots := newCertificate(t)
	nginx := startProxy(t, strings.ReplaceAll(block(t, "nginx", "proxy_pass"), upstream, s.addr), cert, key)

	client := newClient(t, roots, true)
	if runtime.GOOS == "linux" { // a client elsewhere than nginx
		client.Transport.(*http.Transport).DialContext = (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}).DialContext
	}
	resp, _, cookie := fetch(t, client, "https://"+nginx.https+"/login", http.Header{"X-Forwarded-For": {"192.0.2.1"}})
	if resp.Proto != "HTTP/2.0" || len(resp.Header["Strict-Transport-Security"]) != 1 || !strings.HasPrefix(cookie, "__Host-") {
		t.Errorf("%s, header %v", resp.Proto, resp.Header)
	}
	joinsLog(t, s, nginx)
	if _, got, _ := fetch(t, client, "https://"+nginx.https+"/secret", http.Header{"Cookie": {cookie}}); got != cake {
		t.Errorf("after the login: %+v", got)
	}
	if resp, _, _ := fetch(t, client, "http://"+nginx.plain+"/secret?a=b", nil); resp.StatusCode != 301 || resp.Header.Get("Location") != "https://"+nginx.plain+"/secret?a=b" {
		t.Errorf("plain HTTP: status %d, header %v", resp.StatusCode, resp.Header)
	}
	for _, row := range []struct {
		origin string
		status int
	}{{"https://" + nginx.https, 200}, {"https://evil.example", 403}} {
		if _, got, _ := fetch(t, client, "https://"+nginx.https+"/login", http.Header{"Origin": {row.origin}}); got.status != row.status {
			t.Errorf("a login from %s: %+v, want status %d", row.origin, got, row.status)
		}
	}
	s.stop(t)
}

// joinsLog compares the record of the first login with nginx's first line: both
// have the client, and the record's time is in the time that the line is about.
func joinsLog(t *testing.T, s *server, nginx proxy) {
	t.Helper()
	var record struct {
		Time   time.Time
		Client string
	}
	if err := json.Unmarshal([]byte(s.lines(t, 1, `"msg":"login"`)[0]), &record); err != nil {
		t.Fatal(err)
	}
	var line []byte
	var ended, took float64
	var client string
	redistest.Eventually(t, "a line of nginx", func() (read bool) {
		var err error
		line, err = os.ReadFile(nginx.accessLog)
		_, scanErr := fmt.Sscan(string(line), &ended, &took, &client)
		return err == nil && scanErr == nil
	})
	at := float64(record.Time.UnixMilli()) / 1000
	const rounding = 0.0005
	if at < ended-took-rounding || at > ended+rounding || client != record.Client {
		t.Errorf("the record %+v does not join the line %s", record, line)
	}
}
