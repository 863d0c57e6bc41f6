package sessions_test

import (
	"crypto/sha256"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/sessions"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// A store that fails never reads as "logged in" or "logged out", and other code
// that fails or panics harms no other request.
func TestFaultGives503Or500AndLosesNothing(t *testing.T) {
	const none = "" // no session
	for _, row := range []struct {
		rule, path      string
		begins          bool   // the request has no session
		faulty          string // a method of the Store, or a function of the Config; "" for the whole Store
		failed, panicks int    // the status if it returns an error, and if it panics; 0: it cannot
		calls           string // of the store
	}{
		{"a read while the store is down", "/read", false, "", 503, 500, "Read"},
		{"a response with a length of its own while the store is down", "/answers", false, "", 503, 500, "Read"},
		{"a first write while the store is down", "/login", true, "", 503, 503, "Create"},
		{"a write while the store is down", "/login", false, "", 503, 500, "Read"},
		{"a destruction while the store is down", "/destroy", false, "", 503, 500, "Read"},
		{"a session that cannot be created", "/new", false, "Create", 503, 503, "Read Destroy Create"},
		{"an update that cannot be stored", "/set?v=lost", false, "Update", 503, 503, "Read Update"},
		{"a renewal that cannot be stored", "/logout", false, "Renew", 503, 503, "Read Renew"},
		{"a destruction that cannot be stored", "/destroy", false, "Destroy", 503, 503, "Read Destroy"},
		{"OnRenew", "/admin", false, "OnRenew", 0, 500, "Read Renew"},
		{"Encode for a session that begins", "/login", true, "Encode", 503, 500, ""},
		{"Encode for a renewal", "/logout", false, "Encode", 503, 500, "Read"},
		{"Encode for a session after another", "/new", false, "Encode", 503, 500, "Read"},
		{"Decode", "/read", false, "Decode", 200, 500, ""},
	} {
		for _, panics := range []bool{false, true} {
			status, name := row.failed, " fails"
			if panics {
				status, name = row.panicks, " panics"
			}
			if status == 0 {
				continue
			}
			t.Run(row.rule+name, func(t *testing.T) {
				st := watch()
				hook := func(function string) (err error) {
					if function == row.faulty && st.fault != nil {
						err = st.fault(function)
					}
					return err
				}
				app := server(sessions.New(sessions.Config{
					Store:   st,
					RenewOn: []string{"authenticated", "admin"},
					OnRenew: func(*http.Request, sessions.Renewal) { hook("OnRenew") },
					Encode:  func(_ string, v interface{}) (string, error) { return v.(string), hook("Encode") },
					Decode:  func(_, value string, v interface{}) error { *v.(*string) = value; return hook("Decode") },
				}), routes{
					"/new":   func(ctx *iris.Context) { ctx.SessionDestroy(); ctx.Session().Set("name", "new") },
					"/admin": func(ctx *iris.Context) { ctx.Session().Set("admin", true) },
					"/answers": func(ctx *iris.Context) {
						if _, err := ctx.Session().GetBoolean("authenticated"); !errors.Is(err, errDown) {
							t.Errorf("GetBoolean: %v, want the store's error", err)
						}
						ctx.SetHeader("Content-Length", "5")
						ctx.Text(200, "whole")
					},
					"/untouched": func(ctx *iris.Context) { ctx.WriteString("fine") },
				})
				records := logged(app)
				id := get(t, app, "/login", get(t, app, "/set?v=kept", "").id(t)).id(t)
				st.calls = nil

				st.fault = func(called string) error {
					switch {
					case row.faulty != "" && called != row.faulty:
						return nil
					case panics:
						panic(errDown)
					}
					return errDown
				}
				sent := id
				if row.begins {
					sent = none
				}
				a := get(t, app, row.path, sent)
				wantStatus(t, a, status)
				wantNoCookie(t, a)
				if got := a.header.Get("Cache-Control"); got != "no-store" {
					t.Errorf("Cache-Control %q, want no-store", got)
				}
				if status != 200 {
					wantBody(t, a, http.StatusText(status))
					if a.header.Get("Retry-After") == "" && status == 503 || a.header.Get("Content-Length") != "" {
						t.Errorf("header %v", a.header)
					}
					if len(*records) != 1 || !strings.Contains((*records)[0], errDown.Error()) || panics != strings.Contains((*records)[0], "panic") {
						t.Errorf("records %q, want one of the fault", *records)
					}
				}
				if key := store.Key(sha256.Sum256([]byte(id))).String(); status == 503 && !row.begins && row.faulty != "Encode" && !strings.Contains((*records)[0], key) {
					t.Errorf("record %q, want one that names the session as %s", *records, key)
				}
				st.want(t, row.path, strings.Fields(row.calls)...)
				wantBody(t, get(t, app, "/untouched", id), "fine")

				st.fault = nil
				for range 5 { // a session that went back to its pool locked would hang here
					id := get(t, app, "/set?v=other", "").id(t)
					wantBody(t, get(t, app, "/read", id), "other")
				}
				kept := "kept"
				if row.faulty == "OnRenew" || row.faulty == "Create" { // it has moved under an ID that nobody knows, or ended
					kept = ""
				}
				wantBody(t, get(t, app, "/read", id), kept)
			})
		}
	}
}

func TestPanickingDatabaseHasFailed(t *testing.T) {
	db := newTable()
	app, _ := using(sessions.Config{}, db)
	logged(app)
	id := get(t, app, "/set?v=kept", "").id(t)
	for _, path := range []string{"/read", "/set?v=lost", "/destroy"} {
		db.broken = true
		a := get(t, app, path, id)
		wantStatus(t, a, 503)
		wantNoCookie(t, a)
		db.broken = false
		wantBody(t, get(t, app, "/read", id), "kept")
	}
}

func TestFailureAfterResponseBeganCutsConnection(t *testing.T) {
	for _, row := range []struct {
		rule  string
		early bool // the handler asks for the session before the response begins
		late  func(ctx *iris.Context)
	}{
		{"a write", true, func(ctx *iris.Context) { ctx.Session().Set("name", "lost") }},
		{"a write from another goroutine, which goes on", true, func(ctx *iris.Context) {
			var others sync.WaitGroup
			others.Go(func() { ctx.Session().Set("name", "lost"); ctx.Session().Set("name", "lost, too") })
			others.Wait()
		}},
		{"a logout", true, func(ctx *iris.Context) { ctx.SessionDestroy() }},
		{"a read that comes late", false, func(ctx *iris.Context) { ctx.Session() }},
	} {
		t.Run(row.rule, func(t *testing.T) {
			st, done := watch(), false
			app := server(sessions.New(sessions.Config{Store: st}), routes{"/late": func(ctx *iris.Context) {
				if row.early {
					ctx.Session()
				}
				ctx.WriteString("a part")
				ctx.ResponseWriter.Flush()
				st.fault = down
				row.late(ctx)
				done = true
			}})
			records := logged(app)
			id := get(t, app, "/set?v=kept", "").id(t)
			cause := func() (cause any) {
				defer func() { cause = recover() }()
				get(t, app, "/late", id)
				return nil
			}()
			if cause != http.ErrAbortHandler || !done || len(*records) != 1 || !strings.Contains((*records)[0], errDown.Error()) {
				t.Errorf("the response ends by %v, the handler is done: %v, records: %q; want http.ErrAbortHandler, true and one of the fault", cause, done, *records)
			}
			st.fault = nil
			wantBody(t, get(t, app, "/read", id), "kept")
		})
	}
}

func TestFailuresAreLoggedOncePerSecondWithoutIDs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := watch()
		manager := sessions.New(sessions.Config{Store: st})
		app := server(manager)
		records := logged(app)
		id := get(t, app, "/login", "").id(t)
		st.fault = down
		for range 10 {
			get(t, app, "/secret", id)
		}
		<-time.After(time.Second)
		manager.DestroyByID(id)

		if len(*records) != 2 || !strings.Contains((*records)[1], "9 more") {
			t.Fatalf("records %q, want 2, and that 9 were suppressed", *records)
		}
		for _, r := range *records {
			if !strings.Contains(r, errDown.Error()) || strings.Contains(r, id[:6]) || strings.Contains(r, "\n") {
				t.Errorf("record %q", r)
			}
		}
	})
}

func TestDestroyByKeyAndDestroyAllSessionsReturnErrors(t *testing.T) {
	for _, row := range []struct {
		method string
		end    func(sessions.Sessions) error
	}{
		{"Destroy", func(m sessions.Sessions) error { return m.DestroyByKey(store.Key{1}) }},
		{"DestroyAll", func(m sessions.Sessions) error { return m.DestroyAllSessions() }},
	} {
		t.Run(row.method, func(t *testing.T) {
			st := watch()
			m := sessions.New(sessions.Config{Store: st})
			if err := row.end(m); err != nil {
				t.Error(err)
			}
			for _, fault := range []func(string) error{down, func(string) error { panic(errDown) }} {
				st.fault = fault
				if err := row.end(m); err == nil || !strings.Contains(err.Error(), errDown.Error()) {
					t.Errorf("error %v, want one that says %q", err, errDown)
				}
			}
			st.want(t, row.method, row.method, row.method, row.method)
		})
	}
}

func TestPanickingHandlerSavesNothing(t *testing.T) {
	app := server(sessions.New(sessions.Config{}), routes{
		"/panic": func(ctx *iris.Context) {
			ctx.Session().Set("authenticated", true)
			ctx.SetHeader("Cache-Control", "max-age=60") // of the page, and not of the 500
			panic("halfway")
		},
	})
	logged(app)
	id := get(t, app, "/set?v=x", "").id(t)
	a := get(t, app, "/panic", id)
	wantStatus(t, a, 500)
	if got := a.header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control %q", got)
	}
	wantStatus(t, get(t, app, "/secret", id), 403)
	wantBody(t, get(t, app, "/read", id), "x")
	wantNoCookie(t, get(t, app, "/panic", ""))
}

func TestErrorPageSeesOnlyWhatIsStored(t *testing.T) {
	st := watch()
	app := server(sessions.New(sessions.Config{Store: st}))
	logged(app)
	for _, status := range []int{500, 503} {
		app.OnError(status, func(ctx *iris.Context) {
			_, err := ctx.Session().GetBoolean("name")
			ctx.Writef("%s, %v", ctx.Session().GetString("name"), err)
		})
	}
	id := get(t, app, "/set?v=kept", "").id(t)
	for _, row := range []struct {
		rule  string
		fault func(method string) error
		body  string
	}{
		{"a write that failed", func(method string) error {
			if method == "Update" {
				return errDown
			}
			return nil
		}, "kept, sessions: no value"},
		{"a read that failed", down, ", sessions: read"},
		{"a read that panicked", func(string) error {
			st.fault = nil
			panic(errDown)
		}, "kept, sessions: no value"},
	} {
		st.fault = row.fault
		if a := get(t, app, "/set?v=lost", id); !strings.HasPrefix(a.body, row.body) {
			t.Errorf("%s: the page is %q, want %q", row.rule, a.body, row.body)
		}
		st.fault = nil
		wantBody(t, get(t, app, "/read", id), "kept")
	}
}

func TestPanicWhileReadingIsNoLogout(t *testing.T) {
	st := watch()
	app := server(sessions.New(sessions.Config{Store: st}), routes{"/recovers": func(ctx *iris.Context) {
		func() {
			defer func() { recover() }()
			ctx.Session()
		}()
		st.fault = nil
		if _, err := ctx.Session().GetBoolean("authenticated"); err == nil || !strings.Contains(err.Error(), "panic") {
			t.Errorf("GetBoolean: %v, want an error that tells of the panic", err)
		}
	}})
	logged(app)
	id := get(t, app, "/login", "").id(t)
	st.fault = func(string) error { panic(errDown) }
	a := get(t, app, "/recovers", id)
	wantStatus(t, a, 503)
	wantNoCookie(t, a)
	wantStatus(t, get(t, app, "/secret", id), 200)
}

func TestEncodeThatReturnsNoCookieValueFails(t *testing.T) {
	st := watch()
	app := server(sessions.New(sessions.Config{
		Store:  st,
		Encode: func(_ string, v interface{}) (string, error) { return v.(string) + ";Domain=example.com", nil },
		Decode: func(_, value string, v interface{}) error { *v.(*string) = value; return nil },
	}))
	logged(app)
	a := get(t, app, "/login", "")
	wantStatus(t, a, 503)
	wantNoCookie(t, a)
	st.want(t, "a session without a cookie")
}

// A handler of errors, or one that recovers by itself, may go on with the session.
func TestPanicWhileSavingLeavesSessionUnlocked(t *testing.T) {
	panics := true
	manager := sessions.New(sessions.Config{RenewOn: []string{"authenticated"}, OnRenew: func(*http.Request, sessions.Renewal) {
		if panics {
			panics = false
			panic("no luck")
		}
	}})
	app := server(manager)
	logged(app)
	app.OnError(500, func(ctx *iris.Context) {
		ctx.Session().GetFlash("a") // would hang
		ctx.WriteString("sorry")
	})
	a := get(t, app, "/login", "")
	wantStatus(t, a, 500)
	wantBody(t, a, "sorry")

	panics = true
	s := manager.Start(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	func() {
		defer func() { recover() }()
		s.Set("authenticated", true)
	}()
	s.Set("authenticated", false) // would hang
}
