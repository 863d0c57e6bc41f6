package redis_test

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis/redistest"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/store/storetest"
)

// The certificate of the servers that speak TLS. The process reads what
// certificates it trusts once, so there is one for all tests.
var certFile, keyFile string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "redis-test")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	server := httptest.NewTLSServer(nil) // has a certificate for 127.0.0.1
	server.Close()
	cert := server.TLS.Certificates[0]
	key, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
	if err := errors.Join(err, os.Setenv("SSL_CERT_FILE", certFile),
		os.WriteFile(certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Certificate[0]}), 0o600),
		os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}), 0o600)); err != nil {
		panic(err)
	}
	m.Run()
}

// tlsArgs returns the arguments of a server that also speaks TLS, and the address
// for that.
func tlsArgs(t *testing.T) (args []string, addr string) {
	t.Helper()
	addr = redistest.FreeAddr(t)
	_, port, _ := strings.Cut(addr, ":")
	return []string{"--tls-port", port, "--tls-cert-file", certFile, "--tls-key-file", keyFile,
		"--tls-ca-cert-file", certFile, "--tls-auth-clients", "no"}, addr
}

// urlOf returns the URL for the servers.
func urlOf(query string, servers ...*redistest.Server) string {
	var addrs []string
	for _, s := range servers {
		addrs = append(addrs, s.Addr)
	}
	return "redis://:" + url.PathEscape(redistest.Password) + "@" + strings.Join(addrs, ",") + query
}

// secureURLOf returns the URL for a TLS address.
func secureURLOf(query, addr string) string {
	return "rediss" + strings.TrimPrefix(urlOf(query, &redistest.Server{Addr: addr}), "redis")
}

// prefixes makes prefixes that no other test has.
var prefixes atomic.Int32

func prefix() string { return fmt.Sprintf("test%d:", prefixes.Add(1)) }

// open opens a part of the server that is the test's own, without limits yet.
func open(t testing.TB, url, prefix string) *redis.Store {
	t.Helper()
	s, err := redis.OpenPrefix(url, prefix)
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	return s
}

// openWith is open with limits.
func openWith(t testing.TB, url, prefix string, limits store.Limits) *redis.Store {
	t.Helper()
	s := open(t, url, prefix)
	must(t, s.SetLimits(limits))
	return s
}

var limits = store.Limits{Expires: 24 * time.Hour, IdleTimeout: time.Hour}

// start starts a server and opens it with limits.
func start(t testing.TB) (*redistest.Server, *redis.Store) {
	t.Helper()
	server := redistest.Start(t)
	return server, openWith(t, urlOf("", server), prefix(), limits)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func key(n byte) (k store.Key) {
	k[0], k[31] = n, n
	return k
}

func items(value any) []store.Item { return []store.Item{{Name: "a", Value: value}} }

// read returns the value of the session, nil if it does not live.
func read(t testing.TB, s *redis.Store, k store.Key) any {
	t.Helper()
	got, _, err := s.Read(k)
	must(t, err)
	return store.Value(got, "a")
}

func renew(t testing.TB, s *redis.Store, old, k store.Key, changes []store.Item) {
	t.Helper()
	ok, err := s.Renew(old, k, changes)
	must(t, err)
	if !ok {
		t.Fatalf("Renew %s as %s: there is no session", old, k)
	}
}

// ttl returns the TTL of a key of the server.
func ttl(t testing.TB, server *redistest.Server, name string) time.Duration {
	t.Helper()
	d, err := time.ParseDuration(server.Do("PTTL", name) + "ms")
	must(t, err)
	return d
}

// slow is a Store in which sessions live a thousand times as long, so that the
// time that a test takes does not matter.
type slow struct{ *redis.Store }

func (s slow) SetLimits(l store.Limits) error {
	l.Expires *= 1000
	l.IdleTimeout *= 1000
	return s.Store.SetLimits(l)
}

func TestRedisKeepsTheContract(t *testing.T) {
	one, cluster := redistest.Start(t), redistest.Cluster(t)
	sentinel, _, _ := redistest.Sentinel(t)
	args, tlsAddr := tlsArgs(t)
	redistest.Start(t, args...)
	for _, row := range []struct{ name, url string }{
		{"one server", urlOf("?timeout=1m", one)},
		{"TLS", secureURLOf("?timeout=1m", tlsAddr)},
		{"cluster", urlOf("?timeout=1m", cluster[0])},
		{"cluster, wait", urlOf("?timeout=1m&wait=1", cluster[:2]...)},
		{"sentinel", urlOf("?timeout=1m&sentinel="+redistest.SentinelName, sentinel)},
		{"sentinel, wait", urlOf("?timeout=1m&wait=1&sentinel="+redistest.SentinelName, sentinel)},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			p := prefix()
			var clock *redis.Store    // of all stores, whose prefixes begin with its own
			var oneAtATime sync.Mutex // as time passes for all of them
			storetest.Run(t, storetest.Fixture{
				Open: func(t *testing.T) store.Store { return slow{open(t, row.url, p+prefix())} },
				Bubble: func(t *testing.T, test func(t *testing.T)) {
					oneAtATime.Lock()
					defer oneAtATime.Unlock()
					clock = open(t, row.url, p)
					test(t)
				},
				Wait: func(d time.Duration) { must(t, clock.PassTime(1000*d)) },
			})
		})
	}
}
