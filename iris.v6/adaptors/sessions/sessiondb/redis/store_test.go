package redis_test

import (
	"context"
	"fmt"
	"net"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"gopkg.in/kataras/iris.v6/adaptors/sessions"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis/redistest"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis/service"
)

func key(n byte) (k sessions.Key) {
	k[0], k[31] = n, n
	return k
}

func items(value any) []sessions.Item { return []sessions.Item{{Name: "a", Value: value}} }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// read returns the value of the session, nil if it does not live.
func read(t *testing.T, s *redis.Store, k sessions.Key) any {
	t.Helper()
	got, ok, err := s.Read(t.Context(), k)
	must(t, err)
	if !ok || len(got) == 0 {
		return nil
	}
	return got[0].Value
}

func TestEveryKeyHasATTLAtAllTimes(t *testing.T) {
	server := redistest.Start(t)
	for name, row := range map[string]struct {
		limits sessions.Limits
		ttl    time.Duration
	}{
		"both limits":     {sessions.Limits{Expires: 2 * time.Hour, IdleTimeout: time.Hour}, time.Hour},
		"expires first":   {sessions.Limits{Expires: time.Hour, IdleTimeout: 2 * time.Hour}, time.Hour},
		"no idle timeout": {sessions.Limits{Expires: time.Hour}, time.Hour},
		"no limits":       {sessions.Limits{}, 400 * 24 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			p := prefix()
			s := open(t, urlOf("", server), p, row.limits)
			check := func(after string) {
				t.Helper()
				keys := strings.Fields(server.Do("KEYS", p+"*"))
				if len(keys) == 0 {
					t.Errorf("after %s: no key", after)
				}
				for _, k := range keys {
					ttl, err := time.ParseDuration(server.Do("PTTL", k) + "ms")
					must(t, err)
					want := row.ttl
					if strings.HasSuffix(k, "cut") {
						want = 290 * 365 * 24 * time.Hour // longer than any session
					}
					if ttl > want || ttl < want-time.Minute {
						t.Errorf("after %s: %s has a TTL of %v, want %v", after, k, ttl, want)
					}
				}
			}
			must(t, s.Create(t.Context(), key(1), items(1)))
			check("Create")
			_, err := s.Update(t.Context(), key(1), items(2))
			must(t, err)
			check("Update")
			_, err = s.Renew(t.Context(), key(1), key(2), items(3))
			must(t, err)
			check("Renew")
			if read(t, s, key(2)) != 3 {
				t.Error("the session is lost")
			}
			check("Read")
			must(t, s.DestroyAll(t.Context()))
			check("DestroyAll")
		})
	}
}

// TestTheIdleClockIsWrittenAtMostOncePerTenth reads the number of writes off the server.
func TestTheIdleClockIsWrittenAtMostOncePerTenth(t *testing.T) {
	server := redistest.Start(t)
	s := open(t, urlOf("", server), prefix(), sessions.Limits{IdleTimeout: time.Hour})
	must(t, s.Create(t.Context(), key(1), items(1)))
	server.Do("CONFIG", "RESETSTAT")
	for range 100 {
		read(t, s, key(1))
	}
	if stats := server.Do("INFO", "commandstats"); strings.Contains(stats, "cmdstat_pexpire") {
		t.Errorf("reads of a session just created have set its TTL: %s", stats)
	}
	name := server.Do("KEYS", "*")
	server.Do("PEXPIRE", name, fmt.Sprint((50 * time.Minute).Milliseconds()))
	for range 100 {
		read(t, s, key(1))
	}
	if stats := server.Do("INFO", "commandstats"); !strings.Contains(stats, "cmdstat_pexpire:calls=2,") { // ours, and the test's
		t.Errorf("100 reads after 10 minutes: %s", stats)
	}
}

func TestAShorterLimitGoesForSessionsThatThereAre(t *testing.T) {
	server := redistest.Start(t)
	s := open(t, urlOf("", server), prefix(), sessions.Limits{IdleTimeout: 24 * time.Hour})
	must(t, s.Create(t.Context(), key(1), items(1)))
	s.SetLimits(sessions.Limits{IdleTimeout: time.Hour})
	read(t, s, key(1))
	if ttl := server.Do("TTL", server.Do("KEYS", "*")); ttl != "3600" && ttl != "3599" {
		t.Errorf("the TTL is %s s, want an hour", ttl)
	}
}

func TestTheIDIsNotInTheServer(t *testing.T) {
	server := redistest.Start(t)
	manager := sessions.New(sessions.Config{Store: open(t, urlOf("", server), prefix(), limits)})
	w := httptest.NewRecorder()
	id := manager.Start(w, httptest.NewRequest("GET", "/", nil)).ID()
	if keys := server.Do("KEYS", "*"); keys == "" || strings.Contains(keys, id) || !strings.Contains(w.Header().Get("Set-Cookie"), id) {
		t.Errorf("the session of id %s has the keys %s", id, keys)
	}
}

func TestInstancesSeeEachOthersWritesAtOnce(t *testing.T) {
	server, cluster := redistest.Start(t), redistest.Cluster(t)
	for name, url := range map[string]string{"one server": urlOf("", server), "cluster": urlOf("", cluster...)} {
		t.Run(name, func(t *testing.T) {
			p := prefix()
			a, b := open(t, url, p, limits), open(t, url, p, limits)
			must(t, a.Create(t.Context(), key(1), items(1)))
			if got := read(t, b, key(1)); got != 1 {
				t.Errorf("after Create the other instance reads %v", got)
			}
			_, err := b.Renew(t.Context(), key(1), key(2), items(2))
			must(t, err)
			if old, renewed := read(t, a, key(1)), read(t, a, key(2)); old != nil || renewed != 2 {
				t.Errorf("after Renew the other instance reads %v and %v", old, renewed)
			}
			must(t, a.Create(t.Context(), key(3), nil))
			must(t, a.DestroyAll(t.Context()))
			if got, ok, err := b.Read(t.Context(), key(3)); ok || err != nil || read(t, b, key(2)) != nil {
				t.Errorf("after DestroyAll the other instance reads %v, %v", got, err)
			}
		})
	}
}

func TestWithCacheAnotherInstancesWriteIsSeenSoon(t *testing.T) {
	server := redistest.Start(t)
	for name, end := range map[string]func(ctx context.Context, s *redis.Store) error{
		"Update": func(ctx context.Context, s *redis.Store) error {
			_, err := s.Update(ctx, key(1), []sessions.Item{{Name: "a"}})
			return err
		},
		"Renew": func(ctx context.Context, s *redis.Store) error {
			_, err := s.Renew(ctx, key(1), key(2), nil)
			return err
		},
		"Destroy":    func(ctx context.Context, s *redis.Store) error { return s.Destroy(ctx, key(1)) },
		"DestroyAll": func(ctx context.Context, s *redis.Store) error { return s.DestroyAll(ctx) },
	} {
		t.Run(name, func(t *testing.T) {
			p := prefix()
			cached := open(t, urlOf("?cache=1h", server), p, sessions.Limits{})
			must(t, cached.Create(t.Context(), key(1), items(1)))
			server.Do("CONFIG", "RESETSTAT")
			for range 100 {
				if got := read(t, cached, key(1)); got != 1 {
					t.Fatalf("read %v", got)
				}
			}
			if stats := server.Do("INFO", "commandstats"); !strings.Contains(stats, "cmdstat_evalsha:calls=1,") {
				t.Errorf("100 reads asked the server more than once: %s", stats)
			}
			must(t, end(t.Context(), open(t, urlOf("", server), p, sessions.Limits{})))
			redistest.Eventually(t, "the write is seen", func() bool { return read(t, cached, key(1)) == nil })
		})
	}
}

// TestWithCacheNothingIsOlderThanItMayBe cuts the connection that the word of
// changes comes by, and pauses the server so that it does not come again.
func TestWithCacheNothingIsOlderThanItMayBe(t *testing.T) {
	server := redistest.Start(t)
	s := open(t, urlOf("?cache=300ms&timeout=100ms", server), prefix(), sessions.Limits{})
	must(t, s.Create(t.Context(), key(1), items(1)))
	read(t, s, key(1))
	server.Pause()
	defer server.Resume()
	began := time.Now()
	redistest.Eventually(t, "the session is not read any more", func() bool {
		_, ok, err := s.Read(t.Context(), key(1))
		return !ok && err != nil
	})
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("what was read was used for %v more, want 300 ms at most", took)
	}
}

func TestASessionThatIsNoneOfOursIsAnError(t *testing.T) {
	server := redistest.Start(t)
	for name, spoil := range map[string][]string{
		"another type":       {"SET", "KEY", "x"},
		"a broken value":     {"HSET", "KEY", "=a", "ix"},
		"an unknown value":   {"HSET", "KEY", "=a", "?"},
		"no time of birth":   {"HDEL", "KEY", "born"},
		"no time, but a lie": {"HSET", "KEY", "born", "x"},
	} {
		t.Run(name, func(t *testing.T) {
			p := prefix()
			s := open(t, urlOf("", server), p, limits)
			must(t, s.Create(t.Context(), key(1), items(1)))
			args := append([]string(nil), spoil...)
			args[1] = server.Do("KEYS", p+"*")
			server.Do(args...)
			if got, ok, err := s.Read(t.Context(), key(1)); ok || err == nil {
				t.Errorf("read as %v, %v", got, ok)
			}
		})
	}
}

func TestOpenFailsSoonAndDoesNotTellThePassword(t *testing.T) {
	server, paused := redistest.Start(t), redistest.Start(t)
	paused.Pause()
	t.Cleanup(paused.Resume)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	nobody := l.Addr().String()
	must(t, l.Close())
	for rule, url := range map[string]string{
		"nobody listens":            "redis://:secret@" + nobody,
		"no sentinel listens":       "redis://:secret@" + nobody + "?sentinel=m",
		"no host of the cluster":    "redis://:secret@" + nobody + "," + nobody,
		"a wrong password":          "redis://:secret@" + server.Addr,
		"no password":               "redis://" + server.Addr,
		"no such database":          urlOf("/9999", server),
		"TLS where there is none":   "rediss://:secret@" + server.Addr,
		"a server that hangs":       urlOf("", paused),
		"a cluster that hangs":      urlOf("", paused, paused, paused, paused, paused, paused, paused, paused),
		"hosts that are no cluster": urlOf("", server, server),
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			_, err := redis.Open(url)
			if err == nil || strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), redistest.Password) {
				t.Errorf("error %v", err)
			}
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}

func TestAWriteThatTooFewReplicasHaveIsAnError(t *testing.T) {
	s := open(t, urlOf("?wait=1", redistest.Start(t)), prefix(), limits)
	for name, err := range map[string]error{
		"Create":  s.Create(t.Context(), key(1), items(1)),
		"Destroy": s.Destroy(t.Context(), key(2)),
	} {
		if err == nil || !strings.Contains(err.Error(), "0 of the 1 replicas") {
			t.Errorf("%s without a replica: %v", name, err)
		}
	}
	if _, ok, err := s.Read(t.Context(), key(1)); !ok || err != nil {
		t.Errorf("what has been created is read as %v, %v", ok, err)
	}
	if err := s.Destroy(t.Context(), key(1)); err == nil {
		t.Error("Destroy without a replica gives no error")
	}
	if err := s.DestroyAll(t.Context()); err == nil {
		t.Error("DestroyAll without a replica gives no error")
	}
	if _, _, err := s.Read(t.Context(), key(1)); err == nil {
		t.Error("that it has ended is told, which a failover would undo")
	}
}

func TestV6sConfiguration(t *testing.T) {
	server := redistest.Start(t)
	db := redis.New(service.Config{
		Network: service.DefaultRedisNetwork, Addr: server.Addr, Password: redistest.Password, Database: "1", MaxIdle: 1, MaxActive: 10,
		IdleTimeout: service.DefaultRedisIdleTimeout, Prefix: "v6:", MaxAgeSeconds: service.DefaultRedisMaxAgeSeconds,
	})
	defer db.Close()
	store := db.Store()
	store.SetLimits(sessions.Limits{})
	must(t, store.Create(t.Context(), key(1), items(true)))
	name := server.Do("-n", "1", "--scan", "--pattern", "v6:*")
	if ttl := server.Do("-n", "1", "TTL", name); ttl != "31556926" && ttl != "31556925" {
		t.Errorf("key %q has a TTL of %s", name, ttl)
	}
	if got := db.Load("another"); len(got) != 0 {
		t.Errorf("what was never stored is %v", got)
	}
	for _, values := range []map[string]interface{}{{"a": 1, "b": "x"}, {"b": 2.5}, {}} {
		db.Update("another", values)
		if got := db.Load("another"); fmt.Sprint(got) != fmt.Sprint(values) {
			t.Errorf("%v is read as %v", values, got)
		}
	}
}

// TestARenewalThatTooFewReplicasHaveLosesNothing takes the replica away.
func TestARenewalThatTooFewReplicasHaveLosesNothing(t *testing.T) {
	_, master, replica := redistest.Sentinel(t)
	p := prefix()
	s := open(t, urlOf("?wait=1", master), p, limits)
	redistest.Eventually(t, "the replica keeps up", func() bool { return s.Destroy(t.Context(), key(9)) == nil })
	must(t, s.Create(t.Context(), key(1), items(1)))
	replica.Pause()
	defer replica.Resume()
	if _, err := s.Renew(t.Context(), key(1), key(2), items(2)); err == nil {
		t.Error("a renewal that no replica has is no error")
	}
	if got := read(t, open(t, urlOf("", master), p, limits), key(1)); got != 1 {
		t.Errorf("afterwards the session has %v, want 1", got)
	}
}
