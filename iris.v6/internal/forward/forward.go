// Package forward remembers where sessions have moved to, for stores that one
// process owns.
package forward

import (
	"time"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// Table has the forwards of a store: the old keys of renewed sessions, and for
// each the key that its session moved to. The zero value is empty. It is not
// safe for use by several goroutines at once.
//
// A forward whose session has ended leads to a key without a session, which is
// harmless: a key is never used twice. So sessions end without a look at the
// forwards.
type Table struct {
	to    map[store.Key]forward
	queue []queued // by age, the oldest first
}

type forward struct {
	key   store.Key
	until time.Duration
}

type queued struct {
	old   store.Key
	until time.Duration
}

// Add makes old forward to key for store.ForwardTime from now on.
func (t *Table) Add(old, key store.Key, now time.Duration) {
	if t.to == nil {
		t.to = make(map[store.Key]forward)
	}
	until := now + store.ForwardTime
	t.to[old] = forward{key, until}
	t.queue = append(t.queue, queued{old, until})
}

// Has tells whether key forwards.
func (t *Table) Has(key store.Key) bool {
	_, ok := t.to[key]
	return ok
}

// Follow returns the key that the forwards from key lead to: key itself if it
// does not forward.
func (t *Table) Follow(key store.Key) store.Key {
	for {
		next, ok := t.to[key]
		if !ok {
			return key
		}
		key = next.key
	}
}

// Len returns the number of forwards.
func (t *Table) Len() int { return len(t.to) }

// Expire forgets the forwards that are older than store.ForwardTime.
func (t *Table) Expire(now time.Duration) {
	for len(t.queue) > 0 && t.queue[0].until <= now {
		t.DropOldest()
	}
}

// DropOldest forgets the oldest forward, and tells whether there was one.
func (t *Table) DropOldest() bool {
	if len(t.queue) == 0 {
		return false
	}
	delete(t.to, t.queue[0].old)
	t.queue = t.queue[1:]
	if len(t.to) == 0 {
		t.Clear() // a map keeps the memory of what was deleted
	}
	return true
}

// Clear forgets all forwards.
func (t *Table) Clear() { *t = Table{} }
