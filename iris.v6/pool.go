package iris

import (
	"net/http"
	"sync"
)

// ContextPool lends a router the Contexts that requests run on.
type ContextPool interface {
	// Acquire returns a Context for the request.
	Acquire(w http.ResponseWriter, r *http.Request) *Context
	// Release sends the rest of the response and takes the Context back. Defer
	// it: then it also answers a handler's panic, with 500.
	Release(ctx *Context)
	// Run acquires a Context, runs the function on it and releases it.
	Run(w http.ResponseWriter, r *http.Request, runner func(*Context))
	// Framework returns the framework that the Contexts belong to.
	Framework() *Framework
}

type contextPool struct {
	framework *Framework
	pool      sync.Pool
}

func newContextPool(f *Framework) *contextPool {
	p := &contextPool{framework: f}
	p.pool.New = func() any { return &Context{framework: f} }
	return p
}

func (p *contextPool) Framework() *Framework { return p.framework }

func (p *contextPool) Acquire(w http.ResponseWriter, r *http.Request) *Context {
	ctx := p.pool.Get().(*Context)
	ctx.begin(w, r)
	return ctx
}

func (p *contextPool) Run(w http.ResponseWriter, r *http.Request, runner func(*Context)) {
	ctx := p.Acquire(w, r)
	defer p.Release(ctx)
	runner(ctx)
}

func (p *contextPool) Release(ctx *Context) {
	cause := recover()
	defer p.put(ctx)
	if cause != nil {
		ctx.ResponseWriter = &ctx.response // the middleware that replaced it is gone
		ctx.Recovered(cause)
	}
	ctx.response.finish()
}

// put is deferred, because an attachment may panic when it is saved.
func (p *contextPool) put(ctx *Context) {
	if cause := recover(); cause != nil {
		defer ctx.end()
		ctx.Recovered(cause)
		ctx.response.finish()
		return
	}
	ctx.end()
	if !ctx.response.broken { // a panic may have left it half reset
		p.pool.Put(ctx)
	}
}
