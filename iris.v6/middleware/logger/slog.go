package logger

import (
	"bufio"
	"cmp"
	"context"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"gopkg.in/kataras/iris.v6"
)

// Slog returns a policy that hands the framework's messages to l: those of
// iris.ProdMode at level Error, of InfoMode at Info, of DevMode at Debug. The lines after a
// message's first one, such as a panic's stack, are the record's attribute "trace".
func Slog(l *slog.Logger) iris.LoggerPolicy {
	return func(mode iris.LogMode, message string) {
		level := slog.LevelError
		switch mode {
		case iris.InfoMode:
			level = slog.LevelInfo
		case iris.DevMode:
			level = slog.LevelDebug
		}
		message, trace, traced := strings.Cut(message, "\n")
		if !traced {
			l.Log(context.Background(), level, message)
			return
		}
		l.Log(context.Background(), level, message, "trace", trace)
	}
}

// Requests returns a policy that logs each request at that level when it is done:
// its method, path, status, how long it took, the client's address and its user
// agent. It leaves out the query and the cookies, which may hold secrets. The status
// is the one that was sent, or 0 if the handlers aborted the response before that or
// hijacked the connection. Adapt it after other policies, so that it sees their
// responses too; only realip.New comes after it, so that the address is the client's.
// If l does not log that level, Requests returns nil, a policy that does nothing.
func Requests(l *slog.Logger, level slog.Level) iris.RouterWrapperPolicy {
	if !l.Enabled(context.Background(), level) {
		return nil
	}
	return func(w http.ResponseWriter, r *http.Request, next http.HandlerFunc) {
		began := time.Now()
		watched := &statusWriter{ResponseWriter: w}
		defer func() {
			l.Log(r.Context(), level, "request", "method", r.Method, "path", r.URL.Path, "status", watched.status,
				"took", time.Since(began), "client", client(r), "user_agent", r.UserAgent())
		}()
		next(watched, r)
		if !watched.hijacked {
			watched.sent(http.StatusOK)
		}
	}
}

// client is the address of the connection's other end, without the port.
func client(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// statusWriter remembers the status of a response.
type statusWriter struct {
	http.ResponseWriter
	status   int // 0 until it is sent
	hijacked bool
}

// sent notes a status. The first one counts, unless it is informational.
func (w *statusWriter) sent(status int) {
	if status >= 200 || status == http.StatusSwitchingProtocols {
		w.status = cmp.Or(w.status, status)
	}
}

func (w *statusWriter) WriteHeader(status int) {
	w.ResponseWriter.WriteHeader(status)
	w.sent(status)
}

func (w *statusWriter) Write(p []byte) (int, error) {
	w.sent(http.StatusOK)
	return w.ResponseWriter.Write(p)
}

func (w *statusWriter) FlushError() error {
	err := http.NewResponseController(w.ResponseWriter).Flush()
	if err == nil {
		w.sent(http.StatusOK)
	}
	return err
}

func (w *statusWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	w.hijacked = err == nil
	return conn, rw, err
}

// Unwrap lets http.ResponseController reach the server's writer.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
