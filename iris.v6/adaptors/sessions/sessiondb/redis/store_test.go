package redis_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis/redistest"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
	"gopkg.in/kataras/iris.v6/internal/storecases"
)

// listKeys returns the kind and TTL of each key of a prefix.
const listKeys = `
local all = {}
for _, key in ipairs(redis.call('KEYS', ARGV[1])) do
	local kind = redis.call('TYPE', key).ok
	if kind == 'hash' and redis.call('HEXISTS', key, 'to') == 1 then kind = 'forward' end
	all[#all + 1] = kind .. ' ' .. redis.call('PTTL', key) .. 'ms'
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
			ttls := map[string]time.Duration{"hash": row.ttl, "forward": store.ForwardTime + time.Second, "string": 290 * 365 * 24 * time.Hour}
			check := func(after, kinds string) {
				t.Helper()
				seen := map[string]bool{}
				for line := range strings.Lines(server.Do("EVAL", listKeys, "0", p+"*")) {
					kind, text, _ := strings.Cut(strings.TrimSpace(line), " ")
					seen[kind] = true
					if got, err := time.ParseDuration(text); err != nil || got > ttls[kind] || got < ttls[kind]-30*time.Second {
						t.Errorf("after %s: a %s has a TTL of %s, want %v", after, kind, text, ttls[kind])
					}
				}
				if got := strings.Join(slices.Sorted(maps.Keys(seen)), " "); got != kinds {
					t.Errorf("after %s there are keys of the kinds %s, want %s", after, got, kinds)
				}
			}
			must(t, s.Create(key(1), items(1)))
			check("Create", "hash")
			_, err := s.Update(key(1), items(2))
			must(t, err)
			check("Update", "hash")
			renew(t, s, key(1), key(2), items(3))
			check("Renew", "forward hash")
			if got := read(t, s, key(2)); got != 3 {
				t.Errorf("after Renew the session is read as %v", got)
			}
			check("Read", "forward hash")
			must(t, s.DestroyAll())
			check("DestroyAll", "forward hash string")
		})
	}
}

// TestLuaComputesLifeAsLimitsDo sets the born and the TTL of a session as if it
// had been created and used when a row says, and reads it.
func TestLuaComputesLifeAsLimitsDo(t *testing.T) {
	server := redistest.Start(t)
	for _, row := range storecases.LifeRows {
		t.Run(row.Name, func(t *testing.T) {
			// A millisecond of a row is ten seconds here, so that the time that this
			// test takes does not matter.
			scale := time.Duration(10_000)
			if row.End == store.Never {
				scale = 1
			}
			limits := row.Limits
			limits.Expires *= scale
			limits.IdleTimeout *= scale
			p := prefix()
			s := openWith(t, urlOf("", server), p, limits)
			must(t, s.Create(key(1), items(1)))
			name := server.Do("KEYS", p+"*")
			near := func(when string, end time.Duration) {
				t.Helper()
				if left := ttl(t, server, name); end < store.Never && (left > end || left < end-9*time.Second) {
					t.Errorf("%s the session has %v to live, want %v", when, left, end)
				}
			}

			server.Do("HINCRBY", name, "born", fmt.Sprint(-(scale * (row.Used - row.Created)).Milliseconds()))
			server.Do("PERSIST", name)
			if read(t, s, key(1)) != 1 {
				t.Fatal("it does not live when it is used")
			}
			if row.End < store.Never {
				near("after the use", scale*(row.End-row.Used))
			}

			must(t, s.PassTime(scale*(row.Now-row.Used)))
			if lives := read(t, s, key(1)) == 1; lives != (row.Now < row.End) {
				t.Fatalf("it lives: %v", lives)
			}
			switch {
			case row.End == store.Never || row.Now >= row.End:
			case row.TouchDue:
				near("a due touch later", scale*(row.Limits.End(row.Created, row.Now)-row.Now))
			default:
				near("without a touch", scale*(row.End-row.Now))
			}
		})
	}
}

// TestReadCostsFourCommands holds reads to the commands that they need: a use
// is recorded at most once per tenth of the idle time.
func TestReadCostsFourCommands(t *testing.T) {
	server := redistest.Start(t)
	s := openWith(t, urlOf("", server), "", store.Limits{IdleTimeout: time.Hour})
	must(t, s.Create(key(1), items(1)))
	for _, row := range []struct {
		rule     string
		pass     time.Duration
		pexpires string
	}{
		{"within a tenth of the idle time", 0, ""},
		{"ten minutes later", 10 * time.Minute, "1"},
	} {
		must(t, s.PassTime(row.pass))
		server.Do("CONFIG", "RESETSTAT")
		for range 100 {
			read(t, s, key(1))
		}
		stats := server.Do("INFO", "commandstats")
		for _, command := range []struct{ name, calls string }{
			{"evalsha", "100"}, {"hgetall", "100"}, {"get", "100"}, {"pttl", "100"}, {"pexpire", row.pexpires},
			{"hmget", ""}, {"hget", ""}, {"time", ""}, {"exists", ""},
		} {
			_, calls, _ := strings.Cut(stats, "cmdstat_"+command.name+":calls=")
			if calls, _, _ = strings.Cut(calls, ","); calls != command.calls {
				t.Errorf("%s, 100 reads took %q times %s, want %q", row.rule, calls, command.name, command.calls)
			}
		}
	}
}

func TestShorterLimitAppliesToExistingSessions(t *testing.T) {
	server := redistest.Start(t)
	must(t, openWith(t, urlOf("", server), "", store.Limits{IdleTimeout: 24 * time.Hour}).Create(key(1), items(1)))
	read(t, openWith(t, urlOf("", server), "", store.Limits{IdleTimeout: time.Hour}), key(1))
	if got := ttl(t, server, server.Do("KEYS", "*")); got > time.Hour || got < time.Hour-time.Minute {
		t.Errorf("the TTL is %v, want an hour", got)
	}
}

func TestLimitBelowAMillisecondIsALimit(t *testing.T) {
	s := openWith(t, urlOf("", redistest.Start(t)), "", store.Limits{Expires: time.Microsecond, IdleTimeout: time.Hour})
	must(t, s.Create(key(1), items(1)))
	redistest.Eventually(t, "the session has ended", func() bool { return read(t, s, key(1)) == nil })
}

func TestInstancesSeeEachOthersWrites(t *testing.T) {
	server := redistest.Start(t)
	a, b := openWith(t, urlOf("", server), "", limits), openWith(t, urlOf("", server), "", limits)
	must(t, a.Create(key(1), items(1)))
	renew(t, b, key(1), key(2), items(2))
	if old, renewed := read(t, a, key(1)), read(t, a, key(2)); old != nil || renewed != 2 {
		t.Errorf("after Renew the other instance reads %v and %v", old, renewed)
	}
	if ok, err := a.Update(key(1), items(3)); !ok || err != nil || read(t, b, key(2)) != 3 {
		t.Errorf("an update of the old key by the other instance: %v, %v", ok, err)
	}
	must(t, a.DestroyAll())
	if got := read(t, b, key(2)); got != nil {
		t.Errorf("after DestroyAll the other instance reads %v", got)
	}
}

func TestBrokenSessionIsAnError(t *testing.T) {
	server := redistest.Start(t)
	for _, row := range []struct {
		name  string
		spoil []string // KEY is the session's
	}{
		{"another type", []string{"SET", "KEY", "x"}},
		{"a broken value", []string{"HSET", "KEY", "=a", "ix"}},
		{"a value of an unknown type", []string{"HSET", "KEY", "=a", "?"}},
		{"no time of birth", []string{"HDEL", "KEY", "born"}},
		{"a time of birth that is no number", []string{"HSET", "KEY", "born", "x"}},
		{"a forward to no key", []string{"HSET", "KEY", "born", "0", "to", "x"}},
	} {
		p := prefix()
		s := openWith(t, urlOf("", server), p, limits)
		must(t, s.Create(key(1), items(1)))
		row.spoil[1] = server.Do("KEYS", p+"*")
		server.Do(row.spoil...)
		got, ok, readErr := s.Read(key(1))
		if _, updateErr := s.Update(key(1), nil); ok || errors.Join(readErr, updateErr) == nil {
			t.Errorf("%s is read as %v, %v, and updated without an error", row.name, got, ok)
		}
	}
}

// TestRenewWithoutMemoryLosesNothing fills the memory of the server: the forward,
// which takes some, must not keep a logout from its renewal.
func TestRenewWithoutMemoryLosesNothing(t *testing.T) {
	server, s := start(t)
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
