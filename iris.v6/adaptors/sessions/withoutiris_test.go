package sessions_test

import (
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/sessions"
)

// direct serves the session manager with plain net/http handlers.
func direct(manager sessions.Sessions) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/set", func(w http.ResponseWriter, r *http.Request) {
		manager.Start(w, r).Set("name", r.FormValue("v"))
		manager.Start(w, r).Set("more", true)
	})
	mux.HandleFunc("/read", func(w http.ResponseWriter, r *http.Request) {
		w.Write([]byte(manager.Start(w, r).GetString("name")))
	})
	mux.HandleFunc("/again", func(w http.ResponseWriter, r *http.Request) {
		manager.Destroy(w, r)
		manager.Start(w, r).Set("name", "new")
	})
	mux.HandleFunc("/destroy", func(w http.ResponseWriter, r *http.Request) { manager.Destroy(w, r) })
	return mux
}

func TestWithoutIrisWritesAreSavedAtOnce(t *testing.T) {
	h := direct(sessions.New(sessions.Config{}))
	a := get(t, h, "/set?v=x", "")
	id := a.id(t)
	if a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("header %v", a.header)
	}
	wantBody(t, get(t, h, "/read", id), "x")
	wantNoCookie(t, get(t, h, "/set?v=y", id))
	wantBody(t, get(t, h, "/read", id), "y")

	next := get(t, h, "/again", id).id(t)
	wantBody(t, get(t, h, "/read", id), "")
	wantBody(t, get(t, h, "/read", next), "new")
	if c := get(t, h, "/destroy", next).cookie; c == nil || c.MaxAge != -1 {
		t.Errorf("destroying sets %v", c)
	}
	wantBody(t, get(t, h, "/read", next), "")
}

func TestWithoutIrisStartsOfOneRequestShareSession(t *testing.T) {
	for _, row := range []struct {
		rule       string
		cookie     bool // the request comes with a session
		do         func(a, b iris.Session, destroy func())
		name, more string // what the session has then
	}{
		{"that one of them begins", false, func(a, b iris.Session, _ func()) {
			a.Set("name", "mia")
			b.Set("more", "ali")
			if name := b.GetString("name"); name != "mia" {
				t.Errorf("the other one has name %q", name)
			}
		}, "mia", "ali"},
		{"of one ID", false, func(a, b iris.Session, _ func()) {
			if one, other := a.ID(), b.ID(); one != other {
				t.Errorf("IDs %q and %q", one, other)
			}
		}, "", ""},
		{"that one of them renews", true, func(a, b iris.Session, _ func()) {
			b.GetString("name")
			a.Set("authenticated", true)
			b.Set("more", "ali")
		}, "before", "ali"},
		{"that one of them destroys", true, func(a, b iris.Session, destroy func()) {
			destroy()
			b.Set("more", "ali")
			a.Set("name", "mia")
		}, "mia", "ali"},
	} {
		t.Run(row.rule, func(t *testing.T) {
			st := watch()
			m := sessions.New(sessions.Config{Store: st, RenewOn: []string{"authenticated"}})
			mux := http.NewServeMux()
			mux.HandleFunc("/begin", func(w http.ResponseWriter, r *http.Request) { m.Start(w, r).Set("name", "before") })
			mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
				row.do(m.Start(w, r), m.Start(w, r), func() { m.Destroy(w, r) })
			})
			mux.HandleFunc("/read", func(w http.ResponseWriter, r *http.Request) {
				s := m.Start(w, r)
				w.Write([]byte(s.GetString("name") + " " + s.GetString("more")))
			})
			before := ""
			if row.cookie {
				before = get(t, mux, "/begin", "").id(t)
			}
			st.calls = nil
			id := get(t, mux, "/", before).id(t)
			wantBody(t, get(t, mux, "/read", id), row.name+" "+row.more)
			if n := strings.Count(strings.Join(st.calls, " "), "Create"); n > 1 {
				t.Errorf("%d sessions were created", n)
			}
		})
	}
}

func TestWithoutIrisFailingStoreGives503(t *testing.T) {
	st, wentOn := watch(), false
	h := direct(sessions.New(sessions.Config{Store: st}))
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r)
		wentOn = true
	}))
	defer s.Close()
	defer log.SetOutput(log.Writer())
	var records strings.Builder
	log.SetOutput(&records)

	st.fault = down
	for _, path := range []string{"/set?v=x", "/read"} {
		r, err := http.NewRequest("GET", s.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Cookie", "irissessionid="+unknown)
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != 503 || resp.Header.Get("Retry-After") == "" || resp.Header["Set-Cookie"] != nil {
			t.Errorf("%s: %s %v", path, resp.Status, resp.Header)
		}
	}
	if !strings.Contains(records.String(), errDown.Error()) || strings.Contains(records.String(), "panic") || wentOn {
		t.Errorf("log %q; a handler has gone on: %v", records.String(), wentOn)
	}
}
