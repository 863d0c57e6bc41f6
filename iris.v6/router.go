package iris

import (
	"fmt"
	"slices"
)

// Router registers routes: those of a whole Framework, or those of a Party, a
// group with a common path and middleware. Routes are registered before the
// framework boots.
type Router struct {
	// Errors has the handlers that OnError registers, common to all parties.
	Errors *ErrorHandlers
	// Context is the pool that requests take their Contexts from.
	Context ContextPool

	repository *repository
	path       string
	middleware Middleware
}

// Party returns a group of routes below relativePath that the given handlers
// run before, after those of this router.
func (r *Router) Party(relativePath string, funcs ...HandlerFunc) *Router {
	party := *r
	party.path = join(r.path, relativePath)
	party.middleware = slices.Concat(r.middleware, handlers(funcs))
	return &party
}

// Use makes handlers run before those of the routes registered from here on.
func (r *Router) Use(h ...Handler) { r.middleware = slices.Concat(r.middleware, h) }

// UseFunc is Use for functions.
func (r *Router) UseFunc(funcs ...HandlerFunc) { r.Use(handlers(funcs)...) }

// Handle registers a route. A second one of the same method and path replaces
// the first. It panics if there is no handler, or more than 254 of them.
func (r *Router) Handle(method, path string, h ...Handler) RouteInfo {
	chain := slices.Concat(r.middleware, h)
	path = join(r.path, path)
	if len(h) == 0 || len(chain) >= stopped {
		panic(fmt.Sprintf("iris: route %s %s: %d handlers and %d of its party's: want at least one, at most %d in all",
			method, path, len(h), len(r.middleware), stopped-1))
	}
	return r.repository.add(method, path, chain)
}

// HandleFunc is Handle for functions.
func (r *Router) HandleFunc(method, path string, funcs ...HandlerFunc) RouteInfo {
	return r.Handle(method, path, handlers(funcs)...)
}

// Get registers a route for GET. It answers HEAD too (RFC 9110 §9.3.2), its
// body dropped, unless a Head route has the same path.
func (r *Router) Get(path string, funcs ...HandlerFunc) RouteInfo {
	return r.HandleFunc(MethodGet, path, funcs...)
}

// Post registers a route for POST.
func (r *Router) Post(path string, funcs ...HandlerFunc) RouteInfo {
	return r.HandleFunc(MethodPost, path, funcs...)
}

// Put registers a route for PUT.
func (r *Router) Put(path string, funcs ...HandlerFunc) RouteInfo {
	return r.HandleFunc(MethodPut, path, funcs...)
}

// Delete registers a route for DELETE.
func (r *Router) Delete(path string, funcs ...HandlerFunc) RouteInfo {
	return r.HandleFunc(MethodDelete, path, funcs...)
}

// Head registers a route for HEAD.
func (r *Router) Head(path string, funcs ...HandlerFunc) RouteInfo {
	return r.HandleFunc(MethodHead, path, funcs...)
}

// Options registers a route for OPTIONS.
func (r *Router) Options(path string, funcs ...HandlerFunc) RouteInfo {
	return r.HandleFunc(MethodOptions, path, funcs...)
}

// Connect registers a route for CONNECT.
func (r *Router) Connect(path string, funcs ...HandlerFunc) RouteInfo {
	return r.HandleFunc(MethodConnect, path, funcs...)
}

// Patch registers a route for PATCH.
func (r *Router) Patch(path string, funcs ...HandlerFunc) RouteInfo {
	return r.HandleFunc(MethodPatch, path, funcs...)
}

// Trace registers a route for TRACE.
func (r *Router) Trace(path string, funcs ...HandlerFunc) RouteInfo {
	return r.HandleFunc(MethodTrace, path, funcs...)
}

// Any registers a route for every method above.
func (r *Router) Any(path string, funcs ...HandlerFunc) {
	for _, method := range allMethods {
		r.HandleFunc(method, path, funcs...)
	}
}

// OnError makes h the answer to every error of that status.
func (r *Router) OnError(statusCode int, h HandlerFunc) {
	r.Errors.Register(statusCode, handlers([]HandlerFunc{h})[0])
}

// EmitError replaces the response by the error of that status: by the handler
// that OnError registered, or else by the status text.
func (r *Router) EmitError(statusCode int, ctx *Context) { r.Errors.Fire(statusCode, ctx) }

// Routes returns the registered routes.
func (r *Router) Routes() RoutesInfo { return r.repository }
