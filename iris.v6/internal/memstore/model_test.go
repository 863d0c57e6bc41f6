package memstore

import (
	"errors"
	"flag"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// model behaves as a Store must, and is as plain as can be.
type model struct {
	limits   store.Limits
	step     time.Duration
	inUse    time.Duration
	epoch    time.Duration // within which the order by last use is arbitrary
	now      time.Duration
	sessions []*modelSession // the oldest first
	forwards []modelForward  // the oldest first
}

type modelSession struct {
	key     int
	n       int // its one value
	created time.Duration
	used    time.Duration
	class   class // of those that are not fresh: anonymous or known
	fresh   bool
}

type modelForward struct {
	key     int
	session *modelSession
	until   time.Duration
}

// passed returns how much time has passed, in whole steps.
func (m *model) passed(since time.Duration) time.Duration {
	return (m.now/m.step - since/m.step) * m.step
}

// lives tells whether the session has not reached a limit.
func (m *model) lives(s *modelSession) bool {
	return (m.limits.Expires == 0 || m.passed(s.created) < m.limits.Expires/m.step*m.step) &&
		(m.limits.IdleTimeout == 0 || m.passed(s.used) < m.limits.IdleTimeout/m.step*m.step)
}

func (m *model) pass(d time.Duration) {
	m.now += d
	m.sessions = slices.DeleteFunc(m.sessions, func(s *modelSession) bool { return !m.lives(s) })
	m.forwards = slices.DeleteFunc(m.forwards, func(f modelForward) bool { return f.until <= m.now })
}

func (m *model) room() bool {
	return m.limits.MaxSessions == 0 || len(m.sessions)+len(m.forwards) < m.limits.MaxSessions
}

// find returns the session of the key.
func (m *model) find(key int) *modelSession {
	for _, s := range m.sessions {
		if s.key == key {
			return s
		}
	}
	return nil
}

// meant returns the session of the key, or the one that it forwards to.
func (m *model) meant(key int) *modelSession {
	for _, f := range m.forwards {
		if f.key == key && slices.Contains(m.sessions, f.session) {
			return f.session
		}
	}
	return m.find(key)
}

func (m *model) use(s *modelSession) *modelSession {
	if s != nil {
		s.used, s.fresh = m.now, false
	}
	return s
}

func (m *model) destroy(s *modelSession) {
	m.sessions = slices.DeleteFunc(m.sessions, func(other *modelSession) bool { return other == s })
}

// leaving returns the sessions of which one makes room for a new session.
func (m *model) leaving() []*modelSession {
	if i := slices.IndexFunc(m.sessions, func(s *modelSession) bool { return s.fresh }); i >= 0 {
		return []*modelSession{m.sessions[i]}
	}
	first := known
	for _, s := range m.sessions {
		first = min(first, s.class)
	}
	of := slices.DeleteFunc(slices.Clone(m.sessions), func(s *modelSession) bool { return s.class != first })
	unused := func(s *modelSession) time.Duration { return min(m.passed(s.used), (epochs-1)*m.epoch) }
	longest := time.Duration(0)
	for _, s := range of {
		longest = max(longest, unused(s))
	}
	return slices.DeleteFunc(of, func(s *modelSession) bool { return unused(s) <= longest-m.epoch })
}

// active tells whether the session never makes room.
func (m *model) active(s *modelSession) bool {
	return !s.fresh && s.class == known && m.passed(s.used) < m.inUse
}

// create creates a session unless it is refused. gone tells whether the Store
// does not have a session any more. It returns what the Store has done wrong.
func (m *model) create(s *modelSession, refused bool, gone func(*modelSession) bool) (wrong string) {
	if !m.room() && len(m.forwards) > 0 {
		m.forwards = m.forwards[1:]
	}
	var leaving, left []*modelSession
	if !m.room() {
		leaving = m.leaving()
	}
	if refused {
		if !slices.ContainsFunc(leaving, m.active) {
			return "a session is refused"
		}
		return ""
	}
	for _, s := range m.sessions {
		if gone(s) {
			left = append(left, s)
		}
	}
	if len(left) != min(1, len(leaving)) {
		return fmt.Sprintf("%d sessions have made room", len(left))
	}
	for _, s := range left {
		if m.destroy(s); !slices.Contains(leaving, s) || m.active(s) {
			return fmt.Sprintf("session %d has made room before its turn", s.key)
		}
	}
	m.sessions = append(m.sessions, s)
	return ""
}

func (m *model) renew(s *modelSession, key int) {
	m.forwards = append(m.forwards, modelForward{s.key, s, m.now + store.ForwardTime})
	s.key = key
	if most := m.limits.MaxSessions; most > 0 {
		m.forwards = m.forwards[max(0, len(m.sessions)+len(m.forwards)-most):]
	}
}

func TestStoreBehavesLikeItsModel(t *testing.T) {
	for _, f := range []struct{ name, value string }{{"rapid.checks", "1000"}, {"rapid.steps", "50"}} {
		if err := flag.Set(f.name, f.value); err != nil {
			t.Fatal(err)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.SampledFrom([]time.Duration{0, 5 * time.Millisecond, 100 * time.Millisecond, 30 * time.Second, 10 * time.Hour})
		limits := store.Limits{
			Expires:     limit.Draw(t, "expires"),
			IdleTimeout: limit.Draw(t, "idle"),
			MaxSessions: rapid.IntRange(0, 12).Draw(t, "max"),
			Identity:    rapid.SampledFrom([][]string{nil, {"role", "user"}}).Draw(t, "identity"),
		}
		s, clock := newTestStore(limits)
		m := &model{limits: limits, step: s.step}
		m.inUse = max(limits.InUse().Truncate(m.step), m.step)
		m.epoch = max((limits.InUse() / 4).Truncate(m.step), m.step)
		slots := rapid.IntRange(0, 15)
		last := 100 // keys are never used again, as IDs are not
		keys := map[int]int{}
		key := func() int { return keys[slots.Draw(t, "key")] }

		// login returns a change, or none, of who the user of the session is.
		login := func(s *modelSession) []store.Item {
			user := rapid.SampledFrom([]any{"as before", "ann", nil}).Draw(t, "user")
			if user == "as before" {
				return nil
			}
			if s != nil {
				s.class = anonymous
				if user != nil && limits.Identity != nil {
					s.class = known
				}
			}
			return []store.Item{{Name: "user", Value: user}}
		}
		agree := func(what string, got, want bool, err error) {
			if err != nil || got != want {
				t.Fatalf("%s: %v, %v, want %v", what, got, err, want)
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"create": func(t *rapid.T) {
				last++
				keys[slots.Draw(t, "key")] = last
				created := &modelSession{key: last, n: last, created: m.now, used: m.now, class: anonymous, fresh: true}
				err := s.Create(hashed(last), append(login(created), store.Item{Name: "n", Value: last}))
				refused := errors.Is(err, store.ErrFull)
				if err != nil && !refused {
					t.Fatal(err)
				}
				gone := func(other *modelSession) bool {
					key := hashed(other.key)
					_, e := s.table.Load().find(&key)
					return e == nil
				}
				if wrong := m.create(created, refused, gone); wrong != "" {
					t.Fatalf("%s", wrong)
				}
			},
			"read": func(t *rapid.T) {
				k := key()
				busy := rapid.Bool().Draw(t, "during a write")
				if busy {
					s.mu.Lock()
				}
				items, ok, err := s.Read(hashed(k))
				if busy {
					s.mu.Unlock()
				}
				found := m.use(m.find(k))
				agree("read", ok, found != nil, err)
				if found != nil && store.Value(items, "n") != found.n {
					t.Fatalf("read %v, want %d", items, found.n)
				}
			},
			"update": func(t *rapid.T) {
				k := key()
				last++
				found := m.use(m.meant(k))
				ok, err := s.Update(hashed(k), append(login(found), store.Item{Name: "n", Value: last}))
				agree("update", ok, found != nil, err)
				if found != nil {
					found.n = last
				}
			},
			"renew": func(t *rapid.T) {
				k := key()
				last++
				found := m.find(k)
				ok, err := s.Renew(hashed(k), hashed(last), login(found))
				if current := m.meant(k); current != found {
					if moved, _ := errors.AsType[store.Moved](err); moved.To != hashed(current.key) {
						t.Fatalf("a renewal by a key that forwards: %v, %v", ok, err)
					}
					return
				}
				agree("renew", ok, m.use(found) != nil, err)
				if found != nil {
					m.renew(found, last)
					keys[slots.Draw(t, "as")] = last
				}
			},
			"destroy": func(t *rapid.T) {
				k := key()
				if err := s.Destroy(hashed(k)); err != nil {
					t.Fatal(err)
				}
				m.destroy(m.meant(k))
			},
			"destroy all": func(t *rapid.T) {
				if rapid.IntRange(0, 9).Draw(t, "seldom") == 0 {
					if err := s.DestroyAll(); err != nil {
						t.Fatal(err)
					}
					m.sessions, m.forwards = nil, nil
				}
			},
			"time passes": func(t *rapid.T) {
				unit := rapid.SampledFrom([]time.Duration{s.step / 3, s.step, 100 * s.step, limits.Expires / 3, limits.IdleTimeout / 3, store.ForwardTime / 3,
					m.epoch / 2, m.inUse / 3, m.inUse, 300 * m.epoch, 20 * time.Hour})
				m.pass(unit.Draw(t, "unit") * time.Duration(rapid.IntRange(1, 4).Draw(t, "times")))
				*clock = m.now
				s.tick()
			},
			"": func(t *rapid.T) {
				if s.count != len(m.sessions) || s.forwards.Len() != len(m.forwards) {
					t.Fatalf("%d sessions and %d forwards take up room, want %d and %d", s.count, s.forwards.Len(), len(m.sessions), len(m.forwards))
				}
				checkStructure(t, s)
			},
		})
	})
}

// checkStructure checks that the table and the lists have the same sessions, and
// that none is listed after its rank.
func checkStructure(t interface{ Fatalf(string, ...any) }, s *Store) {
	table := s.table.Load()
	for _, lists := range []*lists{&s.ends, &s.order.lists} {
		listed := 0
		for number := range lists.ends {
			prev := isEnd | ref(number)
			for r := lists.first(number); r != 0 && r&isEnd == 0; r = lists.at(r).next {
				e := s.entry(r)
				key := e.getKey()
				if found, _ := table.find(&key); lists.at(r).prev != prev || found != r {
					t.Fatalf("list %d is broken at session %s", number, key)
				}
				if is := s.rank(e); lists.links == byRank && number > is.list() && is.epoch < epochs {
					t.Fatalf("session %s is in list %d, after its rank %v", key, number, is)
				}
				listed++
				prev = r
			}
			if lists.ends[number].prev != prev {
				t.Fatalf("list %d is broken at its end", number)
			}
		}
		if listed != s.count {
			t.Fatalf("%d sessions in lists, want %d", listed, s.count)
		}
	}
	places := 0
	for i, f := range table.arena.free {
		places += f.live
		if there := table.arena.pages[i].Load() != nil; f.live < 0 || f.live > entriesPerPage || !there && f.live > 0 {
			t.Fatalf("page %d, there: %v, has %d sessions", i, there, f.live)
		}
	}
	live := 0
	for i := range table.shards {
		shard := &table.shards[i]
		live += shard.live
		if p := shard.slots.Load(); p != nil && (2*shard.used > len(*p) || shard.live > shard.used) {
			t.Fatalf("a shard has %d sessions in %d of %d slots", shard.live, shard.used, len(*p))
		}
	}
	if live != s.count || places != s.count {
		t.Fatalf("%d sessions in the table, %d in pages, want %d", live, places, s.count)
	}
}
