package redis_test

import (
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"gopkg.in/kataras/iris.v6/adaptors/sessions"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis/redistest"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/storetest"
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

// open opens a part of the server that is the test's own.
func open(t testing.TB, url, prefix string, limits sessions.Limits) *redis.Store {
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
	s.SetLimits(limits)
	return s
}

func TestRedisKeepsTheContract(t *testing.T) {
	one, tls, cluster := redistest.Start(t), redistest.TLS(t, certFile, keyFile), redistest.Cluster(t)
	sentinel, _, _ := redistest.Sentinel(t)
	for name, url := range map[string]string{
		"one server":         urlOf("", one),
		"another database":   urlOf("/3", one),
		"cache":              urlOf("?cache=1h", one),
		"TLS":                "rediss" + strings.TrimPrefix(urlOf("", tls), "redis"),
		"cluster":            urlOf("", cluster...),
		"cluster, one host":  urlOf("", cluster[0]),
		"cluster with cache": urlOf("?cache=1h", cluster...),
		"cluster, wait":      urlOf("?wait=1", cluster...),
		"sentinel":           urlOf("?wait=1&sentinel="+redistest.SentinelName, sentinel),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Run(t, storetest.Fixture{Open: func(t *testing.T, limits sessions.Limits) sessions.Store {
				return open(t, url, prefix(), limits)
			}})
		})
	}
}
