package sessions_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"gopkg.in/kataras/iris.v6/adaptors/sessions"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis/redistest"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis/service"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/storetest"
)

// The tests of this file use the Load and Update of the Database that redis.New
// returns. Its Store, which is used where it is alone, has its own tests.

func newRedis(t *testing.T, server *redistest.Server, prefix string) *redis.Database {
	t.Helper()
	db := redis.New(service.Config{Addr: server.Addr, Password: redistest.Password, Prefix: prefix})
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func TestRedisBesideAnotherDatabaseKeepsTheContract(t *testing.T) {
	server := redistest.Start(t)
	var prefixes atomic.Int32
	storetest.Run(t, storetest.Fixture{
		Open: func(t *testing.T, limits sessions.Limits) sessions.Store {
			s := sessions.NewDatabases(newRedis(t, server, fmt.Sprintf("test%d:", prefixes.Add(1))), newTable())
			s.SetLimits(limits)
			return s
		},
	})
}

func TestRedisAndAnotherDatabaseBothHaveTheSession(t *testing.T) {
	server := redistest.Start(t)
	for name, inOrder := range map[string]func(db *redis.Database, other *table) []sessions.Database{
		"Redis first":  func(db *redis.Database, other *table) []sessions.Database { return []sessions.Database{db, other} },
		"Redis second": func(db *redis.Database, other *table) []sessions.Database { return []sessions.Database{other, db} },
	} {
		t.Run(name, func(t *testing.T) {
			db, other := newRedis(t, server, "session:"), newTable()
			app, _ := using(sessions.Config{}, inOrder(db, other)...)
			id := get(t, app, "/set?v=mia", "").id(t)
			wantBody(t, get(t, app, "/read", id), "mia")
			server.Do("FLUSHALL")
			wantBody(t, get(t, app, "/read", id), "mia")
			get(t, app, "/set?v=ali", id)
			other.lose()
			wantBody(t, get(t, app, "/read", id), "ali")
			get(t, app, "/destroy", id)
			if keys := server.Do("KEYS", "*"); keys != "" || len(other.sids()) != 0 {
				t.Errorf("after the end of the session there are the keys %s, and %q", keys, other.sids())
			}
		})
	}
}
