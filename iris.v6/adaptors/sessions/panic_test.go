package sessions_test

import (
	"net/http"
	"strings"
	"testing"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/sessions"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/memory"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// panicking is a store that panics in the method of that name.
type panicking struct {
	store.Store
	method string
}

func (p *panicking) hit(method string) {
	if p.method == method {
		panic("the store panicked in " + method)
	}
}

func (p *panicking) Read(key store.Key) ([]store.Item, bool, error) {
	p.hit("Read")
	return p.Store.Read(key)
}

func (p *panicking) Create(key store.Key, items []store.Item) error {
	p.hit("Create")
	return p.Store.Create(key, items)
}

func (p *panicking) Update(key store.Key, changes []store.Item) (bool, error) {
	p.hit("Update")
	return p.Store.Update(key, changes)
}

func (p *panicking) Renew(old, key store.Key, changes []store.Item) (bool, error) {
	p.hit("Renew")
	return p.Store.Renew(old, key, changes)
}

func (p *panicking) Destroy(key store.Key) error {
	p.hit("Destroy")
	return p.Store.Destroy(key)
}

func (p *panicking) DestroyAll() error {
	p.hit("DestroyAll")
	return p.Store.DestroyAll()
}

func TestPanicWhileReadingOrSavingHarmsNoOtherRequest(t *testing.T) {
	encode := func(_ string, value interface{}) (string, error) { return value.(string), nil }
	decode := func(_, value string, v interface{}) error { *v.(*string) = value; return nil }
	var st *panicking
	var broken bool
	for _, row := range []struct {
		rule    string
		path    string
		status  int
		prepare func(*sessions.Config)
		damage  func()
	}{
		{"a Store that reads", "/read", 500, nil, func() { st.method = "Read" }},
		{"a Store that creates", "/new", 503, nil, func() { st.method = "Create" }},
		{"a Store that updates", "/set?v=lost", 503, nil, func() { st.method = "Update" }},
		{"a Store that renews", "/logout", 503, nil, func() { st.method = "Renew" }},
		{"a Store that destroys", "/destroy", 503, nil, func() { st.method = "Destroy" }},
		{"OnRenew", "/set-admin", 500, func(c *sessions.Config) {
			c.OnRenew = func(*http.Request, sessions.Renewal) {
				if broken {
					panic("no luck")
				}
			}
		}, func() { broken = true }},
		{"Encode", "/logout", 500, func(c *sessions.Config) {
			c.Decode, c.Encode = decode, func(name string, value interface{}) (string, error) {
				if broken {
					panic("no luck")
				}
				return encode(name, value)
			}
		}, func() { broken = true }},
		{"Decode", "/read", 500, func(c *sessions.Config) {
			c.Encode, c.Decode = encode, func(name, value string, v interface{}) error {
				if broken {
					panic("no luck")
				}
				return decode(name, value, v)
			}
		}, func() { broken = true }},
	} {
		t.Run(row.rule, func(t *testing.T) {
			st, broken = &panicking{Store: memory.New()}, false
			config := sessions.Config{Store: st, RenewOn: []string{"authenticated", "admin"}}
			if row.prepare != nil {
				row.prepare(&config)
			}
			app := server(sessions.New(config), routes{
				"/new":       func(ctx *iris.Context) { ctx.SessionDestroy(); ctx.Session().Set("name", "new") },
				"/set-admin": func(ctx *iris.Context) { ctx.Session().Set("admin", true) },
			})
			records := logged(app)
			id := get(t, app, "/login", get(t, app, "/set?v=kept", "").id(t)).id(t)

			row.damage()
			a := get(t, app, row.path, id)
			wantStatus(t, a, row.status)
			wantNoCookie(t, a)
			if got := a.header.Get("Cache-Control"); got != "no-store" {
				t.Errorf("Cache-Control %q, want no-store", got)
			}
			if len(*records) != 1 || !strings.Contains((*records)[0], "panic") {
				t.Errorf("records %q, want one of the panic", *records)
			}

			st.method, broken = "", false
			for range 5 { // a session that went back to its pool locked would hang here
				id := get(t, app, "/set?v=other", "").id(t)
				wantBody(t, get(t, app, "/read", id), "other")
			}
			switch row.path {
			case "/set-admin": // it has moved, and nobody knows where to
				wantBody(t, get(t, app, "/read", id), "")
			case "/new": // Destroy went before Create
			default:
				wantBody(t, get(t, app, "/read", id), "kept")
				wantStatus(t, get(t, app, "/secret", id), 200)
			}
		})
	}
}

func TestDestroyByKeyAndDestroyAllSessionsReturnErrors(t *testing.T) {
	for _, row := range []struct {
		rule string
		end  func(sessions.Sessions) error
	}{
		{"DestroyByKey", func(m sessions.Sessions) error { return m.DestroyByKey(store.Key{1}) }},
		{"DestroyAllSessions", func(m sessions.Sessions) error { return m.DestroyAllSessions() }},
	} {
		t.Run(row.rule, func(t *testing.T) {
			down := watch()
			down.failing.Store(true)
			if err := row.end(sessions.New(sessions.Config{Store: down})); err == nil || !strings.Contains(err.Error(), errDown.Error()) {
				t.Errorf("error %v, want one that says %q", err, errDown)
			}
			for _, method := range []string{"Destroy", "DestroyAll"} {
				broken := &panicking{Store: memory.New(), method: method}
				err := row.end(sessions.New(sessions.Config{Store: broken}))
				if hit := strings.HasPrefix(row.rule, method+"By") || strings.HasPrefix(row.rule, method+"Sessions"); hit != (err != nil) {
					t.Errorf("a panic in %s: error %v", method, err)
				}
			}
			if err := row.end(sessions.New(sessions.Config{})); err != nil {
				t.Error(err)
			}
		})
	}
}

// brokenDatabase is a Database that panics, as that of sessiondb/redis does when
// Redis fails.
type brokenDatabase struct {
	*table
	broken bool
}

func (d *brokenDatabase) Load(sid string) map[string]interface{} {
	if d.broken {
		panic("redis is down")
	}
	return d.table.Load(sid)
}

func (d *brokenDatabase) Update(sid string, values map[string]interface{}) {
	if d.broken {
		panic("redis is down")
	}
	d.table.Update(sid, values)
}

func TestPanickingDatabaseHasFailed(t *testing.T) {
	db := &brokenDatabase{table: newTable()}
	app, _ := using(sessions.Config{}, db)
	logged(app)
	id := get(t, app, "/set?v=kept", "").id(t)
	for _, path := range []string{"/read", "/set?v=lost", "/destroy"} {
		db.broken = true
		a := get(t, app, path, id)
		wantStatus(t, a, 503)
		wantNoCookie(t, a)
		db.broken = false
		wantBody(t, get(t, app, "/read", id), "kept")
	}
}
