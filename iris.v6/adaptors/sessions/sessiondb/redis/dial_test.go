package redis

import (
	"net"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

func TestAServerThatIsDownIsNotAskedByEveryRequest(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	var attempts atomic.Int32
	netDialer := &net.Dialer{Control: func(string, string, syscall.RawConn) error { attempts.Add(1); return nil }}
	d := &dialer{network: "tcp"}
	const second = 1000
	for range second {
		if _, err := d.dial(t.Context(), addr, netDialer, nil); err == nil {
			t.Fatal("connected to nobody")
		}
		<-time.After(time.Millisecond)
	}
	if n := attempts.Load(); n > 20 {
		t.Errorf("%d of %d requests in a second and more have tried to connect", n, second)
	}

	l, err = net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for began := time.Now(); ; <-time.After(time.Millisecond) {
		conn, err := d.dial(t.Context(), addr, netDialer, nil)
		if err == nil {
			conn.Close()
			break
		}
		if time.Since(began) > 2*longestPause {
			t.Fatalf("the server is back, and %v later: %v", time.Since(began), err)
		}
	}
}
