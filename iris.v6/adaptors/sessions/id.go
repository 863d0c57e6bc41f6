package sessions

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
)

// ids makes and recognises session ids: that many random bytes, in base64url
// without padding.
type ids int

var encoding = base64.RawURLEncoding

// digits has the value of every character of the encoding, and -1 for the others.
var digits = func() (values [256]int8) {
	for i := range values {
		values[i] = -1
	}
	for i, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") {
		values[c] = int8(i)
	}
	return values
}()

// make returns a new id.
func (n ids) make() string {
	var raw [maxIDBytes]byte
	rand.Read(raw[:n]) // never fails: it would end the process
	return encoding.EncodeToString(raw[:n])
}

// hash sets key to the store's name for the session of that id. It returns
// false if the text cannot be an id.
func (n ids) hash(id string, key *Key) bool {
	if len(id) != encoding.EncodedLen(int(n)) {
		return false
	}
	var last int8
	for i := range len(id) {
		if last = digits[id[i]]; last < 0 {
			return false
		}
	}
	// What the last character has beyond the id's bits is zero in every id.
	if spare := 6*len(id) - 8*int(n); int(last)&(1<<spare-1) != 0 {
		return false
	}
	var text [(maxIDBytes*8 + 5) / 6]byte // on the stack, where a conversion to []byte would not be
	*key = sha256.Sum256(text[:copy(text[:], id)])
	return true
}
