package sessions_test

import (
	"net/http/httptest"
	"testing"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/sessions"
)

func TestFlashMessageIsReadInOneRequest(t *testing.T) {
	for _, row := range []struct {
		rule string
		do   func(s iris.Session) string // the reads of the request
		read string
		next string // the result of the next request
	}{
		{"GetFlash", func(s iris.Session) string { return s.GetFlash("note").(string) }, "once", ""},
		{"GetFlashString", func(s iris.Session) string { return s.GetFlashString("note") }, "once", ""},
		{"GetFlashes", func(s iris.Session) string { return s.GetFlashes()["note"].(string) }, "once", ""},
		{"twice in a request", func(s iris.Session) string { return s.GetFlashString("note") + s.GetFlashString("note") }, "onceonce", ""},
		{"HasFlash after it was read", func(s iris.Session) string {
			s.GetFlashString("note")
			if !s.HasFlash() {
				return "none"
			}
			return "has"
		}, "has", ""},
		{"not read", func(s iris.Session) string { return "" }, "", "once"},
		{"not by HasFlash", func(s iris.Session) string { s.HasFlash(); return "" }, "", "once"},
		{"another message", func(s iris.Session) string { return s.GetFlashString("other") }, "", "once"},
		{"set again after it was read", func(s iris.Session) string {
			s.GetFlashString("note")
			s.SetFlash("note", "once")
			return ""
		}, "", "once"},
		{"set and read in one request", func(s iris.Session) string { s.SetFlash("other", "now"); return s.GetFlashString("other") }, "now", "once"},
		{"deleted", func(s iris.Session) string { s.DeleteFlash("note"); return s.GetFlashString("note") }, "", ""},
		{"cleared", func(s iris.Session) string { s.ClearFlashes(); return s.GetFlashString("note") }, "", ""},
		{"not cleared with the values", func(s iris.Session) string { s.Clear(); return s.GetFlashString("note") }, "once", ""},
	} {
		t.Run(row.rule, func(t *testing.T) {
			app := server(sessions.New(sessions.Config{}), routes{
				"/flash": func(ctx *iris.Context) {
					ctx.Session().SetFlash("note", "once")
					ctx.Session().Set("note", "a value")
				},
				"/do":   func(ctx *iris.Context) { ctx.WriteString(row.do(ctx.Session())) },
				"/next": func(ctx *iris.Context) { ctx.WriteString(ctx.Session().GetFlashString("note")) },
			})
			id := get(t, app, "/flash", "").id(t)
			wantBody(t, get(t, app, "/do", id), row.read)
			wantBody(t, get(t, app, "/next", id), row.next)
		})
	}
}

// A HEAD request runs the GET handlers, but its client sees no body.
func TestHEADKeepsFlashMessages(t *testing.T) {
	app := server(sessions.New(sessions.Config{}), routes{
		"/flash": func(ctx *iris.Context) { ctx.Session().SetFlash("note", "once") },
		"/read":  func(ctx *iris.Context) { ctx.WriteString(ctx.Session().GetFlashString("note")) },
		"/all":   func(ctx *iris.Context) { ctx.Session().GetFlashes() },
	})
	id := get(t, app, "/flash", "").id(t)
	for _, path := range []string{"/read", "/all"} {
		r := httptest.NewRequest("HEAD", path, nil)
		r.Header.Set("Cookie", "irissessionid="+id)
		wantStatus(t, do(t, app, r), 200)
	}
	wantBody(t, get(t, app, "/read", id), "once")
	wantBody(t, get(t, app, "/read", id), "")
}
