package sessions

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Config says how sessions behave. Its zero value works.
type Config struct {
	// Cookie is the name of the cookie that carries the session's id.
	// Default: "sessionid".
	Cookie string
	// Encode and Decode, if set, change the id on its way into the cookie and
	// back, as those of github.com/gorilla/securecookie do. Decode gets a
	// pointer to a string. A cookie that it refuses is no session's.
	Encode func(cookieName string, value interface{}) (string, error)
	Decode func(cookieName string, cookieValue string, v interface{}) error

	// Expires ends a session that long after its creation, however much it is
	// used (ASVS 7.3.2). 0, the default: never. Below 0: never, and the
	// browser forgets the cookie when it closes.
	Expires time.Duration
	// IdleTimeout ends a session that has not been used for that long (ASVS
	// 7.3.1). 0, the default: never. A Store outside the process may write the
	// time of use once a tenth of it, and so end a session up to that much early.
	IdleTimeout time.Duration
	// MaxSessions bounds the sessions in memory. Beyond it, the oldest one that
	// no request has presented since its creation makes room; where all are in
	// use, a new one is refused with 503. Default: 1,000,000.
	MaxSessions int

	// RenewOn has the keys whose change moves the session to a new id, at which
	// moment the old one is dead (ASVS 7.2.4): name what says who the user is.
	RenewOn []string
	// OnRenew, if set, is called for each of these keys whose value a request has
	// changed, once that is stored and before the response leaves: a place to log
	// logins and logouts (ASVS 16.3.1). session is the session's key from then
	// on, value the new value, nil if it was deleted. Not called where a
	// session ends. It must not use the request's session.
	OnRenew func(r *http.Request, session Key, name string, value any)
	// CookieLength is the number of random bytes in an id; at least 16, at most
	// 64. Default: 32, so 256 bits (ASVS 7.2.3).
	CookieLength int

	// Secure sends the cookie over HTTPS only (ASVS 3.3.1). It does so in any
	// case if the request came over TLS; set it behind a proxy that ends TLS.
	Secure bool
	// HostPrefix puts "__Host-" before the name of a Secure cookie, so that no
	// other host can have set it (ASVS 3.3.3).
	HostPrefix bool
	// SameSite says which cross-site requests carry the cookie. Default:
	// http.SameSiteLaxMode (ASVS 3.3.2).
	SameSite http.SameSite
	// DisableSubdomainPersistence is here because v6 programs set it. The
	// cookie goes to the host that set it and never to its subdomains.
	DisableSubdomainPersistence bool

	// Store keeps the sessions. Default: NewMemory().
	Store Store
}

const (
	defaultCookie      = "sessionid"
	defaultIDBytes     = 32
	minIDBytes         = 16
	maxIDBytes         = 64
	defaultMaxSessions = 1_000_000
)

// withDefaults returns c with its defaults filled in. It panics on a value that
// can only be a mistake.
func (c Config) withDefaults() Config {
	c.Cookie = cmp.Or(c.Cookie, defaultCookie)
	c.MaxSessions = cmp.Or(c.MaxSessions, defaultMaxSessions)
	c.CookieLength = min(max(cmp.Or(c.CookieLength, defaultIDBytes), minIDBytes), maxIDBytes)
	c.SameSite = cmp.Or(c.SameSite, http.SameSiteLaxMode)
	if (&http.Cookie{Name: c.Cookie}).Valid() != nil {
		panic(fmt.Sprintf("sessions: Config.Cookie: %q is no name for a cookie", c.Cookie))
	}
	if (c.Encode == nil) != (c.Decode == nil) {
		panic("sessions: Config.Encode and Config.Decode: one is set and the other is not")
	}
	if c.IdleTimeout < 0 {
		panic(fmt.Sprintf("sessions: Config.IdleTimeout: %v is negative", c.IdleTimeout))
	}
	if c.MaxSessions < 0 {
		panic(fmt.Sprintf("sessions: Config.MaxSessions: %d is negative", c.MaxSessions))
	}
	c.RenewOn = slices.Clone(c.RenewOn)
	for _, key := range c.RenewOn {
		if key == "" || strings.HasPrefix(key, flashPrefix) {
			panic(fmt.Sprintf("sessions: Config.RenewOn: %q is no key of a value", key))
		}
	}
	if c.Store == nil {
		c.Store = NewMemory()
	}
	return c
}
