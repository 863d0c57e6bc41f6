package storetest

import (
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/sessions"
)

// Requests checks that later requests get what one has set: values of every
// type, and flash messages of every type, these once. Both managers have the
// same store: those of two instances, if it can serve them, or else one manager
// twice.
func Requests(t *testing.T, one, other sessions.Sessions) {
	cookie := request(one, "", func(s iris.Session) {
		for key, value := range ofEveryType {
			s.Set(key, value)
			s.SetFlash(key, value)
		}
	})
	wantAll := func(what string, got, want map[string]any) {
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	for _, flashes := range []map[string]any{ofEveryType, {}} {
		request(other, cookie, func(s iris.Session) {
			wantAll("values", s.GetAll(), ofEveryType)
			wantAll("flash messages", s.GetFlashes(), flashes)
		})
	}
}

// request runs a handler on the session of a request with that cookie, and
// returns the one that the response sets.
func request(manager sessions.Sessions, cookie string, handler func(iris.Session)) string {
	r, w := httptest.NewRequest("GET", "/", nil), httptest.NewRecorder()
	r.Header.Set("Cookie", cookie)
	handler(manager.Start(w, r))
	cookie, _, _ = strings.Cut(w.Header().Get("Set-Cookie"), ";")
	return cookie
}
