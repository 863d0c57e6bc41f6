package sessions

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"hash"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// ids makes and recognises session IDs: random bytes in base64url without padding.
type ids struct {
	bytes, length int // of an ID, raw and as text
}

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

func newIDs(bytes int) ids { return ids{bytes, encoding.EncodedLen(bytes)} }

// make returns a new ID.
func (n ids) make() string {
	var raw [maxIDBytes]byte
	var text [(maxIDBytes*8 + 5) / 6]byte
	rand.Read(raw[:n.bytes]) // never fails: it would end the process
	encoding.Encode(text[:], raw[:n.bytes])
	return string(text[:n.length])
}

// valid tells whether the text can be an ID.
func (n ids) valid(text string) bool {
	if len(text) != n.length {
		return false
	}
	all := int8(0) // below 0 if one of them is: a branch for each costs twice the time
	for i := range len(text) {
		all |= digits[text[i]]
	}
	if all < 0 {
		return false
	}
	// The bits of the last character that are beyond the ID's are zero in every ID.
	spare := 6*n.length - 8*n.bytes
	return digits[text[n.length-1]]&(1<<spare-1) == 0
}

// hasher computes keys, one after the other. It is faster than sha256.Sum256
// because it copies nothing.
type hasher struct {
	digest hash.Hash
	text   []byte
}

func newHasher() hasher { return hasher{digest: sha256.New()} }

// hash sets key to the key of the session with that ID.
func (h *hasher) hash(id string, key *store.Key) {
	h.text = append(h.text[:0], id...)
	h.digest.Reset()
	h.digest.Write(h.text) // never fails
	h.digest.Sum(key[:0])
}
