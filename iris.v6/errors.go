package iris

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// ErrorHandlers has the handlers that answer in place of a failed one, by status.
type ErrorHandlers struct {
	handlers map[int][]errorHandler
}

type errorHandler struct {
	Handler
	below    string           // the path of its party
	patterns []*regexp.Regexp // if there are any, one must match the request's path
}

// Register makes h the answer to errors of that status, on every path that no
// party has a handler for.
func (e *ErrorHandlers) Register(statusCode int, h Handler) {
	e.register(statusCode, errorHandler{Handler: h, below: "/"})
}

func (e *ErrorHandlers) register(statusCode int, h errorHandler) {
	if e.handlers == nil {
		e.handlers = make(map[int][]errorHandler)
	}
	e.handlers[statusCode] = append(e.handlers[statusCode], h)
}

// find returns the handler for the error, nil if there is none. If several have the
// highest rank, it is the last of them.
func (e *ErrorHandlers) find(statusCode int, ctx *Context) (found Handler) {
	highest := 0
	for _, h := range e.handlers[statusCode] {
		if rank := h.rank(ctx); rank >= highest {
			highest, found = rank, h.Handler
		}
	}
	return found
}

// rank is higher for the handler of an inner party than for that of an outer one,
// and with a pattern higher than without. It is negative if the handler is not for
// the request's path.
func (h *errorHandler) rank(ctx *Context) int {
	path, party := ctx.Path(), h.below
	if static := ctx.framework.policies.StaticPath; static != nil {
		party = static(party)
	}
	party = strings.TrimSuffix(party, "/")
	rest, inside := strings.CutPrefix(path, party)
	switch {
	case !inside || party != "" && rest != "" && rest[0] != '/':
		return -1
	case len(h.patterns) == 0:
		return 2 * len(party)
	case slices.ContainsFunc(h.patterns, func(p *regexp.Regexp) bool { return p.MatchString(path) }):
		return 2*len(party) + 1
	}
	return -1
}

// Fire replaces the response by the error of that status: by the registered
// handler's answer, or else by the status text. A response that has begun to leave
// cannot be replaced. The connection is then cut, so that the client does not take
// the response for a complete one.
func (e *ErrorHandlers) Fire(statusCode int, ctx *Context) {
	switch {
	case ctx.response.replaced:
		return // an error is the response already, and a complete one
	case ctx.response.sent:
		ctx.framework.Log(ProdMode, fmt.Sprintf("iris: %s: error %d after the response had begun", ctx.requestLine(), statusCode))
		ctx.response.abort()
	}
	if !ctx.isEncoding() {
		ctx.response.reset()
	}
	ctx.ResponseWriter.WriteHeader(statusCode)
	ctx.response.WriteHeader(statusCode) // a foreign writer may pass on the first status only
	if h := e.find(statusCode, ctx); h != nil {
		h.Serve(ctx)
		return
	}
	header := ctx.response.dst.Header()
	if !ctx.ownWriter() {
		header = ctx.ResponseWriter.Header()
	}
	header["Content-Type"] = plainText
	ctx.ResponseWriter.WriteString(http.StatusText(statusCode))
}

// ownWriter reports whether no middleware has replaced the Context's writer.
func (ctx *Context) ownWriter() bool {
	_, own := ctx.ResponseWriter.(*response)
	return own
}

// isEncoding reports whether a foreign writer encodes the body. The buffered part is
// then the beginning of an encoded body, and must stay.
func (ctx *Context) isEncoding() bool {
	return !ctx.ownWriter() && ctx.response.dst.Header().Get("Content-Encoding") != ""
}

// plainText is shared by all responses: appending to it copies it.
var plainText = []string{"text/plain; charset=utf-8"}
