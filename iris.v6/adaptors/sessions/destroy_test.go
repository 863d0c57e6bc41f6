package sessions_test

import (
	"crypto/sha256"
	"testing"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/sessions"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/memory"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// instance is the Store of another instance of the server, on the same sessions.
type instance struct{ store.Store }

func (instance) SetLimits(store.Limits) error { return nil }

func TestDestroyEndsSessionOnEveryInstance(t *testing.T) {
	for name, end := range map[string]func(t *testing.T, app *iris.Framework, m sessions.Sessions, id string){
		"Destroy":     func(t *testing.T, app *iris.Framework, _ sessions.Sessions, id string) { get(t, app, "/destroy", id) },
		"DestroyByID": func(_ *testing.T, _ *iris.Framework, m sessions.Sessions, id string) { m.DestroyByID(id) },
		"DestroyAll":  func(_ *testing.T, _ *iris.Framework, m sessions.Sessions, _ string) { m.DestroyAll() },
		"DestroyByKey": func(t *testing.T, _ *iris.Framework, m sessions.Sessions, id string) {
			if err := m.DestroyByKey(sha256.Sum256([]byte(id))); err != nil {
				t.Error(err)
			}
		},
		"DestroyAllSessions": func(t *testing.T, _ *iris.Framework, m sessions.Sessions, _ string) {
			if err := m.DestroyAllSessions(); err != nil {
				t.Error(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			st := memory.New()
			here, there := sessions.New(sessions.Config{Store: st}), sessions.New(sessions.Config{Store: instance{st}})
			other := server(there)
			id := get(t, other, "/login", "").id(t)
			wantStatus(t, get(t, other, "/secret", id), 200)
			end(t, server(here), here, id)
			wantStatus(t, get(t, other, "/secret", id), 403)
		})
	}
}

func TestDestroyByIDIgnoresMalformedIDs(t *testing.T) {
	st := watch()
	manager := sessions.New(sessions.Config{Store: st})
	id := get(t, server(manager), "/login", "").id(t)
	manager.DestroyByID("")
	manager.DestroyByID(unknown)
	manager.DestroyByID(id + "x")
	wantStatus(t, get(t, server(manager), "/secret", id), 200)
	if n := st.writes.Load(); n != 1 {
		t.Errorf("the store was asked %d times, want once, for what can be an id", n)
	}
}

func TestDestroyRemovesCookie(t *testing.T) {
	app := server(sessions.New(sessions.Config{}))
	id := get(t, app, "/login", "").id(t)
	for rule, sent := range map[string]string{"a live session's": id, "an unknown id's": unknown, "one that is no id": "x"} {
		if c := get(t, app, "/destroy", sent).cookie; c == nil || c.Value != "" || c.MaxAge != -1 || c.Path != "/" {
			t.Errorf("%s cookie: destroying sets %v", rule, c)
		}
	}
	wantNoCookie(t, get(t, app, "/destroy", ""))
}

func TestSessionAfterDestroyIsNewAndEmpty(t *testing.T) {
	app := server(sessions.New(sessions.Config{}), routes{
		"/again": func(ctx *iris.Context) {
			ctx.SessionDestroy()
			s := ctx.Session()
			if all := s.GetAll(); len(all) > 0 {
				t.Errorf("after Destroy there are %v", all)
			}
			s.Set("name", "new")
		},
		"/undone": func(ctx *iris.Context) {
			ctx.Session().Set("name", "lost")
			ctx.SessionDestroy()
		},
	})
	old := get(t, app, "/login", "").id(t)
	id := get(t, app, "/again", old).id(t)
	if id == old {
		t.Error("the old id came back")
	}
	wantStatus(t, get(t, app, "/secret", old), 403)
	wantStatus(t, get(t, app, "/secret", id), 403)
	wantBody(t, get(t, app, "/read", id), "new")

	if c := get(t, app, "/undone", id).cookie; c == nil || c.MaxAge != -1 {
		t.Errorf("destroying what was written sets %v", c)
	}
	wantBody(t, get(t, app, "/read", id), "")
	wantNoCookie(t, get(t, app, "/undone", ""))
}
