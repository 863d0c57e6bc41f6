package iris

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
)

// ResponseWriter is the Context's [http.ResponseWriter]. It buffers the first
// 4 KiB of a body until the handlers are done; until then the status, the header
// and the body can still be replaced.
type ResponseWriter interface {
	http.ResponseWriter
	http.Flusher
	http.Hijacker

	// WriteString writes s to the body.
	WriteString(s string) (int, error)
	// Writef writes to the body in the way of fmt.Fprintf.
	Writef(format string, a ...interface{}) (int, error)
	// SetContentType sets the Content-Type header.
	SetContentType(contentType string)
	// ContentType returns the Content-Type header.
	ContentType() string
	// StatusCode returns the response's status, 200 unless set.
	StatusCode() int
}

// bufferSize is how much of a body is buffered.
const bufferSize = 4 << 10

// response is the ResponseWriter of a Context, and reused with it.
type response struct {
	dst         http.ResponseWriter
	ctx         *Context
	status      int
	body        []byte // the buffered part
	head        bool   // the request's method is HEAD: no body leaves
	saved       bool   // the attachments have been saved, or saveErr tells why not
	saveErr     error
	sent        bool     // the header has left, or the connection was hijacked
	hijacked    net.Conn // nil unless it was
	replaced    bool     // an error was sent in place of the handlers' response
	broken      bool     // something panicked: the Context is not used again
	touched     bool     // the handlers have been handed the header; inherited has it as it was
	inherited   []field
	attachments []attachment
}

// field is a header field.
type field struct {
	name   string
	values []string
}

func (w *response) begin(ctx *Context, dst http.ResponseWriter, head bool) {
	w.ctx, w.dst, w.head = ctx, dst, head
	w.status = http.StatusOK
	w.saved, w.saveErr, w.sent, w.replaced, w.touched = false, nil, false, false, false
}

// end forgets the request, but keeps the memory worth using again.
func (w *response) end() {
	w.release()
	w.dst, w.hijacked = nil, nil
	if cap(w.body) > 2*bufferSize {
		w.body = nil
	}
	clear(w.body)
	w.body = w.body[:0]
	if w.touched {
		clear(w.inherited)
		w.inherited = w.inherited[:0]
	}
}

// Header returns the header. The first time, it notes what the handlers find
// there, because an error that replaces their response keeps only that.
func (w *response) Header() http.Header {
	header := w.dst.Header()
	if !w.touched && !w.saved {
		w.touched = true
		for name, values := range header {
			w.inherited = append(w.inherited, field{name, values})
		}
	}
	return header
}

// Unwrap lets http.ResponseController reach the server's writer.
func (w *response) Unwrap() http.ResponseWriter { return w.dst }

func (w *response) StatusCode() int { return w.status }

// WriteHeader sets the status. An informational one leaves at once. It panics if the
// number is no status code, as net/http does.
func (w *response) WriteHeader(status int) {
	if status < 100 || status > 999 {
		panic(fmt.Sprintf("iris: %d is no status code", status))
	}
	switch {
	case w.sent || w.replaced:
	case status < 200 && status != http.StatusSwitchingProtocols:
		w.dst.WriteHeader(status)
	default:
		w.status = status
	}
}

func (w *response) ContentType() string { return w.Header().Get("Content-Type") }

func (w *response) SetContentType(contentType string) { w.Header().Set("Content-Type", contentType) }

func (w *response) Write(p []byte) (int, error) {
	if w.replaced {
		return 0, errReplaced
	}
	buffered := 0
	if !w.sent {
		buffered = min(len(p), bufferSize-len(w.body))
		w.body = append(w.body, p[:buffered]...)
		if buffered == len(p) {
			return buffered, nil
		}
		if err := w.send(false); err != nil {
			return 0, err
		}
	}
	if w.head {
		return len(p), nil
	}
	n, err := w.dst.Write(p[buffered:])
	return buffered + n, err
}

func (w *response) WriteString(s string) (int, error) {
	if !w.sent && !w.replaced && len(w.body)+len(s) <= bufferSize {
		w.body = append(w.body, s...)
		return len(s), nil
	}
	return w.Write([]byte(s))
}

func (w *response) Writef(format string, a ...interface{}) (int, error) {
	return fmt.Fprintf(w, format, a...)
}

// Flush sends what is buffered, here and by the server.
func (w *response) Flush() { w.flush(w) }

func (w *response) flush(which interface{ FlushError() error }) {
	if err := which.FlushError(); err != nil {
		w.ctx.Log(DevMode, "iris: flush: %v", err)
	}
}

// FlushError is Flush for http.ResponseController.
func (w *response) FlushError() error {
	if err := w.send(false); err != nil {
		return err
	}
	if w.replaced {
		return errReplaced
	}
	return http.NewResponseController(w.dst).Flush()
}

// Hijack saves what is attached and hands the connection to the caller, which sends
// the header if there is to be one: a new session's Set-Cookie is in Header. It
// returns an error that wraps http.ErrNotSupported, and leaves the response as it
// was, if the server has no connection to hand over, as with HTTP/2.
func (w *response) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	if !canHijack(w.dst) {
		return nil, nil, fmt.Errorf("iris: hijack: %w", http.ErrNotSupported)
	}
	if !w.sent {
		if err := w.save(false); err != nil {
			return nil, nil, err
		}
	}
	conn, rw, err := http.NewResponseController(w.dst).Hijack()
	if err == nil {
		w.sent, w.hijacked = true, conn
		w.body = w.body[:0]
	}
	return conn, rw, err
}

// canHijack tells whether http.ResponseController finds a Hijacker behind w.
func canHijack(w http.ResponseWriter) bool {
	for {
		switch inner := w.(type) {
		case interface{ Unwrap() http.ResponseWriter }: // it may have a Hijack that only passes the call on
			w = inner.Unwrap()
		case http.Hijacker:
			return true
		default:
			return false
		}
	}
}

// reset takes back the buffered body, and the header fields that described it.
func (w *response) reset() {
	w.status = http.StatusOK
	w.body = w.body[:0]
	header := w.dst.Header()
	if !w.touched {
		delete(header, "Content-Type") // an earlier error's
		return
	}
	for _, name := range [...]string{
		"Content-Disposition", "Content-Encoding", "Content-Length", "Content-Range", "Content-Type", "Etag", "Last-Modified"} {
		delete(header, name)
	}
}

// noStore is shared by all responses: appending to it copies it.
var noStore = []string{"no-store"}

// takeBack takes back all that the handlers have set, because an error replaces
// it that no cache may keep.
func (w *response) takeBack() {
	header := w.dst.Header()
	if w.touched {
		clear(header)
		for _, f := range w.inherited {
			header[f.name] = f.values
		}
	}
	header["Cache-Control"] = noStore
}

// finish sends the rest when the handlers are done. If edits that they made after a
// part had left could not be saved, it cuts the connection.
func (w *response) finish() {
	if w.saved && w.saveErr == nil && w.saveAll(true) != nil {
		w.abort()
	}
	if err := w.send(true); err != nil && err != errReplaced {
		w.ctx.Log(DevMode, "iris: %s: %v", w.ctx.requestLine(), err)
	}
}

// abort cuts the connection.
func (w *response) abort() {
	if w.hijacked != nil { // net/http leaves that open
		if err := w.hijacked.Close(); err != nil {
			w.ctx.Log(DevMode, "iris: %s: %v", w.ctx.requestLine(), err)
		}
	}
	panic(http.ErrAbortHandler)
}

// send sends the header and the buffered body, once. whole tells that nothing
// follows. An error means that the handlers' writes do not reach the client.
func (w *response) send(whole bool) error {
	if w.sent {
		return nil
	}
	if !w.saved && w.save(whole) != nil {
		whole = true
		if w.sent { // the error handler's response was too long for the buffer
			return errReplaced
		}
	}
	w.sent = true
	if w.head || len(w.body) > stdBufferSize {
		w.inferHeaders(whole)
	}
	if w.status != http.StatusOK || !whole {
		w.dst.WriteHeader(w.status)
	}
	if len(w.body) > 0 && !w.head && bodyAllowed(w.status) {
		if _, err := w.dst.Write(w.body); err != nil {
			return err
		}
	}
	if w.replaced {
		return errReplaced
	}
	return nil
}

// errReplaced tells a handler that an error was sent in place of its response.
var errReplaced = errors.New("iris: the response was replaced by an error")

// stdBufferSize is the largest body whose length net/http computes.
const stdBufferSize = 2 << 10

// inferHeaders sets the header fields that net/http would derive from the body. It
// is for HEAD, because net/http then sees no body (RFC 9110 §9.3.2).
func (w *response) inferHeaders(whole bool) {
	header := w.dst.Header()
	// A redirect has a body for GET only (see http.Redirect): its length is not
	// known here.
	if !bodyAllowed(w.status) || len(w.body) == 0 && len(header["Location"]) > 0 {
		return
	}
	if _, set := header["Content-Type"]; !set && len(header["Content-Encoding"]) == 0 && len(w.body) > 0 {
		header.Set("Content-Type", http.DetectContentType(w.body))
	}
	if _, set := header["Content-Length"]; !set && whole && !hasTrailer(header) {
		header.Set("Content-Length", strconv.Itoa(len(w.body)))
	}
}

// hasTrailer tells whether header fields follow the body. Only a body without a
// stated length can have them.
func hasTrailer(header http.Header) bool {
	for name := range header {
		if name == "Trailer" || strings.HasPrefix(name, http.TrailerPrefix) {
			return true
		}
	}
	return false
}

// bodyAllowed tells whether a response of that status may have a body (RFC 9110 §6.4.1).
func bodyAllowed(status int) bool {
	return status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified
}
