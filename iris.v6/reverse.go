package iris

import (
	"cmp"
	"fmt"
	"net"
	"strings"
)

// Path returns a path that leads to the route of that name: its parameters are
// replaced by the args in their order, escaped. What an arg is does not matter,
// but for a []string, which stands for several. Path returns "" if there is no
// such route, or the args are not those that it takes.
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
	return f.policies.URLPath(r, texts...)
}

// URL is Path with Configuration.VScheme and VHost before it.
func (f *Framework) URL(routeName string, args ...interface{}) string {
	path := f.Path(routeName, args...)
	if path == "" {
		return ""
	}
	listening := f.origin.Load()
	if listening == nil {
		listening = &origin{"http", "localhost"}
	}
	scheme := strings.TrimSuffix(cmp.Or(f.Config.VScheme, listening.scheme), "://")
	return scheme + "://" + cmp.Or(f.Config.VHost, listening.host) + path
}

// origin is what a URL has before its path.
type origin struct{ scheme, host string }

// listensOn remembers the address, if it is the first.
func (f *Framework) listensOn(scheme string, addr net.Addr) {
	o := origin{scheme, "localhost"}
	if tcp, ok := addr.(*net.TCPAddr); ok {
		host := "localhost"
		if !tcp.IP.IsUnspecified() {
			host = tcp.IP.String()
		}
		o.host = net.JoinHostPort(host, fmt.Sprint(tcp.Port))
	}
	f.origin.CompareAndSwap(nil, &o)
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
