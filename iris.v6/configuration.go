package iris

import (
	"cmp"
	"net/http"
	"time"
)

// Configuration holds the settings of a [Framework]. It is itself an
// OptionSetter that replaces all of them: iris.New(iris.Configuration{…}); its
// zero fields take the defaults that the comments state.
type Configuration struct {
	// VHost and VScheme are the host, with its port if it has one, and the
	// scheme in what Framework.URL returns: those that clients use. Default:
	// those of the first address that the framework listens on, "localhost" in
	// place of all of the machine's, or where it listens on none; "http", but
	// "https" if ListenTLS was called first.
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

	// DisablePathCorrection turns off the redirect (301 for GET and HEAD, 308
	// for the other methods) to the registered path where the requested one
	// differs from it by a trailing slash. Default: false.
	DisablePathCorrection bool
	// EnablePathEscape has paths matched in their escaped form, so that a "%2F"
	// is a part of a parameter and does not end it. Context.Param returns what
	// is still escaped then; Context.ParamDecoded does not. Default: false.
	EnablePathEscape bool
	// FireMethodNotAllowed answers a known path with another method with 405
	// and an Allow header (RFC 9110 §15.5.6) in place of 404. Default: false.
	FireMethodNotAllowed bool

	// Charset is the one that Text, HTML and JSON declare. Default: UTF-8.
	Charset string
	// TimeFormat is how middleware/logger writes the time; see package time.
	// Default: http.TimeFormat.
	TimeFormat string

	// Other has settings of the program's own, for handlers to find in
	// Framework.Config.
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
		Charset:           "UTF-8",
		TimeFormat:        http.TimeFormat,
	}
}

// OptionSetter changes settings; see [New] and [Framework.Set].
type OptionSetter interface {
	Set(*Configuration)
}

// Set replaces the whole of main by c.
func (c Configuration) Set(main *Configuration) {
	def := DefaultConfiguration()
	c.ReadHeaderTimeout = cmp.Or(c.ReadHeaderTimeout, def.ReadHeaderTimeout)
	c.ReadTimeout = cmp.Or(c.ReadTimeout, def.ReadTimeout)
	c.WriteTimeout = cmp.Or(c.WriteTimeout, def.WriteTimeout)
	c.IdleTimeout = cmp.Or(c.IdleTimeout, def.IdleTimeout)
	c.MaxHeaderBytes = cmp.Or(c.MaxHeaderBytes, def.MaxHeaderBytes)
	c.Charset = cmp.Or(c.Charset, def.Charset)
	c.TimeFormat = cmp.Or(c.TimeFormat, def.TimeFormat)
	*main = c
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

// OptionOther sets Configuration.Other.
func OptionOther(val map[string]interface{}) OptionSet {
	return func(c *Configuration) { c.Other = val }
}
