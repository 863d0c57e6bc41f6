package iris

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
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

// Get returns the value that Set, or the router for a path parameter, keeps
// under key; nil if there is none.
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

// GetInt returns the int, or the decimal number in the string, under key. It is
// an error if there is none.
func (ctx *Context) GetInt(key string) (int, error) {
	switch v := ctx.Get(key).(type) {
	case int:
		return v, nil
	case string:
		return strconv.Atoi(v)
	default:
		return 0, fmt.Errorf("iris: GetInt(%q): %T is no int", key, v)
	}
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

// ParamDecoded returns the path parameter of that name, decoded in any case,
// once; "" if that cannot be done.
func (ctx *Context) ParamDecoded(name string) string {
	if ctx.framework != nil && ctx.framework.Config.EnablePathEscape {
		return DecodeURL(ctx.Param(name))
	}
	return ctx.Param(name)
}

// ParamInt returns the decimal number in the path parameter of that name.
func (ctx *Context) ParamInt(name string) (int, error) { return strconv.Atoi(ctx.Param(name)) }

// ParamInt64 is ParamInt for an int64.
func (ctx *Context) ParamInt64(name string) (int64, error) {
	return strconv.ParseInt(ctx.Param(name), 10, 64)
}

// ParamsLen returns the number of the path's parameters.
func (ctx *Context) ParamsLen() int { return ctx.params }

// ParamsSentence returns the path's parameters as "name=value,other=value".
func (ctx *Context) ParamsSentence() string {
	var b strings.Builder
	for i, p := range ctx.values[:ctx.params] {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "%s=%v", p.key, p.value)
	}
	return b.String()
}

// DecodeURL undoes the escaping of a URL's path (RFC 3986 §2.1). It returns "" for
// what nobody escaped so.
func DecodeURL(s string) string {
	decoded, err := url.PathUnescape(s)
	if err != nil {
		return ""
	}
	return decoded
}

// DecodeQuery is DecodeURL for a part of a query, where "+" stands for a space.
func DecodeQuery(s string) string { return DecodeURL(strings.ReplaceAll(s, "+", "%20")) }
