package sessions_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/httprouter"
	"gopkg.in/kataras/iris.v6/adaptors/sessions"
)

// visitor sends requests with the cookies that it has been sent, and prints the
// answers.
type visitor struct {
	app     http.Handler
	cookies []*http.Cookie
}

func (v *visitor) get(path string) {
	r := httptest.NewRequest("GET", path, nil)
	for _, c := range v.cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	v.app.ServeHTTP(w, r)
	if c := w.Result().Cookies(); len(c) > 0 {
		v.cookies = c
	}
	fmt.Printf("%s: %d %q\n", path, w.Code, w.Body)
}

// A manager with both limits that a session's life should have, and a new id
// whenever somebody logs in or out.
func Example() {
	app := iris.New()
	app.Adapt(httprouter.New(), sessions.New(sessions.Config{
		Cookie:      "my_sessionid",
		Expires:     24 * time.Hour,
		IdleTimeout: time.Hour,
		RenewOn:     []string{"authenticated"},
	}))
	app.Get("/login", func(ctx *iris.Context) { ctx.Session().Set("authenticated", true) })
	app.Get("/secret", func(ctx *iris.Context) {
		if in, _ := ctx.Session().GetBoolean("authenticated"); !in {
			ctx.EmitError(iris.StatusForbidden)
			return
		}
		ctx.WriteString("The cake is a lie!")
	})

	mia := visitor{app: app}
	mia.get("/secret")
	mia.get("/login")
	mia.get("/secret")
	// Output:
	// /secret: 403 "Forbidden"
	// /login: 200 ""
	// /secret: 200 "The cake is a lie!"
}

// A flash message is read once, by whichever request comes first.
func Example_flash() {
	app := iris.New()
	app.Adapt(httprouter.New(), sessions.New(sessions.Config{}))
	app.Get("/save", func(ctx *iris.Context) { ctx.Session().SetFlash("message", "Saved.") })
	app.Get("/page", func(ctx *iris.Context) { ctx.WriteString(ctx.Session().GetFlashString("message")) })

	mia := visitor{app: app}
	mia.get("/save")
	mia.get("/page")
	mia.get("/page")
	// Output:
	// /save: 200 ""
	// /page: 200 "Saved."
	// /page: 200 ""
}

// mapDatabase is a Database of the form that v6 programs bring.
type mapDatabase struct{ sids sync.Map }

func (db *mapDatabase) Load(sid string) map[string]interface{} {
	values, _ := db.sids.Load(sid)
	m, _ := values.(map[string]interface{})
	return m
}

func (db *mapDatabase) Update(sid string, values map[string]interface{}) {
	if len(values) == 0 {
		db.sids.Delete(sid)
		return
	}
	db.sids.Store(sid, values)
}

// A Database outlives the program that wrote to it; see Database for what it
// cannot keep.
func ExampleDatabase() {
	db := new(mapDatabase)
	start := func() *iris.Framework {
		manager := sessions.New(sessions.Config{Expires: 2 * time.Hour})
		manager.UseDatabase(db)
		app := iris.New()
		app.Adapt(httprouter.New(), manager)
		app.Get("/set", func(ctx *iris.Context) { ctx.Session().Set("name", "mia") })
		app.Get("/get", func(ctx *iris.Context) { ctx.WriteString(ctx.Session().GetString("name")) })
		return app
	}

	mia := visitor{app: start()}
	mia.get("/set")
	mia.app = start()
	mia.get("/get")
	// Output:
	// /set: 200 ""
	// /get: 200 "mia"
}
