// Login: users with passwords, a login that renews the session ID, and a logout
// from every browser at once. Mia's password is "sesame".
package main

import (
	"bytes"
	"flag"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"golang.org/x/crypto/bcrypt"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/httprouter"
	"gopkg.in/kataras/iris.v6/adaptors/sessions"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
	"gopkg.in/kataras/iris.v6/middleware/crossorigin"
)

// life is how long a login lasts at most.
const life = 12 * time.Hour

// hashes has the bcrypt hash of each user's password. A real program keeps them in
// a database.
var hashes = map[string]string{"mia": "$2a$10$NByypx0DHi55bfydeoMthOor4OO8vKT7OIaxNHXzRQGCj8ceeoS1."}

// nobody is the hash for a name that no user has, so that the response to a wrong
// name takes as long as the response to a wrong password.
const nobody = "$2a$10$oWt3aytaidg7IDzX3WWlJuo5aW/vXsNT3BqwsA/gWXNkHbkMZbvw2"

// logins has the keys of the sessions in which each user is logged in, and when
// they began. A key is not a session ID: it logs nobody in.
type logins struct {
	mu     sync.Mutex
	byUser map[string]map[store.Key]time.Time
}

// note is called when the user of a session changes: at a login and a logout.
func (l *logins) note(_ *http.Request, renewal sessions.Renewal) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if before, ok := renewal.Before.(string); ok {
		delete(l.byUser[before], renewal.Old)
	}
	if after, ok := renewal.After.(string); ok {
		keys := l.byUser[after]
		if keys == nil {
			keys = make(map[store.Key]time.Time)
			l.byUser[after] = keys
		}
		maps.DeleteFunc(keys, func(_ store.Key, began time.Time) bool { return time.Since(began) > life }) // it has expired
		keys[renewal.New] = time.Now()
	}
}

// keys returns the keys of the user's sessions.
func (l *logins) keys(user string) []store.Key {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Collect(maps.Keys(l.byUser[user]))
}

var page = template.Must(template.New("page").Parse(`<!DOCTYPE html>
<title>Login</title>
{{with .Message}}<p><em>{{.}}</em></p>{{end}}
{{if .User}}
<p>You are {{.User}}.</p>
<form method="post" action="/logout"><button>Log out</button></form>
<form method="post" action="/logout-everywhere"><button>Log out everywhere</button></form>
{{else}}
<form method="post" action="/login">
  <input name="user" placeholder="name"> <input name="password" type="password"> <button>Log in</button>
</form>
{{end}}
`))

func main() {
	addr := flag.String("addr", "localhost:8080", "`address` to listen on")
	flag.Parse()

	logins := &logins{byUser: make(map[string]map[store.Key]time.Time)}
	manager := sessions.New(sessions.Config{
		Cookie:      "my_sessionid",
		Expires:     life,
		IdleTimeout: time.Hour,
		RenewOn:     []string{"user"}, // a login invalidates the previous ID, which another may know
		OnRenew:     logins.note,
	})
	app := iris.New()
	app.Adapt(httprouter.New(), manager)

	app.Get("/", func(ctx *iris.Context) {
		session := ctx.Session()
		var html bytes.Buffer
		if err := page.Execute(&html, iris.Map{
			"User":    session.GetString("user"),
			"Message": session.GetFlashString("message"),
		}); err != nil {
			ctx.Log(iris.ProdMode, "page: %v", err)
			ctx.Panic()
			return
		}
		ctx.HTML(iris.StatusOK, html.String())
	}).ChangeName("home")

	own := crossorigin.New(crossorigin.Config{}) // no other site logs a user in or out
	app.Post("/login", own, func(ctx *iris.Context) {
		session, user := ctx.Session(), ctx.PostValue("user")
		hash, known := hashes[user]
		if !known {
			hash = nobody
		}
		// The same message for a wrong name and a wrong password does not reveal which
		// names exist.
		if err := bcrypt.CompareHashAndPassword([]byte(hash), []byte(ctx.PostValue("password"))); err != nil || !known {
			session.SetFlash("message", "Wrong name or password.")
		} else {
			session.Set("user", user)
		}
		ctx.Redirect(app.Path("home"), iris.StatusSeeOther)
	})
	app.Post("/logout", own, func(ctx *iris.Context) {
		ctx.SessionDestroy() // ends it on the server: a copy of the cookie is of no use
		ctx.Redirect(app.Path("home"), iris.StatusSeeOther)
	})
	app.Post("/logout-everywhere", own, func(ctx *iris.Context) {
		for _, key := range logins.keys(ctx.Session().GetString("user")) {
			if err := manager.DestroyByKey(key); err != nil { // do not say that it is done
				ctx.Log(iris.ProdMode, "log out everywhere: %v", err)
				ctx.EmitError(iris.StatusServiceUnavailable)
				return
			}
		}
		ctx.SessionDestroy()
		ctx.Redirect(app.Path("home"), iris.StatusSeeOther)
	})

	app.Listen(*addr)
}
