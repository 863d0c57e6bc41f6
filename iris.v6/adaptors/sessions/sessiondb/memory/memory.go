// Package memory keeps sessions in the memory of this process.
package memory

import (
	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
	"gopkg.in/kataras/iris.v6/internal/memstore"
)

// Store is a store.Store in this process's memory. It is the fastest one, and
// its sessions end with the process. New makes one.
//
// Reads wait for no lock and allocate nothing. Writes take one lock, for about a
// microsecond. Time runs in steps of 1/1024 of the shorter limit, at most a second
// and at least a millisecond. A session ends at the last step that is not past its
// limit, and its memory is free at that step. If the process is stopped for a while,
// both happen when it goes on, at its first step. Each step looks only at the sessions
// that may end in it.
//
// At store.Limits.MaxSessions, sessions make room in the order that is described
// there. The order by last use is exact to a quarter of Limits.InUse. Making room
// costs the same on average however many sessions there are. The duration of
// DestroyAll does not depend on their number either.
//
// The types of values are those that store.AppendValue encodes. Others are an
// error, as in the stores outside this process: a test with this store finds them.
type Store struct{ sessions }

type sessions = memstore.Store

// New returns an empty Store.
func New() *Store { return new(Store) }

// String returns "memory".
func (s *Store) String() string { return "memory" }

// Create implements store.Store. It releases the lock from time to time while it
// makes room.
func (s *Store) Create(key store.Key, items []store.Item) error {
	if err := check(items); err != nil {
		return err
	}
	return s.sessions.Create(key, items)
}

// Update implements store.Store.
func (s *Store) Update(key store.Key, changes []store.Item) (bool, error) {
	if err := check(changes); err != nil {
		return false, err
	}
	return s.sessions.Update(key, changes)
}

// Renew implements store.Store.
func (s *Store) Renew(old, key store.Key, changes []store.Item) (bool, error) {
	if err := check(changes); err != nil {
		return false, err
	}
	return s.sessions.Renew(old, key, changes)
}

// check returns an error if there is a value that other Stores cannot keep.
func check(items []store.Item) error {
	for _, item := range items {
		if item.Value != nil {
			if err := store.Check(item.Value); err != nil {
				return err
			}
		}
	}
	return nil
}
