package sessions

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"hash"
)

// ids makes and recognises session ids: random bytes in base64url without padding.
type ids struct {
	bytes, length int // of an id, raw and as text
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

// make returns a new id.
func (n ids) make() string {
	var raw [maxIDBytes]byte
	var text [(maxIDBytes*8 + 5) / 6]byte
	rand.Read(raw[:n.bytes]) // never fails: it would end the process
	encoding.Encode(text[:], raw[:n.bytes])
	return string(text[:n.length])
}

// valid tells whether the text can be an id.
func (n ids) valid(text string) bool {
	if len(text) != n.length {
		return false
	}
	for i := range len(text) {
		if digits[text[i]] < 0 {
			return false
		}
	}
	// What the last character has beyond the id's bits is zero in every id.
	spare := 6*n.length - 8*n.bytes
	return digits[text[n.length-1]]&(1<<spare-1) == 0
}

// hasher computes keys, one after the other: it is faster than sha256.Sum256,
// as it copies nothing.
type hasher struct {
	digest hash.Hash
	text   []byte
}

func newHasher() hasher { return hasher{digest: sha256.New()} }

// hash sets key to the store's name for the session of that id.
func (h *hasher) hash(id string, key *Key) {
	h.text = append(h.text[:0], id...)
	h.digest.Reset()
	h.digest.Write(h.text) // never fails
	h.digest.Sum(key[:0])
}
