package redis_test

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"gopkg.in/kataras/iris.v6/adaptors/sessions"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis/redistest"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis/service"
)

// table is a v6 Database in memory.
type table struct{ rows sync.Map }

func (d *table) Load(sid string) map[string]interface{} {
	row, _ := d.rows.Load(sid)
	values, _ := row.(map[string]interface{})
	return values
}

func (d *table) Update(sid string, values map[string]interface{}) {
	if len(values) == 0 {
		d.rows.Delete(sid)
		return
	}
	d.rows.Store(sid, values)
}

// Beside another Database, the Load and Update of redis.New's are used, and not
// its Store.
func TestRedisAndAnotherDatabaseBothHaveTheSession(t *testing.T) {
	server := redistest.Start(t)
	for _, row := range []struct {
		rule       string
		redisFirst bool
	}{{"Redis first", true}, {"Redis second", false}} {
		t.Run(row.rule, func(t *testing.T) {
			db, other := redis.New(service.Config{Addr: server.Addr, Password: redistest.Password}), new(table)
			defer func() {
				if err := db.Close(); err != nil {
					t.Error(err)
				}
			}()
			manager := sessions.New(sessions.Config{Cookie: "id"})
			all := []sessions.Database{db, other}
			if !row.redisFirst {
				all[0], all[1] = other, db
			}
			for _, one := range all {
				manager.UseDatabase(one)
			}
			var cookie *http.Cookie
			request := func(handler func(w http.ResponseWriter, r *http.Request)) {
				w, r := httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil)
				if cookie != nil {
					r.AddCookie(cookie)
				}
				handler(w, r)
				for _, c := range w.Result().Cookies() {
					cookie = c
				}
			}
			set := func(name string) {
				request(func(w http.ResponseWriter, r *http.Request) { manager.Start(w, r).Set("name", name) })
			}
			want := func(name string) {
				t.Helper()
				request(func(w http.ResponseWriter, r *http.Request) {
					if got := manager.Start(w, r).GetString("name"); got != name {
						t.Errorf("the name is %q, want %q", got, name)
					}
				})
			}
			set("mia")
			want("mia")
			server.Do("FLUSHALL")
			want("mia")
			set("ali")
			other.rows.Clear()
			want("ali")
			request(manager.Destroy)
			left := 0
			other.rows.Range(func(any, any) bool { left++; return true })
			if keys := server.Do("KEYS", "*"); keys != "" || left != 0 {
				t.Errorf("after the end of the session there are the keys %q, and %d rows", keys, left)
			}
		})
	}
}
