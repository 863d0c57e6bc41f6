package redis

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/redis/rueidis"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// conn is the connection to Redis, which the two Stores of a Database share.
type conn struct {
	options
	client    rueidis.Client
	cluster   bool
	deadlines deadlines
	buckets   [256]bucket     // by the first byte of the key
	waiting   [256]batch      // by bucket in a cluster; else only the first is used
	moving    [256]sync.Mutex // by bucket; see Store.move
}

// bucket is a part of all sessions. Their names begin with the prefix, in which
// the braces tell a cluster to keep them in one slot, with their epoch.
type bucket struct{ prefix, epoch string }

// Open connects to the server that the URL names:
//
//	redis://[user:password@]host:port[,host:port…][/db][?option=value&…]
//
// rediss:// means TLS, to sentinels as well, with the certificate authorities of
// the system (or of the file in the environment's SSL_CERT_FILE). Several hosts
// are those of a cluster; the Store finds its others from there. The options are
//
//	sentinel=NAME              the hosts are sentinels, which know the master of that name
//	sentinel-user=USER         the user at the sentinels; default: their default user
//	sentinel-password=PASSWORD the password at the sentinels; default: none
//	timeout=DURATION           how long to wait for an answer, at most; default 1s. A
//	                           server that is silent for four fifths of it has failed
//	wait=N                     a write is done when N replicas have it as well, and so
//	                           is the end of a session that is not there; default 0
//
// Open fails if it cannot read a session within a few seconds. The error does
// not tell the password.
func Open(url string) (*Store, error) {
	o, err := parse(url)
	if err != nil {
		return nil, &URLError{err}
	}
	return connect(o)
}

// URLError means that the URL is wrong. Other errors are about the server.
type URLError struct{ Err error }

func (e *URLError) Error() string { return "redis: " + e.Err.Error() }

// Unwrap returns the cause.
func (e *URLError) Unwrap() error { return e.Err }

func connect(o options) (*Store, error) {
	c := &conn{options: o, deadlines: deadlines{timeout: o.timeout}}
	for i := range c.buckets {
		prefix := fmt.Sprintf("%s{%02x}", o.prefix, i)
		c.buckets[i] = bucket{prefix, prefix + "cut"}
	}
	client, hosts := o.server, o.server.InitAddress
	client.DialCtxFn = (&dialer{network: o.network}).dial
	client.DisableCache = true
	client.DisableRetry = true // the caller gets an error soon, and the client asks again

	// The deadline of a call does not end it while it waits for its place in a
	// full queue; the end of the connection does. A connection that has received
	// nothing for KeepAlive to 2 × KeepAlive is sent a PING, and ends if there is
	// no answer within ConnWriteTimeout: after 0.9 to 1.0 of the timeout.
	client.Dialer = net.Dialer{Timeout: min(o.timeout, openTime/time.Duration(len(hosts))), KeepAlive: o.timeout / 10}
	client.ConnWriteTimeout = o.timeout * 4 / 5
	client.Sentinel.TLSConfig, client.Sentinel.Dialer = client.TLSConfig, client.Dialer

	// A small session fills little; the default is half a megabyte each.
	client.ReadBufferEachConn, client.WriteBufferEachConn = 64<<10, 64<<10
	// Under load, commands gather for that long to leave in one packet; a command
	// that is alone does not wait.
	client.MaxFlushDelay = 20 * time.Microsecond

	var err error
	if c.client, err = rueidis.NewClient(client); err != nil {
		return nil, fmt.Errorf("%w (connecting to %s)", c.wrapErr(err), strings.Join(hosts, ","))
	}
	c.cluster = c.client.Mode() == rueidis.ClientModeCluster
	ctx, cancel := context.WithTimeout(context.Background(), min(o.timeout, openTime))
	defer cancel()
	name, epoch := c.names(store.Key{})
	if err := run(ctx, c.client, readScript, []string{name, epoch}, c.lifeArgs(store.Limits{})[:]).Error(); err != nil {
		c.client.Close()
		return nil, c.wrapErr(err)
	}
	return &Store{conn: c}, nil
}

// openTime is how long Open waits for the hosts to answer, all together.
const openTime = 3 * time.Second

// Close closes the connections. The Store cannot be used any more.
func (s *Store) Close() error {
	s.client.Close()
	return nil
}

// Warning returns what the operator should change in the configuration of Redis,
// or "" if there is nothing or Redis does not let it be read.
func (s *Store) Warning() string {
	for addr, node := range s.client.Nodes() {
		info, err := node.Do(s.deadlines.context(), node.B().Info().Section("memory").Build()).ToString()
		if err != nil {
			continue // not permitted
		}
		_, policy, _ := strings.Cut(info, "maxmemory_policy:")
		policy, _, _ = strings.Cut(policy, "\r\n")
		if policy != "" && policy != "noeviction" {
			return fmt.Sprintf("redis: %s may evict sessions: set its maxmemory-policy to noeviction, not %s", addr, policy)
		}
	}
	return ""
}

// names returns the names in Redis of the session and of its epoch.
func (c *conn) names(key store.Key) (session, epoch string) {
	b := &c.buckets[key[0]]
	text := make([]byte, 0, 64)
	return string(base64.RawURLEncoding.AppendEncode(append(text, b.prefix...), key[:])), b.epoch
}

// wrapErr adds context to an error. It returns nil for nil.
func (c *conn) wrapErr(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return fmt.Errorf("redis: no answer within %v: %w", c.timeout, err)
	}
	return fmt.Errorf("redis: %w", err)
}
