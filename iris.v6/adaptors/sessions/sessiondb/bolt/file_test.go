package bolt

import (
	"errors"
	"flag"
	"fmt"
	"path/filepath"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"go.etcd.io/bbolt"
	"pgregory.net/rapid"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
	"gopkg.in/kataras/iris.v6/internal/memstore"
)

// TestFileHasWhatIndexHas makes calls, lets time pass and restarts the store. That
// the index is right is for the tests of memstore.
func TestFileHasWhatIndexHas(t *testing.T) {
	for _, f := range []struct{ name, value string }{{"rapid.checks", "50"}, {"rapid.steps", "60"}, {"rapid.shrinktime", "0"}} {
		must(t, flag.Set(f.name, f.value))
	}
	dir, files := t.TempDir(), 0
	rapid.Check(t, func(r *rapid.T) {
		files++
		var failure any
		synctest.Test(t, func(*testing.T) {
			defer func() { failure = recover() }() // rapid expects the panic on its own goroutine
			checkFile(r, filepath.Join(dir, fmt.Sprint(files)))
		})
		if failure != nil {
			panic(failure)
		}
	})
}

func checkFile(t *rapid.T, path string) {
	limit := rapid.SampledFrom([]time.Duration{0, 30 * time.Second, 10 * time.Minute})
	limits := store.Limits{
		Expires: limit.Draw(t, "expires"), IdleTimeout: limit.Draw(t, "idle"),
		MaxSessions: rapid.IntRange(0, 6).Draw(t, "max"), Identity: []string{"user"},
	}
	open := func() *Store {
		s, err := Open(path)
		must(t, err)
		s.db.NoSync = true
		must(t, s.SetLimits(limits))
		return s
	}
	s := open()
	defer func() { must(t, s.Close()) }()
	last := byte(10) // keys are never used again, as IDs are not
	key := func() store.Key { return store.Key{rapid.ByteRange(max(last, 20)-10, last+1).Draw(t, "key")} }
	items := func() []store.Item {
		value := rapid.SampledFrom([]any{nil, true, "alice", []byte("alice")}).Draw(t, "value")
		return []store.Item{{Name: rapid.SampledFrom([]string{"user", "cart"}).Draw(t, "name"), Value: value}}
	}
	wantNo := func(err error) {
		if _, moved := errors.AsType[store.Moved](err); err != nil && !moved && !errors.Is(err, store.ErrFull) && !errors.Is(err, store.ErrExists) {
			t.Fatal(err)
		}
	}
	t.Repeat(map[string]func(*rapid.T){
		"create":  func(*rapid.T) { last++; wantNo(s.Create(store.Key{last}, store.Merge(nil, nil, items()))) },
		"read":    func(*rapid.T) { _, _, err := s.Read(key()); must(t, err) },
		"update":  func(*rapid.T) { _, err := s.Update(key(), items()); must(t, err) },
		"renew":   func(*rapid.T) { last++; _, err := s.Renew(key(), store.Key{last}, items()); wantNo(err) },
		"destroy": func(*rapid.T) { must(t, s.Destroy(key())) },
		"destroy all, seldom": func(t *rapid.T) {
			if rapid.IntRange(0, 9).Draw(t, "seldom") == 0 {
				must(t, s.DestroyAll())
			}
		},
		"time passes": func(t *rapid.T) {
			unit := rapid.SampledFrom([]time.Duration{time.Second, 8 * time.Second, 70 * time.Second})
			<-time.After(unit.Draw(t, "unit") * time.Duration(rapid.IntRange(1, 4).Draw(t, "times")))
			synctest.Wait()
		},
		"restart": func(t *rapid.T) {
			before := contents(t, s)
			must(t, s.Close())
			s = open()
			if after := contents(t, s); !reflect.DeepEqual(after, before) {
				t.Fatalf("after a restart the file has %v, want %v", after, before)
			}
		},
		"": func(t *rapid.T) {
			inFile, inIndex := contents(t, s), map[store.Key][]store.Item{}
			s.index.Freeze(func(find func(store.Key) (memstore.Session, bool)) {
				for n := range last + 1 {
					if session, ok := find(store.Key{n}); ok {
						inIndex[store.Key{n}] = session.Items
					}
				}
			})
			if !reflect.DeepEqual(inFile, inIndex) {
				t.Fatalf("the file has %v, the index %v", inFile, inIndex)
			}
		},
	})
}

// contents returns the sessions in the file. Each must have its entry for earlier
// versions.
func contents(t *rapid.T, s *Store) map[store.Key][]store.Item {
	sessions := map[store.Key][]store.Item{}
	must(t, s.db.View(func(tx *bbolt.Tx) error {
		ends := tx.Bucket(bucketEnds)
		_, err := read(tx, func(key store.Key, r record) {
			sessions[key] = append([]store.Item{}, r.items...)
			if at, _ := ends.Cursor().Seek(append(appendTime(nil, r.end), key[:]...)); len(at) != 40 || store.Key(at[8:]) != key || r.end > s.clock.now() {
				t.Fatalf("session %s has no entry at %v", key, r.end)
			}
		})
		if n := ends.Stats().KeyN; n != len(sessions) {
			t.Fatalf("%d sessions have %d entries", len(sessions), n)
		}
		return err
	}))
	return sessions
}
