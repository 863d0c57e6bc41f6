// Package basicauth has middleware that asks for a name and a password, with HTTP's
// basic authentication (RFC 7617). The password is in every request: use it with TLS.
package basicauth

import (
	"cmp"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"gopkg.in/kataras/iris.v6"
)

// Config has the users that may pass.
type Config struct {
	// Users has the passwords by name. There must be one, and no name may be
	// empty or have a colon.
	Users map[string]string
	// Realm is what browsers show when they ask. Default: "Authorization Required".
	Realm string
	// ContextKey is the key of the user's name, for Context.GetString. Default: "user".
	ContextKey string
	// Expires is how long a login lasts. The first request after that is refused,
	// so that the browser asks again, and the next one is a login. The time counts
	// per user, for all of the user's clients together, and is lost at a restart.
	// Default: for ever.
	Expires time.Duration
}

// User returns the name of the user that the middleware has let pass, "" if it did
// not run. It does not read what else is stored under ContextKey, such as a path
// parameter of the same name.
func (c Config) User(ctx *iris.Context) string {
	name, _ := ctx.Get(c.userKey()).(user)
	return string(name)
}

// user is a name that only this package can have stored.
type user string

func (c Config) userKey() string { return "basicauth/" + cmp.Or(c.ContextKey, "user") }

// Default is New with the users and nothing else set.
func Default(users map[string]string) iris.HandlerFunc { return New(Config{Users: users}) }

// New returns the middleware. It answers 401 to other requests, without revealing,
// in text or timing, whether the name or the password was wrong. It panics if there
// are no users, if a name cannot be sent, or if Expires is negative.
func New(c Config) iris.HandlerFunc {
	c.Realm = cmp.Or(c.Realm, "Authorization Required")
	c.ContextKey = cmp.Or(c.ContextKey, "user")
	if len(c.Users) == 0 || c.Expires < 0 {
		panic(fmt.Sprintf("basicauth: Config: %d users, Expires %v: want at least one user, and no negative time", len(c.Users), c.Expires))
	}
	challenge := "Basic realm=" + strconv.Quote(c.Realm) + `, charset="UTF-8"`
	users := make(map[digest]digest, len(c.Users))
	for name, password := range c.Users {
		if name == "" || strings.Contains(name, ":") {
			panic(fmt.Sprintf("basicauth: Config.Users: %q is no name that a client can send", name))
		}
		users[hash(name)] = hash(password)
	}
	userKey := c.userKey()
	logins := logins{lasts: c.Expires, since: make(map[string]time.Time)}
	return func(ctx *iris.Context) {
		name, password, ok := ctx.Request.BasicAuth()
		// Digests, so that the time of the search and of the comparison does not
		// reveal how much of a guess was right.
		want, known := users[hash(name)]
		got := hash(password)
		same := subtle.ConstantTimeCompare(got[:], want[:]) == 1
		if !ok || !known || !same || !logins.valid(name) {
			ctx.SetHeader("WWW-Authenticate", challenge)
			ctx.EmitError(iris.StatusUnauthorized)
			return
		}
		ctx.Set(userKey, user(name))
		ctx.Set(c.ContextKey, name)
		ctx.Next()
	}
}

type digest = [sha256.Size]byte

func hash(s string) digest { return sha256.Sum256([]byte(s)) }

// logins has the times of the users' logins, if logins expire.
type logins struct {
	lasts time.Duration
	mu    sync.Mutex
	since map[string]time.Time
}

// valid reports whether the user's login is valid. A user without a login logs in.
// An expired login is removed.
func (l *logins) valid(name string) bool {
	if l.lasts == 0 {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	since, in := l.since[name]
	switch {
	case !in:
		l.since[name] = time.Now()
	case time.Since(since) >= l.lasts:
		delete(l.since, name)
		return false
	}
	return true
}
