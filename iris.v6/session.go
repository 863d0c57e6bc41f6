package iris

// Session is what the server remembers of one client between its requests. All
// methods may be called from several goroutines.
//
// Reading a session that does not exist is harmless and stores nothing; the
// first write begins it. Writes are saved together just before the response
// leaves; if that fails, the response becomes a 503. Writes to a session that
// another request has ended meanwhile are dropped.
//
// To get a value and then to set it is not one step: of two requests that count
// up at the same time, one may go uncounted.
//
// A value must not be changed once it has been set or read: set a new one.
//
// A Session belongs to its request. Nothing may use it after the handlers have
// returned, because it then becomes the session of another request.
type Session interface {
	// ID returns the session ID. It begins the session if there is none, because
	// the caller means to use the ID.
	ID() string

	// Get returns the value under key, nil if there is none.
	Get(key string) interface{}
	// GetString returns the string under key, "" if there is none.
	GetString(key string) string
	// GetInt returns the number under key as an int. It and the three getters
	// below convert a number of another type, and a decimal number in a string.
	// If there is none that fits, they return -1 and an error.
	GetInt(key string) (int, error)
	GetInt64(key string) (int64, error)
	GetFloat32(key string) (float32, error)
	GetFloat64(key string) (float64, error)
	// GetBoolean returns the bool under key, or false and an error. It does not
	// convert: a check for a login must find the value that was set.
	GetBoolean(key string) (bool, error)
	// GetAll returns a copy of all values, flash messages not included.
	GetAll() map[string]interface{}
	// VisitAll calls visit with each value, flash messages not included.
	VisitAll(visit func(key string, value interface{}))

	// Set puts value under key. Setting nil deletes. Stores keep bool, int, int64,
	// float32, float64, string, []byte, time.Time, and the types that are
	// registered with encoding/gob. With another type, the response becomes a 503.
	Set(key string, value interface{})
	// Delete removes the value under key.
	Delete(key string)
	// Clear removes all values, but no flash messages.
	Clear()

	// HasFlash tells whether there are flash messages: values that are read once.
	// A HEAD request reads them too, and takes none away. Of requests at the same
	// time, more than one may get the same message.
	HasFlash() bool
	// GetFlash returns the flash message under key and removes it.
	GetFlash(key string) interface{}
	// GetFlashString is GetFlash for a string, "" if there is none.
	GetFlashString(key string) string
	// GetFlashes returns all flash messages and removes them.
	GetFlashes() map[string]interface{}
	// SetFlash puts a flash message under key.
	SetFlash(key string, value interface{})
	// DeleteFlash removes the flash message under key.
	DeleteFlash(key string)
	// ClearFlashes removes all flash messages.
	ClearFlashes()
}
