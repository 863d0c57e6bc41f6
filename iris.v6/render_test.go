package iris_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"gopkg.in/kataras/iris.v6"
)

func TestRender(t *testing.T) {
	for name, test := range map[string]struct {
		handler     iris.HandlerFunc
		status      int
		contentType string
		body        string
	}{
		"Text declares the charset":   {func(ctx *iris.Context) { ctx.Text(200, "<b>") }, 200, "text/plain; charset=UTF-8", "<b>"},
		"Text takes the status":       {func(ctx *iris.Context) { ctx.Text(418, "pot") }, 418, "text/plain; charset=UTF-8", "pot"},
		"HTML is not escaped":         {func(ctx *iris.Context) { ctx.HTML(201, "<b>&") }, 201, "text/html; charset=UTF-8", "<b>&"},
		"JSON of a Map, escaped":      {func(ctx *iris.Context) { ctx.JSON(200, iris.Map{"b": "<x>", "a": 1}) }, 200, "application/json; charset=UTF-8", `{"a":1,"b":"\u003cx\u003e"}`},
		"JSON of anything":            {func(ctx *iris.Context) { ctx.JSON(202, []int{1}) }, 202, "application/json; charset=UTF-8", "[1]"},
		"JSON of nothing":             {func(ctx *iris.Context) { ctx.JSON(200, nil) }, 200, "application/json; charset=UTF-8", "null"},
		"WriteString is sniffed":      {func(ctx *iris.Context) { ctx.WriteString("words") }, 200, "text/plain; charset=utf-8", "words"},
		"WriteString of HTML, too":    {func(ctx *iris.Context) { ctx.WriteString("<!DOCTYPE html>") }, 200, "text/html; charset=utf-8", "<!DOCTYPE html>"},
		"Writef is sniffed":           {func(ctx *iris.Context) { ctx.Writef("%d%%", 7) }, 200, "text/plain; charset=utf-8", "7%"},
		"Write is sniffed":            {func(ctx *iris.Context) { ctx.Write([]byte("\x89PNG\r\n\x1a\n")) }, 200, "image/png", "\x89PNG\r\n\x1a\n"},
		"a content type that was set": {func(ctx *iris.Context) { ctx.SetContentType("text/csv"); ctx.WriteString("a,b") }, 200, "text/csv", "a,b"},
	} {
		t.Run(name, func(t *testing.T) {
			app, logged := newApp()
			app.Get("/", test.handler)
			server := listenTo(t, app)
			resp, body, err := get(t, server.Client(), "GET", server.URL)
			if err != nil {
				t.Fatal(err)
			}
			equal(t, "status", resp.StatusCode, test.status)
			equal(t, "Content-Type", resp.Header.Get("Content-Type"), test.contentType)
			equal(t, "body", body, test.body)
			logged.none(t)
		})
	}
}

func TestRenderDeclaresTheConfiguredCharset(t *testing.T) {
	app, _ := newApp(iris.OptionCharset("iso-8859-1"))
	app.Get("/text", func(ctx *iris.Context) { ctx.Text(200, "") })
	app.Get("/html", func(ctx *iris.Context) { ctx.HTML(200, "") })
	app.Get("/json", func(ctx *iris.Context) { ctx.JSON(200, 1) })
	for path, want := range map[string]string{"/text": "text/plain", "/html": "text/html", "/json": "application/json"} {
		equal(t, path, answer(app, "GET", path).Header().Get("Content-Type"), want+"; charset=iso-8859-1")
	}
}

func TestFailingJSONChangesNothing(t *testing.T) {
	var err error
	w := inspect(t, httptest.NewRequest("GET", "/", nil), func(ctx *iris.Context) {
		if err = ctx.JSON(200, func() {}); err != nil {
			ctx.Text(500, "sorry")
		}
	})
	if err == nil || !strings.HasPrefix(err.Error(), "iris: JSON: ") {
		t.Errorf("error: %v", err)
	}
	wantAnswer(t, w, 500, "sorry")
}

func TestWritersReturnTheLength(t *testing.T) {
	inspect(t, httptest.NewRequest("GET", "/", nil), func(ctx *iris.Context) {
		for name, write := range map[string]func(string) (int, error){
			"Write":       func(s string) (int, error) { return ctx.Write([]byte(s)) },
			"WriteString": ctx.WriteString,
			"Writef":      func(s string) (int, error) { return ctx.Writef("%s", s) },
		} {
			for _, length := range []int{0, 3, 5000} {
				n, err := write(strings.Repeat("x", length))
				equal(t, name+"'s length", n, length)
				equal(t, name+"'s error", err, nil)
			}
		}
	})
}

func TestRedirect(t *testing.T) {
	for name, test := range map[string]struct {
		target   string
		redirect func(*iris.Context)
		status   int
		location string
	}{
		"is a 302":                   {"/a", func(ctx *iris.Context) { ctx.Redirect("/text") }, 302, "/text"},
		"takes another status":       {"/a", func(ctx *iris.Context) { ctx.Redirect("/text", iris.StatusSeeOther) }, 303, "/text"},
		"leads to other hosts":       {"/a", func(ctx *iris.Context) { ctx.Redirect("https://example.com/x?y") }, 302, "https://example.com/x?y"},
		"is relative to the request": {"/a/b", func(ctx *iris.Context) { ctx.Redirect("c") }, 302, "/a/c"},
		"takes no query of its own":  {"/a?secret=1", func(ctx *iris.Context) { ctx.Redirect("/text") }, 302, "/text"},
	} {
		t.Run(name, func(t *testing.T) {
			w := inspect(t, httptest.NewRequest("GET", test.target, nil), test.redirect)
			equal(t, "status", w.Code, test.status)
			equal(t, "Location", w.Header().Get("Location"), test.location)
		})
	}
}

func TestHeaderFieldsCannotBeForged(t *testing.T) {
	app, _ := newApp()
	app.Get("/", func(ctx *iris.Context) {
		ctx.SetHeader("X-Word", ctx.URLParam("to"))
		ctx.Redirect(ctx.URLParam("to"))
	})
	server := listenTo(t, app)
	resp, _, err := get(t, server.Client(), "GET", server.URL+"/?to=/x%0d%0aSet-Cookie:%20a=b")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "status", resp.StatusCode, 302)
	equal(t, "Set-Cookie", resp.Header.Get("Set-Cookie"), "")
}

func TestSetters(t *testing.T) {
	w := inspect(t, httptest.NewRequest("GET", "/", nil), func(ctx *iris.Context) {
		ctx.SetCookie(&http.Cookie{Name: "a", Value: "1", HttpOnly: true})
		ctx.SetCookie(&http.Cookie{Name: "b", Value: "2"})
		ctx.SetCookie(&http.Cookie{Name: "not a name", Value: "3"})
		ctx.SetContentType("text/csv")
		equal(t, "ContentType()", ctx.ResponseWriter.ContentType(), "text/csv")
		equal(t, "StatusCode() unless set", ctx.ResponseWriter.StatusCode(), 200)
		ctx.SetStatusCode(202)
		equal(t, "StatusCode()", ctx.ResponseWriter.StatusCode(), 202)
	})
	equal(t, "status", w.Code, 202)
	equal(t, "Set-Cookie", strings.Join(w.Header()["Set-Cookie"], ", "), "a=1; HttpOnly, b=2")
	equal(t, "Content-Type", w.Header().Get("Content-Type"), "text/csv")
}
