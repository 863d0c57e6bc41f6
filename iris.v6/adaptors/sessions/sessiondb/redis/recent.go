package redis

import (
	"encoding/base64"
	"strings"
	"sync"
	"time"

	"github.com/redis/rueidis"

	"gopkg.in/kataras/iris.v6/adaptors/sessions"
)

// recent has what was read not long ago. Its zero value is empty. Redis tells of
// every change to it, in the connection that it was read in, after the answer.
//
// What is to be read gets an empty entry first. Whoever learns of a change takes
// the entry out, and what is read meanwhile is not kept.
//
// There are two maps, and now and then the older one is dropped with all that it
// has, so nothing is ever searched for what is too old.
type recent struct {
	mu         sync.RWMutex
	life       time.Duration
	now, older map[sessions.Key]*entry
	turn       time.Time // when now becomes older
}

type entry struct {
	items  []sessions.Item
	filled bool
	until  time.Time
}

// recentSize is how many sessions each of the maps has at most.
const recentSize = 100_000

// limit says how long the entries are good for.
func (r *recent) limit(life time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.life = life
}

// get returns the entry of the key, and whether it is filled. If not, the caller
// reads the session and calls put with both.
func (r *recent) get(key sessions.Key) (e *entry, filled bool) {
	now := time.Now()
	r.mu.RLock()
	e = r.lookup(key)
	filled = e != nil && e.filled && now.Before(e.until)
	r.mu.RUnlock()
	if filled {
		return e, true
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.now == nil || !now.Before(r.turn) || len(r.now) >= recentSize {
		r.now, r.older, r.turn = map[sessions.Key]*entry{}, r.now, now.Add(r.life)
	}
	e = &entry{until: now.Add(r.life)}
	r.now[key] = e
	return e, false
}

func (r *recent) lookup(key sessions.Key) *entry {
	if e := r.now[key]; e != nil {
		return e
	}
	return r.older[key]
}

// put fills the entry, unless it is not the key's any more. left is how long the
// session has to live.
func (r *recent) put(key sessions.Key, e *entry, items []sessions.Item, left time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.lookup(key) != e {
		return
	}
	if left < r.life {
		e.until = e.until.Add(left - r.life)
	}
	e.items, e.filled = items, true
}

// drop forgets a session. It does nothing if r is nil.
func (r *recent) drop(key sessions.Key) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.now, key)
	delete(r.older, key)
}

// clear forgets all. It does nothing if r is nil.
func (r *recent) clear() {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now, r.older = nil, nil
}

// invalidated forgets the sessions that have changed: all of them if a whole
// slot was cut, or if there is no telling which (nil), as when a connection is
// lost.
func (s *Store) invalidated(names []rueidis.RedisMessage) {
	for _, message := range names {
		name, err := message.ToString()
		_, text, found := strings.Cut(strings.TrimPrefix(name, s.prefix), "}")
		decoded, decodeErr := base64.RawURLEncoding.DecodeString(text)
		if err != nil || !found || decodeErr != nil || len(decoded) != len(sessions.Key{}) {
			names = nil
			break
		}
		s.recent.drop(sessions.Key(decoded))
	}
	if names == nil {
		s.recent.clear()
	}
}
