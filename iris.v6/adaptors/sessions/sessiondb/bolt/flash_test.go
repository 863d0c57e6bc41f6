package bolt_test

import (
	"net/http/httptest"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/httprouter"
	"gopkg.in/kataras/iris.v6/adaptors/sessions"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/storetest"
)

func TestFlashMessagesAndValuesOfEveryTypeAreReadInTheNextRequest(t *testing.T) {
	all := map[string]interface{}{
		"bool": true, "int": -1, "int64": int64(1) << 62, "float32": float32(0.1), "float64": 0.1, "string": "\x00ü\xff",
		"[]byte": []byte{0, 255}, "time.Time": time.Date(2026, 2, 28, 23, 59, 59, 1, time.UTC), "gob": storetest.Point{X: 1, Y: 2},
	}
	app := iris.New()
	app.Adapt(httprouter.New(), sessions.New(sessions.Config{
		Store: open(t, filepath.Join(t.TempDir(), "sessions.db"), sessions.Limits{}),
	}))
	app.Get("/set", func(ctx *iris.Context) {
		for key, value := range all {
			ctx.Session().Set(key, value)
			ctx.Session().SetFlash(key, value)
		}
	})
	var values, flashes map[string]interface{}
	app.Get("/get", func(ctx *iris.Context) {
		values, flashes = ctx.Session().GetAll(), ctx.Session().GetFlashes()
	})
	get := func(path, cookie string) (setCookie string) {
		t.Helper()
		r, w := httptest.NewRequest("GET", path, nil), httptest.NewRecorder()
		r.Header.Set("Cookie", cookie)
		app.ServeHTTP(w, r)
		if w.Code != 200 {
			t.Fatalf("%s: %d %s", path, w.Code, w.Body)
		}
		setCookie, _, _ = strings.Cut(w.Header().Get("Set-Cookie"), ";")
		return setCookie
	}
	cookie := get("/set", "")
	get("/get", cookie)
	if !reflect.DeepEqual(values, all) || !reflect.DeepEqual(flashes, all) {
		t.Errorf("values %v, flash messages %v, want %v for both", values, flashes, all)
	}
	get("/get", cookie)
	if !reflect.DeepEqual(values, all) || len(flashes) != 0 {
		t.Errorf("later: values %v, want %v; flash messages %v, want none", values, all, flashes)
	}
}
