// Package store is the contract between the session manager and the places
// where sessions are kept. Package storetest, beside it, has the suite that
// every Store must pass.
package store

import (
	"errors"
	"time"
)

// Store keeps sessions. Many requests call it at the same time, perhaps those of
// many instances of the server.
//
// A missing session is not an error. An error is a fault of the system, and the
// request that meets it is answered with 503. A Store therefore bounds how long
// a call takes (to 1 s by default, if it waits at all), and returns a session
// whole or an error, never a part of it.
//
// A Store keeps no slice that it is handed: the caller uses it again.
//
// When a method that writes returns, the write is as durable as the Store is.
//
// # Forwards
//
// A request that has read a session still means that session after another
// request has moved it to a new key. So for at least ForwardTime after
// Renew(old, key), Update and Destroy of old act on the session, wherever it has
// moved to by then. Read of old finds nothing from the first moment on. Renew of
// old changes nothing, and returns a Moved, because an attacker may have known the
// ID before a login. A key that forwards is taken: Create and Renew do not reuse it.
type Store interface {
	// SetLimits says how long sessions live. It must be called once, before
	// every other method: they fail with ErrNoLimits until then, and a second
	// call fails with ErrLimitsSet.
	SetLimits(Limits) error

	// Read returns the items of the session, and counts as a use of it. ok is
	// false if there is no live session. The caller only reads the items, and
	// the Store never changes them.
	Read(key Key) (items []Item, ok bool, err error)

	// Create begins a session. It returns ErrExists if the key is taken, and
	// ErrFull if there is no room.
	Create(key Key, items []Item) error

	// Update merges changes into the session (see Merge) in one step: two
	// Updates at once keep each other's changes to other names. ok is false, and
	// nothing is stored, if there is no live session: Update never revives one.
	Update(key Key, changes []Item) (ok bool, err error)

	// Renew merges changes into the session and moves it to another key in one
	// step: the session is never readable under both. Its age stays. ok is as in
	// Update. It changes nothing, and returns ErrExists, if the new key is taken,
	// and a Moved if the old key forwards to a live session.
	Renew(old, key Key, changes []Item) (ok bool, err error)

	// Destroy ends the session, if there is one.
	Destroy(key Key) error

	// DestroyAll ends every session.
	DestroyAll() error
}

// ForwardTime is how long a Store forwards from a renewed session's old key. It
// is longer than a request takes.
const ForwardTime = time.Minute

// Errors of a Store. A Store may wrap them.
var (
	// ErrFull: every place is taken by a session in use (see Limits.MaxSessions).
	ErrFull = errors.New("the store is full of sessions in use (MaxSessions)")
	// ErrExists: the key is taken by another session.
	ErrExists = errors.New("the key already has a session")
	// ErrNoLimits: SetLimits has not been called.
	ErrNoLimits = errors.New("the store has no limits yet: pass it to a session manager")
	// ErrLimitsSet: SetLimits has been called before.
	ErrLimitsSet = errors.New("the store has limits already: it belongs to another session manager")
)

// Moved is the error of a Renew whose old key forwards.
type Moved struct {
	To Key // the key that the session has now
}

func (m Moved) Error() string { return "the session has moved to " + m.To.String() }
