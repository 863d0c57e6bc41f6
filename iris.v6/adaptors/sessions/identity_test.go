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

func TestIDIsRandomBytesInBase64URL(t *testing.T) {
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

func TestMalformedCookieCostsNoStoreCall(t *testing.T) {
	st := watch()
	app := server(sessions.New(sessions.Config{Store: st}))
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
		r.Header["Cookie"] = []string{"irissessionid=" + value}
		a := do(t, app, r)
		wantStatus(t, a, 403)
		wantNoCookie(t, a)
		if n := st.reads.Swap(0); n != 0 {
			t.Errorf("%s: the store was asked %d times", rule, n)
		}
	}
}

func TestUnknownIDIsNotAdopted(t *testing.T) {
	st := watch()
	app := server(sessions.New(sessions.Config{Store: st}))

	a := get(t, app, "/secret", unknown)
	wantStatus(t, a, 403)
	wantNoCookie(t, a)
	if n := st.reads.Load(); n != 1 {
		t.Errorf("the store was asked %d times, want once", n)
	}

	for _, path := range []string{"/login", "/set?v=x", "/id"} {
		if id := get(t, app, path, unknown).id(t); id == unknown {
			t.Errorf("%s adopted the client's id", path)
		}
	}
	wantStatus(t, get(t, app, "/secret", unknown), 403)
}

// Another host of the domain, or an older server, can plant a cookie before the
// live one.
func TestFirstCookieOfLiveSessionCounts(t *testing.T) {
	app := server(sessions.New(sessions.Config{}))
	id := get(t, app, "/login", "").id(t)
	for header, status := range map[string]int{
		"irissessionid=" + id:                                                    200,
		"a=b; irissessionid=" + id + "; c=d":                                     200,
		"a=b;irissessionid=" + id + " ":                                          200,
		"irissessionid=garbage; irissessionid=" + id:                             200,
		"irissessionid=" + unknown + "; irissessionid=" + id:                     200,
		strings.Repeat("irissessionid="+unknown+"; ", 3) + "irissessionid=" + id: 200,
		strings.Repeat("irissessionid="+unknown+"; ", 4) + "irissessionid=" + id: 403, // no store is asked more than 4 times
		"irissessionid=" + id + "; irissessionid=" + unknown:                     200,
		"xsessionid=" + id:                                                       403,
		"SESSIONID=" + id:                                                        403,
		"irissessionid =" + id:                                                   403,
		"irissessionid=" + id + "x":                                              403,
		"x=irissessionid=" + id:                                                  403,
		";;; ;=; irissessionid; irissessionid=" + id + ";;":                      200,
		strings.Repeat("a=b; ", 2000) + "irissessionid=" + id:                    200,
		"irissessionid=" + strings.ToUpper(id[:42]) + id[42:] + "":               403,
	} {
		r := httptest.NewRequest("GET", "/secret", nil)
		r.Header.Set("Cookie", header)
		if a := do(t, app, r); a.status != status {
			t.Errorf("Cookie: %.80s: status %d, want %d", header, a.status, status)
		}
	}
	r := httptest.NewRequest("GET", "/secret", nil)
	r.Header["Cookie"] = []string{"a=b", "irissessionid=" + id} // as HTTP/2 may split it
	wantStatus(t, do(t, app, r), 200)
}

func TestReadStoresNothingAndSetsNoCookie(t *testing.T) {
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
		// There is nothing to write if there is nothing to remove.
		"Delete":       func(s iris.Session) { s.Delete("a") },
		"Clear":        func(s iris.Session) { s.Clear() },
		"DeleteFlash":  func(s iris.Session) { s.DeleteFlash("a") },
		"ClearFlashes": func(s iris.Session) { s.ClearFlashes() },
		"Set nil":      func(s iris.Session) { s.Set("a", nil) },
		"Set, Delete":  func(s iris.Session) { s.Set("a", 1); s.Delete("a") },
	} {
		st := watch()
		app := server(sessions.New(sessions.Config{Store: st}), routes{
			"/": func(ctx *iris.Context) { read(ctx.Session()) },
		})
		a := get(t, app, "/", "")
		wantStatus(t, a, 200)
		if a.cookie != nil || st.creates.Load()+st.writes.Load() > 0 {
			t.Errorf("%s: cookie %v, %d sessions created, %d written", name, a.cookie, st.creates.Load(), st.writes.Load())
		}
	}
}

func TestFirstWriteStoresSessionAndSetsCookie(t *testing.T) {
	for name, write := range map[string]func(iris.Session){
		"Set":       func(s iris.Session) { s.Set("name", "x") },
		"SetFlash":  func(s iris.Session) { s.SetFlash("name", "x") },
		"ID":        func(s iris.Session) { s.ID() },
		"Set twice": func(s iris.Session) { s.Set("name", "x"); s.Set("other", "y") },
	} {
		st := watch()
		app := server(sessions.New(sessions.Config{Store: st}), routes{
			"/": func(ctx *iris.Context) { write(ctx.Session()) },
		})
		id := get(t, app, "/", "").id(t)
		if creates, writes := st.creates.Load(), st.writes.Load(); creates != 1 || writes != 0 {
			t.Errorf("%s: %d sessions created, %d written, want one created", name, creates, writes)
		}
		a := get(t, app, "/id", id)
		wantBody(t, a, id)
		wantNoCookie(t, a)
	}
}

func TestCookie(t *testing.T) {
	const day = 24 * 60 * 60
	for _, row := range []struct {
		rule   string
		config sessions.Config
		url    string
		want   http.Cookie
	}{
		{"lives 400 days if sessions do not expire", sessions.Config{}, "/login",
			http.Cookie{Name: "irissessionid", MaxAge: 400 * day, SameSite: http.SameSiteLaxMode}},
		{"lives as long as the session", sessions.Config{Expires: 24 * 60 * 60 * 1e9}, "/login",
			http.Cookie{Name: "irissessionid", MaxAge: day, SameSite: http.SameSiteLaxMode}},
		{"has no Max-Age if Expires is -1", sessions.Config{Expires: -1}, "/login",
			http.Cookie{Name: "irissessionid", SameSite: http.SameSiteLaxMode}},
		{"is Secure and has the prefix over TLS", sessions.Config{Expires: -1}, "https://example.com/login",
			http.Cookie{Name: "__Host-irissessionid", Secure: true, SameSite: http.SameSiteLaxMode}},
		{"is Secure and has the prefix if configured", sessions.Config{Expires: -1, Secure: true}, "/login",
			http.Cookie{Name: "__Host-irissessionid", Secure: true, SameSite: http.SameSiteLaxMode}},
		{"has no prefix over plain HTTP", sessions.Config{Expires: -1}, "/login",
			http.Cookie{Name: "irissessionid", SameSite: http.SameSiteLaxMode}},
		{"has no prefix if that is switched off", sessions.Config{Expires: -1, InsecureNoHostPrefix: true}, "https://example.com/login",
			http.Cookie{Name: "irissessionid", Secure: true, SameSite: http.SameSiteLaxMode}},
		{"is SameSite=Strict if configured", sessions.Config{Expires: -1, SameSite: http.SameSiteStrictMode}, "/login",
			http.Cookie{Name: "irissessionid", SameSite: http.SameSiteStrictMode}},
		{"goes to no subdomain, also if a v6 program asks for that", sessions.Config{Expires: -1, DisableSubdomainPersistence: true}, "/login",
			http.Cookie{Name: "irissessionid", SameSite: http.SameSiteLaxMode}},
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

func TestSecureCookieNeedsItsPrefix(t *testing.T) {
	app := server(sessions.New(sessions.Config{Secure: true}))
	id := get(t, app, "/login", "").id(t)
	wantStatus(t, get(t, app, "/secret", id), 403) // a sibling host may have planted it
}

func TestEncodeAndDecodeChangeCookieOnly(t *testing.T) {
	st := watch()
	app := server(sessions.New(sessions.Config{
		Store:  st,
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
	id, ok := strings.CutPrefix(encoded, "irissessionid.")
	if !ok {
		t.Fatalf("the cookie has %q", encoded)
	}
	wantStatus(t, get(t, app, "/secret", encoded), 200)
	wantBody(t, get(t, app, "/id", encoded), id)

	st.reads.Store(0)
	wantStatus(t, get(t, app, "/secret", id), 403)
	if n := st.reads.Load(); n != 0 {
		t.Errorf("the store was asked %d times for a cookie that Decode refuses", n)
	}
}

func TestFailingEncodeLeavesStoreUnchanged(t *testing.T) {
	st, failing := watch(), false
	app := server(sessions.New(sessions.Config{
		Store:   st,
		RenewOn: []string{"authenticated"},
		Encode: func(_ string, v interface{}) (string, error) {
			if failing {
				return "", errors.New("no key")
			}
			return v.(string), nil
		},
		Decode: func(_, value string, v interface{}) error { *v.(*string) = value; return nil },
	}), routes{"/again": func(ctx *iris.Context) { ctx.SessionDestroy(); ctx.Session().Set("name", "new") }})
	app.Adapt(iris.LoggerPolicy(func(iris.LogMode, string) {}))
	id := get(t, app, "/login", get(t, app, "/set?v=kept", "").id(t)).id(t)
	created, written := st.creates.Load(), st.writes.Load()
	failing = true
	for _, request := range []struct{ path, id string }{{"/login", ""}, {"/logout", id}, {"/again", id}} {
		a := get(t, app, request.path, request.id)
		wantStatus(t, a, 503)
		wantNoCookie(t, a)
	}
	if n := st.creates.Load() + st.writes.Load() - created - written; n != 0 {
		t.Errorf("%d writes, want none", n)
	}
	failing = false
	wantStatus(t, get(t, app, "/secret", id), 200)
	wantBody(t, get(t, app, "/read", id), "kept")
}
