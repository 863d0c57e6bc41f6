package bolt

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	bbolterrors "go.etcd.io/bbolt/errors"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
	"gopkg.in/kataras/iris.v6/internal/memstore"
)

// fataler is a test, or a check of rapid.
type fataler interface {
	Helper()
	Fatal(...any)
}

func must(t fataler, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func openStore(t *testing.T, limits store.Limits) *Store {
	t.Helper()
	return openAt(t, filepath.Join(t.TempDir(), "sessions.db"), limits)
}

func openAt(t *testing.T, path string, limits store.Limits) *Store {
	t.Helper()
	s, err := Open(path)
	must(t, err)
	must(t, s.SetLimits(limits))
	t.Cleanup(func() { must(t, s.Close()) })
	return s
}

func wantLive(t *testing.T, s *Store, key store.Key, want bool) {
	t.Helper()
	if _, ok, err := s.Read(key); ok != want || err != nil {
		t.Errorf("session %s: %v, %v, want %v", key, ok, err, want)
	}
}

// holdDisk makes transactions take until release is called. Those that have begun
// are on the disk by then, but the store does not know.
func holdDisk(s *Store) (release func()) {
	commit, held := s.writer.commit, make(chan struct{})
	s.writer.commit = func() error {
		err := commit()
		<-held
		return err
	}
	return func() { close(held) }
}

// TestReadWaitsForDisk changes a session while another change is on its way to the
// disk, or while none is.
func TestReadWaitsForDisk(t *testing.T) {
	renew := func(s *Store) error { _, err := s.Renew(store.Key{1}, store.Key{9}, nil); return err }
	update := func(key store.Key) func(*Store) error {
		return func(s *Store) error { _, err := s.Update(key, nil); return err }
	}
	create := func(s *Store) error { return s.Create(store.Key{9}, nil) }
	for _, row := range []struct {
		name   string
		change func(s *Store) error
		key    store.Key
		live   bool // afterwards
	}{
		{"a created session", create, store.Key{9}, true},
		{"an updated session", update(store.Key{1}), store.Key{1}, true},
		{"a destroyed session", func(s *Store) error { return s.Destroy(store.Key{1}) }, store.Key{1}, false},
		{"the old key of a renewed session", renew, store.Key{1}, false},
		{"the new key of a renewed session", renew, store.Key{9}, true},
		{"a session that made room for another", create, store.Key{4}, false},
		{"any session when all are destroyed", (*Store).DestroyAll, store.Key{2}, false},
	} {
		for _, busy := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/busy %v", row.name, busy), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := openStore(t, store.Limits{MaxSessions: 4})
					for n := range byte(4) {
						must(t, s.Create(store.Key{1 + n}, nil))
						if n < 3 {
							wantLive(t, s, store.Key{1 + n}, true)
						}
					}
					release := holdDisk(s)
					inBackground := func(call func()) {
						go call()
						synctest.Wait()
					}
					if busy {
						inBackground(func() { must(t, update(store.Key{3})(s)) })
					}
					inBackground(func() { must(t, row.change(s)) })
					done := false
					inBackground(func() {
						wantLive(t, s, row.key, row.live)
						done = true
					})
					if done {
						t.Error("the change was seen before it was on the disk")
					}
					if row.key != (store.Key{2}) {
						wantLive(t, s, store.Key{2}, true) // it has not changed, so this does not wait
					}
					release()
					synctest.Wait()
				})
			})
		}
	}
}

// TestWriteByOldKeyWaitsForItsOwnTransaction updates and renews a session by its old
// key, whose renewal is on its way to the disk.
func TestWriteByOldKeyWaitsForItsOwnTransaction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openStore(t, store.Limits{})
		must(t, s.Create(store.Key{1}, nil))
		commit, step := s.writer.commit, make(chan struct{})
		s.writer.commit = func() error {
			err := commit()
			<-step
			return err
		}
		var written atomic.Int64
		write := func(call func() (bool, error)) {
			go func() {
				if ok, err := call(); !ok || err != nil {
					t.Error(ok, err)
				}
				written.Add(1)
			}()
			synctest.Wait()
		}
		write(func() (bool, error) { return s.Renew(store.Key{1}, store.Key{2}, nil) })
		write(func() (bool, error) { return s.Update(store.Key{1}, nil) })
		write(func() (bool, error) {
			_, err := s.Renew(store.Key{1}, store.Key{3}, nil)
			_, moved := errors.AsType[store.Moved](err)
			return moved, nil
		})
		for n, want := range []int64{0, 1, 3} {
			if synctest.Wait(); written.Load() != want {
				t.Errorf("after %d transactions, %d calls have returned, want %d", n, written.Load(), want)
			}
			if n < 2 {
				step <- struct{}{}
			}
		}
	})
}

func init() { patience = time.Minute }

// TestLateWriteHappensLater also shows that a store does not go on without its disk.
func TestLateWriteHappensLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openStore(t, store.Limits{})
		must(t, s.Create(store.Key{1}, nil))
		release, began := holdDisk(s), time.Now()
		late := s.Create(store.Key{2}, nil)
		_, _, read := s.Read(store.Key{2})
		for i, err := range []error{late, read, s.Create(store.Key{3}, nil), s.Destroy(store.Key{1})} {
			if err == nil || !strings.Contains(err.Error(), "the disk took longer than 1m") {
				t.Errorf("call %d: %v, want that it took too long", i, err)
			}
		}
		if took := time.Since(began); took != 4*patience {
			t.Errorf("four calls gave up after %v", took)
		}
		release()
		synctest.Wait()
		for n, want := range []bool{false, true, true, false} {
			wantLive(t, s, store.Key{byte(n)}, want)
		}
		must(t, s.Create(store.Key{3}, nil))
	})
}

// TestCloseWaitsForTransaction closes a store while a write is under way.
func TestCloseWaitsForTransaction(t *testing.T) {
	acknowledged := 0
	for range 50 {
		s := openStore(t, store.Limits{})
		key, began, written := store.Key{1}, make(chan struct{}, 9), make(chan error, 1)
		commit := s.writer.commit
		s.writer.commit = func() error {
			began <- struct{}{}
			return commit()
		}
		go func() { written <- s.Create(key, nil) }()
		<-began
		must(t, s.Close())
		err := <-written
		if err == nil {
			acknowledged++
		} else if !errors.Is(err, bbolterrors.ErrDatabaseNotOpen) {
			t.Errorf("a write during Close: %v", err)
		}
		wantLive(t, openAt(t, s.path, store.Limits{}), key, err == nil)
	}
	t.Logf("%d of 50 writes were acknowledged", acknowledged)
}

func TestCallsFailAfterClose(t *testing.T) {
	s := openStore(t, store.Limits{})
	must(t, s.Create(store.Key{1}, nil))
	must(t, s.Close())
	must(t, s.Close()) // does nothing
	_, ok, read := s.Read(store.Key{1})
	for i, err := range []error{read, s.Create(store.Key{2}, nil), s.Destroy(store.Key{1}), s.DestroyAll()} {
		if ok || !errors.Is(err, bbolterrors.ErrDatabaseNotOpen) || strings.Contains(err.Error(), "broken") {
			t.Errorf("call %d: %v, %v", i, ok, err)
		}
	}
	s.index.Freeze(func(find func(store.Key) (memstore.Session, bool)) {
		if _, ok := find(store.Key{1}); ok {
			t.Error("the session stays in memory")
		}
	})
	wantLive(t, openAt(t, s.path, store.Limits{}), store.Key{1}, true)
}
