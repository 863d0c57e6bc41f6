package iris

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
)

// RouteInfo describes a route.
type RouteInfo interface {
	// ChangeName gives the route another name and returns it.
	ChangeName(name string) RouteInfo
	// Name is the route's name: its method and path unless changed.
	Name() string
	// Method is the HTTP method that the route answers, MethodNone if none.
	Method() string
	// Path is the path, with its parameters as the router writes them.
	Path() string
	// Subdomain is empty: there is no routing by subdomain.
	Subdomain() string
	// Middleware is the chain of handlers that answers. Do not change it. A router
	// calls Middleware when it is built, and not for every request.
	Middleware() Middleware
	// IsOnline tells whether requests can reach the route; see [Router.None].
	IsOnline() bool
}

// RoutesInfo are the registered routes.
type RoutesInfo interface {
	// Lookup returns the first route of that name, nil if there is none.
	Lookup(name string) RouteInfo
	// Visit calls visit with each route, in the order of their registration.
	Visit(visit func(RouteInfo))
}

// RouteRepository has the routes that a router is built from. The router may change
// them while it is built, but not afterwards.
type RouteRepository interface {
	RoutesInfo
	// ChangeName gives a route another name.
	ChangeName(r RouteInfo, name string)
	// ChangeMethod makes a route answer another method: MethodNone takes it
	// offline.
	ChangeMethod(r RouteInfo, method string)
	// ChangePath gives a route another path.
	ChangePath(r RouteInfo, path string)
	// ChangeMiddleware replaces the whole chain of a route's handlers, including
	// those of Use, UseGlobal and Done.
	ChangeMiddleware(r RouteInfo, m Middleware)
}

type route struct {
	name, method, path string
	party              *Router
	own                Middleware // the route's own handlers
	middleware         Middleware // and those that Use has put before them
	chain              Middleware // of ChangeMiddleware, nil without
}

func (r *route) ChangeName(name string) RouteInfo {
	r.party.repository.ChangeName(r, name)
	return r
}
func (r *route) Name() string      { return r.name }
func (r *route) Method() string    { return r.method }
func (r *route) Path() string      { return r.path }
func (r *route) Subdomain() string { return "" }
func (r *route) IsOnline() bool    { return r.method != MethodNone }

func (r *route) Middleware() Middleware {
	if r.chain != nil {
		return r.chain
	}
	chain := slices.Concat(r.party.repository.begin, r.middleware)
	for party := r.party; party != nil; party = party.parent {
		chain = append(chain, party.done...)
	}
	return chain
}

// check panics if the route cannot be run.
func (r *route) check() {
	chain := r.Middleware()
	if len(r.own) == 0 && r.IsOnline() {
		panic(fmt.Sprintf("iris: route %s %s: no handler", r.method, r.path))
	}
	if slices.Contains(chain, nil) {
		panic(fmt.Sprintf("iris: route %s %s: a handler is nil", r.method, r.path))
	}
}

type repository struct {
	routes []*route
	begin  Middleware  // of UseGlobal
	frozen atomic.Bool // changes panic
}

// add registers a route, or replaces the one of the same method and path.
func (rep *repository) add(r *route) *route {
	rep.mustChange("register " + r.method + " " + r.path)
	r.check()
	for _, old := range rep.routes {
		if old.method == r.method && old.path == r.path {
			r.name = old.name
			*old = *r
			return old
		}
	}
	r.name = r.method + r.path
	rep.routes = append(rep.routes, r)
	return r
}

// changed is called when the handlers of all routes may have changed.
func (rep *repository) changed() {
	rep.mustChange("add middleware to routes")
	for _, r := range rep.routes {
		r.check()
	}
}

// mustChange panics if it is too late for a change: the router has been built, and
// would not see it.
func (rep *repository) mustChange(what string) {
	if rep.frozen.Load() {
		panic("iris: cannot " + what + ": the framework has booted; do it before Boot, Serve, Listen and the first request, " +
			"or in a listener to EventPolicy.Boot")
	}
}

func (rep *repository) change(info RouteInfo, change func(*route)) {
	r, _ := info.(*route) // nil, which no repository has, if a router has made info itself
	if !slices.Contains(rep.routes, r) {
		panic(fmt.Sprintf("iris: %v is no route of this framework", info))
	}
	rep.mustChange("change " + r.method + " " + r.path)
	change(r)
	r.check()
}

func (rep *repository) ChangeName(r RouteInfo, name string) {
	rep.change(r, func(r *route) { r.name = name })
}

func (rep *repository) ChangeMethod(r RouteInfo, method string) {
	rep.change(r, func(r *route) { r.method = method })
}

func (rep *repository) ChangePath(r RouteInfo, path string) {
	rep.change(r, func(r *route) { r.path = path })
}

func (rep *repository) ChangeMiddleware(r RouteInfo, m Middleware) {
	rep.change(r, func(r *route) { r.own, r.chain = m, slices.Clone(m) })
}

func (rep *repository) Lookup(name string) RouteInfo {
	for _, r := range rep.routes {
		if r.name == name {
			return r
		}
	}
	return nil
}

func (rep *repository) Visit(visit func(RouteInfo)) {
	for _, r := range rep.routes {
		visit(r)
	}
}

// join puts a path behind its party's, with one slash between them.
func join(party, path string) string {
	if path == "" {
		return party
	}
	return strings.TrimSuffix(party, "/") + "/" + strings.TrimPrefix(path, "/")
}
