package basicauth_test

import (
	"net/http"
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

func newApp(h iris.HandlerFunc, user func(*iris.Context) string) *iris.Framework {
	app := iris.New()
	app.Adapt(httprouter.New())
	app.Party("/admin", h).Get("/x", func(ctx *iris.Context) { ctx.WriteString("hello " + user(ctx)) })
	app.Get("/open", func(ctx *iris.Context) { ctx.WriteString("open to " + user(ctx)) })
	return app
}

func ask(app *iris.Framework, path string, set func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", path, nil)
	set(r)
	w := httptest.NewRecorder()
	app.ServeHTTP(w, r)
	return w
}

func as(name, password string) func(*http.Request) {
	return func(r *http.Request) { r.SetBasicAuth(name, password) }
}

func authorization(value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Authorization", value) }
}

var users = map[string]string{"mia": "s3cret", "ali": "", "ü": "p:q"}

func TestAuthentication(t *testing.T) {
	config := basicauth.Config{Users: users}
	app := newApp(basicauth.New(config), config.User)
	for name, test := range map[string]struct {
		who  func(*http.Request)
		user string // "" if refused
	}{
		"a user":                             {as("mia", "s3cret"), "mia"},
		"a user with an empty password":      {as("ali", ""), "ali"},
		"names and passwords of any letters": {as("ü", "p:q"), "ü"},
		"not a client without a name":        {func(*http.Request) {}, ""},
		"not a wrong password":               {as("mia", "S3cret"), ""},
		"not a part of the password":         {as("mia", "s3cre"), ""},
		"not another one's password":         {as("mia", ""), ""},
		"not an unknown user":                {as("eve", "s3cret"), ""},
		"not an unknown user without one":    {as("eve", ""), ""},
		"not an empty name":                  {as("", ""), ""},
		"not another scheme":                 {authorization("Bearer bWlhOnMzY3JldA=="), ""},
		"not what is no base64":              {authorization("Basic ???"), ""},
		"not what has no colon":              {authorization("Basic bWlh"), ""},
		"the scheme in any case":             {authorization("bAsIc bWlhOnMzY3JldA=="), "mia"},
	} {
		t.Run(name, func(t *testing.T) {
			status, body := 200, "hello "+test.user
			if test.user == "" {
				status, body = 401, "Unauthorized"
			}
			w := ask(app, "/admin/x", test.who)
			if w.Code != status || w.Body.String() != body {
				t.Errorf("answer %d %q, want %d %q", w.Code, w.Body, status, body)
			}
			if challenged := w.Header().Get("WWW-Authenticate") == `Basic realm="Authorization Required", charset="UTF-8"`; challenged != (status == 401) {
				t.Errorf("WWW-Authenticate: %q", w.Header()["Www-Authenticate"])
			}
		})
	}
	if w := ask(app, "/open", func(*http.Request) {}); w.Body.String() != "open to " {
		t.Errorf("outside of the party: %q", w.Body)
	}
}

func TestUnknownUserAndWrongPasswordLookTheSame(t *testing.T) {
	app := newApp(basicauth.Default(users), basicauth.Config{}.User)
	unknown, wrong := ask(app, "/admin/x", as("eve", "x")), ask(app, "/admin/x", as("mia", "x"))
	if unknown.Code != wrong.Code || unknown.Body.String() != wrong.Body.String() || !reflect.DeepEqual(unknown.Header(), wrong.Header()) {
		t.Errorf("answers %d %q %v and %d %q %v", unknown.Code, unknown.Body, unknown.Header(), wrong.Code, wrong.Body, wrong.Header())
	}
}

func TestRealmAndContextKey(t *testing.T) {
	config := basicauth.Config{Users: users, Realm: `the "cave"`, ContextKey: "who"}
	app := newApp(basicauth.New(config), func(ctx *iris.Context) string {
		if config.User(ctx) != ctx.GetString("who") {
			t.Errorf("User: %q", config.User(ctx))
		}
		return ctx.GetString("who")
	})
	if w := ask(app, "/admin/x", as("mia", "s3cret")); w.Body.String() != "hello mia" {
		t.Errorf("answer %d %q", w.Code, w.Body)
	}
	w := ask(app, "/admin/x", func(*http.Request) {})
	if got := w.Header().Get("WWW-Authenticate"); got != `Basic realm="the \"cave\"", charset="UTF-8"` {
		t.Errorf("WWW-Authenticate: %s", got)
	}
}

func TestUserIsEmptyWithoutMiddleware(t *testing.T) {
	config := basicauth.Config{Users: users}
	app := iris.New()
	app.Adapt(httprouter.New())
	name := func(ctx *iris.Context) { ctx.WriteString(config.User(ctx)) }
	app.Get("/public/:user", name)
	app.Get("/set", func(ctx *iris.Context) { ctx.Set("user", "mia"); ctx.Next() }, name)
	app.Get("/other", basicauth.New(basicauth.Config{Users: users, ContextKey: "other"}), name)
	app.Get("/in/:user", basicauth.New(config), func(ctx *iris.Context) { ctx.Writef("%s %s", config.User(ctx), ctx.GetString("user")) })
	for _, row := range []struct{ name, path, want string }{
		{"a path parameter of the same name does not count", "/public/mia", ""},
		{"a value of the same name does not count", "/set", ""},
		{"another ContextKey's user does not count", "/other", ""},
		{"the middleware's user takes the place of a path parameter", "/in/ali", "mia mia"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if w := ask(app, row.path, as("mia", "s3cret")); w.Code != 200 || w.Body.String() != row.want {
				t.Errorf("answer %d %q, want %q", w.Code, w.Body, row.want)
			}
		})
	}
}

func TestOnErrorAnswersRefusals(t *testing.T) {
	app := newApp(basicauth.Default(users), basicauth.Config{}.User)
	app.OnError(401, func(ctx *iris.Context) { ctx.WriteString("who are you?") })
	w := ask(app, "/admin/x", func(*http.Request) {})
	if w.Code != 401 || w.Body.String() != "who are you?" || w.Header().Get("WWW-Authenticate") == "" {
		t.Errorf("answer %d %q %v", w.Code, w.Body, w.Header())
	}
}

func TestExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		config := basicauth.Config{Users: users, Expires: time.Hour}
		app := newApp(basicauth.New(config), config.User)
		for _, step := range []struct {
			name   string
			after  time.Duration
			who    string
			status int
		}{
			{"a login", 0, "mia", 200},
			{"a request while it lasts", time.Hour - 1, "mia", 200},
			{"another user's login", 0, "ali", 200},
			{"the first request after it has ended", 1, "mia", 401},
			{"another user's lasts", 0, "ali", 200},
			{"the next one is a login", 0, "mia", 200},
			{"and lasts as long", time.Hour - 1, "mia", 200},
			{"and no longer", 1, "mia", 401},
		} {
			<-time.After(step.after)
			if w := ask(app, "/admin/x", as(step.who, users[step.who])); w.Code != step.status {
				t.Errorf("%s: %d, want %d", step.name, w.Code, step.status)
			}
			if w := ask(app, "/admin/x", as(step.who, "wrong")); w.Code != 401 {
				t.Errorf("%s with a wrong password: %d", step.name, w.Code)
			}
		}
	})
}

func TestLoginLastsForeverWithoutExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		app := newApp(basicauth.Default(users), basicauth.Config{}.User)
		for range 2 {
			if w := ask(app, "/admin/x", as("mia", "s3cret")); w.Code != 200 {
				t.Errorf("status %d", w.Code)
			}
			<-time.After(10 * 365 * 24 * time.Hour)
		}
	})
}

func TestNewPanicsOnInvalidConfig(t *testing.T) {
	for name, config := range map[string]basicauth.Config{
		"no users":                {},
		"an empty name":           {Users: map[string]string{"": "x"}},
		"a name with a colon":     {Users: map[string]string{"a:b": "x"}},
		"a time that is negative": {Users: users, Expires: -1},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if message, _ := recover().(string); !strings.HasPrefix(message, "basicauth: Config") {
					t.Errorf("panic: %q", message)
				}
			}()
			basicauth.New(config)
		})
	}
}
