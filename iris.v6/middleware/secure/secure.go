// Package secure sets the header fields that make browsers careful with every
// response:
//
//	app.Adapt(secure.New(secure.Config{HTTPS: true}))
//
// This includes responses without a route: redirects, errors, and the one to
// "OPTIONS *". It does not include the responses that net/http itself writes before
// a handler runs: 400 to malformed requests, 417, 431, 501 to an unknown
// Transfer-Encoding, and 505. Those are plain text and close the connection.
package secure

import (
	"net/http"

	"gopkg.in/kataras/iris.v6"
)

// Config says how browsers reach the server.
type Config struct {
	// HTTPS is set when browsers use HTTPS only, with this server or with a proxy in
	// front of it. They are told to use nothing else for this host for a year, which
	// cannot be taken back. Other hosts of the domain are not affected. Default: false.
	HTTPS bool
}

// Values that all responses share: appending to them copies them.
var (
	noSniff = []string{"nosniff"}
	oneYear = []string{"max-age=31536000"} // without includeSubDomains, which breaks sibling hosts on HTTP
)

// New returns a policy that sets X-Content-Type-Options to nosniff and, with HTTPS,
// Strict-Transport-Security. Handlers can replace both.
func New(config Config) iris.RouterWrapperPolicy {
	return func(w http.ResponseWriter, r *http.Request, next http.HandlerFunc) {
		header := w.Header()
		header["X-Content-Type-Options"] = noSniff
		if config.HTTPS {
			header["Strict-Transport-Security"] = oneYear
		}
		next(w, r)
	}
}
