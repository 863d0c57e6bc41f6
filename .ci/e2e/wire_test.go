//go:build unix

package e2e

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// pieces are those that random requests are made of: right, odd and wrong ones.
var pieces = struct{ methods, targets, versions, fields, bodies []string }{
	methods:  []string{"GET", "POST", "OPTIONS", "CONNECT", "PRI", "get", "G T", "", "GET\x00"},
	targets:  []string{"/secret", "/login", "/logout", "/nowhere", "//login", "/%2e%2e/login", "/%", "/login?a=b;c", "http://localhost/login", "*", "login", "", "/\x7f", "/ü", "/a b"},
	versions: []string{"HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/1.2", "HTTP/2.0", "HTTP/0.9", "http/1.1", "HTTP/1.1 ", ""},
	fields: []string{"Host: localhost", "Host: localhost", "Host: a b", "Host:", "Connection: close", "Connection: keep-alive", "Cookie: " + forged, "Cookie: ;=\x01",
		"Content-Length: 3", "Content-Length: 3", "Content-Length: +3", "Content-Length: 3, 3", "Content-Length: 4", "Content-Length: -1", "Content-Length : 3",
		"Transfer-Encoding: chunked", "Transfer-Encoding: chunked", "Transfer-Encoding: gzip, chunked", "Transfer-Encoding: identity", "Transfer-Encoding:\tchunked", "Transfer-Encoding : chunked",
		"Expect: 100-continue", "Expect: 200", "Upgrade: h2c", "Trailer: X", "X: a\r\n b", " X: a", "X", ": a", "X\x00: a", "X: \x00"},
	bodies: []string{"", "", "abc", "3\r\nabc\r\n0\r\n\r\n", "3;x=y\r\nabc\r\n0\r\nX: a\r\n\r\n", "3\nabc\n0\n\n", "0x3\r\nabc\r\n0\r\n\r\n", "fffffffffffffffff\r\n", "-1\r\n", "0\r\n\r\nGET /secret HTTP/1.1\r\nHost: x\r\n\r\n"},
}

// randomRequests returns some requests for one connection, as bytes.
func randomRequests(random *rand.Rand) string {
	one := func(of []string) string { return of[random.IntN(len(of))] }
	often := func(usual string, of []string) string { // a usual one in most cases
		if random.IntN(4) > 0 {
			return usual
		}
		return one(of)
	}
	var b strings.Builder
	for range 1 + random.IntN(3) {
		end := often("\r\n", []string{"\n", "\r", "\r\r\n"})
		fmt.Fprintf(&b, "%s %s %s%s", often("GET", pieces.methods), often("/login", pieces.targets), often("HTTP/1.1", pieces.versions), end)
		fmt.Fprint(&b, often("Host: localhost", pieces.fields), end)
		for range random.IntN(4) {
			fmt.Fprint(&b, one(pieces.fields), end)
		}
		fmt.Fprint(&b, end, one(pieces.bodies))
	}
	text := b.String()
	if random.IntN(8) == 0 {
		text = text[:random.IntN(len(text))]
	}
	return text
}

// responses sends bytes on a connection of their own. It returns each response's
// status and body, and whether it closes the connection.
func responses(addr, text string) (got []string, err error) {
	conn, err := net.DialTimeout("tcp", addr, patience)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(patience))
	if _, err := io.WriteString(conn, text); err != nil {
		return nil, err
	}
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		return nil, err
	}
	for in := bufio.NewReader(conn); ; {
		if _, err := in.Peek(1); errors.Is(err, io.EOF) {
			return got, nil
		}
		resp, err := http.ReadResponse(in, nil)
		if err != nil {
			return got, err
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			return got, err
		}
		byNetHTTP := slices.Contains([]int{400, 417, 431, 501, 505}, resp.StatusCode)
		if byNetHTTP && (!resp.Close || len(body) > 0 && !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/plain")) {
			return got, fmt.Errorf("a browser may sniff the body of %d: %v", resp.StatusCode, resp.Header)
		}
		got = append(got, fmt.Sprintf("%d %s, close: %v", resp.StatusCode, body, resp.Close))
	}
}

// TestRequestsAreReadAsNetHTTPDoes sends the same bytes to the program and to a
// plain server with its routes and limits.
func TestRequestsAreReadAsNetHTTPDoes(t *testing.T) {
	t.Parallel()
	seed := newSeed(t)
	s := start(t)
	plain := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == "GET" && (r.URL.Path == "/login" || r.URL.Path == "/logout"):
		case r.Method == "GET" && r.URL.Path == "/secret":
			w.WriteHeader(http.StatusForbidden)
			io.WriteString(w, forbidden.body)
		default:
			w.WriteHeader(http.StatusNotFound)
			io.WriteString(w, "Not Found")
		}
	}))
	plain.Config.MaxHeaderBytes = 64 << 10
	plain.Start()
	defer plain.Close()
	var compared atomic.Int64
	var all sync.WaitGroup
	for worker := range uint64(4) {
		random := rand.New(rand.NewPCG(seed, worker))
		all.Go(func() {
			for range scale(500, 250_000) {
				text := randomRequests(random)
				want, err := responses(plain.Listener.Addr().String(), text)
				got, gotErr := responses(s.addr, text)
				if errors.Is(err, syscall.ECONNRESET) || errors.Is(gotErr, syscall.ECONNRESET) {
					continue // the response may be lost: the server has closed the connection with bytes unread
				}
				compared.Add(1)
				if err != nil || gotErr != nil || !slices.Equal(got, want) {
					t.Errorf("%.300q\nis answered %q, %v, want %q, %v", text, got, gotErr, want, err)
					return
				}
			}
		})
	}
	all.Wait()
	if t.Logf("%d compared", compared.Load()); compared.Load() < int64(scale(1000, 500_000)) {
		t.Error("those are too few")
	}
	s.stop(t)
}
