package sessions

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
	"gopkg.in/kataras/iris.v6/internal/forward"
)

// Database is v6's form of a Store, for UseDatabase: it keeps a map of values
// under a name, which is the hexadecimal form of a store.Key.
//
// Two methods are too few to keep all that a Store promises. A Database that also has
// the method Store() store.Store keeps it: see Sessions.UseDatabase. With any other
// Database:
//
//   - A Database cannot fail. If Load finds nothing because the Database is down,
//     the user looks logged out (ASVS 16.5.3), and a lost write looks stored. One
//     that panics has failed. Nothing bounds how long a call takes.
//   - Values are written as a whole. In one session manager each write waits for
//     the one before. Two managers, in one process or two, undo each other's
//     writes to a session, and a slow one can bring back a session that the other
//     has ended. Let one manager at a time use a Database.
//   - It cannot be asked to forget. A session past its limits is never read
//     again, but its space is free only when its cookie is presented once more,
//     or by a limit of the Database's own. Config.MaxSessions does not count.
//   - Types and durability are those of the Database.
//
// A map has one more value than the session, the stamp, under a name that begins
// with a zero byte. DestroyAll writes a map of its own, under the name
// "generation", which is loaded with every session: a session of another
// generation has ended. Keep that map as long as any session.
type Database interface {
	// Load returns the values under the name, none if there are none. Many
	// goroutines call it at once. Its result is only read.
	Load(sid string) map[string]interface{}
	// Update replaces the values under the name. An empty map means that the
	// session has ended. The map is not changed afterwards.
	Update(sid string, values map[string]interface{})
}

func (m *manager) UseDatabase(db Database) {
	if m.ownStore {
		panic("sessions: UseDatabase: Config.Store is set: use one or the other")
	}
	m.databases = append(m.databases, db)
	m.store = &databases{all: m.databases}
	if has, ok := db.(interface{ Store() store.Store }); ok && len(m.databases) == 1 {
		m.store = has.Store()
	}
	if err := m.store.SetLimits(m.limits); err != nil {
		panic(fmt.Sprintf("sessions: UseDatabase: %v", err))
	}
}

// databases are Databases as a Store: a session is read from the first that has
// it, and written to all. Only one process uses them at a time, so the forwards
// of renewed sessions are in its memory.
type databases struct {
	all    []Database
	limits *store.Limits          // nil until set
	start  time.Time              // when they were
	latest atomic.Pointer[string] // the generation that was seen last

	mu       sync.Mutex // held during a write
	forwards forward.Table
}

// stampName is the name of the value that tells when a session was created and used.
const stampName = "\x00stamp"

// generationName is the name under which the present generation is kept.
const generationName = "generation"

// stamp is stored as text, which every Database returns as it was.
type stamp struct {
	created, used time.Duration // since 1970
	generation    string
}

func (s stamp) String() string { return fmt.Sprintf("%d %d %s", s.created, s.used, s.generation) }

func parseStamp(v any) (s stamp, ok bool) {
	text, _ := v.(string)
	n, err := fmt.Sscanf(text, "%d %d %s", &s.created, &s.used, &s.generation)
	return s, err == nil && n == 3
}

// now returns the time since 1970. It does not go back if the system's clock does.
func (d *databases) now() time.Duration {
	return time.Duration(d.start.UnixNano()) + time.Since(d.start)
}

func sid(key store.Key) string { return hex.EncodeToString(key[:]) }

// SetLimits implements store.Store.
func (d *databases) SetLimits(l store.Limits) error {
	if d.limits != nil {
		return store.ErrLimitsSet
	}
	d.limits, d.start = &l, time.Now()
	return nil
}

// load returns the session if it is live. s is zero if there is none at all.
func (d *databases) load(key store.Key) (items []store.Item, s stamp, ok bool) {
	for _, db := range d.all {
		values := db.Load(sid(key))
		if s, ok = parseStamp(values[stampName]); !ok {
			continue
		}
		if d.now() >= d.limits.End(s.created, s.used) || s.generation != d.generation() {
			return nil, s, false
		}
		for name, value := range values {
			if name != stampName {
				items = append(items, store.Item{Name: name, Value: value})
			}
		}
		return items, s, true
	}
	return nil, stamp{}, false
}

// generation returns the present one: "0" if DestroyAll was never called.
func (d *databases) generation() string {
	for _, db := range d.all {
		if g, ok := db.Load(generationName)[generationName].(string); ok {
			d.latest.Store(&g)
			return g
		}
	}
	if latest := d.latest.Load(); latest != nil { // a Load that finds nothing does not undo DestroyAll
		return *latest
	}
	return "0"
}

func (d *databases) save(key store.Key, items []store.Item, s stamp) {
	s.used = d.now()
	for _, db := range d.all {
		values := make(map[string]interface{}, len(items)+1)
		for _, item := range items {
			values[item.Name] = item.Value
		}
		values[stampName] = s.String()
		db.Update(sid(key), values)
	}
}

func (d *databases) forget(key store.Key) {
	for _, db := range d.all {
		db.Update(sid(key), map[string]interface{}{})
	}
}

// write runs do while no other write runs.
func (d *databases) write(do func() error) error {
	if d.limits == nil {
		return store.ErrNoLimits
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return do()
}

// edit writes to the session of that key, or of the key it forwards to. ok is
// false if that is not live.
func (d *databases) edit(key store.Key, do func(key store.Key, items []store.Item, s stamp) error) (ok bool, err error) {
	err = d.write(func() error {
		key = d.forwards.Follow(key)
		items, s, live := d.load(key)
		if !live {
			return nil
		}
		ok = true
		return do(key, items, s)
	})
	return ok, err
}

// Read implements store.Store.
func (d *databases) Read(key store.Key) (items []store.Item, ok bool, err error) {
	defer recoverStore(&err)
	if d.limits == nil {
		return nil, false, store.ErrNoLimits
	}
	items, s, ok := d.load(key)
	if s == (stamp{}) || ok && !d.limits.TouchDue(s.used, d.now()) {
		return items, ok, nil
	}
	err = d.write(func() error { // its use must be recorded, or it has ended
		if items, s, ok = d.load(key); ok {
			d.save(key, items, s)
		} else if s != (stamp{}) {
			d.forget(key)
		}
		return nil
	})
	return items, ok, err
}

// Create implements store.Store.
func (d *databases) Create(key store.Key, items []store.Item) error {
	return d.write(func() error {
		if d.taken(key) {
			return store.ErrExists
		}
		d.save(key, items, stamp{created: d.now(), generation: d.generation()})
		return nil
	})
}

func (d *databases) taken(key store.Key) bool {
	_, _, lives := d.load(key)
	return lives || d.forwards.Has(key)
}

// Update implements store.Store.
func (d *databases) Update(key store.Key, changes []store.Item) (bool, error) {
	return d.edit(key, func(key store.Key, items []store.Item, s stamp) error {
		d.save(key, store.Merge(nil, items, changes), s)
		return nil
	})
}

// Renew implements store.Store.
func (d *databases) Renew(old, key store.Key, changes []store.Item) (bool, error) {
	return d.edit(old, func(at store.Key, items []store.Item, s stamp) error {
		switch {
		case at != old:
			return store.Moved{To: at}
		case d.taken(key):
			return store.ErrExists
		}
		d.forget(old) // first: a crash in between ends the session, and never leaves two
		d.save(key, store.Merge(nil, items, changes), s)
		d.forwards.Expire(d.now())
		d.forwards.Add(old, key, d.now())
		return nil
	})
}

// Destroy implements store.Store.
func (d *databases) Destroy(key store.Key) error {
	_, err := d.edit(key, func(key store.Key, _ []store.Item, _ stamp) error {
		d.forget(key)
		return nil
	})
	return err
}

// DestroyAll implements store.Store.
func (d *databases) DestroyAll() error {
	return d.write(func() error {
		generation := rand.Text()
		for _, db := range d.all {
			db.Update(generationName, map[string]interface{}{generationName: generation})
		}
		if d.generation() != generation {
			return errors.New("a Database has not kept the mark that ends all sessions")
		}
		return nil
	})
}
