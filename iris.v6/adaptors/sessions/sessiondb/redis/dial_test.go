package redis

import (
	"net"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis/redistest"
)

func TestServerThatIsDownIsNotDialedByEveryRequest(t *testing.T) {
	addr := redistest.FreeAddr(t)
	synctest.Test(t, func(t *testing.T) {
		var attempts atomic.Int32
		netDialer := &net.Dialer{Control: func(string, string, syscall.RawConn) error { attempts.Add(1); return nil }}
		d := &dialer{network: "tcp"}
		for range 1000 { // requests, in a second
			if _, err := d.dial(t.Context(), addr, netDialer, nil); err == nil {
				t.Fatal("connected to nobody")
			}
			<-time.After(time.Millisecond) // of the bubble
		}
		if n := attempts.Load(); n < 9 || n > 11 {
			t.Errorf("1000 requests in a second dialed %d times", n)
		}
		l, err := net.Listen("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		<-time.After(redialPause)
		conn, err := d.dial(t.Context(), addr, netDialer, nil)
		if err != nil {
			t.Fatalf("the server is back: %v", err)
		}
		conn.Close()
	})
}
