package iris

import (
	"errors"
	"net"
	"os"
	"sync"
	"time"
)

// lazyListener accepts connections whose deadlines are set lazily.
//
// net/http sets seven deadlines for a request, and each changes a timer of the
// runtime. Together they take a tenth of the time of a small request. Nearly all are
// later than the one before, or removed before anything waits. So a lazyConn sets the
// connection's own deadline only if a Read or Write is about to wait, or waits, and
// the deadline that is set would come too late. If it has come too early, the lazyConn
// sets the wanted one and goes on.
type lazyListener struct{ net.Listener }

func (l lazyListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	switch conn.(type) {
	case *net.TCPConn, *net.UnixConn:
		return newLazyConn(conn), err
	}
	return conn, err // net/http has to see a *tls.Conn
}

type lazyConn struct {
	net.Conn
	read, write lazyDeadline
}

func newLazyConn(conn net.Conn) *lazyConn {
	return &lazyConn{
		Conn:  conn,
		read:  lazyDeadline{set: conn.SetReadDeadline},
		write: lazyDeadline{set: conn.SetWriteDeadline},
	}
}

func (c *lazyConn) Read(p []byte) (int, error) {
	for {
		if err := c.read.beforeIO(); err != nil {
			return 0, err
		}
		n, err := c.Conn.Read(p)
		if again := c.read.afterIO(err); n > 0 || !again {
			return n, err
		}
	}
}

func (c *lazyConn) Write(p []byte) (int, error) {
	written := 0
	for {
		if err := c.write.beforeIO(); err != nil {
			return written, err
		}
		n, err := c.Conn.Write(p[written:])
		written += n
		if again := c.write.afterIO(err); !again {
			return written, err
		}
	}
}

func (c *lazyConn) SetReadDeadline(t time.Time) error  { return c.read.want(t) }
func (c *lazyConn) SetWriteDeadline(t time.Time) error { return c.write.want(t) }

func (c *lazyConn) SetDeadline(t time.Time) error {
	return errors.Join(c.read.want(t), c.write.want(t))
}

// CloseWrite is how net/http ends a connection whose client may still be sending.
func (c *lazyConn) CloseWrite() error {
	if conn, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return conn.CloseWrite()
	}
	return nil
}

// lazyDeadline is the deadline that net/http wants, and the one that the connection
// has. While a Read or Write is under way, the second is not later than the first.
type lazyDeadline struct {
	set           func(time.Time) error
	mu            sync.Mutex
	wanted, armed time.Time // zero: none
	waiting       int       // number of Reads, or Writes, under way
}

func (d *lazyDeadline) want(t time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.wanted = t
	if d.waiting > 0 && d.late() {
		return d.arm()
	}
	return nil
}

// late reports whether the armed deadline comes after the wanted one.
func (d *lazyDeadline) late() bool {
	return !d.wanted.IsZero() && (d.armed.IsZero() || d.wanted.Before(d.armed))
}

func (d *lazyDeadline) arm() error {
	d.armed = d.wanted
	return d.set(d.armed)
}

// beforeIO arms the deadline if needed. It returns an error if the deadline has passed.
func (d *lazyDeadline) beforeIO() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.late() {
		if d.passed() {
			return os.ErrDeadlineExceeded
		}
		if err := d.arm(); err != nil {
			return err
		}
	}
	d.waiting++
	return nil
}

func (d *lazyDeadline) passed() bool {
	return !d.wanted.IsZero() && !d.wanted.After(time.Now())
}

// afterIO reports whether to retry because the deadline has moved.
func (d *lazyDeadline) afterIO(err error) (again bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.waiting--
	return errors.Is(err, os.ErrDeadlineExceeded) && !d.passed() && d.arm() == nil
}
