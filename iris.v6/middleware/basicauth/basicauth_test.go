package basicauth_test

import (
	"encoding/base64"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/httprouter"
	"gopkg.in/kataras/iris.v6/middleware/basicauth"
)

// newApp returns an app with a guarded page and an open one, each of which greets user.
func newApp(guard iris.HandlerFunc, user func(*iris.Context) string) *iris.Framework {
	app := iris.New()
	app.Adapt(httprouter.New())
	app.Party("/admin", guard).Get("/x", func(ctx *iris.Context) { ctx.WriteString("hello " + user(ctx)) })
	app.Get("/open", func(ctx *iris.Context) { ctx.WriteString("open to " + user(ctx)) })
	return app
}

// ask requests a page, with that Authorization if it is not empty.
func ask(app *iris.Framework, path, authorization string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", path, nil)
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	w := httptest.NewRecorder()
	app.ServeHTTP(w, r)
	return w
}

func as(name, password string) (authorization string) {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(name+":"+password))
}

func wantAnswer(t *testing.T, w *httptest.ResponseRecorder, status int, body string) {
	t.Helper()
	if w.Code != status || w.Body.String() != body {
		t.Errorf("answer %d %q, want %d %q", w.Code, w.Body, status, body)
	}
}

var users = map[string]string{"mia": "s3cret", "ali": "", "ü": "p:q"}

func TestAuthentication(t *testing.T) {
	config := basicauth.Config{Users: users}
	app := newApp(basicauth.New(config), config.User)
	for _, row := range []struct{ rule, authorization, user string }{
		{"a user passes", as("mia", "s3cret"), "mia"},
		{"a user with an empty password passes", as("ali", ""), "ali"},
		{"names and passwords may have any letters", as("ü", "p:q"), "ü"},
		{"the scheme may be in any case", "bAsIc bWlhOnMzY3JldA==", "mia"},
		{"no authorization is refused", "", ""},
		{"a wrong password is refused", as("mia", "S3cret"), ""},
		{"a part of the password is refused", as("mia", "s3cre"), ""},
		{"another user's password is refused", as("mia", ""), ""},
		{"an unknown user is refused", as("eve", "s3cret"), ""},
		{"an unknown user without a password is refused", as("eve", ""), ""},
		{"an empty name is refused", as("", ""), ""},
		{"another scheme is refused", "Bearer bWlhOnMzY3JldA==", ""},
		{"malformed base64 is refused", "Basic ???", ""},
		{"a name without a colon is refused", "Basic bWlh", ""},
	} {
		t.Run(row.rule, func(t *testing.T) {
			status, body, challenge := 200, "hello "+row.user, ""
			if row.user == "" {
				status, body, challenge = 401, "Unauthorized", `Basic realm="Authorization Required", charset="UTF-8"`
			}
			w := ask(app, "/admin/x", row.authorization)
			wantAnswer(t, w, status, body)
			if got := w.Header().Get("WWW-Authenticate"); got != challenge {
				t.Errorf("WWW-Authenticate: %q, want %q", got, challenge)
			}
		})
	}
	wantAnswer(t, ask(app, "/open", ""), 200, "open to ")
}

func TestUnknownUserAndWrongPasswordLookTheSame(t *testing.T) {
	app := newApp(basicauth.Default(users), basicauth.Config{}.User)
	unknown, wrong := ask(app, "/admin/x", as("eve", "x")), ask(app, "/admin/x", as("mia", "x"))
	if !reflect.DeepEqual(unknown.Result(), wrong.Result()) {
		t.Errorf("answers %v and %v", unknown.Result(), wrong.Result())
	}
}

func TestRealmAndContextKey(t *testing.T) {
	config := basicauth.Config{Users: users, Realm: `the "cave"`, ContextKey: "name"}
	app := newApp(basicauth.New(config), func(ctx *iris.Context) string { return config.User(ctx) + " " + ctx.GetString("name") })
	wantAnswer(t, ask(app, "/admin/x", as("mia", "s3cret")), 200, "hello mia mia")
	if got := ask(app, "/admin/x", "").Header().Get("WWW-Authenticate"); got != `Basic realm="the \"cave\"", charset="UTF-8"` {
		t.Errorf("WWW-Authenticate: %s", got)
	}
}

func TestUserIsTheMiddlewaresOnly(t *testing.T) {
	config := basicauth.Config{Users: users}
	app := iris.New()
	app.Adapt(httprouter.New())
	name := func(ctx *iris.Context) { ctx.WriteString(config.User(ctx)) }
	app.Get("/public/:user", name)
	app.Get("/set", func(ctx *iris.Context) { ctx.Set("user", "mia"); ctx.Next() }, name)
	app.Get("/other", basicauth.New(basicauth.Config{Users: users, ContextKey: "other"}), name)
	app.Get("/in/:user", basicauth.New(config), func(ctx *iris.Context) { ctx.Writef("%s %s", config.User(ctx), ctx.GetString("user")) })
	for _, row := range []struct{ rule, path, want string }{
		{"a path parameter of the same name does not count", "/public/mia", ""},
		{"a value of the same name does not count", "/set", ""},
		{"the user under another ContextKey does not count", "/other", ""},
		{"the user takes the place of a path parameter", "/in/ali", "mia mia"},
	} {
		t.Run(row.rule, func(t *testing.T) { wantAnswer(t, ask(app, row.path, as("mia", "s3cret")), 200, row.want) })
	}
}

func TestV6DifferRefusalIsTheErrorsAnswer(t *testing.T) {
	app := newApp(basicauth.Default(users), basicauth.Config{}.User)
	app.OnError(401, func(ctx *iris.Context) { ctx.WriteString("log in first") })
	w := ask(app, "/admin/x", "")
	wantAnswer(t, w, 401, "log in first")
	if w.Header().Get("WWW-Authenticate") == "" {
		t.Error("no WWW-Authenticate")
	}
}

func TestExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		config := basicauth.Config{Users: users, Expires: time.Hour}
		app := newApp(basicauth.New(config), config.User)
		for _, step := range []struct {
			rule   string
			after  time.Duration
			name   string
			status int
		}{
			{"a login passes", 0, "mia", 200},
			{"a request while the login lasts passes", time.Hour - 1, "mia", 200},
			{"another user's login passes", 0, "ali", 200},
			{"the first request after the login is refused", 1, "mia", 401},
			{"another user's login still lasts", 0, "ali", 200},
			{"the next request is a login", 0, "mia", 200},
			{"it lasts as long", time.Hour - 1, "mia", 200},
			{"it lasts no longer", 1, "mia", 401},
		} {
			<-time.After(step.after)
			if w := ask(app, "/admin/x", as(step.name, users[step.name])); w.Code != step.status {
				t.Errorf("%s: %d, want %d", step.rule, w.Code, step.status)
			}
			if w := ask(app, "/admin/x", as(step.name, "wrong")); w.Code != 401 {
				t.Errorf("%s, with a wrong password: %d", step.rule, w.Code)
			}
		}
	})
}

func TestLoginLastsForeverWithoutExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		app := newApp(basicauth.Default(users), basicauth.Config{}.User)
		for range 2 {
			wantAnswer(t, ask(app, "/admin/x", as("mia", "s3cret")), 200, "hello mia")
			<-time.After(10 * 365 * 24 * time.Hour)
		}
	})
}

func TestNewPanicsOnInvalidConfig(t *testing.T) {
	for _, row := range []struct {
		rule   string
		config basicauth.Config
	}{
		{"no users", basicauth.Config{}},
		{"an empty name", basicauth.Config{Users: map[string]string{"": "x"}}},
		{"a name with a colon", basicauth.Config{Users: map[string]string{"a:b": "x"}}},
		{"a negative time", basicauth.Config{Users: users, Expires: -1}},
	} {
		t.Run(row.rule, func(t *testing.T) {
			defer func() {
				if message, _ := recover().(string); !strings.HasPrefix(message, "basicauth: Config") {
					t.Errorf("panic: %q", message)
				}
			}()
			basicauth.New(row.config)
		})
	}
}
