package redis_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis/redistest"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

func TestOpenFailsSoonWithoutTellingThePassword(t *testing.T) {
	server, paused := redistest.Start(t), redistest.Start(t)
	paused.Pause()
	t.Cleanup(paused.Resume)
	nobody := redistest.FreeAddr(t)
	for _, row := range []struct{ name, url string }{
		{"nobody listens", "redis://:secret@" + nobody},
		{"no sentinel listens", "redis://:secret@" + nobody + "?sentinel=m"},
		{"no host of the cluster listens", "redis://:secret@" + nobody + "," + nobody},
		{"the password is wrong", "redis://:secret@" + server.Addr},
		{"there is no password", "redis://" + server.Addr},
		{"there is no such database", urlOf("/9999", server)},
		{"the server speaks no TLS", "rediss://:secret@" + server.Addr},
		{"the server hangs", urlOf("", paused)},
		{"the server hangs and the timeout is long", urlOf("?timeout=1m", paused)},
		{"the cluster hangs", urlOf("", paused, paused, paused, paused, paused, paused, paused, paused)},
		{"the hosts are no cluster", urlOf("", server, server)},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			_, err := redis.Open(row.url)
			if err == nil || strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), redistest.Password) {
				t.Errorf("error %v", err)
			}
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}

func TestSentinelWithUserPasswordAndTLS(t *testing.T) {
	sentinel := redistest.SecureSentinel(t, certFile, keyFile)
	const password = "s3cret%3A%2F%3F%23%40%2C" // of redistest
	url := "rediss" + strings.TrimPrefix(urlOf("?sentinel="+redistest.SentinelName, sentinel), "redis")
	s := openWith(t, url+"&sentinel-user="+redistest.SentinelUser+"&sentinel-password="+password, prefix(), limits)
	must(t, s.Create(key(1), items(1)))
	if got := read(t, s, key(1)); got != 1 {
		t.Errorf("read %v", got)
	}
	if name := s.String(); name != "rediss://"+sentinel.Addr+"/0?sentinel="+redistest.SentinelName {
		t.Errorf("its name is %s", name)
	}
	for _, row := range []struct{ name, url string }{
		{"without a password", url},
		{"of another user", url + "&sentinel-user=other&sentinel-password=" + password},
		{"with another password", url + "&sentinel-user=" + redistest.SentinelUser + "&sentinel-password=secret"},
	} {
		if _, err := redis.Open(row.url); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: error %v", row.name, err)
		}
	}
}

func TestWarningNamesThePolicyThatEvicts(t *testing.T) {
	server, cluster := redistest.Start(t), redistest.Cluster(t)
	one, all := open(t, urlOf("", server), prefix()), open(t, urlOf("", cluster...), prefix())
	if got := one.Warning() + all.Warning(); got != "" {
		t.Errorf("servers that evict nothing: %q", got)
	}
	server.Do("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
	if got := one.Warning(); !strings.Contains(got, "allkeys-lru") || !strings.Contains(got, server.Addr) {
		t.Errorf("a server that evicts: %q", got)
	}
	cluster[1].Do("CONFIG", "SET", "maxmemory-policy", "volatile-ttl")
	if got := all.Warning(); !strings.Contains(got, "volatile-ttl") || !strings.Contains(got, cluster[1].Addr) {
		t.Errorf("a cluster that evicts: %q", got)
	}
	server.Do("ACL", "SETUSER", "default", "-info")
	if got := one.Warning(); got != "" {
		t.Errorf("a server that does not tell: %q", got)
	}
}

// TestOpenedStoreHasNoLimits shows that Open's own read is none of the manager's
// calls.
func TestOpenedStoreHasNoLimits(t *testing.T) {
	s, err := redis.Open(urlOf("", redistest.Start(t)))
	must(t, err)
	defer s.Close()
	if _, _, err := s.Read(key(1)); !errors.Is(err, store.ErrNoLimits) {
		t.Errorf("Read before SetLimits: %v", err)
	}
	must(t, s.SetLimits(limits))
	if err := s.SetLimits(limits); !errors.Is(err, store.ErrLimitsSet) {
		t.Errorf("SetLimits twice: %v", err)
	}
}
