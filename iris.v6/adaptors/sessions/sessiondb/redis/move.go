package redis

import (
	"context"
	"errors"
	"strconv"

	"gopkg.in/kataras/iris.v6/adaptors/sessions"
)

// What retireScript answers, besides that the session has changed.
const (
	ended   = 0
	retired = 1
)

// move is Renew in a cluster, where the two keys are on different servers, and
// where writes wait for replicas, which may be missing. Each step is safe to
// fail after: until the last one the session is what it was, and the copy has a
// name that nobody knows.
func (s *Store) move(ctx context.Context, old, key sessions.Key, changes []sessions.Item) (ok bool, err error) {
	for {
		state, ttl, items, err := s.peek(ctx, old)
		if err != nil {
			return false, err
		}
		if state == "" {
			return false, s.settle(ctx, old)
		}
		if err := s.copy(ctx, key, ttl, items, changes); err != nil {
			return false, err
		}
		name, cut := s.keys(old)
		n, err := s.write(ctx, retireScript, append(s.life[:2:2], state), name, cut)
		if n == retired || err != nil {
			return n == retired, err
		}
		if err := s.remove(ctx, key); n == ended || err != nil {
			return false, err
		}
		// Another request wrote to the session: copy that too.
	}
}

// peek returns what retireScript recognises the session by, how long it has to
// live and its fields, each followed by its value. state is "" if there is none.
func (s *Store) peek(ctx context.Context, key sessions.Key) (state, ttl string, fields []string, err error) {
	name, cut := s.keys(key)
	answer, err := s.run(ctx, s.client, peekScript, []string{name, cut}, s.life).ToArray()
	if err != nil || len(answer) == 0 {
		return "", "", nil, s.failed(err)
	}
	left, errs := int64(0), [3]error{}
	state, errs[0] = answer[0].ToString()
	left, errs[1] = answer[1].AsInt64()
	fields, errs[2] = answer[2].AsStrSlice()
	return state, strconv.FormatInt(left, 10), fields, s.failed(errors.Join(errs[:]...))
}

// copy makes a session of the fields and the changes to them.
func (s *Store) copy(ctx context.Context, key sessions.Key, ttl string, fields []string, changes []sessions.Item) error {
	args, err := s.args(changes)
	if err != nil {
		return err
	}
	all := append(append(args[:2:2], ttl), fields...)
	name, cut := s.keys(key)
	n, err := s.write(ctx, copyScript, append(all, args[2:]...), name, cut)
	if err == nil && n == 0 {
		err = errTaken
	}
	return err
}
