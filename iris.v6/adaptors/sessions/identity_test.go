package sessions_test

import (
	"cmp"
	"encoding/base64"
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
	for _, row := range []struct{ rule, value string }{
		{"empty", ""},
		{"too short", unknown[1:]},
		{"too long", unknown + "A"},
		{"8 KiB", strings.Repeat("A", 8<<10)},
		{"standard base64", unknown[1:] + "+"},
		{"padded", unknown[1:] + "="},
		{"bits that no ID has", unknown[1:] + "B"},
		{"a line break within", unknown[:21] + "\n" + unknown[:21]},
		{"a NUL within", unknown[:21] + "\x00" + unknown[:21]},
		{"in quotes", `"` + unknown[2:] + `"`},
		{"the right length, not ASCII", unknown[2:] + "é"},
	} {
		r := httptest.NewRequest("GET", "/secret", nil)
		r.Header["Cookie"] = []string{"irissessionid=" + row.value}
		a := do(t, app, r)
		wantStatus(t, a, 403)
		wantNoCookie(t, a)
		st.want(t, row.rule)
	}
}

func TestUnknownIDIsNotAdopted(t *testing.T) {
	st := watch()
	app := server(sessions.New(sessions.Config{Store: st}))
	a := get(t, app, "/secret", unknown)
	wantStatus(t, a, 403)
	wantNoCookie(t, a)
	st.want(t, "an unknown ID", "Read")
	for _, path := range []string{"/login", "/set?v=x", "/id"} {
		if id := get(t, app, path, unknown).id(t); id == unknown {
			t.Errorf("%s adopted the client's ID", path)
		}
	}
	wantStatus(t, get(t, app, "/secret", unknown), 403)
}

// Another host of the domain, or an older server, can plant a cookie before the
// live one.
func TestFirstCookieOfLiveSessionCounts(t *testing.T) {
	app := server(sessions.New(sessions.Config{}))
	id := get(t, app, "/login", "").id(t)
	planted, live := "irissessionid="+unknown, "irissessionid="+id
	for _, row := range []struct {
		rule   string
		status int
		lines  []string
	}{
		{"alone", 200, []string{live}},
		{"among others", 200, []string{"a=b; " + live + "; c=d"}},
		{"without spaces", 200, []string{"a=b;" + live + " "}},
		{"after one that is no ID", 200, []string{"irissessionid=garbage; " + live}},
		{"after one without a session", 200, []string{planted + "; " + live}},
		{"after three without a session", 200, []string{strings.Repeat(planted+"; ", 3) + live}},
		{"not after four: the store is asked no more often", 403, []string{strings.Repeat(planted+"; ", 4) + live}},
		{"before one without a session", 200, []string{live + "; " + planted}},
		{"in a line of its own, as HTTP/2 may split it", 200, []string{"a=b", live}},
		{"after three without a session in other lines", 200, []string{planted, planted + "; " + planted, live}},
		{"after empty cookies", 200, []string{";;; ;=; irissessionid; " + live + ";;"}},
		{"after 2,000 others", 200, []string{strings.Repeat("a=b; ", 2000) + live}},
		{"not under a longer name", 403, []string{"x" + live}},
		{"not under a name in capitals", 403, []string{"IRISSESSIONID=" + id}},
		{"not under a name with a space", 403, []string{"irissessionid =" + id}},
		{"not without =", 403, []string{"irissessionid:" + id}},
		{"not with a letter more", 403, []string{live + "x"}},
		{"not in the value of another", 403, []string{"x=" + live}},
		{"not in capitals", 403, []string{"irissessionid=" + strings.ToUpper(id[:42]) + id[42:]}},
	} {
		r := httptest.NewRequest("GET", "/secret", nil)
		r.Header["Cookie"] = row.lines
		if a := do(t, app, r); a.status != row.status {
			t.Errorf("%s: status %d, want %d", row.rule, a.status, row.status)
		}
	}
}

func TestFirstWriteStoresSessionAndSetsCookie(t *testing.T) {
	for _, row := range []struct {
		rule   string
		do     func(iris.Session)
		begins bool
	}{
		{"not Get", func(s iris.Session) { s.Get("a") }, false},
		{"not GetString", func(s iris.Session) { s.GetString("a") }, false},
		{"not GetInt", func(s iris.Session) { s.GetInt("a") }, false},
		{"not GetBoolean", func(s iris.Session) { s.GetBoolean("a") }, false},
		{"not GetAll", func(s iris.Session) { s.GetAll() }, false},
		{"not VisitAll", func(s iris.Session) { s.VisitAll(func(string, interface{}) {}) }, false},
		{"not HasFlash", func(s iris.Session) { s.HasFlash() }, false},
		{"not GetFlash", func(s iris.Session) { s.GetFlash("a") }, false},
		{"not GetFlashes", func(s iris.Session) { s.GetFlashes() }, false},
		{"not Delete of nothing", func(s iris.Session) { s.Delete("a") }, false},
		{"not Clear of nothing", func(s iris.Session) { s.Clear() }, false},
		{"not DeleteFlash of nothing", func(s iris.Session) { s.DeleteFlash("a") }, false},
		{"not ClearFlashes of nothing", func(s iris.Session) { s.ClearFlashes() }, false},
		{"not Set of nil", func(s iris.Session) { s.Set("a", nil) }, false},
		{"not Set, then Delete", func(s iris.Session) { s.Set("a", 1); s.Delete("a") }, false},
		{"not SetFlash, then GetFlash", func(s iris.Session) { s.SetFlash("a", 1); s.GetFlash("a") }, false},
		{"Set", func(s iris.Session) { s.Set("name", "x") }, true},
		{"SetFlash", func(s iris.Session) { s.SetFlash("name", "x") }, true},
		{"ID", func(s iris.Session) { s.ID() }, true},
		{"several writes, in one step", func(s iris.Session) { s.Set("name", "x"); s.Set("other", "y"); s.ID() }, true},
	} {
		t.Run(row.rule, func(t *testing.T) {
			st := watch()
			app := server(sessions.New(sessions.Config{Store: st}), routes{"/": func(ctx *iris.Context) { row.do(ctx.Session()) }})
			a := get(t, app, "/", "")
			wantStatus(t, a, 200)
			if !row.begins {
				wantNoCookie(t, a)
				st.want(t, "nothing to store")
				return
			}
			st.want(t, "the first write", "Create")
			id := a.id(t)
			again := get(t, app, "/id", id)
			wantBody(t, again, id)
			wantNoCookie(t, again)
		})
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
			http.Cookie{Name: "irissessionid", MaxAge: 400 * day}},
		{"lives as long as the session", sessions.Config{Expires: 24 * 60 * 60 * 1e9}, "/login",
			http.Cookie{Name: "irissessionid", MaxAge: day}},
		{"has no Max-Age if Expires is -1", sessions.Config{Expires: -1}, "/login",
			http.Cookie{Name: "irissessionid"}},
		{"is Secure and has the prefix over TLS", sessions.Config{Expires: -1}, "https://example.com/login",
			http.Cookie{Name: "__Host-irissessionid", Secure: true}},
		{"is Secure and has the prefix if configured", sessions.Config{Expires: -1, Secure: true}, "/login",
			http.Cookie{Name: "__Host-irissessionid", Secure: true}},
		{"has no prefix over plain HTTP", sessions.Config{Expires: -1}, "/login",
			http.Cookie{Name: "irissessionid"}},
		{"has no prefix if that is switched off", sessions.Config{Expires: -1, InsecureNoHostPrefix: true}, "https://example.com/login",
			http.Cookie{Name: "irissessionid", Secure: true}},
		{"is SameSite=Strict if configured", sessions.Config{Expires: -1, SameSite: http.SameSiteStrictMode}, "/login",
			http.Cookie{Name: "irissessionid", SameSite: http.SameSiteStrictMode}},
		{"goes to no subdomain, also if a v6 program asks for that", sessions.Config{Expires: -1, DisableSubdomainPersistence: true}, "/login",
			http.Cookie{Name: "irissessionid"}},
	} {
		t.Run(row.rule, func(t *testing.T) {
			app := server(sessions.New(row.config))
			a := do(t, app, httptest.NewRequest("GET", row.url, nil))
			got := *a.cookie
			row.want.Path, row.want.HttpOnly, row.want.SameSite = "/", true, cmp.Or(row.want.SameSite, http.SameSiteLaxMode)
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
