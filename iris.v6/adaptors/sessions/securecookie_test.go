package sessions_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/gorilla/securecookie"
	"gopkg.in/kataras/iris.v6/adaptors/sessions"
)

func TestSecurecookieSealsIDAndRefusesForeignCookies(t *testing.T) {
	secure := securecookie.New([]byte(strings.Repeat("a", 32)), []byte(strings.Repeat("a", 16)))
	st := watch()
	app := server(sessions.New(sessions.Config{
		Store: st, Encode: secure.Encode, Decode: secure.Decode, RenewOn: []string{"authenticated"},
	}))
	before := get(t, app, "/set?v=mia", "").id(t)
	sealed := get(t, app, "/login", before).id(t)
	wantStatus(t, get(t, app, "/secret", sealed), 200)
	wantStatus(t, get(t, app, "/secret", before), 403)
	wantBody(t, get(t, app, "/read", sealed), "mia")
	bare := get(t, app, "/id", sealed).body
	var opened string
	if err := secure.Decode("irissessionid", sealed, &opened); err != nil || opened != bare || strings.Contains(sealed, bare) {
		t.Errorf("the cookie %q holds %q, %v, want the ID %q, sealed", sealed, opened, err, bare)
	}

	seal := func(cookie, value string) string {
		text, err := secure.Encode(cookie, value)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	st.calls = nil
	for _, row := range []struct{ rule, value string }{
		{"the ID as it is", bare},
		{"encoded once more", base64.URLEncoding.EncodeToString([]byte(sealed))},
		{"cut off", sealed[:len(sealed)-4]},
		{"another cookie's value", seal("another", bare)},
		{"a sealed value that is no ID", seal("irissessionid", "not an id")},
	} {
		a := get(t, app, "/read", row.value)
		wantStatus(t, a, 200)
		wantBody(t, a, "")
		wantNoCookie(t, a)
		st.want(t, row.rule)
	}
}
