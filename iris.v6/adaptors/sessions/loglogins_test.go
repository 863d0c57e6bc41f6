package sessions_test

import (
	"log/slog"
	"regexp"
	"strings"
	"testing"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/sessions"
)

func TestLogLogins(t *testing.T) {
	const after = ` session=[0-9a-f]{8} client=192\.0\.2\.1\n$`
	const moved = ` session_before=[0-9a-f]{8}` + after
	for _, row := range []struct {
		rule        string
		session     string // "none" before the request, "live", or "destroyed" by it
		before, now any
		want        string // "" for no record
	}{
		{"a login that begins a session", "none", nil, "mia", "msg=login" + after},
		{"a login after the session was destroyed, and so in another", "destroyed", "mia", "ali", "msg=login" + after},
		{"a login with a session", "live", nil, "mia", "msg=login" + moved},
		{"a login by a flag", "live", false, true, "msg=login" + moved},
		{"a login by another user", "live", "mia", "ali", "msg=login" + moved},
		{"a logout", "live", "mia", nil, "msg=logout" + moved},
		{"a logout by a flag", "live", true, false, "msg=logout" + moved},
		{"a logout by an empty name", "live", "mia", "", "msg=logout" + moved},
		{"nothing if nobody was logged in", "live", nil, false, ""},
		{"nothing if nobody was logged in by name", "live", "", nil, ""},
		{"nothing if there is no session", "none", nil, false, ""},
	} {
		t.Run(row.rule, func(t *testing.T) {
			var log strings.Builder
			config := sessions.Config{RenewOn: []string{"user"}, OnRenew: sessions.LogLogins(slog.New(slog.NewTextHandler(&log, nil)))}
			app := server(sessions.New(config), routes{
				"/before": func(ctx *iris.Context) { ctx.Session().Set("user", row.before); ctx.Session().Set("other", 1) },
				"/now": func(ctx *iris.Context) {
					if row.session == "destroyed" {
						ctx.SessionDestroy()
					}
					ctx.Session().Set("user", row.now)
				},
			})
			id := ""
			if row.session != "none" {
				id = get(t, app, "/before", "").id(t)
			}
			log.Reset()
			get(t, app, "/now", id)
			if got := log.String(); (got == "") != (row.want == "") || !regexp.MustCompile(row.want).MatchString(got) || strings.Count(got, "\n") > 1 {
				t.Errorf("log %q, want one of %q", got, row.want)
			}
		})
	}
}
