package redis_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis/redistest"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
	"gopkg.in/kataras/iris.v6/internal/storecases"
)

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
			age := func(d time.Duration) {
				server.Do("HINCRBY", name, "born", strconv.FormatInt(-(scale*d).Milliseconds(), 10))
			}
			near := func(when string, end time.Duration) {
				t.Helper()
				if left := ttl(t, server, name); end < store.Never && (left > end || left < end-9*time.Second) {
					t.Errorf("%s the session has %v to live, want %v", when, left, end)
				}
			}

			age(row.Used - row.Created)
			server.Do("PERSIST", name)
			if read(t, s, key(1)) != 1 {
				t.Fatal("it does not live when it is used")
			}
			if row.End < store.Never {
				near("after the use", scale*(row.End-row.Used))
			}

			age(row.Now - row.Used)
			server.Do("PEXPIRE", name, fmt.Sprint((ttl(t, server, name) - scale*(row.Now-row.Used)).Milliseconds()))
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
