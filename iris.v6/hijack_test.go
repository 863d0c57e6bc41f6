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

func TestHijackWhereTheServerCannot(t *testing.T) {
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

// Where the attachment cannot be saved the connection is not handed over, and
// what the handler answers in that case is not a success.
func TestHijackIsRefusedWhereSaveFails(t *testing.T) {
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
