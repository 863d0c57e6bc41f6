package iris

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
)

// foreignWriter is the writer that standard-library middleware has put in place of
// our response. It may wrap our response or not.
type foreignWriter struct {
	http.ResponseWriter
	own *response
}

// replace returns w as a ResponseWriter.
func (ctx *Context) replace(w http.ResponseWriter) ResponseWriter {
	if w, ok := w.(ResponseWriter); ok {
		return w
	}
	return foreignWriter{w, &ctx.response}
}

func (w foreignWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w foreignWriter) WriteString(s string) (int, error) { return io.WriteString(w.ResponseWriter, s) }

func (w foreignWriter) Writef(format string, a ...interface{}) (int, error) {
	return fmt.Fprintf(w.ResponseWriter, format, a...)
}

func (w foreignWriter) ContentType() string { return w.Header().Get("Content-Type") }

func (w foreignWriter) SetContentType(contentType string) {
	w.Header().Set("Content-Type", contentType)
}

func (w foreignWriter) StatusCode() int { return w.own.status }

func (w foreignWriter) FlushError() error {
	return http.NewResponseController(w.ResponseWriter).Flush()
}

func (w foreignWriter) Flush() { w.own.flush(w) }

func (w foreignWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return http.NewResponseController(w.ResponseWriter).Hijack()
}
