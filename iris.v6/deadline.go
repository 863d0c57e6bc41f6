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
// runtime, which together is a tenth of what a small request costs. Nearly all
// are later than the one before, or gone before anything waits. So a lazyConn
// sets the connection's own deadline only where something is about to wait, or
// waits, and the one that is set would come too late. Where it has come too
// early, it sets the one that is wanted and goes on.
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
		if err := c.read.wait(); err != nil {
			return 0, err
		}
		n, err := c.Conn.Read(p)
		if again := c.read.waited(err); n > 0 || !again {
			return n, err
		}
	}
}

func (c *lazyConn) Write(p []byte) (int, error) {
	written := 0
	for {
		if err := c.write.wait(); err != nil {
			return written, err
		}
		n, err := c.Conn.Write(p[written:])
		written += n
		if again := c.write.waited(err); !again {
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

// NetConn returns the connection itself, for who hijacks it.
func (c *lazyConn) NetConn() net.Conn { return c.Conn }

// lazyDeadline is a deadline that is wanted, and the one that is set. While
// somebody waits, that is not later than the one that is wanted.
type lazyDeadline struct {
	set           func(time.Time) error
	mu            sync.Mutex
	wanted, armed time.Time // zero: none
	waiting       int       // how many Reads, or Writes, are under way
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

// late tells whether the deadline that is set comes after the one that is wanted.
func (d *lazyDeadline) late() bool {
	return !d.wanted.IsZero() && (d.armed.IsZero() || d.wanted.Before(d.armed))
}

func (d *lazyDeadline) arm() error {
	d.armed = d.wanted
	return d.set(d.armed)
}

// wait is called before something waits. It returns an error if the deadline
// has passed.
func (d *lazyDeadline) wait() error {
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

// waited is called after it, with its error. It tells whether to go on, as the
// deadline that has passed is not wanted any more.
func (d *lazyDeadline) waited(err error) (again bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.waiting--
	return errors.Is(err, os.ErrDeadlineExceeded) && !d.passed() && d.arm() == nil
}
