//go:build unix

package e2e

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// forged is a cookie that no server has issued.
const forged = "my_sessionid=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// answer is the part of a response that tests compare.
type answer struct {
	status int
	body   string
}

var (
	cake      = answer{200, "The cake is a lie!"}
	forbidden = answer{403, "Forbidden"}
	empty     = answer{200, ""}
)

// rawRequest returns a request with further header lines as it is sent.
func rawRequest(line string, header ...string) string {
	return line + " HTTP/1.1\r\nHost: localhost\r\n" + strings.Join(append(header, "\r\n"), "\r\n")
}

// client is one connection to the program.
type client struct {
	net.Conn
	in *bufio.Reader
}

// get sends a GET and reads the response.
func (c *client) get(path, cookie string) (a answer, set string, err error) {
	if _, err := io.WriteString(c, rawRequest("GET "+path, "Cookie: "+cookie)); err != nil {
		return answer{}, "", err
	}
	return receive(http.ReadResponse(c.in, nil))
}

// receive reads the rest of a response, and returns the cookie that it sets as a
// browser will send it. A 503 must have Retry-After, and set none.
func receive(resp *http.Response, err error) (a answer, set string, _ error) {
	if err != nil {
		return answer{}, "", err
	}
	body, err := io.ReadAll(resp.Body)
	set, _, _ = strings.Cut(resp.Header.Get("Set-Cookie"), ";")
	if resp.StatusCode == 503 && (resp.Header.Get("Retry-After") == "" || set != "") {
		err = fmt.Errorf("503 with the header %v", resp.Header)
	}
	return answer{resp.StatusCode, string(body)}, set, errors.Join(err, resp.Body.Close())
}

// clients connects n clients, each of which sends something. They leave with
// the test.
func (s *server) clients(t *testing.T, n int, first string) []*client {
	t.Helper()
	all := make([]*client, n)
	for i := range all {
		conn, err := net.DialTimeout("tcp", s.addr, patience)
		if err != nil {
			t.Fatalf("connection %d: %v", i, err)
		}
		t.Cleanup(func() { conn.Close() })
		if _, err := io.WriteString(conn, first); err != nil {
			t.Fatalf("connection %d: %v", i, err)
		}
		all[i] = &client{conn, bufio.NewReader(conn)}
	}
	return all
}

// get sends a GET on a connection of its own.
func (s *server) get(t *testing.T, path, cookie string) (a answer, set string) {
	t.Helper()
	_, a, set = fetch(t, newClient(t, nil, false), "http://"+s.addr+path, http.Header{"Cookie": {cookie}, "Connection": {"close"}})
	return a, set
}

// fetch gets a page with an HTTP client.
func fetch(t *testing.T, client *http.Client, url string, header http.Header) (resp *http.Response, a answer, set string) {
	t.Helper()
	resp, a, set, err := tryFetch(client, url, header)
	if err != nil {
		t.Fatal(err)
	}
	return resp, a, set
}

// tryFetch returns no response if the server sends no header.
func tryFetch(client *http.Client, url string, header http.Header) (resp *http.Response, a answer, set string, err error) {
	r, err := http.NewRequest("GET", url, nil)
	if err != nil {
		return nil, answer{}, "", err
	}
	r.Header = header
	resp, err = client.Do(r)
	a, set, err = receive(resp, err)
	return resp, a, set, err
}

// newClient returns a client that trusts those roots and follows no redirect.
func newClient(t *testing.T, roots *x509.CertPool, http2 bool) *http.Client {
	t.Helper()
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: http2, MaxIdleConnsPerHost: 100, ExpectContinueTimeout: patience}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{
		Transport:     transport,
		Timeout:       patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// newCertificate writes a self-signed certificate for loopback and its key.
func newCertificate(t *testing.T) (certFile, keyFile string, roots *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"*.site.localhost"},
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir, text := t.TempDir(), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	writeFile(t, certFile, string(text))
	writeFile(t, keyFile, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})))
	roots = x509.NewCertPool()
	roots.AppendCertsFromPEM(text)
	return certFile, keyFile, roots
}
