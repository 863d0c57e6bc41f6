package store

import (
	"crypto/sha256"
	"encoding/hex"
)

// Key is the name of a session in a Store: the SHA-256 of the session ID.
// Reading the Store therefore does not let an attacker take over a session.
type Key [sha256.Size]byte

// String returns the first 8 hex digits, which are enough to tell sessions apart
// in a log.
func (k Key) String() string { return hex.EncodeToString(k[:4]) }
