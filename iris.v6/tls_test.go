package iris

import (
	"crypto/tls"
	"net"
	"testing"
)

func TestHTTP2Crashes(t *testing.T) {
	for _, row := range []struct {
		goVersion string
		want      bool
	}{
		{"go1.25.12", true},
		{"go1.26rc1", true},
		{"go1.26", true},
		{"go1.26.8", true},
		{"go1.26.8 X:synctest", true},
		{"go1.26.8-vendor", true},
		{"go1.26.9", false},
		{"go1.26.10", false},
		{"go1.27rc2", true},
		{"go1.27.1", true},
		{"go1.27.2", false},
		{"go1.28rc1", false},
		{"devel go1.28-0123456789", false}, // unknown
	} {
		if got := http2Crashes(row.goVersion); got != row.want {
			t.Errorf("%s: %v, want %v", row.goVersion, got, row.want)
		}
	}
}

// one is a listener that accepts one connection.
type one struct {
	net.Listener
	conn net.Conn
}

func (l one) Accept() (net.Conn, error) { return l.conn, nil }

func TestTLSUsesALazyConnection(t *testing.T) {
	conn, err := new(certificate).listener(one{conn: new(net.TCPConn)}).Accept()
	if err != nil {
		t.Fatal(err)
	}
	if _, lazy := conn.(*tls.Conn).NetConn().(*lazyConn); !lazy {
		t.Errorf("it uses a %T", conn.(*tls.Conn).NetConn())
	}
}
