package iris

import (
	"fmt"
	"slices"
	"strings"
)

// Router registers routes: those of a whole Framework, or those of a Party, a
// group with a common path and middleware. Routes are registered before the
// framework has booted, at the latest by a listener to EventPolicy.Boot:
// afterwards the methods that register or change them panic, as what they did
// would not be served.
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

// Use makes handlers run before those of the routes registered from here on.
func (r *Router) Use(h ...Handler) { r.middleware = slices.Concat(r.middleware, h) }

// UseFunc is Use for functions.
func (r *Router) UseFunc(funcs ...HandlerFunc) { r.Use(handlers(funcs)...) }

// UseGlobal makes handlers run before all others of every route of every party,
// of those registered already, too. They do not run where there is no route.
func (r *Router) UseGlobal(h ...Handler) {
	r.repository.begin = slices.Concat(h, r.repository.begin)
	r.repository.changed()
}

// UseGlobalFunc is UseGlobal for functions.
func (r *Router) UseGlobalFunc(funcs ...HandlerFunc) { r.UseGlobal(handlers(funcs)...) }

// Done makes handlers run after those of every route of this router and its
// parties, of those registered already, too: if the last of a route's own
// handlers calls ctx.Next. Those of an inner party run first.
func (r *Router) Done(h ...Handler) {
	r.done = slices.Concat(r.done, h)
	r.repository.changed()
}

// DoneFunc is Done for functions.
func (r *Router) DoneFunc(funcs ...HandlerFunc) { r.Done(handlers(funcs)...) }

// Handle registers a route. A second one of the same method and path replaces
// the first. It panics if there is no handler, a nil one, or more than 254 of them.
func (r *Router) Handle(method, path string, h ...Handler) RouteInfo {
	return r.repository.add(&route{
		method: method, path: join(r.path, path), party: r, own: h, middleware: slices.Concat(r.middleware, h),
	})
}

// HandleFunc is Handle for functions.
func (r *Router) HandleFunc(method, path string, funcs ...HandlerFunc) RouteInfo {
	return r.Handle(method, path, handlers(funcs)...)
}

// Get registers a route for GET. It answers HEAD too (RFC 9110 §9.3.2), its
// body dropped, unless a Head route has the same path.
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
// put it online.
func (r *Router) None(path string, h ...HandlerFunc) RouteInfo {
	return r.HandleFunc(MethodNone, path, h...)
}

// Any registers a route for every HTTP method above.
func (r *Router) Any(path string, h ...HandlerFunc) {
	for _, method := range allMethods {
		r.HandleFunc(method, path, h...)
	}
}

// OnError makes h the answer to every error of that status. It is to be called
// before the framework serves.
func (r *Router) OnError(statusCode int, h HandlerFunc) {
	r.Errors.Register(statusCode, handlers([]HandlerFunc{h})[0])
}

// EmitError replaces the response by the error of that status: by the handler
// that OnError registered, or else by the status text.
func (r *Router) EmitError(statusCode int, ctx *Context) { r.Errors.Fire(statusCode, ctx) }

// Routes returns the registered routes.
func (r *Router) Routes() RoutesInfo { return r.repository }
