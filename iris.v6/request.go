package iris

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
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

// IsAjax tells whether a script says that it sent the request, by
// "X-Requested-With: XMLHttpRequest".
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

// FormValue returns the first value of a form field, of the body or else of the query.
func (ctx *Context) FormValue(name string) string { return ctx.Request.FormValue(name) }

// FormValues returns all form fields, of the body and of the query; what cannot
// be read is left out.
func (ctx *Context) FormValues() map[string][]string {
	ctx.Request.FormValue("") // parses the form
	return url.Values(ctx.Request.Form)
}

// PostValue returns the first value of a form field of the body.
func (ctx *Context) PostValue(name string) string { return ctx.Request.PostFormValue(name) }

// maxJSON bounds a JSON body, in bytes: as net/http bounds a form.
const maxJSON = 10 << 20

// ReadJSON decodes the request's body, of 10 MiB at most, into what v points to.
// What is longer gives an *http.MaxBytesError. How to answer is the handler's to decide.
func (ctx *Context) ReadJSON(v interface{}) error {
	data, err := io.ReadAll(http.MaxBytesReader(ctx.response.dst, ctx.Request.Body, maxJSON))
	if err != nil {
		return fmt.Errorf("iris: ReadJSON: %w", err)
	}
	return json.Unmarshal(data, v)
}

// GetCookie returns the value of a cookie of the request, "" if there is none.
func (ctx *Context) GetCookie(name string) string {
	c, err := ctx.Request.Cookie(name)
	if err != nil {
		return "" // the one error there is says that there is no such cookie
	}
	return c.Value
}

// VisitAllCookies calls visit with each cookie of the request.
func (ctx *Context) VisitAllCookies(visit func(name, value string)) {
	for _, c := range ctx.Request.Cookies() {
		visit(c.Name, c.Value)
	}
}
