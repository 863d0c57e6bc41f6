package iris

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
)

// Method returns the request's method.
func (ctx *Context) Method() string { return ctx.Request.Method }

// Host returns the host that the request names, with its port if it has one.
func (ctx *Context) Host() string { return ctx.Request.Host }

// ServerHost is Host: v6 has both.
func (ctx *Context) ServerHost() string { return ctx.Host() }

// Path returns the request's path.
func (ctx *Context) Path() string { return ctx.Request.URL.Path }

// RemoteAddr returns the address of the connection's other end, without the
// port. Behind a proxy that is the proxy's address: header fields that name the
// client are not read, because any client can send them. Package middleware/realip
// reads them from trusted proxies.
func (ctx *Context) RemoteAddr() string {
	host, _, err := net.SplitHostPort(ctx.Request.RemoteAddr)
	if err != nil {
		return ctx.Request.RemoteAddr // a Unix socket has no port
	}
	return host
}

// RequestHeader returns the first value of a request header field.
func (ctx *Context) RequestHeader(name string) string { return ctx.Request.Header.Get(name) }

// IsAjax reports whether the request has "X-Requested-With: XMLHttpRequest", as
// scripts send it.
func (ctx *Context) IsAjax() bool { return ctx.RequestHeader("X-Requested-With") == "XMLHttpRequest" }

// URLParam returns the first value of a query parameter.
func (ctx *Context) URLParam(name string) string { return ctx.Request.URL.Query().Get(name) }

// URLParamInt returns the decimal number in the first value of a query parameter.
func (ctx *Context) URLParamInt(name string) (int, error) { return strconv.Atoi(ctx.URLParam(name)) }

// URLParamInt64 is URLParamInt for an int64.
func (ctx *Context) URLParamInt64(name string) (int64, error) {
	return strconv.ParseInt(ctx.URLParam(name), 10, 64)
}

// URLParams returns the query's parameters. Several values of one are joined by commas.
func (ctx *Context) URLParams() map[string]string {
	params := make(map[string]string)
	for name, values := range ctx.Request.URL.Query() {
		params[name] = strings.Join(values, ",")
	}
	return params
}

// FormValue returns the first value of a form field, from the body or else from the
// query. It and the two functions below ignore a body that they cannot read, such as
// one that is larger than Configuration.MaxBodyBytes.
func (ctx *Context) FormValue(name string) string { return ctx.form().FormValue(name) }

// FormValues returns all form fields, of the body and of the query.
func (ctx *Context) FormValues() map[string][]string {
	ctx.form().FormValue("") // parses the form
	return ctx.Request.Form
}

// PostValue returns the first value of a form field of the body.
func (ctx *Context) PostValue(name string) string { return ctx.form().PostFormValue(name) }

// form returns the request, with a bounded body unless a form was read from it.
func (ctx *Context) form() *http.Request {
	if ctx.Request.Form == nil && ctx.Request.Body != nil {
		ctx.Request.Body = ctx.body()
	}
	return ctx.Request
}

// keepForm remembers the form of the current request for removeForms.
func (ctx *Context) keepForm() {
	if ctx.Request != nil && ctx.Request.MultipartForm != nil {
		ctx.forms = append(ctx.forms, ctx.Request.MultipartForm)
	}
}

// removeForms removes the temporary files of forms. net/http does so only for the
// request that it made itself, and not for one that a middleware put in its place.
func (ctx *Context) removeForms() {
	for _, form := range ctx.forms {
		if err := form.RemoveAll(); err != nil {
			ctx.Log(ProdMode, "iris: %s: %v", ctx.requestLine(), err)
		}
	}
	ctx.forms = nil
}

func (ctx *Context) body() io.ReadCloser {
	return http.MaxBytesReader(ctx.response.dst, ctx.Request.Body, ctx.framework.Config.MaxBodyBytes)
}

// ReadJSON decodes the request's body into the value that v points to, with v's
// method Decode([]byte) error if it has one. A body larger than
// Configuration.MaxBodyBytes gives an *http.MaxBytesError. The handler decides how to
// answer an error.
func (ctx *Context) ReadJSON(v interface{}) error {
	data, err := io.ReadAll(ctx.body())
	if err != nil {
		return fmt.Errorf("iris: ReadJSON: %w", err)
	}
	if decoder, ok := v.(interface{ Decode([]byte) error }); ok {
		return decoder.Decode(data)
	}
	return json.Unmarshal(data, v)
}

// GetCookie returns the value of a cookie of the request, "" if there is none.
func (ctx *Context) GetCookie(name string) string {
	c, err := ctx.Request.Cookie(name)
	if err != nil {
		return "" // the only error is that there is no such cookie
	}
	return c.Value
}

// VisitAllCookies calls visit with each cookie of the request.
func (ctx *Context) VisitAllCookies(visit func(name, value string)) {
	for _, c := range ctx.Request.Cookies() {
		visit(c.Name, c.Value)
	}
}
