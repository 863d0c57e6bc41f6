// Package requesttest tests a store through requests. It is not part of
// storetest because it needs the session manager.
package requesttest

import (
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/sessions"
	"gopkg.in/kataras/iris.v6/internal/storecases"
)

// Requests checks that later requests read what one request has set: values of
// every type, and flash messages of every type, which are read once. Both
// managers use the same store: they are those of two instances, or one manager
// twice if the store serves only one instance.
func Requests(t *testing.T, one, other sessions.Sessions) {
	values := make(map[string]any)
	cookie := request(one, "", func(s iris.Session) {
		for _, item := range storecases.Values {
			values[item.Name] = item.Value
			s.Set(item.Name, item.Value)
			s.SetFlash(item.Name, item.Value)
		}
	})
	wantAll := func(what string, got, want map[string]any) {
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	for _, flashes := range []map[string]any{values, {}} {
		request(other, cookie, func(s iris.Session) {
			wantAll("values", s.GetAll(), values)
			wantAll("flash messages", s.GetFlashes(), flashes)
		})
	}
}

// request runs a handler on the session of a request with that cookie, and
// returns the cookie that the response sets.
func request(manager sessions.Sessions, cookie string, handler func(iris.Session)) string {
	r, w := httptest.NewRequest("GET", "/", nil), httptest.NewRecorder()
	r.Header.Set("Cookie", cookie)
	handler(manager.Start(w, r))
	cookie, _, _ = strings.Cut(w.Header().Get("Set-Cookie"), ";")
	return cookie
}
