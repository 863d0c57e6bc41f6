package iris

import "strings"

// RouteInfo describes a route.
type RouteInfo interface {
	// ChangeName gives the route another name and returns it.
	ChangeName(name string) RouteInfo
	// Name is the route's name: its method and path unless changed.
	Name() string
	// Method is the HTTP method that the route answers.
	Method() string
	// Path is the path, with its parameters as the router writes them.
	Path() string
	// Middleware is the chain of handlers that answers.
	Middleware() Middleware
}

// RoutesInfo are the registered routes.
type RoutesInfo interface {
	// Lookup returns the route of that name, nil if there is none.
	Lookup(name string) RouteInfo
	// Visit calls visit with each route, in the order of their registration.
	Visit(visit func(RouteInfo))
}

// RouteRepository is what a router is built from.
type RouteRepository interface {
	RoutesInfo
}

type route struct {
	name, method, path string
	middleware         Middleware
}

func (r *route) ChangeName(name string) RouteInfo {
	r.name = name
	return r
}
func (r *route) Name() string           { return r.name }
func (r *route) Method() string         { return r.method }
func (r *route) Path() string           { return r.path }
func (r *route) Middleware() Middleware { return r.middleware }

type repository struct {
	routes []*route
}

// add registers a route, or replaces the one of the same method and path.
func (rep *repository) add(method, path string, m Middleware) *route {
	for _, r := range rep.routes {
		if r.method == method && r.path == path {
			r.middleware = m
			return r
		}
	}
	r := &route{name: method + path, method: method, path: path, middleware: m}
	rep.routes = append(rep.routes, r)
	return r
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
