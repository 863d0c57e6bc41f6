package iris_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/httprouter"
)

// certificate makes a self-signed certificate for 127.0.0.1.
func certificate(t *testing.T) (certFile, keyFile string, roots *x509.CertPool) {
	t.Helper()
	return certificateOf(t, time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
}

func certificateOf(t *testing.T, notBefore, notAfter time.Time) (certFile, keyFile string, roots *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: notBefore, NotAfter: notAfter, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, kind string, der []byte) (file string, content []byte) {
		file = filepath.Join(t.TempDir(), name)
		content = pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return file, content
	}
	certFile, content := write("cert.pem", "CERTIFICATE", cert)
	keyFile, _ = write("key.pem", "PRIVATE KEY", private)
	roots = x509.NewCertPool()
	roots.AppendCertsFromPEM(content)
	return certFile, keyFile, roots
}

// hangUp sends a SIGHUP to this process, and returns the record that the app logs.
func hangUp(t *testing.T, logged <-chan string) string {
	t.Helper()
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if err := self.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	return wait(t, logged)
}

var modes = map[iris.LogMode]string{iris.InfoMode: "info: "}

// listening runs listen with an app, and returns its URL and its log records.
func listening(t *testing.T, listen func(*iris.Framework)) (addr string, logged <-chan string) {
	t.Helper()
	app := iris.New()
	records, addrs, returned := make(chan string, 10), make(chan string, 1), make(chan bool, 1)
	app.Adapt(
		httprouter.New(),
		iris.LoggerPolicy(func(mode iris.LogMode, message string) { records <- modes[mode] + message }),
		iris.EventPolicy{Build: func(app *iris.Framework) { addrs <- app.Config.VScheme + "://" + app.Config.VHost }},
	)
	app.Get("/", func(ctx *iris.Context) { ctx.WriteString("hello") })
	go func() { listen(app); returned <- true }()
	t.Cleanup(func() {
		equal(t, "error of Shutdown", app.Shutdown(context.Background()), nil)
		wait(t, returned)
	})
	return wait(t, addrs), records
}

func TestVHostIsTheNameThatTheProgramListensOn(t *testing.T) {
	cert, key, _ := certificate(t)
	for _, row := range []struct {
		rule   string
		listen func(*iris.Framework)
		want   string // the URL without the port
	}{
		{"with Listen", func(app *iris.Framework) { app.Listen("localhost:0") }, "http://localhost"},
		{"with ListenTLS", func(app *iris.Framework) { app.ListenTLS("localhost:0", cert, key) }, "https://localhost"},
		{"an IP stays one", func(app *iris.Framework) { app.Listen("127.0.0.1:0") }, "http://127.0.0.1"},
	} {
		t.Run(row.rule, func(t *testing.T) {
			url, _ := listening(t, row.listen)
			equal(t, "URL", url[:strings.LastIndexByte(url, ':')], row.want)
		})
	}
}

func TestSIGHUPReadsTheCertificateAgain(t *testing.T) {
	cert, key, roots := certificate(t)
	newCert, newKey, newRoots := certificate(t)
	expired, expiredKey, _ := certificateOf(t, time.Unix(0, 0), time.Now().Add(-time.Hour))
	url, logged := listening(t, func(app *iris.Framework) { app.ListenTLS("127.0.0.1:0", cert, key) })
	if len(logged) > 0 {
		<-logged // this Go has GO-2026-6617
	}
	client := func(roots *x509.CertPool) *http.Client {
		transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}
		t.Cleanup(transport.CloseIdleConnections)
		return &http.Client{Transport: transport, Timeout: patience}
	}
	answers := func(client *http.Client) {
		t.Helper()
		_, body, err := get(t, client, "GET", url)
		equal(t, "error", err, nil)
		equal(t, "body", body, "hello")
	}
	replace := func(to, from string) {
		t.Helper()
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
	}
	old := client(roots)
	answers(old)

	replace(cert, expired)
	replace(key, expiredKey)
	if record := hangUp(t, logged); !strings.Contains(record, "the old one stays: certificate "+cert+": it has expired at ") {
		t.Errorf("record of an expired certificate: %q", record)
	}
	answers(client(roots))

	replace(cert, newCert)
	if record := hangUp(t, logged); !strings.Contains(record, "the old one stays: ") || !strings.Contains(record, "private key does not match") {
		t.Errorf("record of a certificate of another key: %q", record)
	}
	answers(client(roots))

	replace(key, newKey)
	if record := hangUp(t, logged); !strings.HasPrefix(record, "info: iris: certificate read again, it expires at ") {
		t.Errorf("record of a good certificate: %q", record)
	}
	answers(client(newRoots))
	answers(old) // on its connection: it does not trust the new certificate
}

func TestSIGHUPWithoutTLSLeavesOneRecord(t *testing.T) {
	url, logged := listening(t, func(app *iris.Framework) { app.Listen("127.0.0.1:0") })
	if record := hangUp(t, logged); !strings.HasPrefix(record, "info: iris: SIGHUP: 127.0.0.1:") {
		t.Errorf("record: %q", record)
	}
	_, body, err := get(t, &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: patience}, "GET", url)
	equal(t, "error", err, nil)
	equal(t, "body", body, "hello")
	equal(t, "more records", len(logged), 0)
}
