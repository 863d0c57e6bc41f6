package redis_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis/redistest"
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
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}

func TestSentinelWithUserPasswordAndTLS(t *testing.T) {
	args, master := tlsArgs(t)
	redistest.Start(t, args...)
	args, sentinel := tlsArgs(t)
	redistest.Watch(t, master, append(args, "--tls-replication", "yes",
		"--user", "default", "off", "--user", "watcher", "on", "+@all", ">"+redistest.Password)...)
	noPassword := secureURLOf("?sentinel="+redistest.SentinelName, sentinel)
	wrong := noPassword + "&sentinel-user=watcher&sentinel-password=secret"
	password := url.QueryEscape(redistest.Password)
	s := openWith(t, strings.Replace(wrong, "secret", password, 1), prefix(), limits)
	must(t, s.Create(key(1), items(1)))
	if got := read(t, s, key(1)); got != 1 {
		t.Errorf("read %v", got)
	}
	if name := s.String(); name != "rediss://"+sentinel+"/0?sentinel="+redistest.SentinelName {
		t.Errorf("its name is %s", name)
	}
	for _, row := range []struct{ name, url string }{
		{"without a password", noPassword},
		{"with another password", wrong},
		{"of another user", noPassword + "&sentinel-user=other&sentinel-password=" + password},
	} {
		if _, err := redis.Open(row.url); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: error %v", row.name, err)
		}
	}
}

func TestWarningNamesThePolicyThatEvicts(t *testing.T) {
	cluster := redistest.Cluster(t)
	server, one := start(t)
	all := open(t, urlOf("", cluster...), prefix())
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
