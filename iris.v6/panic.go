package iris

import (
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"
)

// Recovered answers a handler's panic with 500, or cuts the connection if a part
// of the response has left, as the framework does by itself. Middleware that
// recovers calls it so that the handlers before it go on. It panics again with
// http.ErrAbortHandler.
func (ctx *Context) Recovered(cause interface{}) {
	ctx.panicked(cause)
	switch {
	case ctx.response.replaced:
	case ctx.response.sent:
		ctx.response.abort()
	default:
		ctx.response.release() // nothing that the handler left half done is saved
		if !ctx.isEncoding() {
			ctx.response.takeBack()
		}
		ctx.response.dst.Header()["Cache-Control"] = noStore
		ctx.EmitError(http.StatusInternalServerError)
	}
}

// panicked logs a panic and tells EventPolicy.Recover of it. It panics again with
// http.ErrAbortHandler, which is no fault.
func (ctx *Context) panicked(cause interface{}) {
	ctx.response.broken, ctx.response.saveErr = true, errReplaced // an attachment that panicked is not saved again
	if cause == http.ErrAbortHandler {
		ctx.response.abort()
	}
	err, ok := cause.(error)
	if !ok {
		err = fmt.Errorf("%v", cause)
	}
	text := escapeControl.Replace(fmt.Sprint(err)) // or it could forge a record
	ctx.Log(ProdMode, "iris: panic at %s: %s\n%s", ctx.requestLine(), text, debug.Stack())
	if listener := ctx.framework.policies.EventPolicy.Recover; listener != nil {
		listener(ctx.framework, err)
	}
}

// escapeControl escapes what moves a terminal's cursor or begins another line.
var escapeControl = strings.NewReplacer("\n", `\n`, "\r", `\r`, "\x1b", `\x1b`)
