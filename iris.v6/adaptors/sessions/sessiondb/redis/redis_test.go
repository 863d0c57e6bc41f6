package redis_test

import (
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis/redistest"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/store/storetest"
)

// The certificate of the servers that speak TLS. The process reads what
// certificates it trusts once, so there is one for all tests.
var certFile, keyFile string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "redis-test")
		if err == nil {
			defer os.RemoveAll(dir)
			certFile, keyFile, err = redistest.Certificate(dir)
		}
		if err == nil {
			err = os.Setenv("SSL_CERT_FILE", certFile)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return m.Run()
	}())
}

// urlOf returns the URL for the servers.
func urlOf(query string, servers ...*redistest.Server) string {
	var addrs []string
	for _, s := range servers {
		addrs = append(addrs, s.Addr)
	}
	return "redis://:" + url.PathEscape(redistest.Password) + "@" + strings.Join(addrs, ",") + query
}

// prefixes makes prefixes that no other test has.
var prefixes atomic.Int32

func prefix() string { return fmt.Sprintf("test%d:", prefixes.Add(1)) }

// open opens a part of the server that is the test's own, without limits yet.
func open(t testing.TB, url, prefix string) *redis.Store {
	t.Helper()
	s, err := redis.OpenPrefix(url, prefix)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// openWith is open with limits.
func openWith(t testing.TB, url, prefix string, limits store.Limits) *redis.Store {
	t.Helper()
	s := open(t, url, prefix)
	if err := s.SetLimits(limits); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestRedisKeepsTheContract(t *testing.T) {
	one, tls, cluster := redistest.Start(t), redistest.TLS(t, certFile, keyFile), redistest.Cluster(t)
	sentinel, _, _ := redistest.Sentinel(t)
	for _, row := range []struct{ name, url string }{
		{"one server", urlOf("?timeout=10s", one)},
		{"another database", urlOf("/3?timeout=10s", one)},
		{"TLS", "rediss" + strings.TrimPrefix(urlOf("?timeout=10s", tls), "redis")},
		{"cluster", urlOf("?timeout=10s", cluster[:2]...)},
		{"cluster, one host", urlOf("?timeout=10s", cluster[0])},
		{"cluster, wait", urlOf("?timeout=10s&wait=1", cluster[:2]...)},
		{"sentinel", urlOf("?timeout=10s&sentinel="+redistest.SentinelName, sentinel)},
		{"sentinel, wait", urlOf("?timeout=10s&wait=1&sentinel="+redistest.SentinelName, sentinel)},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			storetest.Run(t, storetest.Fixture{Open: func(t *testing.T) store.Store { return open(t, row.url, prefix()) }})
		})
	}
}
