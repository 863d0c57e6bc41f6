package redis

import (
	"context"
	"slices"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// move is Renew in a cluster, where the two keys are on different servers, and
// with ?wait, as replicas may be missing. Until the old session is replaced by
// a forward it stays what it was, and a step that fails does no harm: the copy
// is not readable, and nobody knows its key.
func (s *Store) move(ctx context.Context, old, key store.Key, changes []store.Item) (ok bool, err error) {
	args, err := s.args(changes)
	if err != nil {
		return false, err
	}
	life, changed := args[:2:2], args[2:]
	// One at a time, as each would undo the others' work. Renewals of a session
	// by two instances at once are rare.
	lock := &s.moving[old[0]]
	lock.Lock()
	defer lock.Unlock()
	for {
		name, epoch := s.keys(old)
		session, err := run(ctx, s.client, peekScript, []string{name, epoch}, life).AsStrSlice()
		if err != nil {
			return false, s.wrapErr(err)
		}
		if len(session) < 2 { // there is none, or a forward
			again, err := s.waitReplicas(ctx, old)
			if err == nil && !again && len(session) == 1 {
				old, err = s.parseKey(session[0])
				again = true
			}
			if err != nil || !again {
				return false, err
			}
			continue
		}
		end := len(session) - 2
		fields, state, ttl := session[:end], session[end], session[end+1:]
		if _, err := s.change(ctx, copyScript, key, slices.Concat(life, ttl, fields, changed)); err != nil {
			return false, err
		}
		answer, err := s.write(ctx, retireScript, append(life, state, text(key), s.forwardTime()), name, epoch)
		switch {
		case err != nil:
			return false, err
		case answer == done:
			return s.change(ctx, updateScript, key, life) // the copy becomes the session
		}
		if _, err := s.change(ctx, destroyScript, key, life); err != nil || answer == none {
			return false, err
		}
		// Another request has written to the session or moved it: begin again.
	}
}
