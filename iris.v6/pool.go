package iris

import (
	"fmt"
	"net/http"
	"runtime/debug"
	"sync"
)

// ContextPool lends a router the Contexts that requests run on.
type ContextPool interface {
	// Acquire returns a Context for the request.
	Acquire(w http.ResponseWriter, r *http.Request) *Context
	// Release sends what is left of the response and takes the Context back.
	// It is to be deferred: then it also answers a handler's panic, with 500.
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
	defer p.put(ctx) // also where what follows panics
	if cause != nil {
		ctx.ResponseWriter = &ctx.response // whoever replaced it is no longer there
		ctx.Recovered(cause)
	}
	if err := ctx.response.finish(); err != nil && err != errFailed {
		p.framework.Log(DevMode, "iris: "+ctx.describe()+": "+err.Error())
	}
}

func (p *contextPool) put(ctx *Context) {
	ctx.end()
	p.pool.Put(ctx)
}

// noStore is shared by all responses: appending to it copies it.
var noStore = []string{"no-store"}

// Recovered answers a handler's panic with 500, or cuts the connection if a part
// of the response has left, as the framework does by itself. It is for
// middleware that recovers, in order that the handlers before it go on. It
// panics on with http.ErrAbortHandler.
func (ctx *Context) Recovered(cause interface{}) {
	if cause == http.ErrAbortHandler {
		panic(cause)
	}
	err, ok := cause.(error)
	if !ok {
		err = fmt.Errorf("%v", cause)
	}
	ctx.Log(ProdMode, "iris: panic at %s: %v\n%s", ctx.describe(), err, debug.Stack())
	if listener := ctx.framework.policies.EventPolicy.Recover; listener != nil {
		listener(ctx.framework, err)
	}
	switch {
	case ctx.response.failed:
	case ctx.response.sent:
		panic(http.ErrAbortHandler)
	default:
		ctx.response.release() // what the handler did by halves is not saved
		ctx.response.Header()["Cache-Control"] = noStore
		ctx.EmitError(http.StatusInternalServerError)
	}
}
