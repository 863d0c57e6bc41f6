package bolt

import (
	"errors"
	"flag"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"go.etcd.io/bbolt"
	"pgregory.net/rapid"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// model behaves as a Store must, and is as plain as can be. Two things never happen
// at the same time in it, so the order of sessions is always known.
type model struct {
	limits   store.Limits
	now      time.Duration
	sessions []*modelSession
	forwards []modelForward // the oldest first
}

type modelSession struct {
	key       byte
	user      bool // it has an item of a name in Identity
	presented bool
	created   time.Duration
	used      time.Duration // as it is recorded
	lastUsed  time.Duration // in truth
}

type modelForward struct {
	key     byte
	session *modelSession
	until   time.Duration
}

func (m *model) pass(d time.Duration) {
	m.now += d
	m.sessions = slices.DeleteFunc(m.sessions, func(s *modelSession) bool { return m.now >= m.limits.End(s.created, s.used) })
}

// expireForwards is what every write begins with.
func (m *model) expireForwards() {
	m.forwards = slices.DeleteFunc(m.forwards, func(f modelForward) bool { return f.until <= m.now })
}

func (m *model) find(key byte) *modelSession {
	for _, s := range m.sessions {
		if s.key == key {
			return s
		}
	}
	return nil
}

// meant returns the session of the key, or the one that it forwards to.
func (m *model) meant(key byte) *modelSession {
	m.expireForwards()
	for _, f := range m.forwards {
		if f.key == key && slices.Contains(m.sessions, f.session) {
			return f.session
		}
	}
	return m.find(key)
}

func (m *model) read(s *modelSession) {
	s.presented, s.lastUsed = true, m.now
	if m.limits.TouchDue(s.used, m.now) || m.limits.MaxSessions > 0 && m.now-s.used >= m.limits.InUse() {
		s.used = m.now
		m.expireForwards()
	}
}

func (m *model) write(s *modelSession, user bool) {
	s.presented, s.lastUsed, s.used, s.user = true, m.now, m.now, user
}

func (m *model) destroy(s *modelSession) {
	m.sessions = slices.DeleteFunc(m.sessions, func(other *modelSession) bool { return other == s })
}

func (m *model) full() bool {
	return m.limits.MaxSessions > 0 && len(m.sessions)+len(m.forwards) >= m.limits.MaxSessions
}

func (m *model) create(key byte, user bool) bool {
	m.expireForwards()
	if m.full() && len(m.forwards) > 0 {
		m.forwards = m.forwards[1:]
	}
	if m.full() {
		first := m.firstToGo()
		if first == nil {
			return false
		}
		m.destroy(first)
	}
	m.sessions = append(m.sessions, &modelSession{key: key, user: user, created: m.now, used: m.now, lastUsed: m.now})
	return true
}

func (m *model) firstToGo() (first *modelSession) {
	for _, mayGo := range []func(s *modelSession) bool{
		func(s *modelSession) bool { return !s.presented },
		func(s *modelSession) bool { return !s.user },
		func(s *modelSession) bool { return m.now-s.used >= 2*m.limits.InUse() },
	} {
		for _, s := range m.sessions {
			if mayGo(s) && (first == nil || s.used < first.used) {
				first = s
			}
		}
		if first != nil {
			return first
		}
	}
	return nil
}

func (m *model) renew(s *modelSession, by, key byte) {
	current := s.key
	s.key = key
	m.forward(current, s)
	if by != current {
		m.forward(by, s)
	}
	for m.limits.MaxSessions > 0 && len(m.sessions)+len(m.forwards) > m.limits.MaxSessions {
		m.forwards = m.forwards[1:]
	}
}

func (m *model) forward(key byte, s *modelSession) {
	m.forwards = slices.DeleteFunc(m.forwards, func(f modelForward) bool { return f.key == key })
	m.forwards = append(m.forwards, modelForward{key, s, m.now + store.ForwardTime})
}

// TestStoreBehavesLikeItsModel has limits that no session reaches in a whole second,
// which is when things happen and the sweep runs.
func TestStoreBehavesLikeItsModel(t *testing.T) {
	for _, f := range []struct{ name, value string }{{"rapid.checks", "50"}, {"rapid.steps", "50"}, {"rapid.shrinktime", "0"}} {
		must(t, flag.Set(f.name, f.value))
	}
	const odd = time.Second / 2
	dir, files := t.TempDir(), 0
	rapid.Check(t, func(r *rapid.T) {
		limit := rapid.SampledFrom([]time.Duration{0, 30*time.Second + odd, 10*time.Minute + odd, 30*time.Hour + odd})
		limits := store.Limits{
			Expires: limit.Draw(r, "expires"), IdleTimeout: limit.Draw(r, "idle"),
			MaxSessions: rapid.IntRange(0, 4).Draw(r, "max"), Identity: []string{"user"},
		}
		files++
		var failure any
		synctest.Test(t, func(*testing.T) {
			defer func() { failure = recover() }() // rapid expects the panic on its own goroutine, and cannot shrink it
			checkModel(r, filepath.Join(dir, fmt.Sprint(files)), &model{limits: limits})
		})
		if failure != nil {
			panic(failure)
		}
	})
}

// openUnsynced opens a store that does not wait for the disk.
func openUnsynced(t fataler, path string, limits store.Limits) *Store {
	t.Helper()
	s, err := Open(path)
	must(t, err)
	s.db.NoSync = true
	must(t, s.SetLimits(limits))
	return s
}

func checkModel(t *rapid.T, path string, m *model) {
	s := openUnsynced(t, path, m.limits)
	defer func() { must(t, s.Close()) }()
	last := byte(20) // keys are never used again, as IDs are not
	slots := rapid.IntRange(0, 5)
	var keys [6]byte
	seldom := func() bool { return rapid.IntRange(0, 4).Draw(t, "seldom") == 4 }
	key := func() byte { return keys[slots.Draw(t, "key")] }
	user := func() (bool, []store.Item) {
		if rapid.Bool().Draw(t, "user") {
			return true, []store.Item{{Name: "user", Value: "alice"}}
		}
		return false, []store.Item{{Name: "user"}}
	}
	pass := func(d time.Duration) {
		<-time.After(d)
		synctest.Wait()
		m.pass(d)
	}
	agree := func(what string, got, want bool, err error) {
		t.Helper()
		if got != want || err != nil && !errors.Is(err, store.ErrFull) {
			t.Fatalf("%s: %v, %v, want %v", what, got, err, want)
		}
	}
	t.Repeat(map[string]func(*rapid.T){
		"create": func(t *rapid.T) {
			pass(time.Second)
			last++
			keys[slots.Draw(t, "key")] = last
			isUser, items := user()
			if !isUser {
				items = nil
			}
			err := s.Create(store.Key{last}, items)
			agree("create", err == nil, m.create(last, isUser), err)
		},
		"read": func(t *rapid.T) {
			pass(time.Second)
			k := key()
			_, ok, err := s.Read(store.Key{k})
			found := m.find(k)
			agree("read", ok, found != nil, err)
			if found != nil {
				m.read(found)
			}
		},
		"update": func(t *rapid.T) {
			pass(time.Second)
			k := key()
			isUser, items := user()
			ok, err := s.Update(store.Key{k}, items)
			found := m.meant(k)
			agree("update", ok, found != nil, err)
			if found != nil {
				m.write(found, isUser)
			}
		},
		"renew": func(t *rapid.T) {
			pass(time.Second)
			k := key()
			last++
			isUser, items := user()
			ok, err := s.Renew(store.Key{k}, store.Key{last}, items)
			found := m.meant(k)
			agree("renew", ok, found != nil, err)
			if found != nil {
				m.write(found, isUser)
				m.renew(found, k, last)
				keys[slots.Draw(t, "as")] = last
			}
		},
		"destroy": func(t *rapid.T) {
			if !seldom() {
				return
			}
			pass(time.Second)
			k := key()
			must(t, s.Destroy(store.Key{k}))
			m.destroy(m.meant(k))
		},
		"destroy all": func(t *rapid.T) {
			if !seldom() {
				return
			}
			must(t, s.DestroyAll())
			m.expireForwards()
			m.sessions = nil
		},
		"time passes": func(t *rapid.T) {
			unit := rapid.SampledFrom([]time.Duration{3 * time.Second, time.Minute, time.Hour})
			pass(unit.Draw(t, "unit") * time.Duration(rapid.IntRange(1, 3).Draw(t, "times")))
		},
		"restart": func(t *rapid.T) {
			if !seldom() {
				return
			}
			must(t, s.Close())
			s = openUnsynced(t, path, m.limits)
			m.forwards = nil
			for _, session := range m.sessions {
				session.presented = true
			}
		},
		"": func(t *rapid.T) { checkSame(t, s, m) },
	})
}

// checkSame checks that the file has the sessions of the model.
func checkSame(t *rapid.T, s *Store, m *model) {
	s.writer.mu.Lock() // a sweep that comes next waits for it
	defer s.writer.mu.Unlock()
	var got, want []store.Key
	must(t, s.db.View(func(tx *bbolt.Tx) error {
		return tx.Bucket(bucketSessions).ForEach(func(key, _ []byte) error {
			got = append(got, store.Key(key))
			return nil
		})
	}))
	for _, session := range m.sessions {
		want = append(want, store.Key{session.key})
	}
	slices.SortFunc(want, func(a, b store.Key) int { return int(a[0]) - int(b[0]) })
	if !slices.Equal(got, want) || s.room.sessions != len(want) {
		t.Fatalf("the file has %v, counted as %d, want %v", got, s.room.sessions, want)
	}
	wantFresh(t, s, want...)
	// A sweep, which the model does not know, may have forgotten forwards already.
	forwards := slices.Clone(m.forwards)
	m.expireForwards()
	if n := s.forwards.Len(); n > len(forwards) || n < len(m.forwards) {
		t.Fatalf("%d forwards, want %d", n, len(m.forwards))
	}
	m.forwards = forwards
}
