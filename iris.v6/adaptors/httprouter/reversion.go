package httprouter

import (
	"net/url"
	"strings"

	"gopkg.in/kataras/iris.v6"
)

var reversion = iris.RouterReversionPolicy{
	StaticPath:   staticPath,
	WildcardPath: func(path, name string) string { return strings.TrimSuffix(path, "/") + "/*" + name },
	Param:        func(name string) string { return ":" + name },
	URLPath:      func(r iris.RouteInfo, args ...string) string { return urlPath(r.Path(), args) },
}

func staticPath(path string) string {
	i := strings.IndexAny(path, ":*")
	if i < 0 {
		return path
	}
	return "/" + strings.Trim(path[:i], "/")
}

// urlPath replaces each parameter of a path by an arg, escaped, and "*name" by all
// that are left. It returns "" if there are too few or too many args, or if one is
// empty that must not be.
func urlPath(path string, args []string) string {
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		switch at := strings.IndexAny(segment, ":*"); {
		case at < 0:
			segments[i] = (&url.URL{Path: "/" + segment}).EscapedPath()[1:]
		case segment[at] == '*':
			// No slash at its beginning, as "//host" would lead to another host.
			rest := strings.Split(strings.TrimLeft(strings.Join(args, "/"), "/"), "/")
			for j := range rest {
				rest[j] = url.PathEscape(rest[j])
			}
			segments[i], args = strings.Join(rest, "/"), nil
		case len(args) == 0 || args[0] == "":
			return ""
		default:
			segments[i] = segment[:at] + url.PathEscape(args[0])
			args = args[1:]
		}
	}
	if len(args) > 0 {
		return ""
	}
	return strings.Join(segments, "/")
}
