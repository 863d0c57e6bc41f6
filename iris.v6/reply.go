package iris

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Map is a short name for a map of values, to be sent as JSON.
type Map map[string]interface{}

// SetCookie adds a cookie to the response.
func (ctx *Context) SetCookie(cookie *http.Cookie) { http.SetCookie(ctx.ResponseWriter, cookie) }

// SetCookieKV adds a cookie that lives for two hours: HttpOnly, for the whole
// host, SameSite=Lax, and Secure if the request came over TLS or the session's
// cookie is Secure in any case.
func (ctx *Context) SetCookieKV(name, value string) { ctx.setCookie(name, value, 2*time.Hour) }

// RemoveCookie makes the client drop a cookie that SetCookieKV has set, or
// another one for the whole host. It takes the cookie off the request, too.
func (ctx *Context) RemoveCookie(name string) {
	ctx.setCookie(name, "", -time.Second)
	var lines []string
	for _, line := range ctx.Request.Header["Cookie"] {
		cookies := slices.DeleteFunc(strings.Split(line, ";"), func(cookie string) bool {
			other, _, _ := strings.Cut(cookie, "=")
			return strings.TrimSpace(other) == name
		})
		lines = append(lines, strings.Join(cookies, ";"))
	}
	ctx.Request.Header["Cookie"] = lines
}

func (ctx *Context) setCookie(name, value string, life time.Duration) {
	ctx.SetCookie(&http.Cookie{
		Name: name, Value: value, MaxAge: int(life.Seconds()),
		Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: ctx.Request.TLS != nil || ctx.framework.policies.SessionsPolicy.Secure,
	})
}

// SetStatusCode sets the response's status.
func (ctx *Context) SetStatusCode(statusCode int) { ctx.ResponseWriter.WriteHeader(statusCode) }

// SetHeader sets a header field of the response, in place of its other values.
func (ctx *Context) SetHeader(name, v string) { ctx.ResponseWriter.Header().Set(name, v) }

// Redirect sends the client to another URL, with the given status or else 302,
// and stops the chain.
func (ctx *Context) Redirect(url string, status ...int) {
	ctx.StopExecution()
	code := http.StatusFound
	if len(status) > 0 && status[0] > 0 {
		code = status[0]
	}
	http.Redirect(ctx.ResponseWriter, ctx.Request, url, code)
}

// RedirectTo sends the client to a route, with status 302, and stops the chain.
// If [Framework.Path] returns no path for it, RedirectTo logs that and answers 500.
func (ctx *Context) RedirectTo(routeName string, args ...interface{}) {
	path := ctx.framework.Path(routeName, args...)
	if path == "" {
		ctx.Log(ProdMode, "iris: %s: RedirectTo(%q): no such route, or not with these %d args", ctx.requestLine(), routeName, len(args))
		ctx.EmitError(http.StatusInternalServerError)
		return
	}
	ctx.Redirect(path)
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

// Data answers with bytes, as application/octet-stream.
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

// EmitError stops the chain and replaces the response by the error of that
// status; see [Router.OnError].
func (ctx *Context) EmitError(statusCode int) {
	ctx.StopExecution() // first, so that no handler of OnError can go on with it
	ctx.framework.EmitError(statusCode, ctx)
}

// NotFound replaces the response by a 404. It does not stop the chain.
func (ctx *Context) NotFound() { ctx.framework.EmitError(http.StatusNotFound, ctx) }

// Panic replaces the response by a 500. It does not stop the chain.
func (ctx *Context) Panic() { ctx.framework.EmitError(http.StatusInternalServerError, ctx) }
