package redis

import (
	"context"
	"crypto/tls"
	"net"
	"sync"
	"time"
)

// dialer makes connections. For redialPause after a failed attempt, further ones
// to the same address fail with the same error: the requests do not overrun a
// server that comes back.
type dialer struct {
	network  string
	failures sync.Map // the latest failure by address
}

type failure struct {
	err error
	at  time.Time
}

const redialPause = 100 * time.Millisecond

func (d *dialer) dial(ctx context.Context, addr string, dialer *net.Dialer, config *tls.Config) (conn net.Conn, err error) {
	if last, ok := d.failures.Load(addr); ok && time.Since(last.(failure).at) < redialPause {
		return nil, last.(failure).err
	}
	if config != nil {
		conn, err = (&tls.Dialer{NetDialer: dialer, Config: config}).DialContext(ctx, d.network, addr)
	} else {
		conn, err = dialer.DialContext(ctx, d.network, addr)
	}
	if err != nil {
		d.failures.Store(addr, failure{err, time.Now()})
	}
	return conn, err
}
