package sessions

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/memory"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// Config says how sessions behave. Its zero value works.
type Config struct {
	// Cookie is the name of the cookie that carries the session ID; a Secure
	// cookie has "__Host-" in front of it. Default: "irissessionid".
	Cookie string
	// Encode and Decode, if set, change the session ID on its way into the cookie
	// and back, as those of github.com/gorilla/securecookie do. Decode gets a
	// pointer to a string. A cookie that it refuses names no session.
	Encode func(cookieName string, value interface{}) (string, error)
	Decode func(cookieName string, cookieValue string, v interface{}) error

	// Expires ends a session that long after its creation, however much it is
	// used (ASVS 7.3.2). 0, the default: never. Below 0: never, and the
	// browser forgets the cookie when it closes.
	Expires time.Duration
	// IdleTimeout ends a session that has not been used for that long (ASVS
	// 7.3.1). 0, the default: never. A Store outside the process may record a
	// use once per tenth of it, and so end a session up to that much early.
	IdleTimeout time.Duration
	// MaxSessions bounds the sessions in memory or in a file. At the bound a new
	// session takes the place of one that is not in use: see store.Limits for the
	// order, in which RenewOn says which sessions are anonymous. Without RenewOn all
	// are, so a flood can evict users who are active. If all are in use, the response
	// is 503. Default: 1,000,000.
	MaxSessions int

	// RenewOn has the keys whose change renews the session: it moves to a new ID,
	// and the old one is dead at once (ASVS 7.2.4). Name the keys that identify
	// the user. A request that read the session before another one renewed it can
	// still change it, but does not learn its ID: a login, which is a change under
	// one of the keys to a value other than nil, false and "", begins a session of
	// its own instead, so two users never share one. This lasts for
	// store.ForwardTime: a request that takes longer may lose its changes.
	RenewOn []string
	// OnRenew, if set, is called for each key of RenewOn that a request has
	// changed, when the change is stored and before the response leaves: a place
	// to log logins and logouts (ASVS 16.3.1), or to keep the keys of a user's
	// sessions for DestroyByKey. It is not called when a session ends. It must
	// not use the request's session.
	OnRenew func(r *http.Request, renewal Renewal)
	// CookieLength is the number of random bytes in an ID; at least 16, at most
	// 64. Default: 32, which is 256 bits (ASVS 7.2.3).
	CookieLength int

	// Secure makes browsers send the cookie over HTTPS only (ASVS 3.3.1). The
	// response to a request over TLS always does so; set it behind a proxy that
	// terminates TLS.
	Secure bool
	// InsecureNoHostPrefix leaves the "__Host-" out of the name of a Secure
	// cookie (ASVS 3.3.3). Another host of the domain can then set the cookie,
	// and so log a visitor in to an attacker's session. Set it only if another
	// program must find the cookie by its bare name. Default: false.
	InsecureNoHostPrefix bool
	// SameSite says which cross-site requests carry the cookie. Default:
	// http.SameSiteLaxMode (ASVS 3.3.2).
	SameSite http.SameSite
	// DecodeCookie and DisableSubdomainPersistence are here because v6 programs
	// set them. They do nothing: the ID needs no decoding, and the cookie goes to
	// the host that set it and never to its subdomains.
	DecodeCookie, DisableSubdomainPersistence bool

	// Store keeps the sessions. Default: memory.New(). If it has a method
	// Warning() string, a warning is logged when the framework starts.
	Store store.Store
}

// Renewal is a change under a key of Config.RenewOn.
type Renewal struct {
	// Old and New are the session's key in the Store before and after the change.
	// Old is the zero Key if the session began with the change. They are equal
	// after a logout by a request that read the session before another one renewed
	// it.
	Old, New store.Key
	// Name is the key that changed. Before and After are its values, nil for none.
	Name          string
	Before, After interface{}
}

const (
	defaultCookie      = "irissessionid"
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
		panic(fmt.Sprintf("sessions: Config.Cookie: %q is not a valid cookie name", c.Cookie))
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
			panic(fmt.Sprintf("sessions: Config.RenewOn: %q is not the key of a value", key))
		}
	}
	if c.Store == nil {
		c.Store = memory.New()
	}
	return c
}
