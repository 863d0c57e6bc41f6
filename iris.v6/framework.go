package iris

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
)

// Framework is a web application: routes, and what it was adapted with. It is
// an [http.Handler].
type Framework struct {
	*Router
	Config *Configuration
	// Shutdown stops the servers that Serve and Listen run: they accept no more
	// connections, and it returns when every request has been answered or ctx
	// has ended, with ctx's error then.
	Shutdown func(ctx context.Context) error

	policies Policies
	handler  atomic.Pointer[http.Handler] // nil until booted
	boot     sync.Once
	bootErr  error
	servers  servers
	origin   atomic.Pointer[origin] // where the first server listens
}

// New returns a Framework with the default configuration and the given changes to it.
func New(setters ...OptionSetter) *Framework {
	config := DefaultConfiguration()
	f := &Framework{Config: &config}
	f.Router = &Router{Errors: new(ErrorHandlers), Context: newContextPool(f), repository: new(repository), path: "/"}
	f.servers.drained = make(chan struct{})
	f.Shutdown = f.servers.shutdown
	f.Set(setters...)
	return f
}

// Set changes the configuration. It is to be called before the framework boots.
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

// Log hands a message to the adapted loggers; see [Policies.Log].
func (f *Framework) Log(mode LogMode, message string) { f.policies.Log(mode, message) }

// Must panics if err is not nil.
func (f *Framework) Must(err error) {
	if err != nil {
		panic(err)
	}
}

// Boot builds the router, once: it tells whether this call was the first. It
// panics with a message that says what to mend if there is no router, or two,
// or two session managers. Serving boots by itself.
func (f *Framework) Boot() (firstTime bool) {
	firstTime, err := f.tryBoot()
	f.Must(err)
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
	handler := f.policies.RouterBuilderPolicy(f.repository, f.Context)
	for _, wrap := range slices.Backward(f.policies.wrappers) {
		next := handler.ServeHTTP
		handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { wrap(w, r, next) })
	}
	f.repository.freeze()
	f.handler.Store(&handler)
	f.policies.Build.fire(f)
	return nil
}

// check returns what is wrong with how the framework was adapted.
func (p *Policies) check() error {
	switch {
	case p.routers == 0:
		return errors.New("iris: no router: add app.Adapt(httprouter.New()), from gopkg.in/kataras/iris.v6/adaptors/httprouter")
	case p.routers > 1:
		return errors.New("iris: more than one router: remove all but one app.Adapt(httprouter.New())")
	case p.sessionManagers > 1:
		return errors.New("iris: more than one session manager: remove all but one app.Adapt(sessions.New(…))")
	}
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
	(*handler).ServeHTTP(w, r)
}
