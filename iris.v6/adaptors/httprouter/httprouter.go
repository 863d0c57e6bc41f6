// Package httprouter adapts github.com/julienschmidt/httprouter, which finds a route
// in a time that does not grow with the number of routes:
//
//	app.Adapt(httprouter.New())
//
// A path may have parameters: ":name" matches one segment, "*name" at the end
// matches the rest, with its leading slash. Building the router panics if two paths of
// one method could match the same request.
package httprouter

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/julienschmidt/httprouter"
	"gopkg.in/kataras/iris.v6"
)

// New returns the router.
func New() iris.Policies {
	return iris.Policies{RouterBuilderPolicy: build, RouterReversionPolicy: reversion}
}

// mux is the built router. Its routes never change, so requests share it freely.
type mux struct {
	routes  *httprouter.Router // only for look-ups: mux itself answers requests without a route
	methods []string           // those that have routes
	pool    iris.ContextPool
	config  *iris.Configuration
}

func build(repo iris.RouteRepository, pool iris.ContextPool) http.Handler {
	m := &mux{routes: httprouter.New(), pool: pool, config: pool.Framework().Config}
	repo.Visit(func(r iris.RouteInfo) {
		if !r.IsOnline() {
			return
		}
		m.routes.Handle(r.Method(), r.Path(), handle(pool, r.Middleware()))
		if !slices.Contains(m.methods, r.Method()) {
			m.methods = append(m.methods, r.Method())
		}
	})
	slices.Sort(m.methods)
	return m
}

func handle(pool iris.ContextPool, chain iris.Middleware) httprouter.Handle {
	return func(w http.ResponseWriter, r *http.Request, params httprouter.Params) {
		ctx := pool.Acquire(w, r)
		defer pool.Release(ctx)
		for _, p := range params {
			ctx.Set(p.Key, p.Value)
		}
		ctx.Middleware = chain
		ctx.Do()
	}
}

// ServeHTTP runs the request's route, or answers with a redirect, 404 or 405.
func (m *mux) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.Path
	if m.config.EnablePathEscape {
		path = r.URL.EscapedPath()
	}
	handle, params, otherSlash := m.lookup(r.Method, path)
	if handle != nil {
		handle(w, r, params)
		return
	}
	if r.Method == http.MethodOptions && r.RequestURI == "*" { // it asks about the server, not about a path (RFC 9110 §9.3.7)
		return
	}
	// "//host/" as a Location would lead to another host.
	if otherSlash && path != "/" && !strings.HasPrefix(path, "//") && r.Method != http.MethodConnect && !m.config.DisablePathCorrection {
		m.redirect(w, r)
		return
	}
	status := http.StatusNotFound
	if m.config.FireMethodNotAllowed {
		if allow := m.allowed(path); len(allow) > 0 {
			w.Header().Set("Allow", strings.Join(allow, ", "))
			status = http.StatusMethodNotAllowed
		}
	}
	m.pool.Run(w, r, func(ctx *iris.Context) { ctx.Framework().EmitError(status, ctx) })
}

// lookup finds the route of a request, or tells whether there is one for the
// path with its trailing slash added or removed. A HEAD request without a Head route
// takes the route of GET (RFC 9110 §9.3.2).
func (m *mux) lookup(method, path string) (handle httprouter.Handle, params httprouter.Params, otherSlash bool) {
	handle, params, otherSlash = m.routes.Lookup(method, path)
	if handle == nil && method == http.MethodHead {
		var otherGet bool
		handle, params, otherGet = m.routes.Lookup(http.MethodGet, path)
		otherSlash = otherSlash || otherGet
	}
	return handle, params, otherSlash
}

// allowed returns the methods that have a route for the path.
func (m *mux) allowed(path string) []string {
	var allow []string
	for _, method := range m.methods {
		if handle, _, _ := m.routes.Lookup(method, path); handle != nil {
			allow = append(allow, method)
		}
	}
	if slices.Contains(allow, http.MethodGet) && !slices.Contains(allow, http.MethodHead) {
		allow = append(allow, http.MethodHead)
	}
	return allow
}

// redirect answers with the path with its trailing slash added or removed.
func (m *mux) redirect(w http.ResponseWriter, r *http.Request) {
	status := http.StatusMovedPermanently
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		status = http.StatusPermanentRedirect // the method must stay (RFC 9110 §15.4.9)
	}
	u := url.URL{Path: r.URL.Path}
	if m.config.EnablePathEscape {
		u.RawPath = r.URL.RawPath
	}
	to, slash := strings.CutSuffix(u.EscapedPath(), "/")
	if !slash {
		to += "/"
	}
	if r.URL.RawQuery != "" {
		to += "?" + r.URL.RawQuery
	}
	http.Redirect(w, r, to, status)
}
