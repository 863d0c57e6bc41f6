// Package redis keeps sessions in Redis 6.2 or later, or in Valkey. They outlive
// the process, and any number of instances serve them:
//
//	store, err := redis.Open("redis://:password@127.0.0.1:6379")
//	…
//	defer store.Close()
//	app.Adapt(sessions.New(sessions.Config{Store: store}))
//
// The instances share nothing else. Each sees the others' writes at its next
// request. Requests at the same time share connections and packets.
//
// # Keys
//
// Each session is a hash whose TTL is what is left of the session's life. Its
// name in Redis contains the SHA-256 of the session ID: reading Redis does not
// let an attacker take over a session. After a renewal, the old key has a hash
// that forwards to the new key. Redis counts the time: the clocks of the
// instances do not matter.
//
// The configuration of Redis decides what it loses in a crash (appendonly,
// appendfsync, replicas). It must not evict keys: set maxmemory-policy to
// noeviction. MaxSessions has no effect: maxmemory bounds the sessions.
//
// # Errors
//
// An error means that the outcome is unknown: the write may have happened, or
// may happen when a hanging Redis goes on. If it was a renewal that happened,
// the old ID is dead, the client does not know the new one, and the user logs in
// again.
//
// # Failover
//
// Redis acknowledges a write before its replicas have it, so a failover can undo
// the last writes, logouts among them. With ?wait=N a write is acknowledged when
// N replicas have it, and a failover to one of these keeps it. Set N to the
// number of replicas that can take over: with fewer, one that was not counted
// can take over and undo acknowledged writes. While fewer than N replicas are
// connected, writes fail. A read may see a write that has not been acknowledged,
// and that a failover then undoes.
//
// A master that is cut off from its replicas refuses writes with ?wait. To the
// instances that still reach it, it serves the sessions that it has, even those
// that have ended on the new master, until Redis makes it a replica.
//
// A master without persistence that is restarted before it is replaced serves as
// an empty one: every session is lost.
//
// # Cluster
//
// In a cluster and with ?wait, a renewal copies the session to the new key before
// it replaces the old session by a forward. If the copy fails, the session stays as
// it is, and at worst a copy remains that nobody can read and that ends with its
// TTL. DestroyAll in a cluster needs the servers' clocks in sync.
package redis

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// Store keeps sessions in Redis. Make it with Open.
type Store struct {
	*conn
	life atomic.Pointer[[2]string] // the first arguments of every script; nil until SetLimits
}

// SetLimits implements store.Store. MaxSessions has no effect.
func (s *Store) SetLimits(l store.Limits) error {
	if !s.life.CompareAndSwap(nil, s.lifeArgs(l)) {
		return s.wrapErr(store.ErrLimitsSet)
	}
	return nil
}

func (c *conn) lifeArgs(l store.Limits) *[2]string {
	idle := cmp.Or(l.IdleTimeout, l.Expires, c.idleWithoutLimits)
	return &[2]string{milliseconds(l.Expires), milliseconds(idle)}
}

// milliseconds rounds down, but not to 0, which means no limit.
func milliseconds(d time.Duration) string {
	if d > 0 {
		d = max(d, time.Millisecond)
	}
	return strconv.FormatInt(d.Milliseconds(), 10)
}

// args returns the arguments of a script: the limits, its own ones, and changes
// to items.
func (s *Store) args(changes []store.Item, own ...string) ([]string, error) {
	life := s.life.Load()
	if life == nil {
		return nil, s.wrapErr(store.ErrNoLimits)
	}
	args := append(slices.Grow(life[:], len(own)+2*len(changes)), own...)
	for _, c := range changes {
		var data []byte
		if c.Value != nil {
			var err error
			if data, err = store.AppendValue(nil, c.Value); err != nil {
				return nil, s.wrapErr(err)
			}
		}
		args = append(args, "="+c.Name, string(data))
	}
	return args, nil
}

// Read implements store.Store.
func (s *Store) Read(key store.Key) (items []store.Item, ok bool, err error) {
	ctx := s.deadlines.context()
	for {
		if items, ok, err = s.read(ctx, key); ok || err != nil || s.replicas == 0 {
			return items, ok, err
		}
		if answer, err := s.confirmNone(ctx, key); err != nil || answer == none {
			return nil, false, err
		}
	}
}

func (s *Store) read(ctx context.Context, key store.Key) (items []store.Item, ok bool, err error) {
	args, err := s.args(nil)
	if err != nil {
		return nil, false, err
	}
	name, epoch := s.names(key)
	fields, err := run(ctx, s.client, readScript, []string{name, epoch}, args).AsStrSlice()
	if err != nil || len(fields) == 0 {
		return nil, false, s.wrapErr(err)
	}
	items = make([]store.Item, 0, len(fields)/2)
	for ; len(fields) > 0; fields = fields[2:] {
		name, isItem := strings.CutPrefix(fields[0], "=")
		if !isItem {
			continue
		}
		value, err := store.ParseValue(fields[1])
		if err != nil {
			return nil, false, s.wrapErr(err)
		}
		items = append(items, store.Item{Name: name, Value: value})
	}
	return items, true, nil
}

// Create implements store.Store.
func (s *Store) Create(key store.Key, items []store.Item) error {
	_, err := s.change(createScript, key, items)
	return err
}

// Update implements store.Store.
func (s *Store) Update(key store.Key, changes []store.Item) (ok bool, err error) {
	return s.change(updateScript, key, changes)
}

// Renew implements store.Store.
func (s *Store) Renew(old, key store.Key, changes []store.Item) (ok bool, err error) {
	ok, err = s.renew(old, key, changes)
	if _, moved := errors.AsType[store.Moved](err); !moved {
		return ok, err
	}
	life, err := s.args(nil)
	if err != nil {
		return false, err
	}
	answer, at, err := s.follow(s.deadlines.context(), peekScript, old, life)
	if err == nil && answer != none {
		err = s.wrapErr(store.Moved{To: at})
	}
	return false, err
}

func (s *Store) renew(old, key store.Key, changes []store.Item) (ok bool, err error) {
	if s.cluster || s.replicas > 0 {
		return s.move(old, key, changes)
	}
	args, err := s.args(changes, encodeKey(key), s.forwardTime())
	if err != nil {
		return false, err
	}
	name, _ := s.names(key)
	answer, err := s.direct(s.deadlines.context(), renewScript, old, args, name)
	return answer == done, err
}

// Destroy implements store.Store.
func (s *Store) Destroy(key store.Key) error {
	_, err := s.change(destroyScript, key, nil)
	return err
}

// change runs a script whose own arguments are changes to items.
func (s *Store) change(script script, key store.Key, changes []store.Item) (ok bool, err error) {
	args, err := s.args(changes)
	if err != nil {
		return false, err
	}
	answer, _, err := s.follow(s.deadlines.context(), script, key, args)
	return answer == done, err
}

// follow runs a script under the key that the forwards of the given one lead to.
// It returns the answer and that key.
func (s *Store) follow(ctx context.Context, script script, key store.Key, args []string) (answer string, at store.Key, err error) {
	for {
		answer, err = s.direct(ctx, script, key, args)
		moved, is := errors.AsType[store.Moved](err)
		if !is {
			return answer, key, err
		}
		key = moved.To
	}
}

// direct runs a script under the key. A forward is a store.Moved.
func (s *Store) direct(ctx context.Context, script script, key store.Key, args []string, others ...string) (answer string, err error) {
	name, epoch := s.names(key)
	answer, err = s.write(ctx, script, args, append([]string{name, epoch}, others...)...)
	switch {
	case err != nil, answer == done, answer == none, answer == changed, strings.HasPrefix(answer, state):
		return answer, err
	case answer == taken:
		return answer, s.wrapErr(store.ErrExists)
	}
	to, err := s.decodeKey(answer)
	if err == nil {
		err = s.wrapErr(store.Moved{To: to})
	}
	return answer, err
}

// DestroyAll implements store.Store. It takes as long for many sessions as for
// few: the ended ones are unreadable at once, and freed when their TTL is over.
func (s *Store) DestroyAll() error {
	args, err := s.args(nil)
	if err != nil {
		return err
	}
	var errs [16]error // one for each write at the same time: with ?wait, each needs a connection
	var writes sync.WaitGroup
	for w := range errs {
		writes.Go(func() {
			for i := w; i < len(s.buckets) && errs[w] == nil; i += len(errs) {
				_, errs[w] = s.write(s.deadlines.context(), epochScript, args, s.buckets[i].epoch)
			}
		})
	}
	writes.Wait()
	return errors.Join(errs[:]...)
}

// encodeKey returns the key as it is in names and in forwards.
func encodeKey(key store.Key) string { return base64.RawURLEncoding.EncodeToString(key[:]) }

// decodeKey returns the key in a forward.
func (c *conn) decodeKey(text string) (key store.Key, err error) {
	data, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(data) != len(key) {
		return key, c.wrapErr(fmt.Errorf("%q is neither an answer nor a key", text))
	}
	return store.Key(data), nil
}

// forwardTime is ForwardTime, counted from when the caller knows of the renewal.
func (c *conn) forwardTime() string { return milliseconds(c.timeout + store.ForwardTime) }
