package httptest_test

import (
	"net/http"
	stdhttptest "net/http/httptest"
	"testing"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/httprouter"
	"gopkg.in/kataras/iris.v6/adaptors/sessions"
	"gopkg.in/kataras/iris.v6/httptest"
)

func newApp(setters ...iris.OptionSetter) *iris.Framework {
	app := iris.New(setters...)
	app.Adapt(httprouter.New(), sessions.New(sessions.Config{}))
	app.Get("/set", func(ctx *iris.Context) { ctx.Session().Set("name", "mia") })
	app.Get("/get", func(ctx *iris.Context) { ctx.WriteString(ctx.Session().GetString("name")) })
	app.Get("/to", func(ctx *iris.Context) { ctx.Redirect("/get") })
	app.Get("/json", func(ctx *iris.Context) { ctx.JSON(iris.StatusTeapot, iris.Map{"n": 7}) })
	app.Post("/form", func(ctx *iris.Context) { ctx.WriteString(ctx.PostValue("word")) })
	app.Get("/query", func(ctx *iris.Context) { ctx.WriteString(ctx.URLParam("q")) })
	app.Get("/where", func(ctx *iris.Context) {
		ctx.Writef("%s from %s over TLS: %v", ctx.Host(), ctx.RemoteAddr(), ctx.Request.TLS != nil)
	})
	return app
}

func TestNewBootsTheApp(t *testing.T) {
	app := newApp()
	httptest.New(app, t)
	if app.Boot() {
		t.Error("the app had not been booted")
	}
}

func TestCookiesAreKeptBetweenRequestsAndNotBetweenClients(t *testing.T) {
	app := newApp()
	e := httptest.New(app, t)
	e.GET("/get").Expect().Status(iris.StatusOK).Body().IsEmpty()
	e.GET("/set").Expect().Status(iris.StatusOK).Cookie("irissessionid").Value().NotEmpty()
	e.GET("/get").Expect().Status(iris.StatusOK).Body().IsEqual("mia")
	e.GET("/to").Expect().Status(iris.StatusOK).Body().IsEqual("mia") // redirected
	httptest.New(app, t).GET("/get").Expect().Body().IsEmpty()
}

func TestRequestsAndAnswers(t *testing.T) {
	e := httptest.New(newApp(), t)
	e.GET("/json").Expect().Status(iris.StatusTeapot).JSON().Object().HasValue("n", 7)
	e.POST("/form").WithFormField("word", "a b").Expect().Body().IsEqual("a b")
	e.GET("/nowhere").Expect().Status(iris.StatusNotFound)
}

func TestRequestURLs(t *testing.T) {
	for _, row := range []struct {
		rule    string
		options []iris.OptionSetter
		setters []httptest.OptionSetter
		url     string
		want    string
	}{
		{"they go to localhost", nil, nil, "/where", "localhost from 192.0.2.1 over TLS: false"},
		{"they go to VHost", []iris.OptionSetter{iris.OptionVHost("a.example:81")}, nil, "/where", "a.example:81 from 192.0.2.1 over TLS: false"},
		{"they look like TLS if VScheme is https", []iris.OptionSetter{iris.OptionVScheme("https")}, nil, "/where", "localhost from 192.0.2.1 over TLS: true"},
		{"with ExplicitURL they go to their own host", nil, []httptest.OptionSetter{httptest.ExplicitURL(true)},
			"https://b.example/where", "b.example from 192.0.2.1 over TLS: true"},
	} {
		t.Run(row.rule, func(t *testing.T) {
			httptest.New(newApp(row.options...), t, row.setters...).GET(row.url).Expect().Body().IsEqual(row.want)
		})
	}
}

func TestExplicitURL(t *testing.T) {
	e := httptest.New(newApp(), t, httptest.ExplicitURL(true))
	e.GET("http://a.example/set").Expect().Status(iris.StatusOK)
	e.GET("http://a.example/get").Expect().Body().IsEqual("mia")
	e.GET("http://b.example/get").Expect().Body().IsEmpty() // another host's cookie
	e.GET("/get").WithURL("http://a.example").Expect().Body().IsEqual("mia")
	e.GET("http://a.example/query").WithQuery("q", "1").Expect().Body().IsEqual("1")
	e.GET("http://a.example/query?q=2").Expect().Body().IsEqual("2")
}

func TestNewInsecureAcceptsAnyCertificate(t *testing.T) {
	server := stdhttptest.NewTLSServer(newApp())
	defer server.Close()
	e := httptest.NewInsecure(server.URL, t, httptest.Debug(true))
	e.GET("/set").Expect().Status(http.StatusOK)
	e.GET("/get").Expect().Body().IsEqual("mia")
}
