// Flash: a login form that answers with flash messages. A flash message is a value
// that is read once, here by the page after a redirect. The password is "sesame".
package main

import (
	"bytes"
	"crypto/subtle"
	"flag"
	"html/template"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/httprouter"
	"gopkg.in/kataras/iris.v6/adaptors/sessions"
)

var page = template.Must(template.New("page").Parse(`<!DOCTYPE html>
<title>Flash messages</title>
{{with .Message}}<p><em>{{.}}</em></p>{{end}}
{{if .User}}
<p>You are {{.User}}.</p>
<form method="post" action="/logout"><button>Log out</button></form>
{{else}}
<form method="post" action="/login">
  <input name="user" placeholder="name"> <input name="password" type="password"> <button>Log in</button>
</form>
{{end}}
`))

func main() {
	addr := flag.String("addr", "localhost:8080", "`address` to listen on")
	flag.Parse()

	app := iris.New()
	app.Adapt(httprouter.New())
	// RenewOn: a login moves the session to a new ID, and its messages move with it.
	app.Adapt(sessions.New(sessions.Config{Cookie: "my_sessionid", RenewOn: []string{"user"}}))

	app.Get("/", func(ctx *iris.Context) {
		session := ctx.Session()
		var html bytes.Buffer
		if err := page.Execute(&html, iris.Map{
			"User":    session.GetString("user"),
			"Message": session.GetFlashString("message"), // and removes it
		}); err != nil {
			ctx.Log(iris.ProdMode, "page: %v", err)
			ctx.Panic()
			return
		}
		ctx.HTML(iris.StatusOK, html.String())
	}).ChangeName("home")

	app.Post("/login", func(ctx *iris.Context) {
		if subtle.ConstantTimeCompare([]byte(ctx.PostValue("password")), []byte("sesame")) == 1 {
			ctx.Session().Set("user", ctx.PostValue("user"))
			ctx.Session().SetFlash("message", "Welcome!")
		} else {
			ctx.Session().SetFlash("message", "Wrong password.")
		}
		ctx.Redirect(app.Path("home"), iris.StatusSeeOther) // a reload then sends no second login
	})
	app.Post("/logout", func(ctx *iris.Context) {
		ctx.Session().Delete("user")
		ctx.Session().SetFlash("message", "Good bye.")
		ctx.Redirect(app.Path("home"), iris.StatusSeeOther)
	})

	app.Listen(*addr)
}
