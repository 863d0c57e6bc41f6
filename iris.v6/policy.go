package iris

import (
	"log"
	"net/http"
)

// Policy is something that a [Framework] is adapted with: a router, a session
// manager, a logger, …
type Policy interface {
	// Adapt adds the policy to the frame, which lives as long as the Framework.
	Adapt(frame *Policies)
}

// Policies are all that a Framework is adapted with. It is a Policy itself, so
// that an adaptor can bring several at once.
type Policies struct {
	LoggerPolicy
	EventPolicy
	RouterReversionPolicy
	RouterBuilderPolicy
	RouterWrapperPolicy
	SessionsPolicy

	wrappers                 []RouterWrapperPolicy // outermost first
	routers, sessionManagers int                   // how often each was adapted; more than once is a mistake
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

// Log hands a message to the adapted loggers. Without any, a ProdMode message
// goes to the standard logger and a DevMode one nowhere.
func (p *Policies) Log(mode LogMode, message string) {
	switch {
	case p.LoggerPolicy != nil:
		p.LoggerPolicy(mode, message)
	case mode == ProdMode:
		log.Print(message)
	}
}

// LogMode says whom a log message is for.
type LogMode uint8

const (
	// ProdMode messages are for the operator: something is wrong.
	ProdMode LogMode = iota
	// DevMode messages are for the developer.
	DevMode
)

// LoggerPolicy receives the framework's log messages, from many goroutines at
// once. Several may be adapted; each receives every message.
type LoggerPolicy func(mode LogMode, log string)

// Adapt implements Policy.
func (l LoggerPolicy) Adapt(frame *Policies) {
	first := frame.LoggerPolicy
	switch {
	case l == nil:
	case first == nil:
		frame.LoggerPolicy = l
	default:
		frame.LoggerPolicy = func(mode LogMode, log string) {
			first(mode, log)
			l(mode, log)
		}
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
	// Interrupted is called when SIGINT or SIGTERM reaches a framework that
	// runs by Listen, ListenTLS or ListenUNIX, before requests are drained.
	Interrupted EventListener
	// Recover is called with the error behind a handler's panic, after it was logged.
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
	// URLPath returns a path that leads to the route, its parameters replaced
	// by the args in their order, "" if there is none.
	URLPath func(r RouteInfo, args ...string) string
}

// Adapt implements Policy. A function takes the place of one adapted before.
func (v RouterReversionPolicy) Adapt(frame *Policies) {
	f := &frame.RouterReversionPolicy
	if v.StaticPath != nil {
		f.StaticPath = v.StaticPath
	}
	if v.WildcardPath != nil {
		f.WildcardPath = v.WildcardPath
	}
	if v.Param != nil {
		f.Param = v.Param
	}
	if v.URLPath != nil {
		f.URLPath = v.URLPath
	}
}

// RouterBuilderPolicy makes the handler that finds a request's route and runs
// its middleware on a Context of the pool. Exactly one must be adapted.
type RouterBuilderPolicy func(repo RouteRepository, cPool ContextPool) http.Handler

// Adapt implements Policy.
func (b RouterBuilderPolicy) Adapt(frame *Policies) {
	if b != nil {
		frame.RouterBuilderPolicy = b
		frame.routers++
	}
}

// RouterWrapperPolicy runs before the router, and runs it by calling next.
// Several may be adapted; the first is the outermost.
type RouterWrapperPolicy func(w http.ResponseWriter, r *http.Request, next http.HandlerFunc)

// Adapt implements Policy.
func (rw RouterWrapperPolicy) Adapt(frame *Policies) {
	if rw != nil {
		frame.wrappers = append(frame.wrappers, rw)
	}
}

// SessionsPolicy is a session manager. At most one may be adapted.
type SessionsPolicy struct {
	// Start returns the request's session: the same one however often it is
	// called for a request.
	Start func(http.ResponseWriter, *http.Request) Session
	// Destroy ends the request's session.
	Destroy func(http.ResponseWriter, *http.Request)
}

// Adapt implements Policy. It panics if one of both functions is missing.
func (s SessionsPolicy) Adapt(frame *Policies) {
	if (s.Start == nil) != (s.Destroy == nil) {
		panic("iris: SessionsPolicy: one of Start and Destroy is nil")
	}
	if s.Start != nil {
		frame.SessionsPolicy = s
		frame.sessionManagers++
	}
}
