package iris_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/httprouter"
)

// send sends a request and prints the answer.
func send(app *iris.Framework, method, path string) {
	w := httptest.NewRecorder()
	app.ServeHTTP(w, httptest.NewRequest(method, path, nil))
	fmt.Println(w.Code, w.Body)
}

// An app needs a router. It is an http.Handler, so that httptest runs it
// without a network; a program calls app.Listen(":8080").
func Example() {
	app := iris.New()
	app.Adapt(httprouter.New())
	app.Get("/hello/:name", func(ctx *iris.Context) {
		ctx.Writef("Hello %s", ctx.Param("name"))
	})

	w := httptest.NewRecorder()
	app.ServeHTTP(w, httptest.NewRequest("GET", "/hello/Mia", nil))
	fmt.Println(w.Code, w.Body)
	// Output: 200 Hello Mia
}

// A Party is a group of routes with a path and middleware in common.
func ExampleRouter_Party() {
	app := iris.New()
	app.Adapt(httprouter.New())
	admin := app.Party("/admin", func(ctx *iris.Context) {
		if ctx.URLParam("key") != "sesame" {
			ctx.EmitError(iris.StatusForbidden)
			return // without Next, the chain ends here
		}
		ctx.Set("user", "Ali")
		ctx.Next()
	})
	admin.Get("/cave", func(ctx *iris.Context) {
		ctx.Writef("%s may see %s", ctx.GetString("user"), ctx.Path())
	})

	send(app, "GET", "/admin/cave")
	send(app, "GET", "/admin/cave?key=sesame")
	// Output:
	// 403 Forbidden
	// 200 Ali may see /admin/cave
}

// Handlers and middleware that are written for net/http take part in a chain.
func ExampleToHandler() {
	app := iris.New()
	app.Adapt(httprouter.New())
	app.Use(iris.ToHandler(func(w http.ResponseWriter, r *http.Request, next http.HandlerFunc) {
		fmt.Println("before", r.URL.Path)
		next(w, r)
		fmt.Println("after", r.URL.Path)
	}))
	app.Get("/new", iris.ToHandler(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "from net/http")
	}))

	send(app, "GET", "/new")
	// Output:
	// before /new
	// after /new
	// 200 from net/http
}

// OnError's handlers answer all errors of that status: those of EmitError, unknown
// paths and panics.
func ExampleRouter_OnError() {
	app := iris.New()
	app.Adapt(httprouter.New(), iris.LoggerPolicy(func(iris.LogMode, string) {})) // the panic would be logged
	app.OnError(iris.StatusNotFound, func(ctx *iris.Context) {
		ctx.Writef("There is no %s here", ctx.Path())
	})
	app.OnError(iris.StatusInternalServerError, func(ctx *iris.Context) {
		ctx.WriteString("Sorry")
	})
	app.Get("/panic", func(ctx *iris.Context) {
		ctx.WriteString("half a page")
		panic("out of ink")
	})

	send(app, "GET", "/unicorn")
	send(app, "GET", "/panic")
	// Output:
	// 404 There is no /unicorn here
	// 500 Sorry
}

// Links by a route's name do not change when its path changes.
func ExampleFramework_Path() {
	app := iris.New(iris.OptionVHost("example.com"), iris.OptionVScheme("https"))
	app.Adapt(httprouter.New())
	app.Get("/user/:name/files/*path", func(ctx *iris.Context) {}).ChangeName("files")
	app.Get("/mine", func(ctx *iris.Context) { ctx.RedirectTo("files", "mia", "notes/a b.txt") })

	fmt.Println(app.Path("files", "mia", "notes/a b.txt"))
	fmt.Println(app.URL("files", "mia", "notes", "a b.txt"))
	fmt.Printf("%q\n", app.Path("files"))
	// Output:
	// /user/mia/files/notes/a%20b.txt
	// https://example.com/user/mia/files/notes/a%20b.txt
	// ""
}

// Regex is middleware that answers 404 if a parameter does not match.
func ExampleFramework_Regex() {
	app := iris.New()
	app.Adapt(httprouter.New())
	app.Get("/user/:id", app.Regex("id", "[0-9]+"), func(ctx *iris.Context) {
		id, err := ctx.ParamInt("id")
		app.Must(err)
		ctx.Writef("user %d", id)
	})

	send(app, "GET", "/user/7")
	send(app, "GET", "/user/seven")
	// Output:
	// 200 user 7
	// 404 Not Found
}

// ReadJSON and JSON are for APIs. The handler decides how to answer a broken body.
func ExampleContext_ReadJSON() {
	app := iris.New()
	app.Adapt(httprouter.New())
	app.Post("/double", func(ctx *iris.Context) {
		var order struct{ N int }
		if err := ctx.ReadJSON(&order); err != nil {
			ctx.JSON(iris.StatusBadRequest, iris.Map{"error": err.Error()})
			return
		}
		ctx.JSON(iris.StatusOK, iris.Map{"n": 2 * order.N})
	})

	for _, body := range []string{`{"n": 21}`, `{"n": 2`} {
		w := httptest.NewRecorder()
		app.ServeHTTP(w, httptest.NewRequest("POST", "/double", strings.NewReader(body)))
		fmt.Println(w.Code, w.Body)
	}
	// Output:
	// 200 {"n":42}
	// 400 {"error":"unexpected end of JSON input"}
}

// ListenTLS returns when SIGINT or SIGTERM has come and all requests have been
// answered. Then nothing uses the database any more.
func ExampleFramework_ListenTLS() {
	app := iris.New()
	app.Adapt(httprouter.New(), iris.EventPolicy{
		Build:       func(app *iris.Framework) { fmt.Println("listening on", app.Config.VHost) },
		Interrupted: func(*iris.Framework) { fmt.Println("stopping") },
	})
	app.Get("/", func(ctx *iris.Context) { ctx.WriteString("hello") })
	app.ListenTLS(":443", "cert.pem", "key.pem") // SIGHUP reads both again
	fmt.Println("stopped")
}
