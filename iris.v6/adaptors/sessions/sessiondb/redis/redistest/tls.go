package redistest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TLS starts a server that speaks TLS only, with a certificate that is in
// caFile. A process trusts it whose environment has SSL_CERT_FILE=caFile when it
// starts.
func TLS(t testing.TB, caFile, keyFile string) *Server {
	t.Helper()
	s := newServer(t, "--tls-cert-file", caFile, "--tls-key-file", keyFile, "--tls-auth-clients", "no")
	s.args[0] = "--tls-port"
	s.args = append([]string{"--port", "0"}, s.args...)
	s.cli = append(s.cli, "--tls", "--cacert", caFile)
	s.Launch()
	return s
}

// SecureSentinel starts a master and a sentinel that speak TLS only. The
// sentinel asks for the user SentinelUser and for Password.
func SecureSentinel(t testing.TB, caFile, keyFile string) (sentinel *Server) {
	t.Helper()
	config := "port 0\ntls-port %s\ntls-replication yes\ntls-cert-file " + caFile + "\ntls-key-file " + keyFile +
		"\ntls-ca-cert-file " + caFile + "\ntls-auth-clients no\nuser default off\nuser " + SentinelUser + " on +@all \">" + Password + "\"\n"
	return watch(t, TLS(t, caFile, keyFile), config, "--tls", "--cacert", caFile, "--no-auth-warning", "--user", SentinelUser, "-a", Password)
}

// SentinelUser is a user of the sentinel that SecureSentinel starts.
const SentinelUser = "watcher"

// Certificate writes a certificate for 127.0.0.1, signed by itself, and its key.
func Certificate(dir string) (certFile, keyFile string, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", "", err
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "redistest"},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(24 * time.Hour),
		IsCA:                  true,
		BasicConstraintsValid: true,
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return "", "", err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return "", "", err
	}
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for file, block := range map[string]*pem.Block{
		certFile: {Type: "CERTIFICATE", Bytes: cert},
		keyFile:  {Type: "PRIVATE KEY", Bytes: private},
	} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			return "", "", err
		}
	}
	return certFile, keyFile, nil
}
