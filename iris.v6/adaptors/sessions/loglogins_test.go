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
	const moved = ` session_before=[0-9a-f]{8} session=[0-9a-f]{8} client=192\.0\.2\.1`
	for _, row := range []struct {
		rule        string
		before, now any
		want        string // "" for no record
	}{
		{"a login with a session", nil, "mia", "msg=login" + moved},
		{"a login by a flag", false, true, "msg=login" + moved},
		{"a login by another user", "mia", "ali", "msg=login" + moved},
		{"a logout", "mia", nil, "msg=logout" + moved},
		{"a logout by a flag", true, false, "msg=logout" + moved},
		{"a logout by an empty name", "mia", "", "msg=logout" + moved},
		{"nothing if nobody was logged in", nil, false, ""},
		{"nothing if nobody was logged in by name", "", nil, ""},
	} {
		t.Run(row.rule, func(t *testing.T) {
			var log strings.Builder
			config := sessions.Config{RenewOn: []string{"user"}, OnRenew: sessions.LogLogins(slog.New(slog.NewTextHandler(&log, nil)))}
			app := server(sessions.New(config), routes{
				"/before": func(ctx *iris.Context) { ctx.Session().Set("user", row.before); ctx.Session().Set("other", 1) },
				"/now":    func(ctx *iris.Context) { ctx.Session().Set("user", row.now) },
			})
			id := get(t, app, "/before", "").id(t)
			log.Reset()
			get(t, app, "/now", id)
			if got := log.String(); (got == "") != (row.want == "") || !regexp.MustCompile(row.want).MatchString(got) || strings.Count(got, "\n") > 1 {
				t.Errorf("log %q, want one of %q", got, row.want)
			}
		})
	}
	var log strings.Builder
	app := server(sessions.New(sessions.Config{RenewOn: []string{"authenticated"}, OnRenew: sessions.LogLogins(slog.New(slog.NewTextHandler(&log, nil)))}))
	get(t, app, "/login", "")
	if !regexp.MustCompile(`msg=login session=[0-9a-f]{8} client=`).MatchString(log.String()) {
		t.Errorf("log of a login without a session: %q", log.String())
	}
	log.Reset()
	get(t, app, "/logout", "")
	if log.Len() > 0 {
		t.Errorf("log of a logout without a session: %q, want none", log.String())
	}
}
