package iris

import "time"

// Configuration holds the settings of a [Framework]. It is itself an
// OptionSetter that replaces all of them: iris.New(iris.Configuration{…}); its
// zero fields take the defaults that the comments state.
type Configuration struct {
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
	// FireMethodNotAllowed answers a known path with another method with 405
	// and an Allow header (RFC 9110 §15.5.6) in place of 404. Default: false.
	FireMethodNotAllowed bool

	// Charset is the one that Text, HTML and JSON declare. Default: UTF-8.
	Charset string
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
	}
}

// OptionSetter changes settings; see [New] and [Framework.Set].
type OptionSetter interface {
	Set(*Configuration)
}

// Set replaces the whole of main by c.
func (c Configuration) Set(main *Configuration) {
	def := DefaultConfiguration()
	setDefault(&c.ReadHeaderTimeout, def.ReadHeaderTimeout)
	setDefault(&c.ReadTimeout, def.ReadTimeout)
	setDefault(&c.WriteTimeout, def.WriteTimeout)
	setDefault(&c.IdleTimeout, def.IdleTimeout)
	setDefault(&c.MaxHeaderBytes, def.MaxHeaderBytes)
	setDefault(&c.Charset, def.Charset)
	*main = c
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// OptionSet is a function used as an OptionSetter.
type OptionSet func(*Configuration)

// Set calls o.
func (o OptionSet) Set(c *Configuration) { o(c) }

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

// OptionFireMethodNotAllowed sets Configuration.FireMethodNotAllowed.
func OptionFireMethodNotAllowed(val bool) OptionSet {
	return func(c *Configuration) { c.FireMethodNotAllowed = val }
}

// OptionCharset sets Configuration.Charset.
func OptionCharset(val string) OptionSet {
	return func(c *Configuration) { c.Charset = val }
}
