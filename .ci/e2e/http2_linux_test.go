package e2e

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"go/version"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// storms are what clients write on connections: frames that cost them little. Each
// is called again and again, with a count.
var storms = []struct {
	rule  string
	write func(to *http2.Framer, n uint32, header []byte) error
}{
	{"requests that are cancelled at once cost little", func(to *http2.Framer, n uint32, header []byte) error {
		id := 2*n + 1
		return errors.Join(
			to.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: header, EndStream: true, EndHeaders: true}),
			to.WriteRSTStream(id, http2.ErrCodeCancel))
	}},
	{"a storm of empty SETTINGS costs little", func(to *http2.Framer, _ uint32, _ []byte) error {
		return to.WriteSettings()
	}},
	{"a storm of SETTINGS with a window costs little", func(to *http2.Framer, n uint32, _ []byte) error {
		return to.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: n % (1 << 16)})
	}},
	{"a storm of SETTINGS with a table size beside requests does not end the program (GO-2026-6617)", func(to *http2.Framer, n uint32, header []byte) error {
		if n%8 == 0 {
			return to.WriteHeaders(http2.HeadersFrameParam{StreamID: n/4 + 1, BlockFragment: header, EndStream: true, EndHeaders: true})
		}
		return to.WriteSettings(http2.Setting{ID: http2.SettingHeaderTableSize, Val: n % 2 * 4096})
	}},
}

func TestLoadHTTP2(t *testing.T) {
	cert, key, roots := newCertificate(t)
	for _, storm := range storms {
		t.Run(storm.rule, func(t *testing.T) {
			flags := []string{"-tls-cert", cert, "-tls-key", key}
			s, fresh := start(t, flags...), start(t, flags...)
			client := newClient(t, roots, true)
			fetch(t, client, "https://"+s.addr+"/secret", nil)
			before, sent, cut := s.memory(t), 0, 0
			for range 10 {
				n, err := s.storm(t, roots, storm.write, scale(2_000, 100_000))
				if sent += n; err != nil {
					cut++
				}
			}
			if cut > 0 && version.Compare(runtime.Version(), "go1.26.9") < 0 && strings.HasSuffix(storm.rule, "(GO-2026-6617)") {
				s.wait(t)
				t.Logf("a client can end this program: build it with go1.26.9 or later, not %s", runtime.Version())
				return
			}
			if _, got, _ := fetch(t, client, "https://"+s.addr+"/secret", nil); got != forbidden {
				t.Errorf("afterwards a client gets %+v", got)
			}
			client.CloseIdleConnections()
			grown := s.memory(t) - before
			t.Logf("%d frames on 10 connections, %d of which were cut; the memory has grown by %d KiB", sent, cut, grown>>10)
			if grown > mostGrowth {
				t.Error("that is too much")
			}
			s.leftNothing(t, fresh)
		})
	}
}

// storm writes n frames, or pairs of them, on a connection of its own. It returns
// how many it has written when the server has handled them, or has cut the
// connection: then there is an error.
func (s *server) storm(t *testing.T, roots *x509.CertPool, write func(*http2.Framer, uint32, []byte) error, n int) (sent int, err error) {
	t.Helper()
	conn, err := tls.Dial("tcp", s.addr, &tls.Config{RootCAs: roots, NextProtos: []string{"h2"}})
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(10 * patience))
	var header bytes.Buffer
	fields := hpack.NewEncoder(&header)
	for _, field := range []hpack.HeaderField{{Name: ":method", Value: "GET"}, {Name: ":scheme", Value: "https"}, {Name: ":authority", Value: "localhost"}, {Name: ":path", Value: "/secret"}} {
		if err := fields.WriteField(field); err != nil {
			t.Fatal(err)
		}
	}
	out := bufio.NewWriterSize(conn, 64<<10)
	out.WriteString(http2.ClientPreface)
	framer := http2.NewFramer(out, conn)
	err = framer.WriteSettings()
	handled := make(chan error, 1)
	go func() {
		for {
			frame, err := framer.ReadFrame()
			if ping, ok := frame.(*http2.PingFrame); err != nil || ok && ping.IsAck() {
				handled <- err
				return
			}
		}
	}()
	for ; sent < n && err == nil; sent++ {
		err = write(framer, uint32(sent), header.Bytes())
	}
	return sent, errors.Join(err, framer.WritePing(false, [8]byte{}), out.Flush(), <-handled)
}
