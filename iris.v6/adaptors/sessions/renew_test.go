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

func TestChangeUnderRenewOnKeyRenewsAndIsReported(t *testing.T) {
	for _, row := range []struct {
		rule   string
		before any // under "user"; nil for no session
		do     func(iris.Session)
		told   []string // by OnRenew; nil if the session stays
	}{
		{"a value that begins a session", nil, func(s iris.Session) { s.Set("user", "b") }, []string{"user: <nil> to b"}},
		{"a value that changes", "a", func(s iris.Session) { s.Set("user", "b") }, []string{"user: a to b"}},
		{"a value that goes", "a", func(s iris.Session) { s.Delete("user") }, []string{"user: a to <nil>"}},
		{"a value that goes with all", "a", func(s iris.Session) { s.Clear(); s.Set("stays", "here") }, []string{"user: a to <nil>"}},
		{"a value of another type", 1, func(s iris.Session) { s.Set("user", int64(1)) }, []string{"user: 1 to 1"}},
		{"a second key", "a", func(s iris.Session) { s.Set("role", "r") }, []string{"role: <nil> to r"}},
		{"two keys, in the order of RenewOn", "a", func(s iris.Session) { s.Set("role", "r"); s.Set("user", "b") }, []string{"user: a to b", "role: <nil> to r"}},
		{"the last of several values", "a", func(s iris.Session) { s.Set("user", "b"); s.Set("user", "c") }, []string{"user: a to c"}},
		{"a change and back, which is not told", "a", func(s iris.Session) { s.Set("user", "b"); s.Set("user", "a") }, []string{}},
		{"not the same value", "a", func(s iris.Session) { s.Set("user", "a") }, nil},
		{"not another key", "a", func(s iris.Session) { s.Set("x", 1) }, nil},
		{"not a flash message of that name", "a", func(s iris.Session) { s.SetFlash("user", "b") }, nil},
	} {
		for _, down := range []bool{false, true} {
			rule := row.rule
			if down {
				rule += ", but the store fails"
			}
			t.Run(rule, func(t *testing.T) {
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
					"/before": func(ctx *iris.Context) { ctx.Session().Set("user", row.before); ctx.Session().Set("stays", "here") },
					"/do": func(ctx *iris.Context) {
						row.do(ctx.Session())
						if down {
							st.fault = func(string) error { return errDown }
						}
					},
					"/stays": func(ctx *iris.Context) { ctx.WriteString(ctx.Session().GetString("stays")) },
				})
				logged(app)
				old := ""
				if row.before != nil {
					old = get(t, app, "/before", "").id(t)
				}
				a := get(t, app, "/do", old)
				st.fault = nil

				if row.told == nil || down {
					wantNoCookie(t, a)
					if len(told) > 0 {
						t.Errorf("told %q, want nothing", told)
					}
					if old != "" {
						wantBody(t, get(t, app, "/stays", old), "here")
					}
					return
				}
				if !slices.Equal(told, row.told) {
					t.Errorf("told %q, want %q", told, row.told)
				}
				id := a.id(t)
				oldKey := store.Key{}
				if old != "" {
					oldKey = sha256.Sum256([]byte(old))
					wantBody(t, get(t, app, "/stays", old), "")
					wantBody(t, get(t, app, "/stays", id), "here")
				}
				if len(told) > 0 && (last.Old != oldKey || last.New != sha256.Sum256([]byte(id))) {
					t.Errorf("the keys are %s and %s, want those of the session before and after", last.Old, last.New)
				}
				wantBody(t, get(t, app, "/id", id), id)
			})
		}
	}
}

func TestIDIsTheNewOneAfterRenewal(t *testing.T) {
	app := server(sessions.New(sessions.Config{RenewOn: []string{"authenticated"}}), routes{
		"/in": func(ctx *iris.Context) {
			ctx.Session().Set("authenticated", true)
			ctx.WriteString(ctx.Session().ID())
		},
		"/twice": func(ctx *iris.Context) {
			s := ctx.Session()
			s.Set("authenticated", true)
			first := s.ID()
			ctx.ResponseWriter.Flush()
			s.Set("authenticated", false)
			if second := s.ID(); second == first {
				t.Error("the ID after the second renewal is the first one's")
			}
			ctx.WriteString(s.ID())
		},
	})
	logged(app)
	first := get(t, app, "/in", "")
	wantBody(t, first, first.id(t))
	again := get(t, app, "/in", get(t, app, "/logout", first.id(t)).id(t))
	wantBody(t, again, again.id(t))
	twice := get(t, app, "/twice", first.id(t))
	wantBody(t, get(t, app, "/id", twice.body), twice.body)
}
