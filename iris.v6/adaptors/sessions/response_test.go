package sessions_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/sessions"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/memory"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

func TestResponseThatUsesSessionIsNotCached(t *testing.T) {
	app := server(sessions.New(sessions.Config{}), routes{
		"/untouched": func(ctx *iris.Context) {},
		"/own": func(ctx *iris.Context) {
			ctx.Session()
			ctx.SetHeader("Cache-Control", "private")
		},
	})
	id := get(t, app, "/login", "").id(t)
	for _, row := range []struct{ path, want string }{
		{"/untouched", ""}, {"/own", "private"}, {"/read", "no-store"}, {"/secret", "no-store"}, {"/login", "no-store"}, {"/destroy", "no-store"},
	} {
		for _, id := range []string{"", id} {
			a := get(t, app, row.path, id)
			if got := a.header.Get("Cache-Control"); got != row.want || a.header.Get("Vary") != "" {
				t.Errorf("%s: Cache-Control %q, want %q; Vary %q", row.path, got, row.want, a.header.Get("Vary"))
			}
		}
	}
}

func TestWritesBeforeAndAfterResponseBeganAreSaved(t *testing.T) {
	var during answer
	var app *iris.Framework
	id := ""
	app = server(sessions.New(sessions.Config{}), routes{
		"/stream": func(ctx *iris.Context) {
			s := ctx.Session()
			s.Set("name", "before")
			ctx.WriteString(strings.Repeat("x", 10<<10))
			during = get(t, app, "/read", id)
			s.Set("name", "after")
			wantBody(t, get(t, app, "/read", id), "after")
		},
	})
	id = get(t, app, "/login", "").id(t)
	wantStatus(t, get(t, app, "/stream", id), 200)
	wantBody(t, during, "before")
	wantBody(t, get(t, app, "/read", id), "after")
}

func TestSessionUsedTooLateForHeaderIsLogged(t *testing.T) {
	for _, row := range []struct {
		rule string
		do   func(ctx *iris.Context)
		says string // "" for no record
	}{
		{"a session that is first read", func(ctx *iris.Context) {
			ctx.ResponseWriter.Flush()
			ctx.Session().Get("name")
		}, "no-store"},
		{"a session that is first read after more than is buffered", func(ctx *iris.Context) {
			ctx.WriteString(strings.Repeat("x", 5000))
			ctx.Session().Get("name")
		}, "no-store"},
		{"a session that begins", func(ctx *iris.Context) {
			s := ctx.Session()
			ctx.ResponseWriter.Flush()
			s.Set("name", "late")
		}, "cookie"},
		{"a session that is first used to begin one", func(ctx *iris.Context) {
			ctx.ResponseWriter.Flush()
			ctx.Session().Set("name", "late")
		}, "cookie"},
		{"nothing of a session that was read in time", func(ctx *iris.Context) {
			s := ctx.Session()
			ctx.ResponseWriter.Flush()
			s.Get("name")
		}, ""},
	} {
		t.Run(row.rule, func(t *testing.T) {
			app := server(sessions.New(sessions.Config{}), routes{"/": row.do})
			records := logged(app)
			wantNoCookie(t, get(t, app, "/", ""))
			if row.says == "" && len(*records) > 0 || row.says != "" && (len(*records) != 1 || !strings.Contains((*records)[0], row.says)) {
				t.Errorf("records %q, want one that says %q, or none", *records, row.says)
			}
		})
	}
}

func TestPooledSessionForgetsEarlierRequest(t *testing.T) {
	st := watch()
	var id string
	var seen []string // the IDs of new sessions
	app := server(sessions.New(sessions.Config{Store: st, RenewOn: []string{"authenticated"}}), routes{
		"/put": func(ctx *iris.Context) { ctx.Session().Set("put", []byte("always a change")) },
		"/begin": func(ctx *iris.Context) {
			if fresh := ctx.Session().ID(); fresh != id {
				seen = append(seen, fresh)
			}
		},
		"/look": func(ctx *iris.Context) {
			s := ctx.Session()
			if all := s.GetAll(); len(all) > 0 || s.HasFlash() || s.GetString("name") != "" {
				t.Errorf("another request's session: %v", all)
			}
			s.Set("a", 1)
			s.Delete("a")
		},
		"/much": func(ctx *iris.Context) {
			s := ctx.Session()
			s.Set("authenticated", true)
			s.Set("name", "secret")
			s.SetFlash("f", "flash")
			s.ID()
			ctx.ResponseWriter.Flush()
			s.Set("name", "more")
		},
	})
	logged(app)
	id = get(t, app, "/id", "").id(t)
	other := get(t, app, "/set?v=other", "").id(t)
	probes := []func(){ // each of them would consume some leftovers and hide them from the next
		func() {
			put := get(t, app, "/put", other)
			wantStatus(t, put, 200)
			wantNoCookie(t, put)
			wantBody(t, get(t, app, "/read", other), "other")
		},
		func() { get(t, app, "/begin", "") },
		func() {
			for _, sent := range []string{"", unknown} {
				a := get(t, app, "/look", sent)
				wantStatus(t, a, 200)
				wantNoCookie(t, a)
				if got := a.header.Get("Cache-Control"); got != "no-store" {
					t.Errorf("Cache-Control %q", got)
				}
			}
		},
	}
	for n := range 4 * len(probes) {
		for _, path := range []string{"/much", "/login", "/logout", "/destroy", "/read", "/begin"} {
			if fails := n&1 == 0; fails {
				st.fault = func(method string) error {
					if method == "Read" {
						return nil
					}
					return errDown
				}
			}
			func() {
				defer func() { recover() }() // a part of /much has left when it fails
				if n&2 == 0 {
					get(t, app, path, "")
				} else if a := get(t, app, path, id); a.cookie != nil && a.cookie.Value != "" {
					id = a.cookie.Value
				}
			}()
			st.fault = nil
			for i := range probes {
				probes[(n/4+i)%len(probes)]()
			}
		}
	}
	for i, id := range seen {
		if slices.Contains(seen[:i], id) {
			t.Errorf("two requests without a session have the ID %q", id)
		}
	}
}

func TestNewPanicsOnInvalidConfig(t *testing.T) {
	taken := memory.New()
	sessions.New(sessions.Config{Store: taken})
	encode := func(string, interface{}) (string, error) { return "", nil }
	for _, row := range []struct {
		value string // in the message
		c     sessions.Config
	}{
		{`"a b"`, sessions.Config{Cookie: "a b"}},
		{"Decode", sessions.Config{Encode: encode}},
		{"-1s", sessions.Config{IdleTimeout: -time.Second}},
		{"-5", sessions.Config{MaxSessions: -5}},
		{`RenewOn: ""`, sessions.Config{RenewOn: []string{""}}},
		{"another session manager", sessions.Config{Store: taken}},
		{`RenewOn: "\x00flash:a"`, sessions.Config{RenewOn: []string{"\x00flash:a"}}},
	} {
		wantPanic(t, row.value, func() { sessions.New(row.c) })
	}
}

func TestStoreIsToldItsLimits(t *testing.T) {
	for _, row := range []struct {
		rule   string
		config sessions.Config
		want   store.Limits
	}{
		{"a million sessions by default", sessions.Config{}, store.Limits{MaxSessions: 1_000_000}},
		{"a cookie without Max-Age limits nothing", sessions.Config{Expires: -1}, store.Limits{MaxSessions: 1_000_000}},
		{"the configured limits", sessions.Config{Expires: 2, IdleTimeout: 1, MaxSessions: 3, RenewOn: []string{"user"}},
			store.Limits{Expires: 2, IdleTimeout: 1, MaxSessions: 3, Identity: []string{"user"}}},
	} {
		st := watch()
		row.config.Store = st
		sessions.New(row.config)
		if !reflect.DeepEqual(st.limits, row.want) {
			t.Errorf("%s: %v, want %v", row.rule, st.limits, row.want)
		}
	}
}

// warning is a store that may lose sessions.
type warning struct{ store.Store }

func (warning) Warning() string { return "the store may lose sessions" }

func TestAStoresWarningIsLoggedAtStart(t *testing.T) {
	app := server(sessions.New(sessions.Config{Store: warning{memory.New()}}))
	records := logged(app)
	app.Boot()
	if len(*records) != 1 || !strings.Contains((*records)[0], "the store may lose sessions") {
		t.Errorf("records %q, want one of the warning", *records)
	}
}
