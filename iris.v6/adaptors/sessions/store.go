package sessions

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"time"
)

// Store keeps sessions. Many requests, of many instances of the server perhaps,
// call it at once; storetest has the suite that every Store must pass.
//
// That a session is not there is never an error: an error is a fault of the
// system, and the request it befalls is answered with 503. A Store therefore
// waits no longer than it is worth waiting for (1 s by default, where it waits
// at all), and returns what it kept whole or an error, never a part.
//
// A Store keeps no slice that it is handed.
//
// A call that writes is done when what it wrote is as durable as the Store is.
type Store interface {
	// SetLimits tells the Store how long sessions live. It is called once,
	// before every other method.
	SetLimits(Limits)

	// Read returns what the session has, and counts as a use of it. ok is false
	// if there is no session that lives. The items are only read by the caller,
	// and never changed by the Store.
	Read(ctx context.Context, key Key) (items []Item, ok bool, err error)

	// Create begins a session. It returns ErrFull if there is no room for one,
	// and an error if the key has one.
	Create(ctx context.Context, key Key, items []Item) error

	// Update merges changes into the session (see Merge), in one step: of two
	// Updates at once neither undoes the other's changes to other names. ok is
	// false, and nothing is stored, if there is no session that lives: an
	// Update never brings one back.
	Update(ctx context.Context, key Key, changes []Item) (ok bool, err error)

	// Renew merges changes into the session and moves it to another key, in
	// one step: at no time do both keys have it, and once Renew has returned
	// the old one never does again. The session's age stays. ok is as with Update.
	Renew(ctx context.Context, old, key Key, changes []Item) (ok bool, err error)

	// Destroy ends the session, if there is one.
	Destroy(ctx context.Context, key Key) error

	// DestroyAll ends every session there is.
	DestroyAll(ctx context.Context) error
}

// ErrFull says that a session was refused because all that fit are in use.
var ErrFull = errors.New("sessions: the store is full of sessions in use (Config.MaxSessions)")

// Key is the name that a session has in a Store: the SHA-256 of its id, so that
// who can read the Store cannot take over a session.
type Key [sha256.Size]byte

// String returns the first 8 hex digits: enough to tell sessions apart in a log.
func (k Key) String() string { return hex.EncodeToString(k[:4]) }

// Item is a value of a session, under its name. As a change, a nil Value
// removes what the name has.
type Item struct {
	Name  string
	Value any
}

// Limits are the limits of a session's life, which Stores keep; see Config.
type Limits struct {
	Expires     time.Duration // since creation; 0: none
	IdleTimeout time.Duration // since the last use; 0: none
	MaxSessions int           // for a Store in memory
}

// Merge returns the items as they are after the changes, in the memory of dst,
// which is empty, as far as it reaches.
func Merge(dst, items, changes []Item) []Item {
	dst = append(dst, items...)
	for _, c := range changes {
		i := slices.IndexFunc(dst, func(item Item) bool { return item.Name == c.Name })
		switch {
		case i < 0 && c.Value != nil:
			dst = append(dst, c)
		case i >= 0 && c.Value != nil:
			dst[i] = c
		case i >= 0:
			dst = slices.Delete(dst, i, i+1)
		}
	}
	return dst
}

// lookup returns the value of that name, nil if there is none.
func lookup(items []Item, name string) any {
	for i := range items {
		if items[i].Name == name {
			return items[i].Value
		}
	}
	return nil
}
