package iris

import (
	"fmt"
	"net/http"
)

// Handler answers a request, or does a part of the work.
type Handler interface {
	Serve(ctx *Context)
}

// HandlerFunc is a function used as a Handler.
type HandlerFunc func(*Context)

// Serve calls h.
func (h HandlerFunc) Serve(ctx *Context) { h(ctx) }

// Middleware is a chain of handlers; each runs the next by calling ctx.Next.
type Middleware []Handler

// handlers returns the functions as handlers. It panics on a nil one.
func handlers(funcs []HandlerFunc) Middleware {
	m := make(Middleware, len(funcs))
	for i, f := range funcs {
		if f == nil {
			panic("iris: a handler is nil")
		}
		m[i] = f
	}
	return m
}

// ToHandler makes a HandlerFunc of a standard-library handler: an
// [http.Handler], a func(http.ResponseWriter, *http.Request), or a middleware
// func(http.ResponseWriter, *http.Request, http.HandlerFunc), whose last
// argument runs the next handler of the chain, with the writer and the request that
// it gets. Middleware must not return before next does, as http.TimeoutHandler
// would, because another request may then use the Context. ToHandler panics on any
// other type.
func ToHandler(h interface{}) HandlerFunc {
	switch h := h.(type) {
	case HandlerFunc:
		return h
	case http.Handler:
		return func(ctx *Context) { h.ServeHTTP(ctx.ResponseWriter, ctx.Request) }
	case func(http.ResponseWriter, *http.Request):
		return func(ctx *Context) { h(ctx.ResponseWriter, ctx.Request) }
	case func(http.ResponseWriter, *http.Request, http.HandlerFunc):
		return func(ctx *Context) {
			h(ctx.ResponseWriter, ctx.Request, func(w http.ResponseWriter, r *http.Request) {
				defer func(w ResponseWriter, r *http.Request) {
					ctx.keepForm()
					ctx.ResponseWriter, ctx.Request = w, r
				}(ctx.ResponseWriter, ctx.Request)
				ctx.ResponseWriter, ctx.Request = ctx.replace(w), r
				ctx.Next()
			})
		}
	}
	panic(fmt.Sprintf("iris: ToHandler: %T is not a handler: want http.Handler, func(http.ResponseWriter, *http.Request) "+
		"or func(http.ResponseWriter, *http.Request, http.HandlerFunc)", h))
}
