// Package service has the configuration of redis.New, under its names in v6.
package service

import "time"

// The defaults.
const (
	DefaultRedisNetwork       = "tcp"
	DefaultRedisAddr          = "127.0.0.1:6379"
	DefaultRedisIdleTimeout   = 5 * time.Minute
	DefaultRedisMaxAgeSeconds = 31556926.0
)

// Config says which Redis to use, and how.
type Config struct {
	// Network is "tcp" or "unix". Default: DefaultRedisNetwork.
	Network string
	// Addr is host:port, or the path of a socket. Default: DefaultRedisAddr.
	Addr string
	// Password is sent if it is not empty.
	Password string
	// Database is the number of the database. Default: "0".
	Database string
	// MaxIdle, MaxActive and IdleTimeout, which are about a pool of connections,
	// have no effect: a few connections that stay open carry the commands of all
	// goroutines. v6 programs set them.
	MaxIdle, MaxActive int
	IdleTimeout        time.Duration
	// Prefix begins the name of every key. Default: "session:".
	Prefix string
	// MaxAgeSeconds is how long an unused session lives if the session manager has
	// no limits of its own. Default: DefaultRedisMaxAgeSeconds.
	MaxAgeSeconds int
}

// DefaultConfig returns the defaults.
func DefaultConfig() Config {
	return Config{
		Network:       DefaultRedisNetwork,
		Addr:          DefaultRedisAddr,
		Database:      "0",
		IdleTimeout:   DefaultRedisIdleTimeout,
		MaxAgeSeconds: DefaultRedisMaxAgeSeconds,
	}
}
