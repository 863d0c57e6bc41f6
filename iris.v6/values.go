package iris

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"gopkg.in/kataras/iris.v6/internal/number"
)

type value struct {
	key   string
	value interface{}
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

// Get returns the value under key, nil if there is none. Set puts values there, and
// the router the path parameters.
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

// GetInt returns the number under key as an int. It converts a number of another
// type and a decimal number in a string. If there is none that fits, it returns -1
// and an error.
func (ctx *Context) GetInt(key string) (int, error) {
	n, ok := number.As[int](ctx.Get(key))
	if !ok {
		return -1, fmt.Errorf("iris: GetInt(%q): no value is an int", key)
	}
	return n, nil
}

// VisitValues calls visit with each value, path parameters included, in the
// order in which they were first set.
func (ctx *Context) VisitValues(visit func(key string, v interface{})) {
	for _, v := range ctx.values {
		visit(v.key, v.value)
	}
}

// ValuesLen returns the number of values, path parameters included.
func (ctx *Context) ValuesLen() int { return len(ctx.values) }

// Param returns the path parameter of that name: decoded, unless
// Configuration.EnablePathEscape is set.
func (ctx *Context) Param(name string) string { return ctx.GetString(name) }

// ParamDecoded returns the path parameter of that name, decoded once, with
// Configuration.EnablePathEscape or without. A value that cannot be decoded is
// returned unchanged.
func (ctx *Context) ParamDecoded(name string) string {
	if ctx.framework != nil && ctx.framework.Config.EnablePathEscape {
		return DecodeURL(ctx.Param(name))
	}
	return ctx.Param(name)
}

// ParamInt returns the decimal number in the path parameter of that name, or -1
// and an error.
func (ctx *Context) ParamInt(name string) (int, error) { return ctx.GetInt(name) }

// ParamInt64 returns the decimal number in the path parameter of that name, or 0
// and an error.
func (ctx *Context) ParamInt64(name string) (int64, error) {
	return strconv.ParseInt(ctx.Param(name), 10, 64)
}

// ParamsLen returns the number of values that are strings: the path parameters, and
// the strings that Set has put there.
func (ctx *Context) ParamsLen() int { return len(ctx.params()) }

// ParamsSentence returns the values that ParamsLen counts as "name=value,other=value".
func (ctx *Context) ParamsSentence() string { return strings.Join(ctx.params(), ",") }

func (ctx *Context) params() (params []string) {
	for _, v := range ctx.values {
		if text, ok := v.value.(string); ok {
			params = append(params, v.key+"="+text)
		}
	}
	return params
}

// DecodeURL undoes the escaping of a URL's path (RFC 3986 §2.1). It returns a text
// that is not well escaped unchanged.
func DecodeURL(s string) string { return decode(s, url.PathUnescape) }

// DecodeQuery is DecodeURL for a part of a query, in which "+" stands for a space.
func DecodeQuery(s string) string { return decode(s, url.QueryUnescape) }

func decode(s string, unescape func(string) (string, error)) string {
	decoded, err := unescape(s)
	if err != nil {
		return s
	}
	return decoded
}
