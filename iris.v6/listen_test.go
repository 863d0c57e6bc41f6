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

func TestListen(t *testing.T) {
	addr := freeAddr(t)
	server := start(t, "Listen", addr)
	server.says("listening")
	_, body, err := get(t, over("tcp", addr), "GET", "http://"+addr)
	equal(t, "error", err, nil)
	equal(t, "body", body, "hello over HTTP/1.1")
	_, body, err = get(t, over("tcp", addr), "GET", "http://"+addr+"/url")
	equal(t, "error", err, nil)
	equal(t, "URL", body, "http://"+addr+"/")
	server.signal(os.Interrupt)
	equal(t, "stdout", server.ends(), "interrupted\nreturned\n")
	equal(t, "exit status", server.ProcessState.ExitCode(), 0)
	equal(t, "stderr", server.stderr.String(), "")
}

func TestListenTLS(t *testing.T) {
	cert, key, roots := certificate(t)
	addr := freeAddr(t)
	server := start(t, "ListenTLS", addr, cert, key)
	server.says("listening")
	for name, test := range map[string]struct {
		config *tls.Config
		http2  bool
		want   string // "" if the server refuses
	}{
		"HTTP/1.1": {&tls.Config{RootCAs: roots}, false, "hello over HTTP/1.1 and TLS"},
		"HTTP/2":   {&tls.Config{RootCAs: roots}, true, "hello over HTTP/2.0 and TLS"},
		"TLS 1.2":  {&tls.Config{RootCAs: roots, MaxVersion: tls.VersionTLS12}, false, "hello over HTTP/1.1 and TLS"},
		"TLS 1.2 by CBC with SHA-1": {&tls.Config{RootCAs: roots, MaxVersion: tls.VersionTLS12,
			CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA}}, false, ""},
		"TLS 1.1": {&tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			transport := &http.Transport{TLSClientConfig: test.config, ForceAttemptHTTP2: test.http2}
			defer transport.CloseIdleConnections()
			_, body, err := get(t, &http.Client{Transport: transport, Timeout: patience}, "GET", "https://"+addr)
			equal(t, "body", body, test.want)
			equal(t, "refused", err != nil, test.want == "")
		})
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}
	defer transport.CloseIdleConnections()
	_, body, err := get(t, &http.Client{Transport: transport, Timeout: patience}, "GET", "https://"+addr+"/url")
	equal(t, "error", err, nil)
	equal(t, "URL", body, "https://"+addr+"/")
	server.signal(syscall.SIGTERM)
	equal(t, "stdout", server.ends(), "interrupted\nreturned\n")
	equal(t, "exit status", server.ProcessState.ExitCode(), 0)
}

func TestListenUNIX(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "s")
	server := start(t, "ListenUNIX", socket)
	server.says("listening")
	info, err := os.Stat(socket)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "mode of the socket", info.Mode(), os.ModeSocket|0o600)
	_, body, err := get(t, over("unix", socket), "GET", "http://x")
	equal(t, "error", err, nil)
	equal(t, "body", body, "hello over HTTP/1.1")
	server.signal(os.Interrupt)
	equal(t, "stdout", server.ends(), "interrupted\nreturned\n")
	if _, err := os.Stat(socket); !os.IsNotExist(err) {
		t.Errorf("the socket is left behind: %v", err)
	}
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
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"a taken port":                   {[]string{"Listen", taken}, taken},
		"no address":                     {[]string{"Listen", "nonsense"}, "nonsense"},
		"a taken port for TLS":           {[]string{"ListenTLS", taken, cert, key}, taken},
		"no certificate":                 {[]string{"ListenTLS", "127.0.0.1:0", cert + "?", key}, cert + "?"},
		"a key of another kind":          {[]string{"ListenTLS", "127.0.0.1:0", cert, cert}, "key"},
		"an expired certificate":         {[]string{"ListenTLS", "127.0.0.1:0", expired, expiredKey}, expired + ": it has expired at "},
		"a certificate of a future time": {[]string{"ListenTLS", "127.0.0.1:0", early, earlyKey}, early + ": it is not valid before "},
		"a taken socket":                 {[]string{"ListenUNIX", socket}, socket},
		"no directory":                   {[]string{"ListenUNIX", socket + "/s"}, socket + "/s"},
		"no router":                      {[]string{"NoRouter", "127.0.0.1:0"}, "add app.Adapt(httprouter.New())"},
	} {
		t.Run(name, func(t *testing.T) {
			server := start(t, test.args...)
			equal(t, "stdout", server.ends(), "")
			equal(t, "exit status", server.ProcessState.ExitCode(), 1)
			stderr := server.stderr.String()
			if strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, "iris: ") || !strings.Contains(stderr, test.want) {
				t.Errorf("stderr: %q, want one line that says %q", stderr, test.want)
			}
		})
	}
}

func TestV6DifferSignalDrainsThenExits0(t *testing.T) {
	for name, sig := range map[string]os.Signal{"SIGINT": os.Interrupt, "SIGTERM": syscall.SIGTERM} {
		t.Run(name, func(t *testing.T) {
			socket := filepath.Join(t.TempDir(), "s")
			server := start(t, "ListenUNIX", socket)
			server.says("listening")
			client := dial(t, &net.UnixAddr{Name: socket, Net: "unix"})
			client.send("GET /slow HTTP/1.1", "Host: x", "")
			server.says("in flight")
			server.signal(sig)
			server.says("interrupted")
			for begin := time.Now(); ; runtime.Gosched() { // until nobody listens there any more
				if _, err := os.Stat(socket); os.IsNotExist(err) {
					break
				} else if time.Since(begin) > patience {
					t.Fatalf("the socket is still there: %v", err)
				}
			}
			if _, err := server.stdin.Write([]byte("go on\n")); err != nil {
				t.Fatal(err)
			}
			resp, body := client.receive("GET")
			equal(t, "status of what was in flight", resp.StatusCode, 200)
			equal(t, "body of what was in flight", body, "finished")
			equal(t, "stdout", server.ends(), "returned\n")
			equal(t, "exit status", server.ProcessState.ExitCode(), 0)
			equal(t, "stderr", server.stderr.String(), "")
		})
	}
}

func TestSignalUnderServeDrainsEveryServerAndFiresInterruptedOnce(t *testing.T) {
	addr := freeAddr(t)
	server := start(t, "Serve", addr, "127.0.0.1:0")
	server.says("listening")
	_, body, err := get(t, over("tcp", addr), "GET", "http://"+addr)
	equal(t, "error", err, nil)
	equal(t, "body", body, "hello over HTTP/1.1")
	server.signal(os.Interrupt)
	equal(t, "stdout", server.ends(), "interrupted\n<nil> <nil>\nreturned\n")
	equal(t, "exit status", server.ProcessState.ExitCode(), 0)
	equal(t, "stderr", server.stderr.String(), "")
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

func TestSIGHUPDoesNotEndADrain(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "s")
	server := start(t, "ListenUNIX", socket)
	server.says("listening")
	client := dial(t, &net.UnixAddr{Name: socket, Net: "unix"})
	client.send("GET /slow HTTP/1.1", "Host: x", "")
	server.says("in flight")
	server.signal(os.Interrupt)
	server.says("interrupted")
	server.signal(syscall.SIGHUP)
	if _, err := server.stdin.Write([]byte("go on\n")); err != nil {
		t.Fatal(err)
	}
	_, body := client.receive("GET")
	equal(t, "body of what was in flight", body, "finished")
	equal(t, "stdout", server.ends(), "returned\n")
	equal(t, "exit status", server.ProcessState.ExitCode(), 0)
}

func TestSecondSignalEndsTheProcessAtOnce(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "s")
	server := start(t, "ListenUNIX", socket)
	server.says("listening")
	dial(t, &net.UnixAddr{Name: socket, Net: "unix"}).send("GET /slow HTTP/1.1", "Host: x", "")
	server.says("in flight")
	server.signal(os.Interrupt)
	server.says("interrupted")
	server.signal(os.Interrupt)
	equal(t, "stdout", server.ends(), "")
	status, _ := server.ProcessState.Sys().(syscall.WaitStatus)
	equal(t, "signal that ended it", status.Signal(), syscall.SIGINT)
}
