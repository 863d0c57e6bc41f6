package iris

import (
	"cmp"
	"fmt"
	"strings"
)

// Path returns a path that leads to the route of that name, with its parameters
// replaced by the args in their order, escaped. An arg may have any type; a []string
// stands for several args. Path returns "" if there is no such route, if the args are
// not those that it takes, or if a segment of the path would be "." or "..", which
// would lead a browser out of the route.
func (f *Framework) Path(routeName string, args ...interface{}) string {
	r := f.repository.Lookup(routeName)
	if r == nil {
		return ""
	}
	var texts []string
	for _, arg := range args {
		if several, ok := arg.([]string); ok {
			texts = append(texts, several...)
		} else {
			texts = append(texts, fmt.Sprint(arg))
		}
	}
	f.mustReverse(f.policies.URLPath != nil)
	path := f.policies.URLPath(r, texts...)
	for segment := range strings.SplitSeq(DecodeURL(path), "/") { // decoded, as some proxies do
		if segment == "." || segment == ".." {
			return "" // escaping them does not help: browsers take "%2E%2E" for ".."
		}
	}
	return path
}

// URL is Path after Configuration.VScheme and VHost, which default to http and
// localhost.
func (f *Framework) URL(routeName string, args ...interface{}) string {
	path := f.Path(routeName, args...)
	if path == "" {
		return ""
	}
	scheme := strings.TrimSuffix(cmp.Or(f.Config.VScheme, "http"), "://")
	return scheme + "://" + cmp.Or(f.Config.VHost, "localhost") + path
}

// RouteParam returns a path's segment that is a parameter, as the adapted router
// writes it: ":name", say.
func (f *Framework) RouteParam(name string) string {
	f.mustReverse(f.policies.Param != nil)
	return f.policies.Param(name)
}

// RouteWildcardPath returns the path with a parameter at its end that matches
// all that follows, as the adapted router writes it: "/files/*path", say.
func (f *Framework) RouteWildcardPath(path, name string) string {
	f.mustReverse(f.policies.WildcardPath != nil)
	return f.policies.WildcardPath(path, name)
}

func (f *Framework) mustReverse(can bool) {
	if !can {
		panic("iris: no router that writes paths: adapt one before, with app.Adapt(httprouter.New()); " +
			"a router of your own needs a RouterReversionPolicy for this")
	}
}
