package iris_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"gopkg.in/kataras/iris.v6"
)

func TestReplies(t *testing.T) {
	app, logged := newApp()
	for path, handler := range map[string]iris.HandlerFunc{
		"/text":    func(ctx *iris.Context) { ctx.Text(418, "pot") },
		"/html":    func(ctx *iris.Context) { ctx.HTML(201, "<b>&") },
		"/numbers": func(ctx *iris.Context) { ctx.JSON(202, []int{1}) },
		"/nil":     func(ctx *iris.Context) { ctx.JSON(200, nil) },
		"/data":    func(ctx *iris.Context) { ctx.Data(201, []byte("\x00\xff")) },
		"/markup":  func(ctx *iris.Context) { ctx.WriteString("<!DOCTYPE html>") },
		"/image":   func(ctx *iris.Context) { ctx.Write([]byte("\x89PNG\r\n\x1a\n")) },
		"/declared": func(ctx *iris.Context) {
			ctx.SetContentType("text/csv")
			equal(t, "ContentType()", ctx.ResponseWriter.ContentType(), "text/csv")
			ctx.WriteString("a,b")
		},
	} {
		app.Get(path, handler)
	}
	wantRows(t, app, []wireRow{
		{"Text takes the status", "GET /text", 418, "text/plain; charset=UTF-8", "pot", ""},
		{"HTML is not escaped", "GET /html", 201, "text/html; charset=UTF-8", "<b>&", ""},
		{"JSON takes any value", "GET /numbers", 202, "application/json; charset=UTF-8", "[1]", ""},
		{"JSON takes nil", "GET /nil", 200, "application/json; charset=UTF-8", "null", ""},
		{"Data is a stream of bytes", "GET /data", 201, "application/octet-stream", "\x00\xff", ""},
		{"WriteString of HTML is sniffed", "GET /markup", 200, "text/html; charset=utf-8", "<!DOCTYPE html>", ""},
		{"Write is sniffed", "GET /image", 200, "image/png", "\x89PNG\r\n\x1a\n", ""},
		{"a declared type is kept", "GET /declared", 200, "text/csv", "a,b", ""},
	})
	logged.none(t)
}

func TestRepliesDeclareTheConfiguredCharset(t *testing.T) {
	app, _ := newApp(iris.OptionCharset("iso-8859-1"))
	app.Get("/text", func(ctx *iris.Context) { ctx.Text(200, "") })
	app.Get("/html", func(ctx *iris.Context) { ctx.HTML(200, "") })
	app.Get("/json", func(ctx *iris.Context) { ctx.JSON(200, 1) })
	wantRows(t, app, []wireRow{
		{"Text", "GET /text", 200, "text/plain; charset=iso-8859-1", "", ""},
		{"HTML", "GET /html", 200, "text/html; charset=iso-8859-1", "", ""},
		{"JSON", "GET /json", 200, "application/json; charset=iso-8859-1", "1", ""},
	})
}

func TestFailedJSONChangesNothing(t *testing.T) {
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

func TestRedirect(t *testing.T) {
	for _, row := range []struct {
		rule, target string
		redirect     func(*iris.Context)
		status       int
		location     string
	}{
		{"takes another status", "/a", func(ctx *iris.Context) { ctx.Redirect("/text", iris.StatusSeeOther) }, 303, "/text"},
		{"may lead to another host", "/a", func(ctx *iris.Context) { ctx.Redirect("https://example.com/x?y") }, 302, "https://example.com/x?y"},
		{"is relative to the request", "/a/b", func(ctx *iris.Context) { ctx.Redirect("c") }, 302, "/a/c"},
		{"does not repeat the query", "/a?secret=1", func(ctx *iris.Context) { ctx.Redirect("/text") }, 302, "/text"},
	} {
		t.Run(row.rule, func(t *testing.T) {
			w := inspect(t, httptest.NewRequest("GET", row.target, nil), row.redirect)
			equal(t, "status", w.Code, row.status)
			equal(t, "Location", w.Header().Get("Location"), row.location)
		})
	}
}

func TestHeaderFieldsCannotBeForged(t *testing.T) {
	app, _ := newApp()
	app.Get("/", func(ctx *iris.Context) {
		ctx.SetHeader("X-Word", ctx.URLParam("to"))
		ctx.Redirect(ctx.URLParam("to"))
	})
	resp, _ := ask(t, app, "GET /?to=/x%0d%0aSet-Cookie:%20a=b")
	equal(t, "status", resp.StatusCode, 302)
	equal(t, "Set-Cookie", resp.Header.Get("Set-Cookie"), "")
}

func TestSetCookieAndSetStatusCode(t *testing.T) {
	w := inspect(t, httptest.NewRequest("GET", "/", nil), func(ctx *iris.Context) {
		ctx.SetCookie(&http.Cookie{Name: "a", Value: "1", HttpOnly: true})
		ctx.SetCookie(&http.Cookie{Name: "b", Value: "2"})
		ctx.SetCookie(&http.Cookie{Name: "not a name", Value: "3"})
		equal(t, "StatusCode() by default", ctx.ResponseWriter.StatusCode(), 200)
		ctx.SetStatusCode(202)
		equal(t, "StatusCode()", ctx.ResponseWriter.StatusCode(), 202)
	})
	equal(t, "status", w.Code, 202)
	equal(t, "Set-Cookie", strings.Join(w.Header()["Set-Cookie"], ", "), "a=1; HttpOnly, b=2")
}
