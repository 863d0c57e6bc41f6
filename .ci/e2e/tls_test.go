//go:build unix

package e2e

import (
	"crypto/tls"
	"net/http"
	"strings"
	"testing"
)

func TestTLS(t *testing.T) {
	cert, key, roots := newCertificate(t)
	s := start(t, "-tls-cert", cert, "-tls-key", key)
	url := "https://" + s.addr
	for _, row := range []struct {
		proto string
		http2 bool
	}{{"HTTP/1.1", false}, {"HTTP/2.0", true}} {
		t.Run(row.proto, func(t *testing.T) {
			client := newClient(t, roots, row.http2)
			_, before, _ := fetch(t, client, url+"/secret", nil)
			resp, _, cookie := fetch(t, client, url+"/login", nil)
			_, secret, _ := fetch(t, client, url+"/secret", http.Header{"Cookie": {cookie}})
			if resp.Proto != row.proto || before != forbidden || secret != cake || !strings.HasPrefix(cookie, "__Host-my_sessionid=") {
				t.Errorf("%s: %+v, after the login %+v, the cookie is %s", resp.Proto, before, secret, cookie)
			}
			if got := resp.Header.Get("Strict-Transport-Security"); got != "max-age=31536000" {
				t.Errorf("Strict-Transport-Security: %q", got)
			}
		})
	}
	t.Run("TLS 1.1 is refused", func(t *testing.T) {
		conn, err := tls.Dial("tcp", s.addr, &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11})
		if err == nil {
			t.Error("it is not: ", conn.Close())
		}
	})
	t.Run("plain HTTP is refused", func(t *testing.T) {
		if got, _ := s.get(t, "/secret", ""); got.status != 400 {
			t.Errorf("%+v", got)
		}
	})
	s.stop(t)
}
