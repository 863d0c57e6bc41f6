package redis

import (
	"slices"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// move is Renew in steps: in a cluster, where the two keys are on different
// servers, and with ?wait, as replicas may be missing. A step that fails does no
// harm: the old session stays what it was until a forward replaces it, and the
// copy cannot be read, and nobody knows its key.
func (s *Store) move(old, key store.Key, changes []store.Item) (ok bool, err error) {
	ctx := s.deadlines.context()
	args, err := s.args(changes)
	if err != nil {
		return false, err
	}
	life, edits := args[:2:2], args[2:]
	// One at a time: they would undo each other's copies. Two instances seldom
	// renew a session at the same time.
	lock := &s.moving[old[0]]
	lock.Lock()
	defer lock.Unlock()
	for {
		session, err := s.direct(ctx, peekScript, old, life)
		if err != nil || session == none {
			return false, err
		}
		if _, err := s.direct(ctx, copyScript, key, slices.Concat(life, []string{session}, edits)); err != nil {
			return false, err
		}
		answer, err := s.direct(ctx, retireScript, old, append(life, session, encodeKey(key), s.forwardTime()))
		switch {
		case err != nil:
			return false, err
		case answer == done: // the copy becomes the session
			answer, _, err = s.follow(ctx, updateScript, key, life)
			return answer == done, err
		}
		if _, err := s.direct(ctx, destroyScript, key, life); err != nil || answer == none {
			return false, err
		}
		// Another request has written to the session or moved it: begin again.
	}
}
