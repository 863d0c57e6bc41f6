package sessions_test

import (
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/sessions"
)

// logged collects an application's log records.
func logged(app *iris.Framework) *[]string {
	var records []string
	app.Adapt(iris.LoggerPolicy(func(mode iris.LogMode, record string) {
		if mode == iris.ProdMode {
			records = append(records, record)
		}
	}))
	return &records
}

func TestAStoreThatFailsGives503AndLosesNothing(t *testing.T) {
	store := watch()
	app := server(sessions.New(sessions.Config{Store: store, RenewOn: []string{"authenticated"}}), routes{
		"/answers": func(ctx *iris.Context) {
			ctx.Session()
			ctx.SetHeader("Content-Length", "5")
			ctx.Text(200, "whole")
		},
		"/untouched": func(ctx *iris.Context) { ctx.WriteString("fine") },
	})
	logged(app)
	id := get(t, app, "/login", "").id(t)

	store.failing.Store(true)
	for _, row := range []struct{ rule, path, id string }{
		{"a read that fails is not logged out", "/secret", id},
		{"nor anything else", "/answers", id},
		{"a login that fails", "/login", ""},
		{"a login in a session that cannot be read", "/login", id},
		{"a logout that fails", "/logout", id},
		{"a destruction that fails", "/destroy", id},
	} {
		t.Run(row.rule, func(t *testing.T) {
			a := get(t, app, row.path, row.id)
			wantStatus(t, a, 503)
			wantBody(t, a, "Service Unavailable")
			wantNoCookie(t, a)
			if a.header.Get("Retry-After") == "" || a.header.Get("Content-Length") != "" {
				t.Errorf("header %v", a.header)
			}
		})
	}
	wantBody(t, get(t, app, "/untouched", id), "fine")

	store.failing.Store(false)
	wantStatus(t, get(t, app, "/secret", id), 200)
}

func TestAWriteThatFailsAfterTheReadGives503(t *testing.T) {
	store := watch()
	app := server(sessions.New(sessions.Config{Store: store}), routes{
		"/break": func(ctx *iris.Context) {
			ctx.Session().Set("name", "lost")
			store.failing.Store(true)
			ctx.WriteString("as if")
		},
		"/break late": func(ctx *iris.Context) {
			ctx.Session()
			ctx.WriteString("a part")
			ctx.ResponseWriter.Flush()
			store.failing.Store(true)
			ctx.Session().Set("name", "lost")
			t.Error("the handler went on")
		},
	})
	logged(app)
	id := get(t, app, "/set?v=kept", "").id(t)
	a := get(t, app, "/break", id)
	wantStatus(t, a, 503)
	wantBody(t, a, "Service Unavailable")

	store.failing.Store(false)
	wantBody(t, get(t, app, "/read", id), "kept")

	cause := func() (cause any) {
		defer func() { cause = recover() }()
		get(t, app, "/break%20late", id)
		return nil
	}()
	if cause != http.ErrAbortHandler {
		t.Errorf("a write that fails after the response began: %v, want http.ErrAbortHandler", cause)
	}
	store.failing.Store(false)
	wantBody(t, get(t, app, "/read", id), "kept")
}

func TestFailuresAreLoggedOnceASecondWithoutIDs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := watch()
		app := server(sessions.New(sessions.Config{Store: store}))
		records := logged(app)
		id := get(t, app, "/login", "").id(t)
		store.failing.Store(true)
		for range 10 {
			get(t, app, "/secret", id)
		}
		<-time.After(time.Second)
		get(t, app, "/secret", id)

		if n := len(*records); n != 2 {
			t.Fatalf("%d records, want 2: %q", n, *records)
		}
		for _, r := range *records {
			if !strings.Contains(r, errDown.Error()) || strings.Contains(r, id[:6]) || strings.Contains(r, "\n") {
				t.Errorf("record %q", r)
			}
		}
		if second := (*records)[1]; !strings.Contains(second, "9 more") {
			t.Errorf("the second record does not say that 9 were suppressed: %q", second)
		}
	})
}

func TestAFailingDestroyByIDIsLogged(t *testing.T) {
	store := watch()
	manager := sessions.New(sessions.Config{Store: store})
	app := server(manager)
	records := logged(app)
	id := get(t, app, "/login", "").id(t)
	store.failing.Store(true)
	manager.DestroyByID(id)
	if len(*records) != 1 || strings.Contains((*records)[0], id) {
		t.Errorf("records %q, want one, without the id", *records)
	}
}

func TestAPanickingHandlerSavesNothing(t *testing.T) {
	app := server(sessions.New(sessions.Config{}), routes{
		"/panic": func(ctx *iris.Context) {
			ctx.Session().Set("authenticated", true)
			panic("halfway")
		},
	})
	logged(app)
	id := get(t, app, "/set?v=x", "").id(t)
	wantStatus(t, get(t, app, "/panic", id), 500)
	wantStatus(t, get(t, app, "/secret", id), 403)
	wantBody(t, get(t, app, "/read", id), "x")
	wantNoCookie(t, get(t, app, "/panic", ""))
}

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

func TestWithoutIrisEveryWriteIsSavedAtOnce(t *testing.T) {
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

func TestWithoutIrisAStoreThatFailsGives503(t *testing.T) {
	store := watch()
	s := httptest.NewServer(direct(sessions.New(sessions.Config{Store: store})))
	defer s.Close()
	defer log.SetOutput(log.Writer())
	var records strings.Builder
	log.SetOutput(&records)

	store.failing.Store(true)
	for _, path := range []string{"/set?v=x", "/read"} {
		r, err := http.NewRequest("GET", s.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Cookie", "sessionid="+unknown)
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != 503 || resp.Header.Get("Retry-After") == "" || resp.Header["Set-Cookie"] != nil {
			t.Errorf("%s: %s %v", path, resp.Status, resp.Header)
		}
	}
	if !strings.Contains(records.String(), errDown.Error()) {
		t.Errorf("log: %q", records.String())
	}
}
