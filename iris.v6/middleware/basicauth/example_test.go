package basicauth_test

import (
	"fmt"
	"time"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/httprouter"
	"gopkg.in/kataras/iris.v6/middleware/basicauth"
)

// Only mia may enter the Party.
func Example() {
	auth := basicauth.Config{
		Users:   map[string]string{"mia": "sesame"},
		Realm:   "The cave",
		Expires: time.Hour,
	}
	app := iris.New()
	app.Adapt(httprouter.New())
	cave := app.Party("/cave", basicauth.New(auth))
	cave.Get("/", func(ctx *iris.Context) { ctx.Writef("welcome, %s", auth.User(ctx)) })

	for _, authorization := range []string{"", as("mia", "sesame")} {
		w := ask(app, "/cave/", authorization)
		fmt.Println(w.Code, w.Body, w.Header().Get("WWW-Authenticate"))
	}
	// Output:
	// 401 Unauthorized Basic realm="The cave", charset="UTF-8"
	// 200 welcome, mia
}
