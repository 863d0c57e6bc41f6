// The sessions example of the Iris v6 web framework: three handlers, a cookie
// and curl. See README.md.
package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/peterbourgon/ff/v3"
	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/httprouter"
	"gopkg.in/kataras/iris.v6/adaptors/sessions"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/bolt"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis"
)

// drainTime is how long a stop waits for requests in flight.
const drainTime = 10 * time.Second

// errUsage says that the command line was wrong, and that the user was told why.
var errUsage = errors.New("usage")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	switch err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); {
	case errors.Is(err, errUsage):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "iris-sessions:", err)
		os.Exit(1)
	}
}

// defaults are the limits that sessions live by unless the flags say otherwise.
var defaults = sessions.Limits{
	Expires:     24 * time.Hour,
	IdleTimeout: time.Hour,
	MaxSessions: 1_000_000,
}

// newApp wires the example. Without a store, sessions are in this process's memory.
func newApp(s settings, store sessions.Store, logger *slog.Logger) *iris.Framework {
	app := iris.New()
	app.Adapt(httprouter.New())
	app.Adapt(logFramework(logger))
	if logger.Enabled(context.Background(), slog.LevelDebug) {
		app.Adapt(logRequests(logger))
	}
	app.Adapt(setHeaders(s.https()))
	app.Adapt(sessions.New(sessions.Config{
		Cookie:      "my_sessionid",
		Expires:     s.limits.Expires,
		IdleTimeout: s.limits.IdleTimeout,
		MaxSessions: s.limits.MaxSessions,
		Secure:      s.https(),
		HostPrefix:  true,
		RenewOn:     []string{authenticated},
		OnRenew:     logRenewal(logger),
		Store:       store,
	}))

	app.Get("/secret", secret)
	sameOrigin := iris.ToHandler(refuseCrossOrigin(logger))
	app.Get("/login", sameOrigin, login)
	app.Get("/logout", sameOrigin, logout)
	return app
}

// Values of header fields that all responses share: appending to them copies them.
var (
	noSniff   = []string{"nosniff"}                             // ASVS 3.4.4
	httpsOnly = []string{"max-age=31536000; includeSubDomains"} // ASVS 3.4.1
)

// setHeaders sets the header fields that every response has.
func setHeaders(https bool) iris.RouterWrapperPolicy {
	return func(w http.ResponseWriter, r *http.Request, next http.HandlerFunc) {
		header := w.Header()
		header["X-Content-Type-Options"] = noSniff
		if https {
			header["Strict-Transport-Security"] = httpsOnly
		}
		next(w, r)
	}
}

// refuseCrossOrigin is a middleware that answers 403 to a request that says it
// comes from another origin (ASVS 3.5.3). What net/http decides for POST goes
// for every method here, as the handlers behind it change something at a GET.
func refuseCrossOrigin(logger *slog.Logger) func(http.ResponseWriter, *http.Request, http.HandlerFunc) {
	protection := http.NewCrossOriginProtection()
	return func(w http.ResponseWriter, r *http.Request, next http.HandlerFunc) {
		asPost := *r
		asPost.Method = http.MethodPost
		if err := protection.Check(&asPost); err != nil {
			logger.Warn("request refused", "path", r.URL.Path, "client", client(r), "error", err)
			http.Error(w, "Forbidden to other origins", http.StatusForbidden)
			return
		}
		next(w, r)
	}
}

// logFramework logs what the framework, the session manager and net/http report.
func logFramework(logger *slog.Logger) iris.LoggerPolicy {
	return func(mode iris.LogMode, message string) {
		level := slog.LevelError
		if mode == iris.DevMode {
			level = slog.LevelDebug
		}
		message, trace, traced := strings.Cut(message, "\n")
		if !traced {
			logger.Log(context.Background(), level, message)
			return
		}
		logger.Log(context.Background(), level, message, "trace", trace)
	}
}

// logRenewal logs logins and logouts (ASVS 16.3.1).
func logRenewal(logger *slog.Logger) func(*http.Request, sessions.Key, string, any) {
	return func(r *http.Request, session sessions.Key, _ string, value any) {
		event := "logout"
		if value == true {
			event = "login"
		}
		logger.Info(event, "session", session.String(), "client", client(r))
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

// logRequests logs each request when it is done, without the query and the
// header fields that may hold secrets.
func logRequests(logger *slog.Logger) iris.RouterWrapperPolicy {
	return func(w http.ResponseWriter, r *http.Request, next http.HandlerFunc) {
		began := time.Now()
		watched := &statusWriter{ResponseWriter: w}
		defer func() {
			logger.Debug("request", "method", r.Method, "path", r.URL.Path, "status", watched.status,
				"took", time.Since(began), "client", client(r), "user_agent", r.UserAgent())
		}()
		next(watched, r)
		watched.status = cmp.Or(watched.status, http.StatusOK)
	}
}

// statusWriter remembers the status of a response; 0 if none was set.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the server's writer.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// settings are what the command line and the environment say.
type settings struct {
	addr         string
	sessions     string
	limits       sessions.Limits
	tlsCert      string
	tlsKey       string
	secureCookie bool
	logLevel     slog.Level
	logFormat    logFormat
	version      bool
}

// flags returns the flags that fill s, with the defaults that they begin with.
func (s *settings) flags() *flag.FlagSet {
	*s = settings{limits: defaults, logFormat: "text"}
	flags := flag.NewFlagSet("iris-sessions", flag.ContinueOnError)
	flags.StringVar(&s.addr, "addr", ":8080", "TCP `address` to listen on; port 0 takes a free one")
	flags.StringVar(&s.sessions, "sessions", "memory", "`where` sessions are kept: memory, bolt:PATH, redis://[user:password@]host:port[,host:port...][/db], or rediss:// for TLS")
	flags.Var(atLeast[time.Duration]{&s.limits.Expires, 0, time.ParseDuration}, "expires", "`time` that a session lives, however much it is used; 0: no limit")
	flags.Var(atLeast[time.Duration]{&s.limits.IdleTimeout, 0, time.ParseDuration}, "idle", "`time` that a session lives without being used; 0: no limit")
	flags.Var(atLeast[int]{&s.limits.MaxSessions, 1, strconv.Atoi}, "max-sessions", "`number` of sessions that may be alive at once in memory")
	flags.StringVar(&s.tlsCert, "tls-cert", "", "`file` with the certificate, PEM: serve HTTPS; SIGHUP reads it again")
	flags.StringVar(&s.tlsKey, "tls-key", "", "`file` with the certificate's private key, PEM")
	flags.BoolVar(&s.secureCookie, "secure-cookie", false, "browsers come by HTTPS only: a proxy in front of this server ends TLS")
	flags.TextVar(&s.logLevel, "log-level", slog.LevelInfo, "log records from this `level` on: debug, info, warn or error")
	flags.Var(&s.logFormat, "log-format", "`form` of the log records: text or json")
	flags.BoolVar(&s.version, "version", false, "print the version and exit")
	return flags
}

// atLeast is a flag's value that must not be less than min.
type atLeast[T cmp.Ordered] struct {
	value *T
	min   T
	parse func(string) (T, error)
}

func (a atLeast[T]) Set(text string) error {
	v, err := a.parse(text)
	if err != nil {
		return err
	}
	if v < a.min {
		return fmt.Errorf("%s is less than %v", text, a.min)
	}
	*a.value = v
	return nil
}

func (a atLeast[T]) String() string {
	if a.value == nil {
		return "" // package flag asks a zero value, to know what to leave out
	}
	return fmt.Sprint(*a.value)
}

// logFormat is the form of the log records.
type logFormat string

func (f *logFormat) Set(text string) error {
	if text != "text" && text != "json" {
		return fmt.Errorf("%q is neither text nor json", text)
	}
	*f = logFormat(text)
	return nil
}

func (f *logFormat) String() string { return string(*f) }

// envPrefix begins the names of the environment variables: IRIS_SESSIONS_ADDR
// is -addr's.
const (
	envPrefix   = "IRIS_SESSIONS"
	envSessions = envPrefix + "_SESSIONS"
)

// parse reads the command line and then, for what it does not say, the
// environment. What is wrong with them goes to stderr.
func parse(args []string, stderr io.Writer) (s settings, err error) {
	flags := s.flags()
	flags.SetOutput(io.Discard)
	err = ff.Parse(flags, args, ff.WithEnvVarPrefix(envPrefix))
	switch {
	case errors.Is(err, flag.ErrHelp):
		flags.SetOutput(stderr)
		flags.Usage()
		fmt.Fprintf(stderr, "Each flag is an environment variable too: -log-level is %s_LOG_LEVEL, say. The flag wins.\n", envPrefix)
		return s, flag.ErrHelp
	case err != nil:
	case flags.NArg() > 0 && strings.Contains(flags.Arg(0), "://"): // it may have a password
		err = errors.New("unexpected argument: a URL belongs to -sessions")
	case flags.NArg() > 0:
		err = fmt.Errorf("unexpected argument: %q", flags.Arg(0))
	case s.addr == "":
		err = errors.New("-addr is empty: :0 takes a free port")
	case (s.tlsCert == "") != (s.tlsKey == ""):
		err = errors.New("one of -tls-cert and -tls-key is given and the other is not")
	}
	if err != nil {
		fmt.Fprintf(stderr, "iris-sessions: %v (iris-sessions -h lists the flags)\n", err)
		return s, errUsage
	}
	return s, nil
}

// https tells whether browsers come by HTTPS, to this server or to a proxy.
func (s settings) https() bool { return s.tlsCert != "" || s.secureCookie }

// store is a sessions.Store that is to be closed.
type store interface {
	sessions.Store
	io.Closer
}

// wrongName says why no system could open what -sessions names.
type wrongName struct{ error }

// openStore opens what -sessions names, nil for memory.
func openStore(name string) (store, error) {
	kind, path, _ := strings.Cut(name, ":")
	switch {
	case name == "memory":
		return nil, nil
	case kind == "bolt" && path != "":
		return bolt.Open(path)
	case kind == "redis", kind == "rediss":
		s, err := redis.Open(name)
		if wrong := new(redis.URLError); errors.As(err, &wrong) {
			return nil, wrongName{wrong.Err}
		}
		return s, err
	}
	return nil, wrongName{errors.New("neither memory nor bolt:PATH nor redis://HOST:PORT")}
}

// withoutPassword is a store's name as it may be logged.
func withoutPassword(name string) string {
	if i := strings.LastIndexByte(name, '@'); i >= 0 && strings.HasPrefix(name, "redis") {
		scheme, _, _ := strings.Cut(name, ":")
		return scheme + "://" + name[i+1:]
	}
	return name
}

// newLogger returns the logger that the flags ask for.
func newLogger(s settings, stderr io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: s.logLevel}
	if s.logFormat == "json" {
		return slog.New(slog.NewJSONHandler(stderr, options))
	}
	return slog.New(slog.NewTextHandler(stderr, options))
}

// version says which version of the program this is, and of Go.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	return info.Main.Version + " " + info.GoVersion
}

// certificate is the server's. Connections that begin use the one that was read last.
type certificate struct {
	certFile, keyFile string
	current           atomic.Pointer[tls.Certificate]
}

// load reads the certificate. Where it cannot be used, the last one stays.
func (c *certificate) load() error {
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return fmt.Errorf("-tls-cert %s -tls-key %s: %w", c.certFile, c.keyFile, err)
	}
	switch now := time.Now(); {
	case now.After(pair.Leaf.NotAfter):
		return fmt.Errorf("-tls-cert %s: the certificate has expired at %v", c.certFile, pair.Leaf.NotAfter)
	case now.Before(pair.Leaf.NotBefore):
		return fmt.Errorf("-tls-cert %s: the certificate is not valid before %v", c.certFile, pair.Leaf.NotBefore)
	}
	c.current.Store(&pair)
	return nil
}

// reload loads the certificate whenever SIGHUP comes, until ctx ends. From then
// on a SIGHUP does nothing, so that it does not end a drain.
func (c *certificate) reload(ctx context.Context, logger *slog.Logger) {
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-hangups:
			}
			if err := c.load(); err != nil {
				logger.Error("certificate not read again, the old one stays", "error", err)
			} else {
				logger.Info("certificate read again", "expires", c.current.Load().Leaf.NotAfter)
			}
		}
	}()
}

// listener speaks TLS, 1.2 or newer, over l.
func (c *certificate) listener(l net.Listener) net.Listener {
	return tls.NewListener(l, &tls.Config{
		MinVersion:     tls.VersionTLS12,
		NextProtos:     []string{"h2", "http/1.1"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.current.Load(), nil },
	})
}

// run serves until ctx ends, and then until what is in flight has been answered.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	s, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	if s.version {
		_, err := fmt.Fprintln(stdout, "iris-sessions", version())
		return err
	}
	store, err := openStore(s.sessions)
	if errors.As(err, new(wrongName)) {
		source := "flag -sessions"
		if os.Getenv(envSessions) == s.sessions {
			source = "environment variable " + envSessions
		}
		fmt.Fprintf(stderr, "iris-sessions: %s: %v\n", source, err) // not the value: it may have a password
		return errUsage
	}
	if err != nil {
		return err
	}
	if store != nil {
		defer func() { err = errors.Join(err, store.Close()) }()
	}
	logger := newLogger(s, stderr)
	app := newApp(s, store, logger)
	cert := certificate{certFile: s.tlsCert, keyFile: s.tlsKey}
	if s.tlsCert != "" {
		if err := cert.load(); err != nil {
			return err
		}
		cert.reload(ctx, logger)
	}
	l, err := net.Listen("tcp", s.addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%w: choose another with -addr", err)
	case err != nil:
		return err
	}
	if s.tlsCert != "" {
		l = cert.listener(l)
	}
	if _, err := fmt.Fprintf(stdout, "listening on %s\n", l.Addr()); err != nil {
		return errors.Join(err, l.Close())
	}
	logger.Info("serving", "addr", l.Addr().String(), "tls", s.tlsCert != "", "store", withoutPassword(s.sessions), "expires", s.limits.Expires.String(), "idle", s.limits.IdleTimeout.String(),
		"max_sessions", s.limits.MaxSessions, "version", version())

	served := make(chan error, 1)
	go func() { served <- app.Serve(l) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	logger.Info("stopping", "drain", drainTime.String())
	drain, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	if err := app.Shutdown(drain); err != nil {
		return fmt.Errorf("requests were still in flight after %v: %w", drainTime, err)
	}
	logger.Info("stopped")
	return <-served
}
