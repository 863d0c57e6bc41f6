package redis_test

import (
	"fmt"
	"strings"
	"testing"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis/redistest"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis/service"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

func TestV6Configuration(t *testing.T) {
	server := redistest.Start(t)
	db := redis.New(service.Config{
		Network: service.DefaultRedisNetwork, Addr: server.Addr, Password: redistest.Password, Database: "1", MaxIdle: 1, MaxActive: 10,
		IdleTimeout: service.DefaultRedisIdleTimeout, Prefix: "v6:", MaxAgeSeconds: service.DefaultRedisMaxAgeSeconds,
	})
	defer db.Close()
	if got := db.Load("another"); len(got) != 0 {
		t.Errorf("a session that was never stored is %v", got)
	}
	for _, values := range []map[string]interface{}{{"a": 1, "b": "x"}, {"b": 2.5}, {}} {
		db.Update("another", values)
		if got := db.Load("another"); fmt.Sprint(got) != fmt.Sprint(values) {
			t.Errorf("%v is read as %v", values, got)
		}
	}
	s := db.Store()
	must(t, s.SetLimits(store.Limits{}))
	must(t, s.Create(key(1), items(true)))
	name := server.Do("-n", "1", "--scan", "--pattern", "v6:*")
	if ttl := server.Do("-n", "1", "TTL", name); ttl != "31556926" && ttl != "31556925" {
		t.Errorf("key %q has a TTL of %s", name, ttl)
	}
}

func TestNewPanics(t *testing.T) {
	server := redistest.Start(t)
	for _, row := range []struct {
		name   string
		config service.Config
		says   string
	}{
		{"without a server", service.Config{Addr: redistest.FreeAddr(t)}, "refused"},
		{"with a wrong password", service.Config{Addr: server.Addr, Password: "secret"}, "WRONGPASS"},
		{"with a database that is no number", service.Config{Addr: server.Addr, Database: "x"}, `service.Config.Database: "x"`},
		{"with a negative age", service.Config{Addr: server.Addr, MaxAgeSeconds: -1}, "service.Config.MaxAgeSeconds: -1"},
	} {
		t.Run(row.name, func(t *testing.T) {
			defer func() {
				if says := fmt.Sprint(recover()); !strings.Contains(says, row.says) || strings.Contains(says, "secret") {
					t.Errorf("panic %q, want %q", says, row.says)
				}
			}()
			redis.New(row.config)
		})
	}
}

func TestDatabasePanicsWhenRedisFails(t *testing.T) {
	server := redistest.Start(t)
	db := newDatabase(t, server)
	server.Kill()
	for _, row := range []struct {
		name string
		call func()
	}{
		{"Load", func() { db.Load("x") }},
		{"Update", func() { db.Update("x", map[string]interface{}{"a": 1}) }},
		{"Update that destroys", func() { db.Update("x", nil) }},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", row.name)
				}
			}()
			row.call()
		}()
	}
}
