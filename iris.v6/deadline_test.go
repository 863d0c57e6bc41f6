package iris

import (
	"errors"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"
)

// counted is a connection that counts how often a deadline is set.
type counted struct {
	net.Conn
	sets int
}

func (c *counted) SetReadDeadline(t time.Time) error {
	c.sets++
	return c.Conn.SetReadDeadline(t)
}

func (c *counted) SetWriteDeadline(t time.Time) error {
	c.sets++
	return c.Conn.SetWriteDeadline(t)
}

func TestLazyDeadlinesEndWaitInTime(t *testing.T) {
	in := func(d time.Duration) time.Time { return time.Now().Add(d) }
	for _, row := range []struct {
		rule  string
		set   func(set func(time.Time) error) // before the wait
		later func(set func(time.Time) error) // a second into it
		takes time.Duration                   // 0: for ever
	}{
		{"no deadline never ends it", func(func(time.Time) error) {}, nil, 0},
		{"a deadline ends it", func(set func(time.Time) error) { set(in(5 * time.Second)) }, nil, 5 * time.Second},
		{"the last of several deadlines, a later one, ends it", func(set func(time.Time) error) { set(in(5 * time.Second)); set(in(30 * time.Second)) }, nil, 30 * time.Second},
		{"the last of several deadlines, an earlier one, ends it", func(set func(time.Time) error) { set(in(30 * time.Second)); set(in(5 * time.Second)) }, nil, 5 * time.Second},
		{"a removed deadline never ends it", func(set func(time.Time) error) { set(in(5 * time.Second)); set(time.Time{}) }, nil, 0},
		{"a deadline in the past ends it at once", func(set func(time.Time) error) { set(time.Unix(1, 0)) }, nil, 1},
		{"a deadline after one in the past ends it", func(set func(time.Time) error) { set(time.Unix(1, 0)); set(in(5 * time.Second)) }, nil, 5 * time.Second},
		{"an earlier deadline during the wait ends it", func(set func(time.Time) error) { set(in(30 * time.Second)) },
			func(set func(time.Time) error) { set(in(5 * time.Second)) }, 6 * time.Second},
		{"a deadline in the past during the wait ends it", func(func(time.Time) error) {}, func(set func(time.Time) error) { set(time.Unix(1, 0)) }, time.Second},
		{"a later deadline during the wait ends it", func(set func(time.Time) error) { set(in(5 * time.Second)) },
			func(set func(time.Time) error) { set(in(30 * time.Second)) }, 31 * time.Second},
		{"a deadline removed during the wait never ends it", func(set func(time.Time) error) { set(in(5 * time.Second)) },
			func(set func(time.Time) error) { set(time.Time{}) }, 0},
	} {
		for _, direction := range []string{"read", "write", "both"} {
			t.Run(row.rule+"/"+direction, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					end, other := net.Pipe()
					defer other.Close()
					c := newLazyConn(end)
					set := map[string]func(time.Time) error{
						"read": c.SetReadDeadline, "write": c.SetWriteDeadline, "both": c.SetDeadline,
					}[direction]
					waits := func() (int, error) { return c.Read(make([]byte, 1)) }
					if direction == "write" {
						waits = func() (int, error) { return c.Write(make([]byte, 1)) }
					}
					// Twice, because the first wait must not influence the second.
					for range 2 {
						set(time.Time{})
						row.set(set)
						began := time.Now()
						if row.later != nil {
							time.AfterFunc(time.Second, func() { row.later(set) })
						}
						ended := time.AfterFunc(time.Hour, func() { set(time.Unix(1, 0)) })
						n, err := waits()
						ended.Stop()
						took, want := time.Since(began), row.takes
						if want == 0 {
							want = time.Hour
						}
						if n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) || took != want && !(want == 1 && took == 0) {
							t.Errorf("%d, %v after %v, want a timeout after %v", n, err, took, want)
						}
					}
				})
			})
		}
	}
}

// The loop sets deadlines as net/http does for the requests of a connection.
func TestLazyDeadlinesAreSeldomSet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		end, client := net.Pipe()
		defer client.Close()
		below := &counted{Conn: end}
		c := newLazyConn(below)
		const requests = 1000
		go func() {
			for range requests {
				client.Write([]byte("?"))
				client.Read(make([]byte, 1))
			}
		}()
		buffer := make([]byte, 1)
		for range requests {
			now := time.Now()
			c.SetReadDeadline(now.Add(5 * time.Second)) // the header's
			if _, err := c.Read(buffer); err != nil {
				t.Fatal(err)
			}
			c.SetReadDeadline(now.Add(30 * time.Second)) // the body's
			c.SetWriteDeadline(now.Add(30 * time.Second))
			<-time.After(time.Millisecond)
			if _, err := c.Write(buffer); err != nil {
				t.Fatal(err)
			}
			c.SetReadDeadline(time.Unix(1, 0)) // ends the background read
			c.SetReadDeadline(time.Time{})
			c.SetReadDeadline(now.Add(120 * time.Second)) // the idle one
		}
		if below.sets > 10 {
			t.Errorf("%d deadlines were set in %d requests", below.sets, requests)
		}
	})
}

func TestLazyWritesGoOnAfterPrematureDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		end, other := net.Pipe()
		c := newLazyConn(end)
		c.SetWriteDeadline(time.Now().Add(time.Second))
		go func() {
			buffer := make([]byte, 3)
			other.Read(buffer)
			c.SetWriteDeadline(time.Now().Add(time.Minute))
			<-time.After(10 * time.Second)
			other.Read(buffer)
		}()
		if n, err := c.Write([]byte("123456")); n != 6 || err != nil {
			t.Errorf("Write: %d, %v, want all 6 bytes", n, err)
		}
		other.Close()
		end.Close()
	})
}
