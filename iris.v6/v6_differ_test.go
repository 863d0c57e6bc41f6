package iris_test

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/middleware/basicauth"
)

// The rows about signals and about Redis have their tests in listen_test.go and
// in adaptors/sessions/sessiondb/redis.

// That nothing is stored either is a test of adaptors/sessions.
func TestV6DifferSecretWithoutACookieSetsNone(t *testing.T) {
	_, _, client := newExample()
	w := client.get("/secret")
	wantAnswer(t, w, 403, "Forbidden")
	equal(t, "Set-Cookie", w.Header().Get("Set-Cookie"), "")
}

func TestV6DifferLoginCookie(t *testing.T) {
	app, _, client := newExample()
	c := client.get("/login").Result().Cookies()[0]
	equal(t, "SameSite", c.SameSite, http.SameSiteLaxMode)
	equal(t, "HttpOnly", c.HttpOnly, true)
	equal(t, "Secure over plain HTTP", c.Secure, false)
	equal(t, "a life of at most 400 days", c.MaxAge > 0 && c.MaxAge <= 400*24*3600, true)

	over := answer(app, "GET", "https://example.com/login").Result().Cookies()[0]
	equal(t, "Secure over TLS", over.Secure, true)
	equal(t, "the name over TLS", over.Name, "__Host-"+c.Name)
}

func TestV6DifferHeadLoginRunsTheGetHandlers(t *testing.T) {
	app, _, _ := newExample()
	w := answer(app, "HEAD", "/login")
	equal(t, "status", w.Code, 200)
	cookies := w.Result().Cookies()
	if len(cookies) != 1 {
		t.Fatalf("cookies: %v, want one", cookies)
	}
	client := &browser{app, map[string]string{cookies[0].Name: cookies[0].Value}}
	wantAnswer(t, client.get("/secret"), 200, "The cake is a lie!")
}

func TestV6DifferSessionIdsHave128BitsAtLeast(t *testing.T) {
	app, _, _ := newExample()
	seen := make(map[string]bool)
	for range 100 {
		value := answer(app, "GET", "/login").Result().Cookies()[0].Value
		id, err := base64.RawURLEncoding.DecodeString(value)
		if err != nil || len(id) < 16 || seen[value] {
			t.Fatalf("id %q: %d bytes, %v, seen before: %v", value, len(id), err, seen[value])
		}
		seen[value] = true
	}
}

func TestV6DifferAnIDThatWasNeverIssuedIsNeverAdopted(t *testing.T) {
	forged := base64.RawURLEncoding.EncodeToString(make([]byte, 32))
	for _, value := range []string{"attacker", forged} {
		app, _, _ := newExample()
		client := &browser{app, map[string]string{"my_sessionid": value}}
		wantAnswer(t, client.get("/secret"), 403, "Forbidden")
		client.get("/login")
		if client.cookies["my_sessionid"] == value {
			t.Errorf("%q was adopted", value)
		}
		wantAnswer(t, (&browser{app, map[string]string{"my_sessionid": value}}).get("/secret"), 403, "Forbidden")
	}
}

func TestV6DifferA405CarriesAllow(t *testing.T) {
	app, _, _ := newExample(iris.OptionFireMethodNotAllowed(true))
	w := answer(app, "DELETE", "/login")
	wantAnswer(t, w, 405, "Method Not Allowed")
	equal(t, "Allow", w.Header().Get("Allow"), "GET, HEAD")
}

func TestV6DifferTrailingSlashHasOneBody(t *testing.T) {
	app, _, _ := newExample()
	wantAnswer(t, answer(app, "GET", "/login/"), 301, "<a href=\"/login\">Moved Permanently</a>.\n\n")
}

func TestV6DifferEmitErrorReplacesAPartialBody(t *testing.T) {
	app, _ := newApp()
	app.Get("/", func(ctx *iris.Context) { ctx.WriteString("partial"); ctx.EmitError(500) })
	wantResponse(t, app, "GET", "/", 500, sniffedText, "Internal Server Error")
}

func TestV6DifferPanicIs500AndOneLogRecordWithTheTrace(t *testing.T) {
	app, logged := newApp()
	app.Get("/", func(*iris.Context) { panic("oops") })
	wantResponse(t, app, "GET", "/", 500, sniffedText, "Internal Server Error")
	if message := logged.one(t); !strings.Contains(message, "oops") || !strings.Contains(message, "goroutine ") {
		t.Errorf("log record: %q", message)
	}
}

func TestV6DifferSessionAfterSessionDestroyIsNewAndEmpty(t *testing.T) {
	app, _, client := newExample()
	var before, after string
	app.Get("/begin", func(ctx *iris.Context) { ctx.Session().Set("name", "mia") })
	app.Get("/renew", func(ctx *iris.Context) {
		before = ctx.Session().ID()
		ctx.SessionDestroy()
		equal(t, "values", len(ctx.Session().GetAll()), 0)
		after = ctx.Session().ID()
	})
	app.Get("/show", show)
	client.get("/begin")
	client.get("/renew")
	equal(t, "the browser's id", client.cookies["my_sessionid"], after)
	wantAnswer(t, client.get("/show"), 200, "map[]")
	old := &browser{app, map[string]string{"my_sessionid": before}}
	wantAnswer(t, old.get("/show"), 200, "map[]")
	if before == after || before == "" || after == "" {
		t.Errorf("id before: %q, after: %q", before, after)
	}
}

// The race detector is what this test is for.
func TestV6DifferRequestsOfOneSessionAtOnceDoNotRace(t *testing.T) {
	app, _, client := newExample()
	app.Get("/work", func(ctx *iris.Context) {
		s := ctx.Session()
		s.Set(ctx.URLParam("key"), ctx.URLParam("key"))
		s.VisitAll(func(string, interface{}) {})
		show(ctx)
	})
	app.Get("/count", func(ctx *iris.Context) { ctx.Writef("%d", len(ctx.Session().GetAll())) })
	client.get("/login")
	id := client.cookies["my_sessionid"]
	var requests sync.WaitGroup
	for _, key := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		requests.Go(func() {
			one := &browser{app, map[string]string{"my_sessionid": id}}
			for range 20 {
				if w := one.get("/work?key=" + key); w.Code != 200 {
					t.Errorf("answer %d %q", w.Code, w.Body)
				}
			}
		})
	}
	requests.Wait()
	wantAnswer(t, client.get("/count"), 200, "9") // nobody's write was lost
}

func TestV6DifferSetHeaderSets(t *testing.T) {
	w := inspect(t, httptest.NewRequest("GET", "/", nil), func(ctx *iris.Context) {
		ctx.SetHeader("X-Word", "first")
		ctx.SetHeader("X-Word", "second")
	})
	equal(t, "X-Word", strings.Join(w.Header()["X-Word"], ", "), "second")
}

func TestV6DifferSettingNilInASessionDeletesTheKey(t *testing.T) {
	app, _, client := newSessionApp()
	app.Get("/set", func(ctx *iris.Context) { ctx.Session().Set("a", 1); ctx.Session().Set("b", 2) })
	app.Get("/nil", func(ctx *iris.Context) { ctx.Session().Set("a", nil); show(ctx) })
	app.Get("/show", show)
	client.get("/set")
	wantAnswer(t, client.get("/nil"), 200, "map[b:2]")
	wantAnswer(t, client.get("/show"), 200, "map[b:2]")
}

func TestV6DifferReadJSONIntoNoPointerIsAnError(t *testing.T) {
	inspect(t, httptest.NewRequest("POST", "/", strings.NewReader(`{"a": 1}`)), func(ctx *iris.Context) {
		if err := ctx.ReadJSON(iris.Map{}); err == nil {
			t.Error("there is no error")
		}
	})
}

func TestV6DifferSetCookieKVIsForTheWholeHostAndSecureWhereTheSessionsCookieIs(t *testing.T) {
	for _, row := range []struct {
		name, target string
		session      bool // the session manager says Secure
		secure       bool
	}{
		{"over plain HTTP it is not Secure", "http://x/a/b", false, false},
		{"over TLS it is", "https://x/a/b", false, true},
		{"behind a proxy that ends TLS it is, if the session's is", "http://x/a/b", true, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			app, _ := newApp()
			app.Adapt(iris.SessionsPolicy{
				Start:   func(http.ResponseWriter, *http.Request) iris.Session { return nil },
				Destroy: func(http.ResponseWriter, *http.Request) {},
				Secure:  row.session,
			})
			app.Get("/a/b", func(ctx *iris.Context) { ctx.SetCookieKV("a", "1"); ctx.RemoveCookie("b") })
			cookies := answer(app, "GET", row.target).Result().Cookies()
			if len(cookies) != 2 {
				t.Fatalf("cookies: %v", cookies)
			}
			equal(t, "what is set", cookies[0].Name+"="+cookies[0].Value, "a=1")
			equal(t, "its life", cookies[0].MaxAge, 2*60*60)
			equal(t, "what is removed", cookies[1].Name+"="+cookies[1].Value, "b=")
			equal(t, "its life afterwards", cookies[1].MaxAge < 0, true)
			for _, c := range cookies {
				equal(t, "Path", c.Path, "/")
				equal(t, "Secure", c.Secure, row.secure)
				equal(t, "HttpOnly", c.HttpOnly, true)
				equal(t, "SameSite", c.SameSite, http.SameSiteLaxMode)
			}
		})
	}
}

func TestV6DifferBasicauthRefusesWithTheErrorsAnswer(t *testing.T) {
	app, _ := newApp()
	app.UseFunc(basicauth.Default(map[string]string{"mia": "sesame"}))
	app.Get("/", writes("never"))
	wantAnswer(t, answer(app, "GET", "/"), 401, "Unauthorized")

	app, _ = newApp()
	app.UseFunc(basicauth.Default(map[string]string{"mia": "sesame"}))
	app.OnError(401, writes("log in first"))
	app.Get("/", writes("never"))
	wantAnswer(t, answer(app, "GET", "/"), 401, "log in first")
}

func TestV6DifferDoneOnTheRootIsForTheRoutesOfEveryParty(t *testing.T) {
	app, _ := newApp()
	app.Party("/before").Get("/", writes("before "))
	app.DoneFunc(writes("done"))
	app.Party("/after").Get("/", writes("after "))
	wantAnswer(t, answer(app, "GET", "/before/"), 200, "before done")
	wantAnswer(t, answer(app, "GET", "/after/"), 200, "after done")
}

func TestV6DifferRedirectToIsRelative(t *testing.T) {
	app, _ := newApp(iris.OptionVHost("example.com"), iris.OptionVScheme("https"))
	app.None("/user/:id", nil).ChangeName("user")
	app.Get("/", func(ctx *iris.Context) { ctx.RedirectTo("user", "a b") })
	w := answer(app, "GET", "/")
	equal(t, "status", w.Code, 302)
	equal(t, "Location", w.Header().Get("Location"), "/user/a%20b")
}

func TestV6DifferAnUnknownPathIs404WithFireMethodNotAllowed(t *testing.T) {
	app, _ := newApp(iris.OptionFireMethodNotAllowed(true))
	app.Get("/known", writes("x"))
	wantAnswer(t, answer(app, "POST", "/unknown"), 404, "Not Found")
	wantAnswer(t, answer(app, "POST", "/known"), 405, "Method Not Allowed")
}

func TestV6DifferStatusAndContentTypeCountUntilTheHeaderLeaves(t *testing.T) {
	app, _ := newApp()
	after := func(ctx *iris.Context) { ctx.SetStatusCode(202); ctx.SetContentType("text/csv") }
	app.Get("/", func(ctx *iris.Context) { ctx.WriteString("a,b"); after(ctx) })
	app.Get("/flushed", func(ctx *iris.Context) { ctx.WriteString("a,b"); ctx.Flush(); after(ctx) })
	wantResponse(t, app, "GET", "/", 202, "text/csv", "a,b")
	wantResponse(t, app, "GET", "/flushed", 200, sniffedText, "a,b")
}

func TestV6DifferASlashRedirectKeepsTheQuery(t *testing.T) {
	app, _ := newApp()
	app.Get("/page", writes("x"))
	equal(t, "Location", answer(app, "GET", "/page/?next=/a/").Header().Get("Location"), "/page?next=/a/")
}

func TestV6DifferAPartysPathAndARoutesHaveOneSlashBetweenThem(t *testing.T) {
	app, _ := newApp()
	equal(t, "Path()", app.Party("/api").Get("users", writes("x")).Path(), "/api/users")
	equal(t, "Path()", app.Party("/api/").Get("/teams", writes("x")).Path(), "/api/teams")
}
