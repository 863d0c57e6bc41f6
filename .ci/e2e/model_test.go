//go:build unix

package e2e

import (
	"fmt"
	"maps"
	"math"
	"strings"
	"time"

	"github.com/anishathalye/porcupine"
)

// request is a request of a browser and its outcome. Times are those since
// the start of the test.
type request struct {
	number       int
	path, cookie string // the cookie is the session ID that was sent
	call, done   time.Duration
	known        bool   // the status was 200, not 503, and the connection was not cut
	body, set    string // of the response; set is the ID in its cookie
}

func (r *request) String() string {
	return fmt.Sprintf("\n%9v–%9v #%d %-8s %.6s → %-5v %q %.6s", r.call.Round(time.Microsecond), r.done.Round(time.Microsecond), r.number, r.path, r.cookie, r.known, r.body, r.set)
}

// values are those of a session, as /secret prints them.
type values struct{ authenticated, role, note string }

var noValues = values{"<nil>", "<nil>", "<nil>"}

func (v values) String() string { return v.authenticated + " " + v.role + " " + v.note }

// after returns the values after the request's write.
func (r *request) after(v values) values {
	switch action, value, _ := strings.Cut(r.path[1:], "/"); action {
	case "login":
		v.authenticated = "true"
	case "logout":
		v.authenticated = "false"
	case "role":
		v.role = value
	case "note":
		v.note = value
	}
	return v
}

// newID returns the ID that a session gets by the request. Nobody has learned it
// if the outcome is unknown.
func (r *request) newID() string {
	if r.known {
		return r.set
	}
	return fmt.Sprint("unknown ", r.number)
}

// state is that of a store, and of the requests that have read from it and not
// yet written. Its maps do not change.
type state struct {
	sessions map[string]values // by ID
	reads    map[int]found     // by request
	replica  map[string]values // the sessions of the replica that will take over, since it fell behind
}

// found is the session that a request has read, where it is by now, and what it
// had. The ID is "" if there was none, and gone if it has ended.
type found struct {
	id string
	values
}

const gone = "gone"

func (s state) equal(other state) bool {
	return maps.Equal(s.sessions, other.sessions) && maps.Equal(s.reads, other.reads) &&
		maps.Equal(s.replica, other.replica) && (s.replica == nil) == (other.replica == nil)
}

// set returns the state with a session.
func (s state) set(id string, v values) state {
	s.sessions = maps.Clone(s.sessions)
	s.sessions[id] = v
	return s
}

// move returns the state with a session under another ID, or without it. The
// requests that have read it go on with it.
func (s state) move(id, to string) state {
	s.sessions, s.reads = maps.Clone(s.sessions), maps.Clone(s.reads)
	if to != gone {
		s.sessions[to] = s.sessions[id]
	}
	delete(s.sessions, id)
	for number, f := range s.reads {
		if f.id == id {
			s.reads[number] = found{to, f.values}
		}
	}
	return s
}

// event is the kind of a step. A request takes two steps: after it has read a
// session, another request can move it before the first one writes.
type event int

const (
	reads event = iota
	writesAfterwards
	fallsBehind // the replica
	takesOver   // the replica
)

type step struct {
	event   event
	request *request
}

// failover is a replica that takes over, and its losses.
type failover struct {
	behind       bool                 // the replica has been cut off before the master is killed
	empty        bool                 // the replica has nothing
	acknowledged bool                 // writes that were acknowledged are lost, too
	lost         func(id string) bool // whether the writes to a session can be lost
	lag          [2]time.Duration     // the replica falls behind between these times
	killed       time.Duration        // when the master is
}

// model is how sessions behave:
//
//   - A session begins with the first write of a request that has found none.
//   - A write under authenticated or role moves it to a new ID. The old one finds
//     nothing from then on.
//   - A request that has read a session writes to it wherever it is by then, and
//     to nothing if it has ended. It does not move one that has moved since: a
//     login then begins a session of its own, and role is a login as well.
//   - Two requests that write different values both keep theirs.
//   - A write with status 200 has happened. One with another outcome may happen at
//     any time, or never.
//   - A failover undoes the writes that its replica does not have, and nothing else.
type model struct{ *failover }

// next returns the states after a step, none if it cannot happen.
func (m model) next(s state, what step) []state {
	switch what.event {
	case fallsBehind:
		s.replica = s.sessions
		if m.empty {
			s.replica = map[string]values{}
		}
		return []state{s}
	case takesOver:
		return m.failOver(s)
	}
	r := what.request
	if what.event == reads {
		f := found{values: noValues}
		if v, ok := s.sessions[r.cookie]; ok {
			f = found{r.cookie, v}
		}
		if r.path == "/secret" {
			return only(s, r.body == f.String())
		}
		s.reads = maps.Clone(s.reads)
		s.reads[r.number] = f
		return []state{s}
	}
	f, ok := s.reads[r.number]
	if !ok {
		return nil // it reads first
	}
	s.reads = maps.Clone(s.reads)
	delete(s.reads, r.number)
	return m.write(s, r, f)
}

func only(s state, possible bool) []state {
	if !possible {
		return nil
	}
	return []state{s}
}

// write returns the states after a request's write, which has read f.
func (m model) write(s state, r *request, f found) []state {
	now, ok := s.sessions[f.id]
	id, destroys := "", r.path == "/destroy" // the ID that the response sets
	switch {
	case destroys && ok:
		s = s.move(f.id, gone)
	case f.id == "" && !destroys:
		id = r.newID()
		s = s.set(id, r.after(noValues))
	case !ok, r.after(f.values) == f.values: // the session has ended, or there is nothing to write
		return only(s, !r.known || r.set == "")
	case f.id != r.cookie && (r.path == "/login" || strings.HasPrefix(r.path, "/role")):
		id, ok = r.newID(), false // it does not write to the one that it has read
		s = s.set(id, r.after(noValues))
	case f.id != r.cookie || strings.HasPrefix(r.path, "/note"):
		s = s.set(f.id, r.after(now))
	default:
		id = r.newID()
		s = s.set(f.id, r.after(now)).move(f.id, id)
	}
	undone := s.replica != nil && !m.acknowledged && (ok && m.lost(f.id) || id != "" && m.lost(id))
	return only(s, !r.known || r.set == id && !undone)
}

// failOver returns the states after the replica has taken over: the writes that it
// lacks are lost.
func (m model) failOver(s state) []state {
	if s.replica == nil {
		return nil
	}
	replica := s.replica
	s.sessions, s.replica = maps.Clone(s.sessions), nil
	maps.DeleteFunc(s.sessions, func(id string, _ values) bool { return m.lost(id) })
	for id, v := range replica {
		if m.lost(id) {
			s.sessions[id] = v
		}
	}
	return []state{s}
}

// check returns whether the history of a browser fits the model.
func (m model) check(history []*request) porcupine.CheckResult {
	var steps []porcupine.Operation
	add := func(e event, r *request, from, to time.Duration) {
		steps = append(steps, porcupine.Operation{Input: step{e, r}, Call: int64(from), Return: int64(to)})
	}
	for _, r := range history {
		if r.known || r.path != "/secret" {
			add(reads, r, r.call, r.done)
		}
		switch {
		case r.path == "/secret":
		case r.known:
			add(writesAfterwards, r, r.call, r.done)
		default:
			add(writesAfterwards, r, r.call, math.MaxInt64) // at any time, or never
		}
	}
	if m.failover != nil {
		add(fallsBehind, nil, m.lag[0], m.lag[1])
		add(takesOver, nil, m.killed, m.killed) // rather than later: until it does, nothing can happen there
	}
	sessions := porcupine.NondeterministicModel{
		Init: func() []any { return []any{state{sessions: map[string]values{}, reads: map[int]found{}}} },
		Step: func(s, in, _ any) (next []any) {
			for _, s := range m.next(s.(state), in.(step)) {
				next = append(next, s)
			}
			return next
		},
		Equal: func(a, b any) bool { return a.(state).equal(b.(state)) },
	}
	return porcupine.CheckOperationsTimeout(sessions.ToModel(), steps, 4*patience)
}
