package redis_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis/redistest"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

func key(n byte) (k store.Key) {
	k[0], k[31] = n, n
	return k
}

func items(value any) []store.Item { return []store.Item{{Name: "a", Value: value}} }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// read returns the value of the session, nil if it does not live.
func read(t *testing.T, s *redis.Store, k store.Key) any {
	t.Helper()
	got, ok, err := s.Read(k)
	must(t, err)
	if !ok || len(got) == 0 {
		return nil
	}
	return got[0].Value
}

func renew(t *testing.T, s *redis.Store, old, k store.Key, changes []store.Item) {
	t.Helper()
	ok, err := s.Renew(old, k, changes)
	must(t, err)
	if !ok {
		t.Fatalf("Renew %s as %s: there is no session", old, k)
	}
}

// ttl returns the TTL of a key of the server.
func ttl(t *testing.T, server *redistest.Server, name string) time.Duration {
	t.Helper()
	d, err := time.ParseDuration(server.Do("PTTL", name) + "ms")
	must(t, err)
	return d
}

// allTTLs returns the keys of a prefix, each with its kind and TTL.
const allTTLs = `
local all = {}
for _, key in ipairs(redis.call('KEYS', ARGV[1])) do
	local kind = redis.call('TYPE', key).ok
	if kind == 'hash' and redis.call('HEXISTS', key, 'to') == 1 then kind = 'forward' end
	all[#all + 1] = key .. ' ' .. kind .. ' ' .. redis.call('PTTL', key)
end
return all`

func TestEveryKeyHasATTL(t *testing.T) {
	server := redistest.Start(t)
	for _, row := range []struct {
		name   string
		limits store.Limits
		ttl    time.Duration
	}{
		{"both limits", store.Limits{Expires: 2 * time.Hour, IdleTimeout: time.Hour}, time.Hour},
		{"the earlier limit is Expires", store.Limits{Expires: time.Hour, IdleTimeout: 2 * time.Hour}, time.Hour},
		{"no idle timeout", store.Limits{Expires: time.Hour}, time.Hour},
		{"no limits", store.Limits{}, 400 * 24 * time.Hour},
	} {
		t.Run(row.name, func(t *testing.T) {
			p := prefix()
			s := openWith(t, urlOf("", server), p, row.limits)
			check := func(after string) {
				t.Helper()
				names := strings.Fields(server.Do("EVAL", allTTLs, "0", p+"*"))
				if len(names) == 0 {
					t.Errorf("after %s: no key", after)
				}
				for i := 0; i < len(names); i += 3 {
					want := row.ttl
					switch kind := names[i+1]; kind {
					case "string": // an epoch
						want = 290 * 365 * 24 * time.Hour // longer than any session
					case "forward":
						want = store.ForwardTime + time.Second
					}
					got, err := time.ParseDuration(names[i+2] + "ms")
					must(t, err)
					if got > want || got < want-time.Minute {
						t.Errorf("after %s: %s has a TTL of %v, want %v", after, names[i], got, want)
					}
				}
			}
			must(t, s.Create(key(1), items(1)))
			check("Create")
			_, err := s.Update(key(1), items(2))
			must(t, err)
			check("Update")
			renew(t, s, key(1), key(2), items(3))
			check("Renew")
			if got := ttl(t, server, server.Do("KEYS", p+"{01}A*")); got < store.ForwardTime-30*time.Second {
				t.Errorf("the old key forwards for %v more", got)
			}
			if read(t, s, key(2)) != 3 {
				t.Error("the session is lost")
			}
			check("Read")
			must(t, s.DestroyAll())
			check("DestroyAll")
		})
	}
}

// TestReadCostsFourCommands holds reads to the commands that they need: a use
// is recorded at most once per tenth of the idle time.
func TestReadCostsFourCommands(t *testing.T) {
	server := redistest.Start(t)
	s := openWith(t, urlOf("", server), prefix(), store.Limits{IdleTimeout: time.Hour})
	must(t, s.Create(key(1), items(1)))
	commands := func(name string) string {
		_, calls, _ := strings.Cut(server.Do("INFO", "commandstats"), "cmdstat_"+name+":calls=")
		calls, _, _ = strings.Cut(calls, ",")
		return calls
	}
	server.Do("CONFIG", "RESETSTAT")
	for range 100 {
		read(t, s, key(1))
	}
	for _, name := range []string{"evalsha", "hgetall", "get", "pttl"} {
		if n := commands(name); n != "100" {
			t.Errorf("100 reads took %s times %s", n, name)
		}
	}
	for _, name := range []string{"hmget", "hget", "time", "exists", "pexpire"} {
		if n := commands(name); n != "" {
			t.Errorf("100 reads took %s times %s", n, name)
		}
	}
	server.Do("PEXPIRE", server.Do("KEYS", "*"), fmt.Sprint((50 * time.Minute).Milliseconds()))
	for range 100 {
		read(t, s, key(1))
	}
	if n := commands("pexpire"); n != "2" { // ours, and the test's
		t.Errorf("100 reads after 10 minutes, and this test, took %s times PEXPIRE", n)
	}
}

func TestShorterLimitAppliesToExistingSessions(t *testing.T) {
	server := redistest.Start(t)
	p := prefix()
	must(t, openWith(t, urlOf("", server), p, store.Limits{IdleTimeout: 24 * time.Hour}).Create(key(1), items(1)))
	read(t, openWith(t, urlOf("", server), p, store.Limits{IdleTimeout: time.Hour}), key(1))
	if got := ttl(t, server, server.Do("KEYS", "*")); got > time.Hour || got < time.Hour-time.Minute {
		t.Errorf("the TTL is %v, want an hour", got)
	}
}

func TestInstancesSeeEachOthersWrites(t *testing.T) {
	server, cluster := redistest.Start(t), redistest.Cluster(t)
	for _, row := range []struct{ name, url string }{{"one server", urlOf("", server)}, {"cluster", urlOf("", cluster...)}} {
		t.Run(row.name, func(t *testing.T) {
			p := prefix()
			a, b := openWith(t, row.url, p, limits), openWith(t, row.url, p, limits)
			must(t, a.Create(key(1), items(1)))
			if got := read(t, b, key(1)); got != 1 {
				t.Errorf("after Create the other instance reads %v", got)
			}
			renew(t, b, key(1), key(2), items(2))
			if old, renewed := read(t, a, key(1)), read(t, a, key(2)); old != nil || renewed != 2 {
				t.Errorf("after Renew the other instance reads %v and %v", old, renewed)
			}
			if ok, err := a.Update(key(1), items(3)); !ok || err != nil || read(t, b, key(2)) != 3 {
				t.Errorf("an update of the old key by the other instance: %v, %v", ok, err)
			}
			must(t, a.Create(key(3), nil))
			must(t, a.DestroyAll())
			if got, ok, err := b.Read(key(3)); ok || err != nil || read(t, b, key(2)) != nil {
				t.Errorf("after DestroyAll the other instance reads %v, %v", got, err)
			}
		})
	}
}

func TestBrokenSessionIsAnError(t *testing.T) {
	server := redistest.Start(t)
	for _, row := range []struct {
		name  string
		spoil []string
	}{
		{"another type", []string{"SET", "KEY", "x"}},
		{"a broken value", []string{"HSET", "KEY", "=a", "ix"}},
		{"a value of an unknown type", []string{"HSET", "KEY", "=a", "?"}},
		{"no time of birth", []string{"HDEL", "KEY", "born"}},
		{"a time of birth that is no number", []string{"HSET", "KEY", "born", "x"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			p := prefix()
			s := openWith(t, urlOf("", server), p, limits)
			must(t, s.Create(key(1), items(1)))
			row.spoil[1] = server.Do("KEYS", p+"*")
			server.Do(row.spoil...)
			if got, ok, err := s.Read(key(1)); ok || err == nil {
				t.Errorf("read as %v, %v", got, ok)
			}
		})
	}
	t.Run("a forward to no key", func(t *testing.T) {
		p := prefix()
		s := openWith(t, urlOf("", server), p, limits)
		must(t, s.Create(key(1), items(1)))
		server.Do("HSET", server.Do("KEYS", p+"*"), "born", "0", "to", "x")
		if ok, err := s.Update(key(1), items(2)); ok || err == nil {
			t.Errorf("updated: %v, %v", ok, err)
		}
	})
}

// TestDestroyAllEndsSessionsBehindForwards looks at what is left in Redis: the
// forwards are still there, and lead to sessions that are older than the epoch.
func TestDestroyAllEndsSessionsBehindForwards(t *testing.T) {
	server := redistest.Start(t)
	p := prefix()
	s := openWith(t, urlOf("", server), p, limits)
	must(t, s.Create(key(1), items(1)))
	renew(t, s, key(1), key(2), nil)
	must(t, s.DestroyAll())
	if forwards := server.Do("HGET", server.Do("KEYS", p+"{01}A*"), "to"); forwards == "" {
		t.Error("the forward is gone")
	}
	if ok, err := s.Update(key(1), items(2)); ok || err != nil {
		t.Errorf("an update by the old key after DestroyAll: %v, %v", ok, err)
	}
	if ok, err := s.Renew(key(1), key(3), nil); ok || err != nil {
		t.Errorf("a renewal by the old key after DestroyAll: %v, %v", ok, err)
	}
}

// TestRenewWithoutMemoryLosesNothing fills the memory of the server: the forward, which
// takes some, must not keep a logout from its renewal.
func TestRenewWithoutMemoryLosesNothing(t *testing.T) {
	server := redistest.Start(t)
	s := openWith(t, urlOf("", server), prefix(), limits)
	must(t, s.Create(key(1), items(1)))
	must(t, s.Create(key(2), items(2)))
	server.Do("CONFIG", "SET", "maxmemory", "1")
	if _, err := s.Renew(key(1), key(3), items(3)); err == nil || read(t, s, key(1)) != 1 {
		t.Errorf("a renewal that changes items: error %v", err)
	}
	renew(t, s, key(2), key(4), nil)
	if read(t, s, key(4)) != 2 || read(t, s, key(2)) != nil {
		t.Error("a renewal that changes nothing did not move the session")
	}
}
