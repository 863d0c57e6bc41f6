package iris

import (
	"encoding/json"
	"fmt"
	"math"
	"net"
	"net/http"
	"strconv"
	"strings"
)

// Context is one request and its response, as handlers see them. It is reused:
// nothing may hold on to it after the handlers have returned.
type Context struct {
	ResponseWriter ResponseWriter
	Request        *http.Request
	// Middleware is the chain of handlers that answers the request.
	Middleware Middleware
	// Pos is the place in Middleware of the handler that runs.
	Pos uint8

	framework *Framework
	response  response
	values    []value
}

type value struct {
	key   string
	value interface{}
}

// Map is a short name for a map of values, to be sent as JSON.
type Map map[string]interface{}

// stopped is a place in the chain that no handler has.
const stopped = math.MaxUint8

// Do runs the first handler of the chain.
func (ctx *Context) Do() {
	ctx.Pos = 0
	if len(ctx.Middleware) > 0 {
		ctx.Middleware[0].Serve(ctx)
	}
}

// Next runs the next handler of the chain, if there is one.
func (ctx *Context) Next() {
	if ctx.IsStopped() {
		return
	}
	if next := ctx.Pos + 1; int(next) < len(ctx.Middleware) {
		ctx.Pos = next
		ctx.Middleware[next].Serve(ctx)
	}
}

// StopExecution makes every later Next do nothing.
func (ctx *Context) StopExecution() { ctx.Pos = stopped }

// IsStopped tells whether StopExecution was called.
func (ctx *Context) IsStopped() bool { return ctx.Pos == stopped }

// Framework returns the framework that runs the request.
func (ctx *Context) Framework() *Framework { return ctx.framework }

// Log hands a message to the adapted loggers.
func (ctx *Context) Log(mode LogMode, format string, a ...interface{}) {
	ctx.framework.Log(mode, fmt.Sprintf(format, a...))
}

// Session returns the request's session. It panics if no session manager was
// adapted. A handler that shares the session with goroutines calls it first: they
// may use the Session at once, but not the Context.
func (ctx *Context) Session() Session {
	return ctx.sessions().Start(ctx.ResponseWriter, ctx.Request)
}

// SessionDestroy ends the request's session; the client's cookie is removed.
func (ctx *Context) SessionDestroy() {
	ctx.sessions().Destroy(ctx.ResponseWriter, ctx.Request)
}

func (ctx *Context) sessions() *SessionsPolicy {
	p := &ctx.framework.policies.SessionsPolicy
	if p.Start == nil {
		panic("iris: no session manager: add app.Adapt(sessions.New(sessions.Config{Cookie: \"…\"})), " +
			"from gopkg.in/kataras/iris.v6/adaptors/sessions")
	}
	return p
}

// Set keeps a value for the rest of the request.
func (ctx *Context) Set(key string, v interface{}) {
	for i := range ctx.values {
		if ctx.values[i].key == key {
			ctx.values[i].value = v
			return
		}
	}
	ctx.values = append(ctx.values, value{key, v})
}

// Get returns the value that Set, or the router for a path parameter, keeps under key.
func (ctx *Context) Get(key string) interface{} {
	for i := range ctx.values {
		if ctx.values[i].key == key {
			return ctx.values[i].value
		}
	}
	return nil
}

// GetString returns the string under key, "" if there is none.
func (ctx *Context) GetString(key string) string {
	s, _ := ctx.Get(key).(string)
	return s
}

// Param returns the path parameter of that name, as the router set it.
func (ctx *Context) Param(name string) string { return ctx.GetString(name) }

// Method returns the request's method.
func (ctx *Context) Method() string { return ctx.Request.Method }

// Host returns the host that the request names, with its port if it has one.
func (ctx *Context) Host() string { return ctx.Request.Host }

// Path returns the request's path.
func (ctx *Context) Path() string { return ctx.Request.URL.Path }

// RemoteAddr returns the address of the connection's other end, without the
// port. Behind a proxy that is the proxy's: header fields that name the client
// are not read, as anybody can send them.
func (ctx *Context) RemoteAddr() string {
	host, _, err := net.SplitHostPort(ctx.Request.RemoteAddr)
	if err != nil {
		return ctx.Request.RemoteAddr // a Unix socket has no port
	}
	return host
}

// RequestHeader returns the first value of a request header field.
func (ctx *Context) RequestHeader(name string) string { return ctx.Request.Header.Get(name) }

// URLParam returns the first value of a query parameter.
func (ctx *Context) URLParam(name string) string { return ctx.Request.URL.Query().Get(name) }

// FormValue returns the first value of a form field, of the body or else of the query.
func (ctx *Context) FormValue(name string) string { return ctx.Request.FormValue(name) }

// PostValue returns the first value of a form field of the body.
func (ctx *Context) PostValue(name string) string { return ctx.Request.PostFormValue(name) }

// GetCookie returns the value of a cookie of the request, "" if there is none.
func (ctx *Context) GetCookie(name string) string {
	c, err := ctx.Request.Cookie(name)
	if err != nil {
		return "" // the one error there is says that there is no such cookie
	}
	return c.Value
}

// SetCookie adds a cookie to the response.
func (ctx *Context) SetCookie(cookie *http.Cookie) { http.SetCookie(ctx.ResponseWriter, cookie) }

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
	return ctx.render(status, "text/plain", []byte(text))
}

// HTML answers with HTML, which it does not escape.
func (ctx *Context) HTML(status int, html string) error {
	return ctx.render(status, "text/html", []byte(html))
}

// JSON answers with v as JSON.
func (ctx *Context) JSON(status int, v interface{}) error {
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("iris: JSON: %w", err)
	}
	return ctx.render(status, "application/json", data)
}

func (ctx *Context) render(status int, mediaType string, data []byte) error {
	ctx.SetContentType(mediaType + "; charset=" + ctx.framework.Config.Charset)
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

func (ctx *Context) begin(w http.ResponseWriter, r *http.Request) {
	ctx.Request = r
	ctx.ResponseWriter = &ctx.response
	ctx.response.begin(ctx, w, r.Method == http.MethodHead)
}

// end forgets the request, so that the next one finds nothing of it.
func (ctx *Context) end() {
	ctx.response.end()
	ctx.Request, ctx.ResponseWriter, ctx.Middleware, ctx.Pos = nil, nil, nil, 0
	clear(ctx.values)
	ctx.values = ctx.values[:0]
}

// describe names the request in a log record: quoted, as the client chose it,
// and without the query and the header, where secrets are.
func (ctx *Context) describe() string {
	var b strings.Builder
	b.WriteString(strconv.Quote(ctx.Method()))
	b.WriteByte(' ')
	b.WriteString(strconv.Quote(ctx.Path()))
	return b.String()
}
