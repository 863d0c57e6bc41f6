package iris

import (
	"context"
	"fmt"
	"math"
	"mime/multipart"
	"net/http"
	"strconv"
	"time"
)

// Context is one request and its response, as handlers see them. It is reused for
// later requests: do not keep it after the handlers have returned.
//
// It is a [context.Context], the request's. Hand Request.Context() to code that may
// outlive the handlers.
//
// It is an [http.ResponseWriter] too: the methods of its ResponseWriter are its own.
type Context struct {
	ResponseWriter
	Request *http.Request
	// Middleware is the chain of handlers that answers the request.
	Middleware Middleware
	// Pos is the place in Middleware of the handler that runs.
	Pos int

	framework *Framework
	response  response
	values    []value
	forms     []*multipart.Form // of requests that middleware has put in place of the first
}

// stopped is a place behind every chain, and so is the place after it.
const stopped = math.MaxInt - 1

// Do runs the first handler of the chain.
func (ctx *Context) Do() {
	ctx.Pos = 0
	if len(ctx.Middleware) > 0 {
		ctx.Middleware[0].Serve(ctx)
	}
}

// Next runs the next handler of the chain, if there is one.
func (ctx *Context) Next() {
	if next := ctx.Pos + 1; next < len(ctx.Middleware) {
		ctx.Pos = next
		ctx.Middleware[next].Serve(ctx)
	}
}

// StopExecution makes every later Next do nothing, as EmitError, Redirect and
// RedirectTo do.
func (ctx *Context) StopExecution() { ctx.Pos = stopped }

// IsStopped reports whether the chain was stopped.
func (ctx *Context) IsStopped() bool { return ctx.Pos == stopped }

// Framework returns the framework that runs the request.
func (ctx *Context) Framework() *Framework { return ctx.framework }

// Unwrap returns the ResponseWriter, for [http.ResponseController].
func (ctx *Context) Unwrap() http.ResponseWriter { return ctx.ResponseWriter }

// Log hands a message to the adapted logger.
func (ctx *Context) Log(mode LogMode, format string, a ...interface{}) {
	ctx.framework.Log(mode, fmt.Sprintf(format, a...))
}

// Session returns the request's session. It panics if no session manager was
// adapted. A handler that shares the session with goroutines calls it first: they
// may use the Session at once, but not the Context.
func (ctx *Context) Session() Session {
	return ctx.sessions().Start(&ctx.response, ctx.Request)
}

// SessionDestroy ends the request's session and removes the client's cookie.
func (ctx *Context) SessionDestroy() {
	ctx.sessions().Destroy(&ctx.response, ctx.Request)
}

func (ctx *Context) sessions() *SessionsPolicy {
	p := &ctx.framework.policies.SessionsPolicy
	if p.Start == nil {
		panic("iris: no session manager: add app.Adapt(sessions.New(sessions.Config{Cookie: \"…\"})), " +
			"from gopkg.in/kataras/iris.v6/adaptors/sessions")
	}
	return p
}

// Deadline implements context.Context.
func (ctx *Context) Deadline() (time.Time, bool) { return ctx.std().Deadline() }

// Done implements context.Context: it is closed when the client is gone.
func (ctx *Context) Done() <-chan struct{} { return ctx.std().Done() }

// Err implements context.Context.
func (ctx *Context) Err() error { return ctx.std().Err() }

// Value implements context.Context. Under a string it also finds what Set keeps.
func (ctx *Context) Value(key interface{}) interface{} {
	if name, ok := key.(string); ok {
		if v := ctx.Get(name); v != nil {
			return v
		}
	}
	return ctx.std().Value(key)
}

func (ctx *Context) std() context.Context {
	if ctx.Request == nil {
		return context.Background()
	}
	return ctx.Request.Context()
}

func (ctx *Context) begin(w http.ResponseWriter, r *http.Request) {
	ctx.Request = r
	ctx.ResponseWriter = &ctx.response
	ctx.response.begin(ctx, w, r.Method == http.MethodHead)
}

// end forgets the request, so that the next one finds nothing of it.
func (ctx *Context) end() {
	ctx.keepForm()
	if len(ctx.forms) > 0 {
		ctx.removeForms()
	}
	ctx.response.end()
	ctx.Request, ctx.ResponseWriter, ctx.Middleware, ctx.Pos = nil, nil, nil, 0
	clear(ctx.values)
	ctx.values = ctx.values[:0]
}

// requestLine names the request in a log record. It quotes what the client chose,
// and leaves out the query and the header, which may contain secrets.
func (ctx *Context) requestLine() string {
	return strconv.Quote(ctx.Method()) + " " + strconv.Quote(ctx.Path())
}
