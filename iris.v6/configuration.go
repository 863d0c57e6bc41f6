package iris

import (
	"net/http"
	"reflect"
	"time"
)

// Configuration holds the settings of a [Framework]. It is itself an
// OptionSetter: iris.New(iris.Configuration{…}) changes the settings whose fields
// are not zero, and those of Other that it has.
type Configuration struct {
	// VHost and VScheme are the host, with its port, and the scheme that clients
	// use: Framework.URL returns them. If they are empty, Serve and Listen fill
	// them in before EventPolicy.Build fires, with the first address that the
	// framework listens on ("localhost" if it is all of the machine's), and
	// "http", or "https" for ListenTLS. Without a server they stay empty, and
	// Framework.URL uses "http://localhost".
	VHost, VScheme string

	// ReadHeaderTimeout bounds the reading of a request's header. Default: 5 s.
	ReadHeaderTimeout time.Duration
	// ReadTimeout bounds the reading of a whole request. Default: 30 s.
	ReadTimeout time.Duration
	// WriteTimeout bounds the handlers and the writing of the response,
	// counted from the end of the request's header. Default: 30 s.
	WriteTimeout time.Duration
	// IdleTimeout bounds the wait for the next request on a connection. Default: 120 s.
	IdleTimeout time.Duration
	// MaxHeaderBytes bounds a request's header, its first line included. Default: 64 KiB.
	MaxHeaderBytes int
	// MaxBodyBytes bounds the body of a request that Context reads as a form or
	// as JSON. Default: 10 MiB.
	MaxBodyBytes int64

	// DisablePathCorrection turns off the redirect (301 for GET and HEAD, 308
	// for the other methods) to the registered path if the requested one
	// differs from it by a trailing slash. Default: false.
	DisablePathCorrection bool
	// EnablePathEscape matches paths in their escaped form, so that "%2F" is a
	// part of a parameter and does not end it. Context.Param then returns the
	// escaped form, and Context.ParamDecoded the decoded one. Default: false.
	EnablePathEscape bool
	// FireMethodNotAllowed answers a known path with another method with 405
	// and an Allow header (RFC 9110 §15.5.6) in place of 404. Default: false.
	FireMethodNotAllowed bool

	// Charset is the charset that Text, HTML and JSON declare. Default: UTF-8.
	Charset string
	// TimeFormat is how middleware/logger writes the time; see package time.
	// Default: http.TimeFormat.
	TimeFormat string

	// Other has the program's own settings. Handlers find them in
	// Framework.Config. Default: empty.
	Other map[string]interface{}
}

// DefaultConfiguration returns the defaults.
func DefaultConfiguration() Configuration {
	return Configuration{
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       120 * time.Second,
		MaxHeaderBytes:    64 << 10,
		MaxBodyBytes:      10 << 20,
		Charset:           "UTF-8",
		TimeFormat:        http.TimeFormat,
		Other:             make(map[string]interface{}),
	}
}

// OptionSetter changes settings; see [New] and [Framework.Set].
type OptionSetter interface {
	Set(*Configuration)
}

// Set changes the fields of main that are not zero in c.
func (c Configuration) Set(main *Configuration) {
	for key, val := range c.Other {
		OptionOther(key, val).Set(main)
	}
	c.Other = nil
	merge(main, c)
}

// merge sets the fields of to that are not zero in from.
func merge[T any](to *T, from T) {
	for field, value := range reflect.ValueOf(from).Fields() {
		if !value.IsZero() {
			reflect.ValueOf(to).Elem().FieldByIndex(field.Index).Set(value)
		}
	}
}

// OptionSet is a function used as an OptionSetter.
type OptionSet func(*Configuration)

// Set calls o.
func (o OptionSet) Set(c *Configuration) { o(c) }

// OptionVHost sets Configuration.VHost.
func OptionVHost(val string) OptionSet { return func(c *Configuration) { c.VHost = val } }

// OptionVScheme sets Configuration.VScheme.
func OptionVScheme(val string) OptionSet { return func(c *Configuration) { c.VScheme = val } }

// OptionReadHeaderTimeout sets Configuration.ReadHeaderTimeout.
func OptionReadHeaderTimeout(val time.Duration) OptionSet {
	return func(c *Configuration) { c.ReadHeaderTimeout = val }
}

// OptionReadTimeout sets Configuration.ReadTimeout.
func OptionReadTimeout(val time.Duration) OptionSet {
	return func(c *Configuration) { c.ReadTimeout = val }
}

// OptionWriteTimeout sets Configuration.WriteTimeout.
func OptionWriteTimeout(val time.Duration) OptionSet {
	return func(c *Configuration) { c.WriteTimeout = val }
}

// OptionIdleTimeout sets Configuration.IdleTimeout.
func OptionIdleTimeout(val time.Duration) OptionSet {
	return func(c *Configuration) { c.IdleTimeout = val }
}

// OptionMaxHeaderBytes sets Configuration.MaxHeaderBytes.
func OptionMaxHeaderBytes(val int) OptionSet {
	return func(c *Configuration) { c.MaxHeaderBytes = val }
}

// OptionMaxBodyBytes sets Configuration.MaxBodyBytes.
func OptionMaxBodyBytes(val int64) OptionSet {
	return func(c *Configuration) { c.MaxBodyBytes = val }
}

// OptionDisablePathCorrection sets Configuration.DisablePathCorrection.
func OptionDisablePathCorrection(val bool) OptionSet {
	return func(c *Configuration) { c.DisablePathCorrection = val }
}

// OptionEnablePathEscape sets Configuration.EnablePathEscape.
func OptionEnablePathEscape(val bool) OptionSet {
	return func(c *Configuration) { c.EnablePathEscape = val }
}

// OptionFireMethodNotAllowed sets Configuration.FireMethodNotAllowed.
func OptionFireMethodNotAllowed(val bool) OptionSet {
	return func(c *Configuration) { c.FireMethodNotAllowed = val }
}

// OptionCharset sets Configuration.Charset.
func OptionCharset(val string) OptionSet { return func(c *Configuration) { c.Charset = val } }

// OptionTimeFormat sets Configuration.TimeFormat.
func OptionTimeFormat(val string) OptionSet { return func(c *Configuration) { c.TimeFormat = val } }

// OptionOther sets the value under key in Configuration.Other.
func OptionOther(key string, val interface{}) OptionSet {
	return func(c *Configuration) {
		if c.Other == nil {
			c.Other = make(map[string]interface{})
		}
		c.Other[key] = val
	}
}
