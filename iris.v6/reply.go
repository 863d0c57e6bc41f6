package iris

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// Map is a short name for a map of values, to be sent as JSON.
type Map map[string]interface{}

// SetCookie adds a cookie to the response.
func (ctx *Context) SetCookie(cookie *http.Cookie) { http.SetCookie(ctx.ResponseWriter, cookie) }

// SetCookieKV adds a cookie that lives for two hours: HttpOnly, for the whole
// host, SameSite=Lax, and Secure if the request came over TLS.
func (ctx *Context) SetCookieKV(name, value string) { ctx.setCookie(name, value, 2*time.Hour) }

// RemoveCookie makes the client drop a cookie that SetCookieKV has set, or
// another one for the whole host.
func (ctx *Context) RemoveCookie(name string) { ctx.setCookie(name, "", -time.Second) }

func (ctx *Context) setCookie(name, value string, life time.Duration) {
	ctx.SetCookie(&http.Cookie{
		Name: name, Value: value, MaxAge: int(life.Seconds()),
		Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: ctx.Request.TLS != nil,
	})
}

// SetStatusCode sets the response's status.
func (ctx *Context) SetStatusCode(statusCode int) { ctx.ResponseWriter.WriteHeader(statusCode) }

// SetContentType sets the response's Content-Type.
func (ctx *Context) SetContentType(contentType string) {
	ctx.ResponseWriter.SetContentType(contentType)
}

// SetHeader sets a header field of the response.
func (ctx *Context) SetHeader(name, v string) { ctx.ResponseWriter.Header().Set(name, v) }

// Redirect sends the client to another URL, with status 302 unless told otherwise.
func (ctx *Context) Redirect(url string, status ...int) {
	code := http.StatusFound
	if len(status) > 0 {
		code = status[0]
	}
	http.Redirect(ctx.ResponseWriter, ctx.Request, url, code)
}

// RedirectTo sends the client to a route, with status 302; see [Framework.Path].
// Where there is no such path it logs that and answers 500.
func (ctx *Context) RedirectTo(routeName string, args ...interface{}) {
	path := ctx.framework.Path(routeName, args...)
	if path == "" {
		ctx.Log(ProdMode, "iris: %s: RedirectTo(%q): no such route, or not with %d args", ctx.describe(), routeName, len(args))
		ctx.Panic()
		return
	}
	ctx.Redirect(path)
}

// Write writes to the response's body.
func (ctx *Context) Write(p []byte) (int, error) { return ctx.ResponseWriter.Write(p) }

// WriteString writes to the response's body.
func (ctx *Context) WriteString(s string) (int, error) { return ctx.ResponseWriter.WriteString(s) }

// Writef writes to the response's body in the way of fmt.Fprintf.
func (ctx *Context) Writef(format string, a ...interface{}) (int, error) {
	return ctx.ResponseWriter.Writef(format, a...)
}

// Text answers with plain text.
func (ctx *Context) Text(status int, text string) error {
	return ctx.render(status, ctx.charset("text/plain"), []byte(text))
}

// HTML answers with HTML, which it does not escape.
func (ctx *Context) HTML(status int, html string) error {
	return ctx.render(status, ctx.charset("text/html"), []byte(html))
}

// JSON answers with v as JSON.
func (ctx *Context) JSON(status int, v interface{}) error {
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("iris: JSON: %w", err)
	}
	return ctx.render(status, ctx.charset("application/json"), data)
}

// Data answers with bytes of no stated kind.
func (ctx *Context) Data(status int, data []byte) error {
	return ctx.render(status, "application/octet-stream", data)
}

func (ctx *Context) charset(mediaType string) string {
	return mediaType + "; charset=" + ctx.framework.Config.Charset
}

func (ctx *Context) render(status int, contentType string, data []byte) error {
	ctx.SetContentType(contentType)
	ctx.SetStatusCode(status)
	_, err := ctx.ResponseWriter.Write(data)
	return err
}

// EmitError replaces the response by the error of that status; see [Router.OnError].
func (ctx *Context) EmitError(statusCode int) { ctx.framework.EmitError(statusCode, ctx) }

// NotFound is EmitError(404).
func (ctx *Context) NotFound() { ctx.EmitError(http.StatusNotFound) }

// Panic is EmitError(500).
func (ctx *Context) Panic() { ctx.EmitError(http.StatusInternalServerError) }
