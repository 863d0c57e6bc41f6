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

// ResponseWriter is the Context's [http.ResponseWriter]. The first 4 KiB of a
// body are held back until the handlers are done; until then the status, the
// header and the body can still be replaced.
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

// heldBack is how much of a body waits for the handlers' end.
const heldBack = 4 << 10

// response is the one ResponseWriter of this package. It is part of a Context
// and reused with it.
type response struct {
	dst         http.ResponseWriter
	ctx         *Context
	status      int
	body        []byte // what is held back
	head        bool   // the request's method is HEAD: no body leaves
	saved       bool   // the attachments have been saved, or could not be: saveErr
	saveErr     error
	sent        bool // the header has left, or the connection was hijacked
	failed      bool // a failure was sent in place of what the handlers write
	attachments []attachment
}

func (w *response) begin(ctx *Context, dst http.ResponseWriter, head bool) {
	w.ctx, w.dst, w.head = ctx, dst, head
	w.status = http.StatusOK
	w.saved, w.saveErr, w.sent, w.failed = false, nil, false, false
}

// end forgets the request, but for the memory worth using again.
func (w *response) end() {
	w.release()
	w.dst = nil
	if cap(w.body) > 2*heldBack {
		w.body = nil
	}
	clear(w.body)
	w.body = w.body[:0]
}

// release makes the attachments forget the request, saved or not.
func (w *response) release() {
	for i := range w.attachments {
		w.attachments[i].Release()
	}
}

func (w *response) Header() http.Header { return w.dst.Header() }

// Unwrap lets http.ResponseController reach the server's writer.
func (w *response) Unwrap() http.ResponseWriter { return w.dst }

func (w *response) StatusCode() int { return w.status }

// WriteHeader sets the status. An informational one leaves at once. It panics on
// what is no status code, as net/http does.
func (w *response) WriteHeader(status int) {
	if status < 100 || status > 999 {
		panic(fmt.Sprintf("iris: %d is no status code", status))
	}
	switch {
	case w.sent || w.failed:
	case status < 200 && status != http.StatusSwitchingProtocols:
		w.dst.WriteHeader(status)
	default:
		w.status = status
	}
}

func (w *response) ContentType() string { return w.Header().Get("Content-Type") }

func (w *response) SetContentType(contentType string) { w.Header().Set("Content-Type", contentType) }

func (w *response) Write(p []byte) (int, error) {
	if w.failed {
		return 0, errFailed
	}
	held := 0
	if !w.sent {
		held = min(len(p), heldBack-len(w.body))
		w.body = append(w.body, p[:held]...)
		if held == len(p) {
			return held, nil
		}
		if err := w.send(false); err != nil {
			return 0, err
		}
	}
	if w.head {
		return len(p), nil
	}
	n, err := w.dst.Write(p[held:])
	return held + n, err
}

func (w *response) WriteString(s string) (int, error) {
	if !w.sent && !w.failed && len(w.body)+len(s) <= heldBack {
		w.body = append(w.body, s...)
		return len(s), nil
	}
	return w.Write([]byte(s))
}

func (w *response) Writef(format string, a ...interface{}) (int, error) {
	return fmt.Fprintf(w, format, a...)
}

// Flush sends what is held back, and all that the server has buffered.
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
	if w.failed {
		return errFailed
	}
	return http.NewResponseController(w.dst).Flush()
}

// Hijack saves what is attached and hands the connection to the caller.
func (w *response) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	if !w.sent {
		if err := w.save(false); err != nil {
			return nil, nil, err
		}
	}
	conn, rw, err := http.NewResponseController(w.dst).Hijack()
	if err == nil {
		w.sent = true
		w.body = w.body[:0]
	}
	return conn, rw, err
}

// reset takes back what is held back, and the header fields that described it.
func (w *response) reset() {
	w.status = http.StatusOK
	w.body = w.body[:0]
	header := w.Header()
	if len(header) == 0 {
		return
	}
	for _, name := range [...]string{"Content-Encoding", "Content-Length", "Content-Range", "Content-Type", "Etag", "Last-Modified"} {
		delete(header, name)
	}
}

// save saves every attachment before the header leaves, once. On a failure the answer becomes a 503.
func (w *response) save(last bool) error {
	if w.saved {
		return w.saveErr
	}
	w.saved = true
	for i := range w.attachments {
		if w.saveErr = w.attachments[i].Save(last); w.saveErr != nil {
			w.ctx.ResponseWriter = w // one in its place may hold back what was written, or be closed
			w.ctx.EmitError(http.StatusServiceUnavailable)
			w.failed = true
			break
		}
	}
	return w.saveErr
}

// finish sends what is left when the handlers are done. It cuts the connection
// where what they did after a part had left could not be saved.
func (w *response) finish() error {
	if w.saved && w.saveErr == nil {
		for i := range w.attachments {
			if w.attachments[i].Save(true) != nil {
				panic(http.ErrAbortHandler)
			}
		}
	}
	return w.send(true)
}

// send lets the header and what is held back leave, once. whole tells that
// nothing follows. An error says that the handlers' writes do not reach the client.
func (w *response) send(whole bool) error {
	if w.sent {
		return nil
	}
	if !w.saved && w.save(whole) != nil {
		whole = true
		if w.sent { // the error handler's answer was too long to be held back
			return errFailed
		}
	}
	w.sent = true
	if w.head || len(w.body) > serverHoldsBack {
		w.describe(whole)
	}
	if w.status != http.StatusOK || !whole {
		w.dst.WriteHeader(w.status)
	}
	if len(w.body) > 0 && !w.head && bodyAllowed(w.status) {
		if _, err := w.dst.Write(w.body); err != nil {
			return err
		}
	}
	if w.failed {
		return errFailed
	}
	return nil
}

var errFailed = errors.New("iris: the response was replaced by 503 Service Unavailable")

// serverHoldsBack is how long a body net/http finds out the length of by itself.
const serverHoldsBack = 2 << 10

// describe sets the header fields that net/http derives from the body where it
// sees too little of that: none for HEAD (RFC 9110 §9.3.2).
func (w *response) describe(whole bool) {
	header := w.Header()
	// A redirect has a body for GET only (see http.Redirect), so that its
	// length is not known here.
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

// hasTrailer tells whether header fields are to follow the body, which only a
// body of no stated length has.
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

// Attachment is state that must be saved before a response's header leaves. It
// stays with the ResponseWriter for the later requests that this one serves.
type Attachment interface {
	// Save is called just before the header leaves, and may still set header
	// fields. After an error, which it must have logged, the answer is 503
	// Service Unavailable. last tells that the handlers are done. If they were
	// not, it is called once more when they are: an error then cuts the connection.
	Save(last bool) error
	// Release is called when the request is over, and before that where a
	// handler has panicked. The attachment forgets the request, saved or not.
	Release()
}

type attachment struct {
	owner any
	Attachment
}

// Attach returns the Attachment that owner has on the response behind w, which
// may be wrapped (see [http.ResponseController]); if it has none, one is made by
// create. late tells that the header has left, or is about to. Attach returns
// nil if w is no response of a Framework.
func Attach(w http.ResponseWriter, owner any, create func() Attachment) (a Attachment, late bool) {
	own, ok := w.(*response)
	for !ok {
		switch wrapper := w.(type) {
		case replaced:
			w = wrapper.own // what it wraps may not unwrap
		case interface{ Unwrap() http.ResponseWriter }:
			w = wrapper.Unwrap()
		default:
			return nil, false
		}
		own, ok = w.(*response)
	}
	for i := range own.attachments {
		if own.attachments[i].owner == owner {
			return own.attachments[i].Attachment, own.saved
		}
	}
	a = create()
	own.attachments = append(own.attachments, attachment{owner, a})
	return a, own.saved
}
