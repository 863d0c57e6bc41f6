package iris

import (
	"crypto/tls"
	"fmt"
	"go/version"
	"net"
	"runtime"
	"strings"
	"sync/atomic"
	"time"
)

// ListenTLS is Listen for HTTPS, TLS 1.2 or newer, with HTTP/2. The files are PEM,
// the first one with the issuers' certificates as well. At a SIGHUP they are read
// again, for the connections that begin then. If they cannot be used, because the
// certificate has expired say, ListenTLS cannot listen; at a SIGHUP it logs why
// and goes on with the old certificate. Otherwise the log has the date at which the new
// one expires.
func (f *Framework) ListenTLS(addr, certFile, keyFile string) {
	cert := &certificate{certFile: certFile, keyFile: keyFile}
	l := f.opened(cert.listen(addr))
	if http2Crashes(runtime.Version()) {
		f.Log(ProdMode, fmt.Sprintf("iris: built with %s: a client can crash the server over HTTP/2 (GO-2026-6617): build it with Go 1.26.9, 1.27.2 or newer", runtime.Version()))
	}
	f.listensOn("https", addr, l.Addr())
	f.exitIf(f.serve("https", l, func() {
		if err := cert.read(); err != nil {
			f.Log(ProdMode, fmt.Sprintf("iris: certificate not read again, the old one stays: %v", err))
			return
		}
		f.Log(InfoMode, fmt.Sprintf("iris: certificate read again, it expires at %v", cert.current.Load().Leaf.NotAfter))
	}))
}

// http2Crashes reports whether a program built by that Go has GO-2026-6617.
func http2Crashes(goVersion string) bool {
	release, _, _ := strings.Cut(goVersion, " ") // what follows are its experiments
	fixed := "go1.26.9"
	if version.Lang(release) == "go1.27" {
		fixed = "go1.27.2"
	}
	return version.IsValid(release) && version.Compare(release, fixed) < 0
}

// certificate is a server's, from two files. Connections that begin use the one
// that was read last.
type certificate struct {
	certFile, keyFile string
	current           atomic.Pointer[tls.Certificate]
}

// read reads the files. After an error the last certificate stays.
func (c *certificate) read() error {
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return fmt.Errorf("certificate %s, key %s: %w", c.certFile, c.keyFile, err)
	}
	switch now := time.Now(); {
	case now.After(pair.Leaf.NotAfter):
		return fmt.Errorf("certificate %s: it has expired at %v", c.certFile, pair.Leaf.NotAfter)
	case now.Before(pair.Leaf.NotBefore):
		return fmt.Errorf("certificate %s: it is not valid before %v", c.certFile, pair.Leaf.NotBefore)
	}
	c.current.Store(&pair)
	return nil
}

// listen reads the files and listens on the address.
func (c *certificate) listen(addr string) (net.Listener, error) {
	if err := c.read(); err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	return c.listener(l), nil
}

// listener speaks TLS over l.
func (c *certificate) listener(l net.Listener) net.Listener {
	return tls.NewListener(lazyListener{l}, &tls.Config{
		MinVersion:     tls.VersionTLS12,
		CipherSuites:   cipherSuites,
		NextProtos:     []string{"h2", "http/1.1"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.current.Load(), nil },
	})
}

// cipherSuites are those of TLS 1.2: Go's own, but for CBC with SHA-1.
var cipherSuites = []uint16{
	tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
	tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
	tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
	tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
	tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
	tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
}
