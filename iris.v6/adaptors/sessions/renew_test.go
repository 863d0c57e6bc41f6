package sessions_test

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"slices"
	"testing"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/sessions"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

func TestChangeUnderRenewOnKeyRenews(t *testing.T) {
	type values = map[string]any
	for _, row := range []struct {
		rule  string
		has   values
		do    func(iris.Session)
		moves bool
	}{
		{"a value that changes", values{"user": "a"}, func(s iris.Session) { s.Set("user", "b") }, true},
		{"a value that comes", values{"x": 1}, func(s iris.Session) { s.Set("user", "b") }, true},
		{"a value that goes", values{"user": "a"}, func(s iris.Session) { s.Delete("user") }, true},
		{"a value that goes with all", values{"user": "a"}, func(s iris.Session) { s.Clear() }, true},
		{"a value of another type", values{"user": 1}, func(s iris.Session) { s.Set("user", int64(1)) }, true},
		{"a second key", values{"x": 1}, func(s iris.Session) { s.Set("role", "admin") }, true},
		{"a change and back", values{"user": "a"}, func(s iris.Session) { s.Set("user", "b"); s.Set("user", "a") }, true},
		{"the same value", values{"user": "a"}, func(s iris.Session) { s.Set("user", "a") }, false},
		{"another key", values{"user": "a"}, func(s iris.Session) { s.Set("x", 1) }, false},
		{"a flash message of that name", values{"x": 1}, func(s iris.Session) { s.SetFlash("user", "b") }, false},
	} {
		t.Run(row.rule, func(t *testing.T) {
			app := server(sessions.New(sessions.Config{RenewOn: []string{"user", "role"}}), routes{
				"/has": func(ctx *iris.Context) {
					for name, v := range row.has {
						ctx.Session().Set(name, v)
					}
					ctx.Session().Set("stays", "here")
				},
				"/do":    func(ctx *iris.Context) { row.do(ctx.Session()) },
				"/stays": func(ctx *iris.Context) { ctx.WriteString(ctx.Session().GetString("stays")) },
			})
			old := get(t, app, "/has", "").id(t)
			a := get(t, app, "/do", old)
			if !row.moves {
				wantNoCookie(t, a)
				wantBody(t, get(t, app, "/stays", old), "here")
				return
			}
			id := a.id(t)
			if id == old {
				t.Fatal("the cookie has the old id")
			}
			wantBody(t, get(t, app, "/stays", old), "")
			if row.rule != "a value that goes with all" {
				wantBody(t, get(t, app, "/stays", id), "here")
			}
			wantBody(t, get(t, app, "/id", id), id)
		})
	}
}

func TestIDIsTheNewOneAfterRenewal(t *testing.T) {
	app := server(sessions.New(sessions.Config{RenewOn: []string{"authenticated"}}), routes{
		"/in": func(ctx *iris.Context) {
			ctx.Session().Set("authenticated", true)
			ctx.WriteString(ctx.Session().ID())
		},
	})
	first := get(t, app, "/in", "")
	wantBody(t, first, first.id(t))
	out := get(t, app, "/logout", first.id(t)).id(t)
	again := get(t, app, "/in", out)
	wantBody(t, again, again.id(t))
}

func TestLoginAndLogoutRenewID(t *testing.T) {
	app := server(sessions.New(sessions.Config{RenewOn: []string{"authenticated"}}))
	ids := []string{get(t, app, "/set?v=x", "").id(t)}
	for i, path := range []string{"/login", "/logout", "/login"} {
		ids = append(ids, get(t, app, path, ids[i]).id(t))
	}
	wantNoCookie(t, get(t, app, "/login", ids[3]))
	for _, old := range ids[:3] {
		wantStatus(t, get(t, app, "/secret", old), 403)
		wantBody(t, get(t, app, "/read", old), "")
	}
	wantStatus(t, get(t, app, "/secret", ids[3]), 200)
	wantBody(t, get(t, app, "/read", ids[3]), "x")
}

func TestIDStaysWithoutRenewOn(t *testing.T) {
	app := server(sessions.New(sessions.Config{}))
	id := get(t, app, "/login", "").id(t)
	wantNoCookie(t, get(t, app, "/logout", id))
	wantStatus(t, get(t, app, "/secret", id), 403)
}

func TestOnRenewReportsStoredChanges(t *testing.T) {
	for _, row := range []struct {
		rule  string
		has   any // under "user"; nil for no session
		do    func(iris.Session)
		fails bool
		told  []string
	}{
		{"a value that begins a session", nil, func(s iris.Session) { s.Set("user", "b") }, false, []string{"user: <nil> to b"}},
		{"a value that changes", "a", func(s iris.Session) { s.Set("user", "b") }, false, []string{"user: a to b"}},
		{"a value that goes", "a", func(s iris.Session) { s.Delete("user") }, false, []string{"user: a to <nil>"}},
		{"the last of several values", "a", func(s iris.Session) { s.Set("user", "b"); s.Set("user", "c") }, false, []string{"user: a to c"}},
		{"two keys", "a", func(s iris.Session) { s.Set("role", "r"); s.Set("user", "b") }, false, []string{"user: a to b", "role: <nil> to r"}},
		{"a value after all were cleared", "a", func(s iris.Session) { s.Clear(); s.Set("user", "b") }, false, []string{"user: a to b"}},
		{"nothing of the same value", "a", func(s iris.Session) { s.Set("user", "a") }, false, nil},
		{"nothing of another key", "a", func(s iris.Session) { s.Set("x", 1) }, false, nil},
		{"nothing if the store fails", "a", func(s iris.Session) { s.Set("user", "b") }, true, nil},
		{"nothing if the store fails to begin a session", nil, func(s iris.Session) { s.Set("user", "b") }, true, nil},
	} {
		t.Run(row.rule, func(t *testing.T) {
			st := watch()
			var told []string
			var last sessions.Renewal
			app := server(sessions.New(sessions.Config{
				Store:   st,
				RenewOn: []string{"user", "role"},
				OnRenew: func(r *http.Request, renewal sessions.Renewal) {
					if r.URL.Path == "/do" {
						told, last = append(told, fmt.Sprintf("%s: %v to %v", renewal.Name, renewal.Before, renewal.After)), renewal
					}
				},
			}), routes{
				"/has": func(ctx *iris.Context) { ctx.Session().Set("user", row.has) },
				"/do": func(ctx *iris.Context) {
					row.do(ctx.Session())
					st.failing.Store(row.fails)
				},
			})
			logged(app)
			id := ""
			if row.has != nil {
				id = get(t, app, "/has", "").id(t)
			}
			a := get(t, app, "/do", id)
			if !slices.Equal(told, row.told) {
				t.Errorf("told %q, want %q", told, row.told)
			}
			if len(told) == 0 {
				return
			}
			if last.New != sha256.Sum256([]byte(a.id(t))) {
				t.Errorf("the new key %s is not that of the session as it is now", last.New)
			}
			if id != "" && last.Old != sha256.Sum256([]byte(id)) || id == "" && last.Old != (store.Key{}) {
				t.Errorf("the old key %s is not that of the session as it was", last.Old)
			}
		})
	}
}

func TestOnRenewReportsNoLateChange(t *testing.T) {
	var manager sessions.Sessions
	told := 0
	manager = sessions.New(sessions.Config{
		RenewOn: []string{"authenticated"},
		OnRenew: func(*http.Request, sessions.Renewal) { told++ },
	})
	app := server(manager, routes{"/slow": func(ctx *iris.Context) {
		s := ctx.Session()
		s.GetString("name")
		manager.DestroyAll() // somebody else ends the session meanwhile
		s.Set("authenticated", true)
	}})
	get(t, app, "/slow", get(t, app, "/set?v=x", "").id(t))
	if told != 0 {
		t.Errorf("told %d times of a login that was dropped", told)
	}
}
