package sessions_test

import (
	"testing"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/sessions"
)

func TestDestroyByIDIgnoresMalformedIDs(t *testing.T) {
	st := watch()
	manager := sessions.New(sessions.Config{Store: st})
	for _, id := range []string{"", unknown[1:], unknown + "x", unknown} {
		manager.DestroyByID(id)
	}
	st.want(t, "four IDs, one of them well-formed", "Destroy")
}

func TestDestroyRemovesCookie(t *testing.T) {
	app := server(sessions.New(sessions.Config{}))
	id := get(t, app, "/login", "").id(t)
	for _, row := range []struct{ rule, sent string }{
		{"a live session's", id}, {"an unknown ID's", unknown}, {"one that has no ID", "x"},
	} {
		if c := get(t, app, "/destroy", row.sent).cookie; c == nil || c.Value != "" || c.MaxAge != -1 || c.Path != "/" {
			t.Errorf("%s cookie: destroying sets %v", row.rule, c)
		}
	}
	wantNoCookie(t, get(t, app, "/destroy", ""))
}

func TestSessionAfterDestroyIsNewAndEmpty(t *testing.T) {
	app := server(sessions.New(sessions.Config{}), routes{
		"/again": func(ctx *iris.Context) {
			before := ctx.Session().ID()
			ctx.SessionDestroy()
			s := ctx.Session()
			if s.ID() == before {
				t.Error("the ID is that of the session that was destroyed")
			}
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
		t.Error("the old ID came back")
	}
	for _, id := range []string{old, id} {
		wantStatus(t, get(t, app, "/secret", id), 403)
	}
	wantBody(t, get(t, app, "/read", id), "new")
	wantBody(t, get(t, app, "/read", get(t, app, "/again", "").id(t)), "new")

	if c := get(t, app, "/undone", id).cookie; c == nil || c.MaxAge != -1 {
		t.Errorf("destroying what was written sets %v", c)
	}
	wantBody(t, get(t, app, "/read", id), "")
	wantNoCookie(t, get(t, app, "/undone", ""))
}
