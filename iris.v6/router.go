package iris

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Router registers routes: those of a whole Framework, or those of a Party, a
// group with a common path and middleware. Register routes before the framework has
// booted, at the latest in a listener to EventPolicy.Boot. Afterwards the methods
// that register or change routes panic, because the change would not be served.
type Router struct {
	// Errors has the handlers that OnError registers, common to all parties.
	Errors *ErrorHandlers
	// Context is the pool that requests take their Contexts from.
	Context ContextPool

	repository *repository
	parent     *Router // nil for a Framework's
	path       string
	middleware Middleware
	done       Middleware // without the parents'
}

// Party returns a group of routes below relativePath that the given handlers
// run before, after those of this router.
func (r *Router) Party(relativePath string, funcs ...HandlerFunc) *Router {
	if strings.HasSuffix(relativePath, ".") && !strings.HasPrefix(relativePath, "/") {
		panic(fmt.Sprintf("iris: Party(%q): there is no routing by subdomain", relativePath))
	}
	return &Router{
		Errors: r.Errors, Context: r.Context, repository: r.repository, parent: r,
		path: join(r.path, relativePath), middleware: slices.Concat(r.middleware, handlers(funcs)),
	}
}

// Use makes handlers run before those of the routes registered from here on. It
// returns the router.
func (r *Router) Use(h ...Handler) *Router {
	r.middleware = slices.Concat(r.middleware, h)
	return r
}

// UseFunc is Use for functions.
func (r *Router) UseFunc(funcs ...HandlerFunc) *Router { return r.Use(handlers(funcs)...) }

// UseGlobal makes handlers run before all others of every route of every party,
// routes registered before included. They do not run if no route is found.
func (r *Router) UseGlobal(h ...Handler) {
	r.repository.begin = slices.Concat(h, r.repository.begin)
	r.repository.changed()
}

// UseGlobalFunc is UseGlobal for functions.
func (r *Router) UseGlobalFunc(funcs ...HandlerFunc) { r.UseGlobal(handlers(funcs)...) }

// Done makes handlers run after those of every route of this router and its
// parties, routes registered before included, if the last of a route's own handlers
// calls ctx.Next. Those of an inner party run first. It returns the router.
func (r *Router) Done(h ...Handler) *Router {
	r.done = slices.Concat(r.done, h)
	r.repository.changed()
	return r
}

// DoneFunc is Done for functions.
func (r *Router) DoneFunc(funcs ...HandlerFunc) *Router { return r.Done(handlers(funcs)...) }

// Handle registers a route. A second one of the same method and path replaces
// the first. The empty method stands for every HTTP method that has a function
// below; the returned route is then the one of GET. Handle panics if there is no
// handler, or a nil one.
func (r *Router) Handle(method, path string, h ...Handler) RouteInfo {
	if method == "" {
		for _, other := range allMethods[1:] {
			r.Handle(other, path, h...)
		}
		method = MethodGet
	}
	return r.repository.add(&route{
		method: method, path: join(r.path, path), party: r, own: h, middleware: slices.Concat(r.middleware, h),
	})
}

// HandleFunc is Handle for functions.
func (r *Router) HandleFunc(method, path string, funcs ...HandlerFunc) RouteInfo {
	return r.Handle(method, path, handlers(funcs)...)
}

// Get registers a route for GET. It answers HEAD too, without the body (RFC 9110
// §9.3.2), unless a Head route has the same path.
func (r *Router) Get(path string, h ...HandlerFunc) RouteInfo {
	return r.HandleFunc(MethodGet, path, h...)
}

// Post registers a route for POST.
func (r *Router) Post(path string, h ...HandlerFunc) RouteInfo {
	return r.HandleFunc(MethodPost, path, h...)
}

// Put registers a route for PUT.
func (r *Router) Put(path string, h ...HandlerFunc) RouteInfo {
	return r.HandleFunc(MethodPut, path, h...)
}

// Delete registers a route for DELETE.
func (r *Router) Delete(path string, h ...HandlerFunc) RouteInfo {
	return r.HandleFunc(MethodDelete, path, h...)
}

// Head registers a route for HEAD.
func (r *Router) Head(path string, h ...HandlerFunc) RouteInfo {
	return r.HandleFunc(MethodHead, path, h...)
}

// Options registers a route for OPTIONS.
func (r *Router) Options(path string, h ...HandlerFunc) RouteInfo {
	return r.HandleFunc(MethodOptions, path, h...)
}

// Connect registers a route for CONNECT.
func (r *Router) Connect(path string, h ...HandlerFunc) RouteInfo {
	return r.HandleFunc(MethodConnect, path, h...)
}

// Patch registers a route for PATCH.
func (r *Router) Patch(path string, h ...HandlerFunc) RouteInfo {
	return r.HandleFunc(MethodPatch, path, h...)
}

// Trace registers a route for TRACE.
func (r *Router) Trace(path string, h ...HandlerFunc) RouteInfo {
	return r.HandleFunc(MethodTrace, path, h...)
}

// None registers a route that is offline: no request reaches it, but it has a
// name and a path (see [Framework.Path]), and RouteRepository.ChangeMethod can
// put it online. It needs no handlers; a nil one is left out.
func (r *Router) None(path string, h ...HandlerFunc) RouteInfo {
	some := slices.DeleteFunc(slices.Clone(h), func(h HandlerFunc) bool { return h == nil })
	return r.HandleFunc(MethodNone, path, some...)
}

// Any registers a route for every HTTP method above.
func (r *Router) Any(path string, h ...HandlerFunc) { r.HandleFunc("", path, h...) }

// OnError makes h the answer to every error of that status on the paths below the
// router's path (for a Party, the part before its first parameter). If there are
// patterns, regular expressions (see package regexp), one of them must match the
// path. A Party's handler wins over its parent's, one with patterns over one
// without, a later one over an earlier one. OnError panics on a nil h and on a
// pattern that does not compile. Call it before the framework serves.
func (r *Router) OnError(statusCode int, h HandlerFunc, patterns ...string) {
	e := errorHandler{Handler: handlers([]HandlerFunc{h})[0], below: r.path}
	for _, p := range patterns {
		e.patterns = append(e.patterns, mustCompile("OnError", p))
	}
	r.Errors.register(statusCode, e)
}

// EmitError replaces the response by the error of that status: by the handler
// that OnError registered, or else by the status text.
func (r *Router) EmitError(statusCode int, ctx *Context) { r.Errors.Fire(statusCode, ctx) }

// ServeHTTP answers a request in the way of the router's whole Framework.
func (r *Router) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.Context.Framework().ServeHTTP(w, req)
}

// Routes returns the registered routes.
func (r *Router) Routes() RoutesInfo { return r.repository }
