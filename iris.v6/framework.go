package iris

import (
	"context"
	"errors"
	"log"
	"net/http"
	"sync"
	"sync/atomic"
)

// Framework is a web application: its routes and its policies. It is an
// [http.Handler].
type Framework struct {
	*Router
	Config *Configuration
	// Shutdown stops the servers that Serve and Listen run. They accept no more
	// connections. Shutdown returns nil when every request has been answered, or
	// the error of ctx if that ends before.
	Shutdown func(ctx context.Context) error

	policies Policies
	handler  atomic.Pointer[http.HandlerFunc] // nil until booted
	boot     sync.Once
	bootErr  error

	server                        http.Server // for all listeners
	listens, interrupted, stopped sync.Once
	drained                       chan struct{} // closed when a call of Shutdown has ended
}

// New returns a Framework with the default configuration and the given changes to it.
func New(setters ...OptionSetter) *Framework {
	config := DefaultConfiguration()
	f := &Framework{Config: &config, drained: make(chan struct{})}
	f.Router = &Router{Errors: new(ErrorHandlers), Context: newContextPool(f), repository: new(repository), path: "/"}
	f.server = http.Server{
		Handler:                      f,
		ErrorLog:                     log.New(&logWriter{framework: f}, "", 0),
		DisableGeneralOptionsHandler: true, // the router answers "OPTIONS *" too
	}
	f.Shutdown = f.shutdown
	f.Set(setters...)
	return f
}

// Set changes the configuration. Call it before the framework boots.
func (f *Framework) Set(setters ...OptionSetter) {
	for _, s := range setters {
		s.Set(f.Config)
	}
}

// Adapt adds policies: a router, a session manager, a logger, …
func (f *Framework) Adapt(policies ...Policy) {
	for _, p := range policies {
		p.Adapt(&f.policies)
	}
}

// Log hands a message to the adapted logger; see [Policies.Log].
func (f *Framework) Log(mode LogMode, message string) { f.policies.Log(mode, message) }

// Must hands an error to EventPolicy.Recover, or logs it if there is no listener,
// and goes on. It does nothing if err is nil.
func (f *Framework) Must(err error) {
	switch listener := f.policies.Recover; {
	case err == nil:
	case listener != nil:
		listener(f, err)
	default:
		f.Log(ProdMode, err.Error())
	}
}

// Boot builds the router, once. It reports whether this call was the first. It
// panics if no router was adapted, with a message that says how to do so. Serving
// calls Boot by itself.
func (f *Framework) Boot() (firstTime bool) {
	firstTime, err := f.tryBoot()
	if err != nil {
		panic(err)
	}
	return firstTime
}

func (f *Framework) tryBoot() (firstTime bool, err error) {
	f.boot.Do(func() {
		firstTime = true
		f.bootErr = errors.New("iris: Boot has panicked") // unless build returns
		f.bootErr = f.build()
	})
	return firstTime, f.bootErr
}

func (f *Framework) build() error {
	f.policies.Boot.fire(f)
	if err := f.policies.check(); err != nil {
		return err
	}
	handler := http.HandlerFunc(f.policies.RouterBuilderPolicy(f.repository, f.Context).ServeHTTP)
	for _, wrap := range f.policies.wrappers {
		next := handler
		handler = func(w http.ResponseWriter, r *http.Request) { wrap(w, r, next) }
	}
	f.server.ReadHeaderTimeout = f.Config.ReadHeaderTimeout
	f.server.ReadTimeout = f.Config.ReadTimeout
	f.server.WriteTimeout = f.Config.WriteTimeout
	f.server.IdleTimeout = f.Config.IdleTimeout
	f.server.MaxHeaderBytes = f.Config.MaxHeaderBytes
	f.repository.frozen.Store(true)
	f.handler.Store(&handler)
	f.policies.Build.fire(f)
	return nil
}

// ServeHTTP answers a request. A framework that cannot boot logs why, and
// answers 500.
func (f *Framework) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	handler := f.handler.Load()
	if handler == nil {
		first, err := f.tryBoot()
		if err != nil {
			if first {
				f.Log(ProdMode, err.Error())
			}
			http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
			return
		}
		handler = f.handler.Load()
	}
	(*handler)(w, r)
}
