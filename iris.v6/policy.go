package iris

import (
	"errors"
	"log"
	"net/http"
)

// Policy adds a part to a [Framework]: a router, a session manager, a logger, …
type Policy interface {
	// Adapt adds the policy to the frame, which lives as long as the Framework.
	Adapt(frame *Policies)
}

// Policies are all policies of a Framework. It is a Policy itself, so that an
// adaptor can have several.
type Policies struct {
	LoggerPolicy
	EventPolicy
	RouterReversionPolicy
	RouterBuilderPolicy
	RouterWrapperPolicy
	SessionsPolicy

	wrappers []RouterWrapperPolicy // the last one runs first
	replaced []string              // kinds of which another policy was adapted before
}

// Adapt adds every policy that p has to the frame.
func (p Policies) Adapt(frame *Policies) {
	p.LoggerPolicy.Adapt(frame)
	p.EventPolicy.Adapt(frame)
	p.RouterReversionPolicy.Adapt(frame)
	p.RouterBuilderPolicy.Adapt(frame)
	p.RouterWrapperPolicy.Adapt(frame)
	p.SessionsPolicy.Adapt(frame)
}

// check returns an error if there is no router. It logs which policies were replaced.
func (p *Policies) check() error {
	if p.RouterBuilderPolicy == nil {
		return errors.New("iris: no router: add app.Adapt(httprouter.New()), from gopkg.in/kataras/iris.v6/adaptors/httprouter")
	}
	for _, kind := range p.replaced {
		p.Log(DevMode, "iris: a "+kind+" was adapted again: the last one counts")
	}
	return nil
}

// replaces notes that a policy of that kind takes the place of another one.
func (p *Policies) replaces(kind string, another bool) {
	if another {
		p.replaced = append(p.replaced, kind)
	}
}

// Log hands a message to the adapted logger. Without one, a DevMode message goes
// nowhere, and others to the standard logger.
func (p *Policies) Log(mode LogMode, message string) {
	switch {
	case p.LoggerPolicy != nil:
		p.LoggerPolicy(mode, message)
	case mode != DevMode:
		log.Print(message)
	}
}

// LogMode is the audience of a log message.
type LogMode uint8

const (
	// ProdMode messages are for the operator: something is wrong.
	ProdMode LogMode = iota
	// DevMode messages are for the developer.
	DevMode
	// InfoMode messages are for the operator too: all is well. v6 has no such mode.
	InfoMode
)

// LoggerPolicy receives the framework's log messages, from many goroutines at
// once. If several are adapted, the last one counts.
type LoggerPolicy func(mode LogMode, log string)

// Adapt implements Policy.
func (l LoggerPolicy) Adapt(frame *Policies) {
	if l != nil {
		frame.replaces("logger", frame.LoggerPolicy != nil)
		frame.LoggerPolicy = l
	}
}

// DevLogger returns a logger that writes the messages of every mode to the
// standard logger.
func DevLogger() LoggerPolicy {
	return func(_ LogMode, message string) { log.Print(message) }
}

// EventListener is called when an event of an [EventPolicy] occurs.
type EventListener func(*Framework)

// EventPolicy has the listeners to the framework's events. Several may be
// adapted; each is called, in the order of adapting.
type EventPolicy struct {
	// Boot is called at the start of Framework.Boot: routes may still be added.
	Boot EventListener
	// Build is called when the router has been built.
	Build EventListener
	// Interrupted is called, once, when SIGINT or SIGTERM reaches a framework
	// that serves, before requests are drained.
	Interrupted EventListener
	// Recover is called with the error behind a handler's panic, after it was
	// logged, and with those of Framework.Must.
	Recover func(*Framework, error)
}

// Adapt implements Policy.
func (e EventPolicy) Adapt(frame *Policies) {
	f := &frame.EventPolicy
	f.Boot = f.Boot.then(e.Boot)
	f.Build = f.Build.then(e.Build)
	f.Interrupted = f.Interrupted.then(e.Interrupted)
	switch first := f.Recover; {
	case e.Recover == nil:
	case first == nil:
		f.Recover = e.Recover
	default:
		f.Recover = func(app *Framework, err error) {
			first(app, err)
			e.Recover(app, err)
		}
	}
}

func (l EventListener) then(next EventListener) EventListener {
	switch {
	case next == nil:
		return l
	case l == nil:
		return next
	}
	return func(app *Framework) {
		l(app)
		next(app)
	}
}

func (l EventListener) fire(app *Framework) {
	if l != nil {
		l(app)
	}
}

// RouterReversionPolicy writes paths in the way of a router; see
// [Framework.Path], [Framework.RouteParam] and [Framework.RouteWildcardPath].
type RouterReversionPolicy struct {
	// StaticPath returns the part of a path before its first parameter.
	StaticPath func(path string) string
	// WildcardPath returns the path with a parameter at its end that matches
	// all that follows.
	WildcardPath func(path, paramName string) string
	// Param returns a path's segment that is a parameter.
	Param func(paramName string) string
	// URLPath returns a path that leads to the route, with its parameters replaced
	// by the args in their order, or "" if there is no such path.
	URLPath func(r RouteInfo, args ...string) string
}

// Adapt implements Policy. A function takes the place of one adapted before.
func (v RouterReversionPolicy) Adapt(frame *Policies) {
	merge(&frame.RouterReversionPolicy, v)
}

// RouterBuilderPolicy makes the handler that finds a request's route and runs
// its middleware on a Context of the pool. One must be adapted; of several, the
// last one counts.
type RouterBuilderPolicy func(repo RouteRepository, cPool ContextPool) http.Handler

// Adapt implements Policy.
func (b RouterBuilderPolicy) Adapt(frame *Policies) {
	if b != nil {
		frame.replaces("router", frame.RouterBuilderPolicy != nil)
		frame.RouterBuilderPolicy = b
	}
}

// RouterWrapperPolicy runs before the router, and runs it by calling next.
// Several may be adapted; the last one runs first.
type RouterWrapperPolicy func(w http.ResponseWriter, r *http.Request, next http.HandlerFunc)

// Adapt implements Policy.
func (rw RouterWrapperPolicy) Adapt(frame *Policies) {
	if rw != nil {
		frame.wrappers = append(frame.wrappers, rw)
	}
}

// SessionsPolicy is a session manager. If several are adapted, the last one counts.
type SessionsPolicy struct {
	// Start returns the request's session. Every call for a request returns the
	// same one.
	Start func(http.ResponseWriter, *http.Request) Session
	// Destroy ends the request's session.
	Destroy func(http.ResponseWriter, *http.Request)
	// Secure means that the session's cookie is Secure even if the request came
	// without TLS, as behind a proxy. Cookies of Context.SetCookieKV then are, too.
	Secure bool
}

// Adapt implements Policy. It panics if only one of the functions is set.
func (s SessionsPolicy) Adapt(frame *Policies) {
	if (s.Start == nil) != (s.Destroy == nil) {
		panic("iris: SessionsPolicy: one of Start and Destroy is nil")
	}
	if s.Start != nil {
		frame.replaces("session manager", frame.Start != nil)
		frame.SessionsPolicy = s
	}
}
