package iris

import (
	"fmt"
	"net/http"
)

// ErrorHandlers has the handlers that answer in place of a failed one, by status.
type ErrorHandlers struct {
	handlers map[int]Handler
}

// Register makes h the answer to errors of that status.
func (e *ErrorHandlers) Register(statusCode int, h Handler) {
	if e.handlers == nil {
		e.handlers = make(map[int]Handler)
	}
	e.handlers[statusCode] = h
}

// Fire replaces the response by the error of that status: by the registered
// handler's answer, or else by the status text. Once a response has begun to
// leave it cannot be replaced; then the connection is cut, so that nobody takes
// it for a whole one.
func (e *ErrorHandlers) Fire(statusCode int, ctx *Context) {
	switch {
	case ctx.response.failed:
		return // the answer is an error already, and a whole one
	case ctx.response.sent:
		ctx.framework.Log(ProdMode, fmt.Sprintf("iris: %s: error %d after the response had begun", ctx.describe(), statusCode))
		panic(http.ErrAbortHandler)
	}
	if !ctx.encoded() {
		ctx.response.reset()
	}
	ctx.ResponseWriter.WriteHeader(statusCode)
	ctx.response.WriteHeader(statusCode) // a writer in the place of ours may pass the first status on, and no other
	if h := e.handlers[statusCode]; h != nil {
		h.Serve(ctx)
		return
	}
	ctx.ResponseWriter.Header()["Content-Type"] = plainText
	ctx.ResponseWriter.WriteString(http.StatusText(statusCode))
}

// encoded tells that a writer in the place of ours encodes the body: what we
// hold back then is the beginning of what it goes on with.
func (ctx *Context) encoded() bool {
	_, ours := ctx.ResponseWriter.(*response)
	return !ours && ctx.response.Header().Get("Content-Encoding") != ""
}

// plainText is shared by all responses: appending to it copies it.
var plainText = []string{"text/plain; charset=utf-8"}
