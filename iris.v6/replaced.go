package iris

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
)

// replaced is the writer that standard-library middleware has put in the place
// of ours. What it wraps, and what it does not, is its own affair.
type replaced struct {
	http.ResponseWriter
	own *response
}

// replace returns w as a ResponseWriter.
func (ctx *Context) replace(w http.ResponseWriter) ResponseWriter {
	if w, ok := w.(ResponseWriter); ok {
		return w
	}
	return replaced{w, &ctx.response}
}

func (w replaced) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w replaced) WriteString(s string) (int, error) { return io.WriteString(w.ResponseWriter, s) }

func (w replaced) Writef(format string, a ...interface{}) (int, error) {
	return fmt.Fprintf(w.ResponseWriter, format, a...)
}

func (w replaced) ContentType() string { return w.Header().Get("Content-Type") }

func (w replaced) SetContentType(contentType string) { w.Header().Set("Content-Type", contentType) }

func (w replaced) StatusCode() int { return w.own.status }

func (w replaced) FlushError() error { return http.NewResponseController(w.ResponseWriter).Flush() }

func (w replaced) Flush() { w.own.flush(w) }

func (w replaced) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return http.NewResponseController(w.ResponseWriter).Hijack()
}
