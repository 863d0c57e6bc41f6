package iris_test

import (
	"crypto/tls"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestListenAnswersUntilASignal(t *testing.T) {
	addr, other, socket := freeAddr(t), freeAddr(t), filepath.Join(t.TempDir(), "s")
	for _, row := range []struct {
		rule, network, addr string
		args                []string
		stdout              string
	}{
		{"Listen", "tcp", addr, []string{"Listen", addr}, "interrupted\nreturned\n"},
		{"ListenUNIX", "unix", socket, []string{"ListenUNIX", socket}, "interrupted\nreturned\n"},
		{"two calls of Serve, and Interrupted is fired once", "tcp", other, []string{"Serve", other, "127.0.0.1:0"},
			"interrupted\n<nil> <nil>\nreturned\n"},
	} {
		t.Run(row.rule, func(t *testing.T) {
			server := start(t, row.args...)
			server.says("listening")
			_, body, err := get(t, over(row.network, row.addr), "GET", "http://x")
			equal(t, "error", err, nil)
			equal(t, "body", body, "hello over HTTP/1.1")
			if row.network == "unix" {
				info, err := os.Stat(row.addr)
				equal(t, "error", err, nil)
				equal(t, "mode of the socket", info.Mode(), os.ModeSocket|0o600)
			}
			server.signal(os.Interrupt)
			equal(t, "stdout", server.ends(), row.stdout)
			equal(t, "exit status", server.ProcessState.ExitCode(), 0)
			equal(t, "stderr", server.stderr.String(), "")
		})
	}
	if _, err := os.Stat(socket); !os.IsNotExist(err) {
		t.Errorf("the socket is left behind: %v", err)
	}
}

func TestListenTLS(t *testing.T) {
	cert, key, roots := certificate(t)
	addr := freeAddr(t)
	server := start(t, "ListenTLS", addr, cert, key)
	server.says("listening")
	request := func(config *tls.Config, http2 bool, path string) (string, error) {
		transport := &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: http2}
		defer transport.CloseIdleConnections()
		_, body, err := get(t, &http.Client{Transport: transport, Timeout: patience}, "GET", "https://"+addr+path)
		return body, err
	}
	for _, row := range []struct {
		rule   string
		config *tls.Config
		http2  bool
		want   string // "" if the server refuses
	}{
		{"HTTP/1.1", &tls.Config{RootCAs: roots}, false, "hello over HTTP/1.1 and TLS"},
		{"HTTP/2", &tls.Config{RootCAs: roots}, true, "hello over HTTP/2.0 and TLS"},
		{"TLS 1.2", &tls.Config{RootCAs: roots, MaxVersion: tls.VersionTLS12}, false, "hello over HTTP/1.1 and TLS"},
		{"no CBC with SHA-1", &tls.Config{RootCAs: roots, MaxVersion: tls.VersionTLS12,
			CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA}}, false, ""},
		{"no TLS 1.1", &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, false, ""},
	} {
		t.Run(row.rule, func(t *testing.T) {
			body, err := request(row.config, row.http2, "")
			equal(t, "body", body, row.want)
			equal(t, "refused", err != nil, row.want == "")
		})
	}
	body, err := request(&tls.Config{RootCAs: roots}, false, "/url")
	equal(t, "error", err, nil)
	equal(t, "URL", body, "https://"+addr+"/")
	server.signal(syscall.SIGTERM)
	equal(t, "stdout", server.ends(), "interrupted\nreturned\n")
	equal(t, "exit status", server.ProcessState.ExitCode(), 0)
}

func TestListenErrorExitsWithOneLine(t *testing.T) {
	taken := listener(t).Addr().String()
	cert, key, _ := certificate(t)
	expired, expiredKey, _ := certificateOf(t, time.Unix(0, 0), time.Now().Add(-time.Hour))
	early, earlyKey, _ := certificateOf(t, time.Now().Add(time.Hour), time.Now().Add(2*time.Hour))
	socket := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, row := range []struct {
		rule string
		args []string
		want string
	}{
		{"a taken port", []string{"Listen", taken}, "listen tcp " + taken}, // v6 does so, too
		{"no address", []string{"Listen", "nonsense"}, "nonsense"},
		{"a taken port for TLS", []string{"ListenTLS", taken, cert, key}, taken},
		{"no certificate", []string{"ListenTLS", "127.0.0.1:0", cert + "?", key}, cert + "?"},
		{"no key", []string{"ListenTLS", "127.0.0.1:0", cert, cert}, "key"},
		{"an expired certificate", []string{"ListenTLS", "127.0.0.1:0", expired, expiredKey}, expired + ": it has expired at "},
		{"a certificate that is not valid yet", []string{"ListenTLS", "127.0.0.1:0", early, earlyKey}, early + ": it is not valid before "},
		{"a taken socket", []string{"ListenUNIX", socket}, socket},
		{"no directory", []string{"ListenUNIX", socket + "/s"}, socket + "/s"},
		{"no router", []string{"NoRouter", "127.0.0.1:0"}, "add app.Adapt(httprouter.New())"},
	} {
		t.Run(row.rule, func(t *testing.T) {
			server := start(t, row.args...)
			equal(t, "stdout", server.ends(), "")
			equal(t, "exit status", server.ProcessState.ExitCode(), 1)
			stderr := server.stderr.String()
			if strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, "iris: ") || !strings.Contains(stderr, row.want) {
				t.Errorf("stderr: %q, want one line that says %q", stderr, row.want)
			}
		})
	}
}

// startSlow starts a server on a socket, and interrupts it while it answers the client.
func startSlow(t *testing.T, sig os.Signal) (server *child, client *wire, socket string) {
	t.Helper()
	socket = filepath.Join(t.TempDir(), "s")
	server = start(t, "ListenUNIX", socket)
	server.says("listening")
	client = dial(t, &net.UnixAddr{Name: socket, Net: "unix"})
	client.send("GET /slow HTTP/1.1", "Host: x", "")
	server.says("in flight")
	server.signal(sig)
	server.says("interrupted")
	return server, client, socket
}

func TestV6DifferSignalDrainsThenExits0(t *testing.T) {
	for _, row := range []struct {
		rule   string
		signal os.Signal
		later  os.Signal // during the drain
	}{
		{"SIGINT", os.Interrupt, nil},
		{"SIGTERM", syscall.SIGTERM, nil},
		{"SIGHUP does not end a drain", os.Interrupt, syscall.SIGHUP},
	} {
		t.Run(row.rule, func(t *testing.T) {
			server, client, socket := startSlow(t, row.signal)
			for begin := time.Now(); ; runtime.Gosched() { // until the server does not listen any more
				if _, err := os.Stat(socket); os.IsNotExist(err) {
					break
				} else if time.Since(begin) > patience {
					t.Fatalf("the socket is still there: %v", err)
				}
			}
			if row.later != nil {
				server.signal(row.later)
			}
			if _, err := server.stdin.Write([]byte("go on\n")); err != nil {
				t.Fatal(err)
			}
			resp, body := client.receive("GET")
			equal(t, "status", resp.StatusCode, 200)
			equal(t, "body", body, "finished")
			equal(t, "stdout", server.ends(), "returned\n")
			equal(t, "exit status", server.ProcessState.ExitCode(), 0)
			if row.later == nil { // SIGHUP may leave a record
				equal(t, "stderr", server.stderr.String(), "")
			}
		})
	}
}

func TestUnfinishedDrainExitsWith1(t *testing.T) {
	server := start(t, "ListenInVain", "127.0.0.1:0")
	server.says("listening")
	server.signal(syscall.SIGTERM)
	equal(t, "stdout", server.ends(), "interrupted\ndrains for 10s\n")
	equal(t, "exit status", server.ProcessState.ExitCode(), 1)
	stderr := server.stderr.String()
	if strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, "requests were still in flight after 10s") {
		t.Errorf("stderr: %q", stderr)
	}
}

func TestSecondSignalEndsTheProcessAtOnce(t *testing.T) {
	server, _, _ := startSlow(t, os.Interrupt)
	server.signal(os.Interrupt)
	equal(t, "stdout", server.ends(), "")
	status, _ := server.ProcessState.Sys().(syscall.WaitStatus)
	equal(t, "signal that ended it", status.Signal(), syscall.SIGINT)
}
