// Package basicauth has middleware that asks for a name and a password by HTTP's
// basic authentication (RFC 7617), which is worth no more than the connection
// that it comes over: use it with TLS.
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

// Config says who may pass.
type Config struct {
	// Users has the passwords by name. There must be one, and no name may be
	// empty or have a colon.
	Users map[string]string
	// Realm is what browsers show when they ask. Default: "Authorization Required".
	Realm string
	// ContextKey is where handlers find the user's name, by Context.GetString.
	// Default: "user".
	ContextKey string
	// Expires is how long a login lasts: the first request after it is refused,
	// so that the browser asks again, and the next one is a login. It counts for
	// a user, wherever from, and since the process has started. Default: for ever.
	Expires time.Duration
}

const (
	defaultRealm      = "Authorization Required"
	defaultContextKey = "user"
)

// User returns the name of the user that a request came from, "" if from nobody
// that this configuration's middleware knows.
func (c Config) User(ctx *iris.Context) string {
	return ctx.GetString(cmp.Or(c.ContextKey, defaultContextKey))
}

// Default is New with the users and nothing else set.
func Default(users map[string]string) iris.HandlerFunc { return New(Config{Users: users}) }

// New returns the middleware: it answers 401 to who is not one of the users,
// without saying whether it was the name or the password that was wrong, nor
// taking longer over one of them. It panics if the configuration makes no sense.
func New(c Config) iris.HandlerFunc {
	c.Realm = cmp.Or(c.Realm, defaultRealm)
	c.ContextKey = cmp.Or(c.ContextKey, defaultContextKey)
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
	logins := logins{lasts: c.Expires, since: make(map[string]time.Time)}
	return func(ctx *iris.Context) {
		name, password, ok := ctx.Request.BasicAuth()
		// Digests, so that neither the search nor the comparison takes a time
		// that says how much of a guess was right.
		want, known := users[hash(name)]
		got := hash(password)
		same := subtle.ConstantTimeCompare(got[:], want[:]) == 1
		if !ok || !known || !same || !logins.valid(name) {
			ctx.SetHeader("WWW-Authenticate", challenge)
			ctx.EmitError(iris.StatusUnauthorized)
			ctx.StopExecution()
			return
		}
		ctx.Set(c.ContextKey, name)
		ctx.Next()
	}
}

type digest = [sha256.Size]byte

func hash(s string) digest { return sha256.Sum256([]byte(s)) }

// logins are when users have logged in, if that does not last for ever.
type logins struct {
	lasts time.Duration
	mu    sync.Mutex
	since map[string]time.Time
}

// valid tells whether the user's login lasts. One who has none logs in; one whose
// login has ended has none from then on.
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
