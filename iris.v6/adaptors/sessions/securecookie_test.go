package sessions_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/gorilla/securecookie"
	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/sessions"
)

func sealed(key string) *iris.Framework {
	secure := securecookie.New([]byte(strings.Repeat(key, 32)), []byte(strings.Repeat(key, 16)))
	return server(sessions.New(sessions.Config{
		Encode: secure.Encode, Decode: secure.Decode, RenewOn: []string{"authenticated"},
	}))
}

func TestSecurecookieSealsID(t *testing.T) {
	app := sealed("a")
	id := get(t, app, "/id", "").body
	before := get(t, app, "/set?v=mia", "").id(t)
	if strings.Contains(before, id) || len(before) < 2*len(id) {
		t.Errorf("the cookie %q is not sealed", before)
	}
	wantBody(t, get(t, app, "/read", before), "mia")
	after := get(t, app, "/login", before).id(t)
	wantStatus(t, get(t, app, "/secret", after), 200)
	wantStatus(t, get(t, app, "/secret", before), 403)
	wantBody(t, get(t, app, "/read", after), "mia")
}

// No store is asked for what Decode refuses.
func TestSecurecookieRefusesForeignCookies(t *testing.T) {
	secure := securecookie.New([]byte(strings.Repeat("a", 32)), nil)
	st := watch()
	app := server(sessions.New(sessions.Config{Store: st, Encode: secure.Encode, Decode: secure.Decode}))
	valid := get(t, app, "/set?v=mia", "").id(t)
	bare := get(t, app, "/id", valid).body
	other, err := secure.Encode("another", bare)
	if err != nil {
		t.Fatal(err)
	}
	noID, err := secure.Encode("irissessionid", "not an id")
	if err != nil {
		t.Fatal(err)
	}
	reads := st.reads.Load()
	for name, value := range map[string]string{
		"the id as it is":              bare,
		"what was changed":             base64.URLEncoding.EncodeToString([]byte(valid)),
		"what is cut off":              valid[:len(valid)-4],
		"another cookie's value":       other,
		"a sealed value that is no id": noID,
	} {
		t.Run(name, func(t *testing.T) {
			a := get(t, app, "/read", value)
			wantStatus(t, a, 200)
			wantBody(t, a, "")
			wantNoCookie(t, a)
		})
	}
	if n := st.reads.Load() - reads; n != 0 {
		t.Errorf("the store was asked %d times", n)
	}
	wantBody(t, get(t, app, "/read", valid), "mia")
}
