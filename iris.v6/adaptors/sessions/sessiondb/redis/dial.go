package redis

import (
	"context"
	"crypto/tls"
	"math/rand/v2"
	"net"
	"sync"
	"time"
)

// dialer makes connections. After a failed attempt, further ones to the same
// address fail at once for a while, with the same error: the requests do not
// overrun a server that comes back.
type dialer struct {
	network string

	mu       sync.Mutex
	failures map[string]failure
}

type failure struct {
	err   error
	pause time.Duration
	until time.Time
}

const (
	firstPause   = 10 * time.Millisecond
	longestPause = 500 * time.Millisecond
)

func (d *dialer) dial(ctx context.Context, addr string, dialer *net.Dialer, config *tls.Config) (net.Conn, error) {
	d.mu.Lock()
	last, failed := d.failures[addr]
	d.mu.Unlock()
	if failed && time.Now().Before(last.until) {
		return nil, last.err
	}
	conn, err := d.connect(ctx, addr, dialer, config)
	d.mu.Lock()
	defer d.mu.Unlock()
	if err == nil {
		delete(d.failures, addr)
		return conn, nil
	}
	pause := min(max(2*last.pause, firstPause), longestPause)
	if d.failures == nil {
		d.failures = map[string]failure{}
	}
	// Random, so that instances that lost the server together do not come back together.
	d.failures[addr] = failure{err, pause, time.Now().Add(pause/2 + rand.N(pause/2))}
	return nil, err
}

func (d *dialer) connect(ctx context.Context, addr string, dialer *net.Dialer, config *tls.Config) (net.Conn, error) {
	if config != nil {
		return (&tls.Dialer{NetDialer: dialer, Config: config}).DialContext(ctx, d.network, addr)
	}
	return dialer.DialContext(ctx, d.network, addr)
}
