package sessions_test

import (
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/sessions"
)

func TestAnIDIsRandomBytesInBase64URL(t *testing.T) {
	for _, row := range []struct {
		rule          string
		length, bytes int
	}{
		{"256 bits by default", 0, 32},
		{"never less than 128 bits", 8, 16},
		{"a negative length is raised too", -1, 16},
		{"as many bytes as configured", 20, 20},
		{"512 bits at most", 65, 64},
	} {
		t.Run(row.rule, func(t *testing.T) {
			app := server(sessions.New(sessions.Config{CookieLength: row.length}))
			seen := make(map[string]bool)
			for range 100 {
				id := get(t, app, "/login", "").id(t)
				raw, err := base64.RawURLEncoding.DecodeString(id)
				if err != nil || len(raw) != row.bytes {
					t.Fatalf("id %q: %d bytes, %v, want %d bytes", id, len(raw), err, row.bytes)
				}
				if seen[id] {
					t.Fatalf("id %q was handed out twice", id)
				}
				seen[id] = true
				wantStatus(t, get(t, app, "/secret", id), 200)
			}
		})
	}
}

// unknown has the shape of an id, and is no session's.
var unknown = strings.Repeat("A", 43)

func TestACookieThatCannotBeAnIDCostsNoStoreCall(t *testing.T) {
	store := watch()
	app := server(sessions.New(sessions.Config{Store: store}))
	for rule, value := range map[string]string{
		"empty":                       "",
		"too short":                   unknown[1:],
		"too long":                    unknown + "A",
		"8 KiB":                       strings.Repeat("A", 8<<10),
		"standard base64":             strings.Repeat("A", 42) + "+",
		"padded":                      strings.Repeat("A", 42) + "=",
		"bits that no id has":         strings.Repeat("A", 42) + "B",
		"a line break within":         strings.Repeat("A", 21) + "\n" + strings.Repeat("A", 21),
		"a NUL within":                strings.Repeat("A", 21) + "\x00" + strings.Repeat("A", 21),
		"in quotes":                   `"` + strings.Repeat("A", 41) + `"`,
		"the right length, not ASCII": strings.Repeat("A", 41) + "é",
	} {
		r := httptest.NewRequest("GET", "/secret", nil)
		r.Header["Cookie"] = []string{"sessionid=" + value}
		a := do(t, app, r)
		wantStatus(t, a, 403)
		wantNoCookie(t, a)
		if n := store.reads.Swap(0); n != 0 {
			t.Errorf("%s: the store was asked %d times", rule, n)
		}
	}
}

func TestAnUnknownIDIsNeverAdopted(t *testing.T) {
	store := watch()
	app := server(sessions.New(sessions.Config{Store: store}))

	a := get(t, app, "/secret", unknown)
	wantStatus(t, a, 403)
	wantNoCookie(t, a)
	if n := store.reads.Load(); n != 1 {
		t.Errorf("the store was asked %d times, want once", n)
	}

	for _, path := range []string{"/login", "/set?v=x", "/id"} {
		if id := get(t, app, path, unknown).id(t); id == unknown {
			t.Errorf("%s adopted the client's id", path)
		}
	}
	wantStatus(t, get(t, app, "/secret", unknown), 403)
}

func TestOfSeveralCookiesTheFirstThatCanBeAnIDCounts(t *testing.T) {
	app := server(sessions.New(sessions.Config{}))
	id := get(t, app, "/login", "").id(t)
	for header, status := range map[string]int{
		"sessionid=" + id:                                      200,
		"a=b; sessionid=" + id + "; c=d":                       200,
		"a=b;sessionid=" + id + " ":                            200,
		"sessionid=garbage; sessionid=" + id:                   200,
		"sessionid=" + unknown + "; sessionid=" + id:           403,
		"sessionid=" + id + "; sessionid=" + unknown:           200,
		"xsessionid=" + id:                                     403,
		"SESSIONID=" + id:                                      403,
		"sessionid =" + id:                                     403,
		"sessionid=" + id + "x":                                403,
		"x=sessionid=" + id:                                    403,
		";;; ;=; sessionid; sessionid=" + id + ";;":            200,
		strings.Repeat("a=b; ", 2000) + "sessionid=" + id:      200,
		"sessionid=" + strings.ToUpper(id[:42]) + id[42:] + "": 403,
	} {
		r := httptest.NewRequest("GET", "/secret", nil)
		r.Header.Set("Cookie", header)
		if a := do(t, app, r); a.status != status {
			t.Errorf("Cookie: %.80s: status %d, want %d", header, a.status, status)
		}
	}
	r := httptest.NewRequest("GET", "/secret", nil)
	r.Header["Cookie"] = []string{"a=b", "sessionid=" + id} // as HTTP/2 may split it
	wantStatus(t, do(t, app, r), 200)
}

func TestReadingStoresNothingAndSetsNoCookie(t *testing.T) {
	for name, read := range map[string]func(iris.Session){
		"Get":        func(s iris.Session) { s.Get("a") },
		"GetString":  func(s iris.Session) { s.GetString("a") },
		"GetInt":     func(s iris.Session) { s.GetInt("a") },
		"GetBoolean": func(s iris.Session) { s.GetBoolean("a") },
		"GetAll":     func(s iris.Session) { s.GetAll() },
		"VisitAll":   func(s iris.Session) { s.VisitAll(func(string, interface{}) {}) },
		"HasFlash":   func(s iris.Session) { s.HasFlash() },
		"GetFlash":   func(s iris.Session) { s.GetFlash("a") },
		"GetFlashes": func(s iris.Session) { s.GetFlashes() },
		// There is nothing to write where there is nothing to remove.
		"Delete":       func(s iris.Session) { s.Delete("a") },
		"Clear":        func(s iris.Session) { s.Clear() },
		"DeleteFlash":  func(s iris.Session) { s.DeleteFlash("a") },
		"ClearFlashes": func(s iris.Session) { s.ClearFlashes() },
		"Set nil":      func(s iris.Session) { s.Set("a", nil) },
		"Set, Delete":  func(s iris.Session) { s.Set("a", 1); s.Delete("a") },
	} {
		store := watch()
		app := server(sessions.New(sessions.Config{Store: store}), routes{
			"/": func(ctx *iris.Context) { read(ctx.Session()) },
		})
		a := get(t, app, "/", "")
		wantStatus(t, a, 200)
		if a.cookie != nil || store.creates.Load()+store.writes.Load() > 0 {
			t.Errorf("%s: cookie %v, %d sessions created, %d written", name, a.cookie, store.creates.Load(), store.writes.Load())
		}
	}
}

func TestTheFirstWriteStoresAndSetsTheCookie(t *testing.T) {
	for name, write := range map[string]func(iris.Session){
		"Set":       func(s iris.Session) { s.Set("name", "x") },
		"SetFlash":  func(s iris.Session) { s.SetFlash("name", "x") },
		"ID":        func(s iris.Session) { s.ID() },
		"Set twice": func(s iris.Session) { s.Set("name", "x"); s.Set("other", "y") },
	} {
		store := watch()
		app := server(sessions.New(sessions.Config{Store: store}), routes{
			"/": func(ctx *iris.Context) { write(ctx.Session()) },
		})
		id := get(t, app, "/", "").id(t)
		if creates, writes := store.creates.Load(), store.writes.Load(); creates != 1 || writes != 0 {
			t.Errorf("%s: %d sessions created, %d written, want one created", name, creates, writes)
		}
		a := get(t, app, "/id", id)
		wantBody(t, a, id)
		wantNoCookie(t, a)
	}
}

func TestTheCookie(t *testing.T) {
	const day = 24 * 60 * 60
	for _, row := range []struct {
		rule   string
		config sessions.Config
		url    string
		want   http.Cookie
	}{
		{"lives 400 days where sessions do not expire", sessions.Config{}, "/login",
			http.Cookie{Name: "sessionid", MaxAge: 400 * day, SameSite: http.SameSiteLaxMode}},
		{"lives as long as the session", sessions.Config{Expires: 24 * 60 * 60 * 1e9}, "/login",
			http.Cookie{Name: "sessionid", MaxAge: day, SameSite: http.SameSiteLaxMode}},
		{"has no Max-Age where Expires is -1", sessions.Config{Expires: -1}, "/login",
			http.Cookie{Name: "sessionid", SameSite: http.SameSiteLaxMode}},
		{"is Secure over TLS", sessions.Config{Expires: -1}, "https://example.com/login",
			http.Cookie{Name: "sessionid", Secure: true, SameSite: http.SameSiteLaxMode}},
		{"is Secure where configured", sessions.Config{Expires: -1, Secure: true}, "/login",
			http.Cookie{Name: "sessionid", Secure: true, SameSite: http.SameSiteLaxMode}},
		{"has the prefix where it is Secure", sessions.Config{Expires: -1, HostPrefix: true}, "https://example.com/login",
			http.Cookie{Name: "__Host-sessionid", Secure: true, SameSite: http.SameSiteLaxMode}},
		{"has no prefix where it is not Secure", sessions.Config{Expires: -1, HostPrefix: true}, "/login",
			http.Cookie{Name: "sessionid", SameSite: http.SameSiteLaxMode}},
		{"is SameSite=Strict where configured", sessions.Config{Expires: -1, SameSite: http.SameSiteStrictMode}, "/login",
			http.Cookie{Name: "sessionid", SameSite: http.SameSiteStrictMode}},
		{"goes to no subdomain, whatever a v6 program says", sessions.Config{Expires: -1, DisableSubdomainPersistence: true}, "/login",
			http.Cookie{Name: "sessionid", SameSite: http.SameSiteLaxMode}},
	} {
		t.Run(row.rule, func(t *testing.T) {
			app := server(sessions.New(row.config))
			a := do(t, app, httptest.NewRequest("GET", row.url, nil))
			got := *a.cookie
			row.want.Path, row.want.HttpOnly = "/", true
			id := got.Value
			got.Value, got.Raw = "", ""
			if g, w := got.String(), row.want.String(); g != w {
				t.Errorf("got  %s\nwant %s", g, w)
			}

			back := httptest.NewRequest("GET", strings.Replace(row.url, "login", "secret", 1), nil)
			back.AddCookie(&http.Cookie{Name: got.Name, Value: id})
			wantStatus(t, do(t, app, back), 200)

			out := httptest.NewRequest("GET", strings.Replace(row.url, "login", "destroy", 1), nil)
			out.AddCookie(&http.Cookie{Name: got.Name, Value: id})
			if removed := do(t, app, out).cookie; removed == nil || removed.MaxAge != -1 || removed.Name != got.Name || removed.Secure != got.Secure {
				t.Errorf("destroying sets %v", removed)
			}
		})
	}
}

func TestACookieWithoutThePrefixIsNotUsedWhereItHasOne(t *testing.T) {
	app := server(sessions.New(sessions.Config{HostPrefix: true, Secure: true}))
	id := get(t, app, "/login", "").id(t)
	wantStatus(t, get(t, app, "/secret", id), 403) // as a sibling host could have planted it
}

func TestEncodeAndDecodeChangeTheCookieOnly(t *testing.T) {
	store := watch()
	app := server(sessions.New(sessions.Config{
		Store:  store,
		Encode: func(name string, v interface{}) (string, error) { return name + "." + v.(string), nil },
		Decode: func(name, value string, v interface{}) error {
			id, ok := strings.CutPrefix(value, name+".")
			if !ok {
				return errors.New("not encoded")
			}
			*v.(*string) = id
			return nil
		},
	}))
	encoded := get(t, app, "/login", "").id(t)
	id, ok := strings.CutPrefix(encoded, "sessionid.")
	if !ok {
		t.Fatalf("the cookie has %q", encoded)
	}
	wantStatus(t, get(t, app, "/secret", encoded), 200)
	wantBody(t, get(t, app, "/id", encoded), id)

	store.reads.Store(0)
	wantStatus(t, get(t, app, "/secret", id), 403)
	if n := store.reads.Load(); n != 0 {
		t.Errorf("the store was asked %d times for a cookie that Decode refuses", n)
	}
}

func TestAnEncodeThatFailsFailsTheRequest(t *testing.T) {
	app := server(sessions.New(sessions.Config{
		Encode: func(string, interface{}) (string, error) { return "", errors.New("no key") },
		Decode: func(string, string, interface{}) error { return nil },
	}))
	app.Adapt(iris.LoggerPolicy(func(iris.LogMode, string) {}))
	a := get(t, app, "/login", "")
	wantStatus(t, a, 503)
	wantNoCookie(t, a)
}
