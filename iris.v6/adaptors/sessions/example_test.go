package sessions_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
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
