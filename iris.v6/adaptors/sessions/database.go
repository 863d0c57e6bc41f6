package sessions

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Database is v6's form of a Store, for UseDatabase: something that keeps a map
// of values under a name. The name is the hexadecimal form of a Key.
//
// One that has the method Store() Store, too, says how to do without these two:
// see Sessions.UseDatabase. They are too few to keep all that a Store promises.
// What is lost:
//
//   - It cannot fail: where Load finds nothing because the Database is down, the
//     user looks logged out (ASVS 16.5.3), and a write that is lost looks saved.
//     Nor is there a limit to the time that it takes.
//   - Values are written as a whole. Of one session manager each write waits for
//     the one before; two managers, in two processes or in one, that write the
//     same session at once undo each other's writes, and one that is slow can
//     bring a session back that the other has just ended. Let one manager at a
//     time use it.
//   - It cannot be asked to forget what has expired. A session past its limits
//     is never read again, but its space is free only when its cookie is
//     presented once more, or by a limit of the Database's own.
//     Config.MaxSessions does not count.
//   - Types and durability are what the Database makes of them.
//
// A map has one more value than the session, the stamp, under a name that begins
// with a zero byte. DestroyAll is a map of its own, under the name "generation",
// that is loaded with every session: a session of another generation is none. It
// has to be kept for as long as any session.
type Database interface {
	// Load returns the values under the name, none if there are none. It is
	// called by many goroutines at once, and what it returns is only read.
	Load(sid string) map[string]interface{}
	// Update replaces the values under the name. An empty map says that the
	// session is gone. What it is handed is not changed afterwards.
	Update(sid string, values map[string]interface{})
}

func (m *manager) UseDatabase(db Database) {
	if m.ownStore {
		panic("sessions: UseDatabase: Config.Store is set: use one or the other")
	}
	m.databases = append(m.databases, db)
	m.store = &databases{all: m.databases}
	if has, ok := db.(interface{ Store() Store }); ok && len(m.databases) == 1 {
		m.store = has.Store()
	}
	m.store.SetLimits(m.limits)
}

// databases are Databases as a Store: a session is read from the first that has
// it, and written to all.
type databases struct {
	all    []Database
	limits Limits
	writes [64]sync.Mutex // one for each session, shared by those whose keys begin alike
}

// stampName is the name of the value that says what a session's life is.
const stampName = "\x00stamp"

// generationName is the name under which the present generation is kept.
const generationName = "generation"

// stamp is what a session needs to know of itself. It is stored as text, which
// comes back as it was from whatever form a Database stores its values in.
type stamp struct {
	created, used int64 // Unix time in ns
	generation    string
}

func (s stamp) String() string { return fmt.Sprintf("%d %d %s", s.created, s.used, s.generation) }

func parseStamp(v any) (s stamp, ok bool) {
	text, _ := v.(string)
	n, err := fmt.Sscanf(text, "%d %d %s", &s.created, &s.used, &s.generation)
	return s, err == nil && n == 3
}

// SetLimits implements Store.
func (d *databases) SetLimits(l Limits) { d.limits = l }

// load returns the session if it lives.
func (d *databases) load(key Key) (items []Item, s stamp, ok bool) {
	for _, db := range d.all {
		values := db.Load(hex.EncodeToString(key[:]))
		if s, ok = parseStamp(values[stampName]); !ok {
			continue
		}
		if d.ended(s) {
			return nil, s, false
		}
		for name, value := range values {
			if name != stampName {
				items = append(items, Item{name, value})
			}
		}
		return items, s, true
	}
	return nil, s, false
}

func (d *databases) ended(s stamp) bool {
	now := time.Now().UnixNano()
	return d.limits.Expires > 0 && now-s.created >= int64(d.limits.Expires) ||
		d.limits.IdleTimeout > 0 && now-s.used >= int64(d.limits.IdleTimeout) ||
		s.generation != d.generation()
}

// generation returns the present one: "0" if DestroyAll was never called.
func (d *databases) generation() string {
	for _, db := range d.all {
		if g, ok := db.Load(generationName)[generationName].(string); ok {
			return g
		}
	}
	return "0"
}

func (d *databases) save(key Key, items []Item, s stamp) {
	s.used = time.Now().UnixNano()
	for _, db := range d.all {
		values := make(map[string]interface{}, len(items)+1)
		for _, item := range items {
			values[item.Name] = item.Value
		}
		values[stampName] = s.String()
		db.Update(hex.EncodeToString(key[:]), values)
	}
}

func (d *databases) forget(key Key) {
	for _, db := range d.all {
		db.Update(hex.EncodeToString(key[:]), map[string]interface{}{})
	}
}

func (d *databases) lock(key Key) (unlock func()) {
	mu := &d.writes[int(key[0])%len(d.writes)]
	mu.Lock()
	return mu.Unlock
}

// Read implements Store.
func (d *databases) Read(ctx context.Context, key Key) ([]Item, bool, error) {
	items, s, ok := d.load(key)
	switch idle := d.limits.IdleTimeout; {
	case !ok && s != stamp{}: // it has ended
		defer d.lock(key)()
		if _, _, ok := d.load(key); !ok {
			d.forget(key)
		}
	case ok && idle > 0 && time.Now().UnixNano()-s.used > int64(idle/10):
		if ok, err := d.Update(ctx, key, nil); !ok { // which marks it as used
			return nil, false, err
		}
	}
	return items, ok, nil
}

// Create implements Store.
func (d *databases) Create(_ context.Context, key Key, items []Item) error {
	defer d.lock(key)()
	if _, _, ok := d.load(key); ok {
		return errTaken
	}
	d.save(key, items, stamp{created: time.Now().UnixNano(), generation: d.generation()})
	return nil
}

// Update implements Store.
func (d *databases) Update(ctx context.Context, key Key, changes []Item) (bool, error) {
	return d.Renew(ctx, key, key, changes)
}

// Renew implements Store.
func (d *databases) Renew(_ context.Context, old, key Key, changes []Item) (bool, error) {
	defer d.lock(old)()
	items, s, ok := d.load(old)
	if !ok {
		return false, nil
	}
	if key != old {
		d.forget(old) // first: a crash in between ends the session, and never leaves two
	}
	d.save(key, Merge(nil, items, changes), s)
	return true, nil
}

// Destroy implements Store.
func (d *databases) Destroy(_ context.Context, key Key) error {
	defer d.lock(key)()
	d.forget(key)
	return nil
}

// DestroyAll implements Store.
func (d *databases) DestroyAll(context.Context) error {
	generation := rand.Text()
	for _, db := range d.all {
		db.Update(generationName, map[string]interface{}{generationName: generation})
	}
	if d.generation() != generation {
		return errors.New("a Database has not kept what ends all sessions")
	}
	return nil
}
