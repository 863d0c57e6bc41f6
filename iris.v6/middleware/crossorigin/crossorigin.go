// Package crossorigin has middleware against cross-site request forgery, where
// another site makes a browser send a request:
//
//	app.Get("/logout", crossorigin.New(crossorigin.Config{}), logout)
//
// It needs no token, because browsers say where a request comes from: since 2023 in
// Sec-Fetch-Site, over HTTPS and to localhost; and in Origin, though not with a GET.
// A request without both passes. It comes from another program, from an older
// browser, or over plain HTTP.
package crossorigin

import (
	"log/slog"
	"net/http"

	"gopkg.in/kataras/iris.v6"
)

// Config sets how refusals are reported.
type Config struct {
	// Log gets a record at level Warn for each request that is refused, with the
	// path, the client's address and the reason. Default: the framework logs it at
	// ProdMode.
	Log *slog.Logger
}

// New returns the middleware. It answers 403 to a request from another origin, and
// stops the chain. [http.CrossOriginProtection] decides, and here it decides for
// every method, GET and HEAD included: use it for handlers that change something,
// and not for pages that other sites may link to.
func New(config Config) iris.HandlerFunc {
	protection := http.NewCrossOriginProtection()
	return func(ctx *iris.Context) {
		asPost := *ctx.Request // net/http lets GET, HEAD and OPTIONS pass
		asPost.Method = http.MethodPost
		if err := protection.Check(&asPost); err != nil {
			ctx.EmitError(iris.StatusForbidden)
			config.log(ctx, err)
			return
		}
		ctx.Next()
	}
}

func (c Config) log(ctx *iris.Context, reason error) {
	if c.Log == nil {
		ctx.Log(iris.ProdMode, "crossorigin: %q refused to %s: %v", ctx.Path(), ctx.RemoteAddr(), reason)
		return
	}
	c.Log.Warn("request refused", "path", ctx.Path(), "client", ctx.RemoteAddr(), "error", reason)
}
