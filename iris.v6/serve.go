package iris

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

	"gopkg.in/kataras/iris.v6/internal/oncepersecond"
)

// drainTime is how long Listen waits for requests in flight after a signal.
const drainTime = 10 * time.Second

// Serve boots the framework and answers the requests of the listener's
// connections. It returns nil when a Shutdown is done, else the error that ended it.
func (f *Framework) Serve(l net.Listener) error {
	if _, err := f.tryBoot(); err != nil {
		return errors.Join(err, l.Close())
	}
	server := &http.Server{
		Handler:           f,
		ReadHeaderTimeout: f.Config.ReadHeaderTimeout,
		ReadTimeout:       f.Config.ReadTimeout,
		WriteTimeout:      f.Config.WriteTimeout,
		IdleTimeout:       f.Config.IdleTimeout,
		MaxHeaderBytes:    f.Config.MaxHeaderBytes,
		ErrorLog:          log.New(&logWriter{framework: f}, "", 0),
	}
	if !f.servers.add(server) {
		return l.Close()
	}
	f.listensOn("http", l.Addr()) // unless Listen knows better
	if err := server.Serve(lazyListener{l}); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("iris: serve %s: %w", l.Addr(), err)
	}
	<-f.servers.drained // or else a main that ends with Serve would drop requests
	return nil
}

// Listen serves on a TCP address, ":8080" say. On SIGINT and SIGTERM it fires
// EventPolicy.Interrupted, answers what is in flight (10 s at most) and returns.
// If it cannot listen it logs why and exits with status 1.
func (f *Framework) Listen(addr string) {
	f.listen("http", func() (net.Listener, error) { return net.Listen("tcp", addr) })
}

// ListenTLS is Listen for HTTPS, TLS 1.2 or newer, with HTTP/2.
func (f *Framework) ListenTLS(addr, certFile, keyFile string) {
	f.listen("https", func() (net.Listener, error) {
		cert, err := tls.LoadX509KeyPair(certFile, keyFile)
		if err != nil {
			return nil, err
		}
		l, err := net.Listen("tcp", addr)
		if err != nil {
			return nil, err
		}
		return tls.NewListener(lazyListener{l}, &tls.Config{
			MinVersion:   tls.VersionTLS12,
			Certificates: []tls.Certificate{cert},
			NextProtos:   []string{"h2", "http/1.1"},
		}), nil
	})
}

// ListenUNIX is Listen on a Unix socket, whose file gets the given mode.
func (f *Framework) ListenUNIX(socketFile string, mode os.FileMode) {
	f.listen("http", func() (net.Listener, error) {
		l, err := net.Listen("unix", socketFile)
		if err != nil {
			return nil, err
		}
		if err := os.Chmod(socketFile, mode); err != nil {
			return nil, errors.Join(err, l.Close())
		}
		return l, nil
	})
}

func (f *Framework) listen(scheme string, open func() (net.Listener, error)) {
	l, err := open()
	if err != nil {
		f.exit(fmt.Errorf("iris: %w", err))
	}
	f.listensOn(scheme, l.Addr())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	served := make(chan error, 1)
	go func() { served <- f.Serve(l) }()
	select {
	case err = <-served:
		signal.Stop(signals)
	case <-signals:
		signal.Stop(signals) // a second one ends the process at once
		f.policies.Interrupted.fire(f)
		ctx, cancel := context.WithTimeout(context.Background(), drainTime)
		defer cancel()
		if err = f.Shutdown(ctx); err == nil {
			err = <-served
		}
	}
	if err != nil {
		f.exit(err)
	}
}

func (f *Framework) exit(err error) {
	f.Log(ProdMode, err.Error())
	os.Exit(1)
}

// logWriter hands net/http's own messages to the adapted loggers: every panic,
// and of the others, which clients cause as they like, one a second.
type logWriter struct {
	framework *Framework
	limit     oncepersecond.Limit
}

func (w *logWriter) Write(p []byte) (int, error) {
	message := strings.TrimSuffix(string(p), "\n")
	pass := true
	if !strings.Contains(message, "panic serving") {
		message, pass = w.limit.Pass(message)
	}
	if pass {
		w.framework.Log(ProdMode, message)
	}
	return len(p), nil
}

// servers are those that a framework runs.
type servers struct {
	mu      sync.Mutex
	all     []*http.Server
	closed  bool
	drained chan struct{} // closed when the first shutdown is done
}

// add tells whether the server may run: not after a shutdown.
func (s *servers) add(server *http.Server) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.all = append(s.all, server)
	}
	return !s.closed
}

func (s *servers) shutdown(ctx context.Context) error {
	s.mu.Lock()
	first := !s.closed
	s.closed = true
	all := s.all
	s.mu.Unlock()
	if first {
		defer close(s.drained)
	}
	errs := make([]error, len(all))
	var wg sync.WaitGroup
	for i, server := range all {
		wg.Go(func() {
			if err := server.Shutdown(ctx); err != nil {
				errs[i] = fmt.Errorf("iris: shutdown: %w", err)
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}
