package iris

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"
)

// pipes is a listener of lazy connections in memory.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	conn, ok := <-p
	if !ok {
		return nil, net.ErrClosed
	}
	return newLazyConn(conn), nil
}

func (p pipes) Close() error   { return nil }
func (p pipes) Addr() net.Addr { return &net.TCPAddr{} }

// The connection lives for longer than a request may take, and is then idle for longer
// than IdleTimeout.
func TestLazyDeadlinesUnderTLS(t *testing.T) {
	known := httptest.NewTLSServer(nil) // has a certificate that its client trusts
	known.Close()
	for _, protocol := range []string{"http/1.1", "h2"} {
		t.Run(protocol, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := &http.Server{
					Handler:           http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.Proto) }),
					ReadHeaderTimeout: time.Second,
					ReadTimeout:       2 * time.Second,
					WriteTimeout:      2 * time.Second,
					IdleTimeout:       time.Minute,
				}
				l, served, dials := make(pipes), make(chan error), 0
				go func() {
					served <- server.Serve(tls.NewListener(l, &tls.Config{Certificates: known.TLS.Certificates, NextProtos: []string{protocol}}))
				}()
				transport := &http.Transport{
					DialContext: func(context.Context, string, string) (net.Conn, error) {
						dials++
						ours, theirs := net.Pipe()
						l <- theirs
						return ours, nil
					},
					TLSClientConfig:   &tls.Config{RootCAs: known.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs},
					ForceAttemptHTTP2: protocol == "h2",
				}
				request := func() {
					t.Helper()
					resp, err := (&http.Client{Transport: transport}).Get("https://example.com/")
					if err != nil {
						t.Fatal(err)
					}
					defer resp.Body.Close()
					want := map[string]string{"http/1.1": "HTTP/1.1", "h2": "HTTP/2.0"}[protocol]
					if body, err := io.ReadAll(resp.Body); err != nil || string(body) != want {
						t.Fatalf("%q, %v, want %q", body, err, want)
					}
				}
				for range 10 {
					request()
					<-time.After(30 * time.Second)
				}
				if dials != 1 {
					t.Errorf("%d connections where none was idle for too long", dials)
				}
				<-time.After(2 * time.Minute)
				if request(); dials != 2 {
					t.Errorf("%d connections after one was idle for too long, want 2", dials)
				}
				transport.CloseIdleConnections()
				close(l)
				if err := <-served; !errors.Is(err, net.ErrClosed) {
					t.Errorf("Serve: %v", err)
				}
			})
		})
	}
}
