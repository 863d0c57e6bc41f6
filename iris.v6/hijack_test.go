package iris_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"gopkg.in/kataras/iris.v6"
)

func TestHijack(t *testing.T) {
	for name, before := range map[string]iris.HandlerFunc{
		"hands the connection over": func(*iris.Context) {},
		"drops what was held back":  func(ctx *iris.Context) { ctx.SetStatusCode(201); ctx.WriteString("held back") },
	} {
		t.Run(name, func(t *testing.T) {
			app, logged := newApp()
			app.Get("/", func(ctx *iris.Context) {
				before(ctx)
				conn, buffered, err := ctx.ResponseWriter.Hijack()
				if err != nil {
					t.Error(err)
					return
				}
				defer conn.Close()
				buffered.WriteString("raw")
				if err := buffered.Flush(); err != nil {
					t.Error(err)
				}
				if _, err := ctx.WriteString("to nobody"); !errors.Is(err, http.ErrHijacked) {
					t.Errorf("a later write returns %v, want http.ErrHijacked", err)
				}
			})
			client := dial(t, listenTo(t, app).Listener.Addr())
			client.send("GET / HTTP/1.1", "Host: x", "")
			equal(t, "what arrives", client.rest(), "raw")
			logged.none(t)
		})
	}
}

func TestHijackWithoutServerSupport(t *testing.T) {
	app, logged := newApp()
	app.Get("/", func(ctx *iris.Context) {
		ctx.WriteString("still ")
		if _, _, err := ctx.ResponseWriter.Hijack(); !errors.Is(err, http.ErrNotSupported) {
			t.Errorf("error: %v, want http.ErrNotSupported", err)
		}
		ctx.WriteString("an answer")
	})
	w := httptest.NewRecorder()
	app.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	wantAnswer(t, w, 200, "still an answer")
	logged.none(t)
}

func TestHijackSavesWhatIsAttached(t *testing.T) {
	app, _ := newApp()
	var got trail
	over := make(chan struct{})
	app.Adapt(iris.RouterWrapperPolicy(func(w http.ResponseWriter, r *http.Request, next http.HandlerFunc) {
		next(w, r)
		close(over)
	}))
	app.Get("/", func(ctx *iris.Context) {
		attach(ctx.ResponseWriter, "a", &noted{trail: &got})
		conn, _, err := ctx.ResponseWriter.Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		got.add("hijacked")
		conn.Close()
	})
	client := dial(t, listenTo(t, app).Listener.Addr())
	client.send("GET / HTTP/1.1", "Host: x", "")
	equal(t, "what arrives", client.rest(), "")
	<-over
	got.want(t, "save false", "hijacked", "save true", "release")
}

// If the attachment cannot be saved, the connection is not handed over, and
// what the handler answers in that case is not a success.
func TestHijackFailsIfSaveFails(t *testing.T) {
	for name, after := range map[string]func(*iris.Context){
		"and the handler gives up":              func(*iris.Context) {},
		"and the handler answers on its own":    func(ctx *iris.Context) { ctx.Text(200, "fine") },
		"and the handler answers by http.Error": func(ctx *iris.Context) { http.Error(ctx.ResponseWriter, "no", 500) },
	} {
		t.Run(name, func(t *testing.T) {
			app, _ := newApp()
			app.Get("/", func(ctx *iris.Context) {
				attach(ctx.ResponseWriter, "a", &noted{trail: new(trail), err: errors.New("store is down")})
				if conn, _, err := ctx.ResponseWriter.Hijack(); err == nil {
					t.Error("Hijack returns no error")
					conn.Close()
				}
				after(ctx)
			})
			server := listenTo(t, app)
			resp, body, err := get(t, server.Client(), "GET", server.URL)
			if err != nil {
				t.Fatal(err)
			}
			equal(t, "status", resp.StatusCode, 503)
			equal(t, "body", body, "Service Unavailable")
		})
	}
}

// Save is not called for a connection that the server cannot hand over: the
// cookie of what the handler does next can still be set.
func TestRefusedHijackChangesNothing(t *testing.T) {
	app, _ := newApp()
	var got trail
	app.Get("/", func(ctx *iris.Context) {
		attach(ctx.ResponseWriter, "a", &noted{trail: &got})
		if _, _, err := ctx.ResponseWriter.Hijack(); !errors.Is(err, http.ErrNotSupported) {
			t.Errorf("error: %v, want http.ErrNotSupported", err)
		}
		_, late := iris.Attach(ctx.ResponseWriter, "a", nil)
		equal(t, "late", late, false)
	})
	server := httptest.NewUnstartedServer(app)
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	resp, _, err := get(t, server.Client(), "GET", server.URL)
	if err != nil || resp.ProtoMajor != 2 {
		t.Fatalf("answer %v, error %v, want one over HTTP/2", resp, err)
	}
	got.want(t, "save true", "release")
}

// net/http leaves a hijacked connection open when a handler panics.
func TestHijackedConnectionIsCutIfLaterSaveFails(t *testing.T) {
	app, _ := newApp()
	app.Get("/", func(ctx *iris.Context) {
		n := &noted{trail: new(trail)}
		n.save = func(last bool) {
			if last {
				n.err = errors.New("store is down")
			}
		}
		attach(ctx.ResponseWriter, "a", n)
		if _, _, err := ctx.ResponseWriter.Hijack(); err != nil {
			t.Error(err)
		}
	})
	client := dial(t, listenTo(t, app).Listener.Addr())
	client.send("GET / HTTP/1.1", "Host: x", "")
	equal(t, "what arrives before the connection is cut", client.rest(), "")
}
