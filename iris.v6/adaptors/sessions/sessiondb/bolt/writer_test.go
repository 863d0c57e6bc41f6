package bolt

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
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

func openStore(t *testing.T, path string, limits store.Limits) *Store {
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

// slowCreate is Create, with a disk that is busy until release is closed.
func slowCreate(s *Store, key store.Key, release chan struct{}) error {
	_, err := s.write(func(tx *bbolt.Tx) (bool, error) {
		<-release
		now := s.clock.now()
		return true, s.put(tx, key, &record{created: now, used: now})
	})
	return err
}

func TestTimedOutWriteHappensLaterOnlyIfItHasBegun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openStore(t, filepath.Join(t.TempDir(), "sessions.db"), store.Limits{})
		release, began := make(chan struct{}), time.Now()
		for i, err := range []error{slowCreate(s, store.Key{1}, release), s.Create(store.Key{2}, nil)} {
			if err == nil || !strings.Contains(err.Error(), "the disk took longer than 1s") {
				t.Errorf("write %d: %v, want that it took too long", i, err)
			}
		}
		if took := time.Since(began); took != 2*patience {
			t.Errorf("two writes gave up after %v", took)
		}
		close(release)
		synctest.Wait()
		wantLive(t, s, store.Key{1}, true)
		wantLive(t, s, store.Key{2}, false)
	})
}

func TestCloseWaitsForTransaction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "sessions.db")
		s := openStore(t, path, store.Limits{})
		release, written, closed := make(chan struct{}), make(chan error, 1), make(chan error, 1)
		go func() { written <- slowCreate(s, store.Key{1}, release) }()
		synctest.Wait()
		go func() { closed <- s.Close() }()
		<-s.closed
		close(release)
		must(t, <-written)
		must(t, <-closed)
		for range 2 {
			if err := s.Create(store.Key{2}, nil); !errors.Is(err, bbolterrors.ErrDatabaseNotOpen) || strings.Contains(err.Error(), "broken") {
				t.Errorf("a write after Close: %v", err)
			}
		}
		wantLive(t, openStore(t, path, store.Limits{}), store.Key{1}, true)
	})
}

// TestForwardsHoldInOneTransaction has two renewals of a session and a write that
// fails in the same transaction.
func TestForwardsHoldInOneTransaction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openStore(t, filepath.Join(t.TempDir(), "sessions.db"), store.Limits{})
		must(t, s.Create(store.Key{1}, nil))
		release := make(chan struct{})
		renew := func(key store.Key) {
			if ok, err := s.Renew(store.Key{1}, key, nil); !ok || err != nil {
				t.Errorf("Renew as %s: %v, %v", key, ok, err)
			}
		}
		for _, write := range []func(){
			func() { must(t, slowCreate(s, store.Key{9}, release)) },
			func() { renew(store.Key{2}) },
			func() { renew(store.Key{3}) },
			func() {
				if err := s.Create(store.Key{3}, nil); !errors.Is(err, store.ErrExists) {
					t.Errorf("Create of a key that is taken: %v", err)
				}
			},
		} {
			go write()
			synctest.Wait()
		}
		close(release)
		synctest.Wait()
		wantLive(t, s, store.Key{2}, false)
		wantLive(t, s, store.Key{3}, true)
	})
}

func TestForwardsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openStore(t, filepath.Join(t.TempDir(), "sessions.db"), store.Limits{MaxSessions: 3})
		must(t, s.Create(store.Key{0}, nil))
		for i := range byte(5) {
			if ok, err := s.Renew(store.Key{i}, store.Key{i + 1}, nil); !ok || err != nil {
				t.Fatal(ok, err)
			}
		}
		for i, want := range []bool{false, false, false, true, true} {
			if ok, err := s.Update(store.Key{byte(i)}, nil); ok != want || err != nil {
				t.Errorf("Update by key %d: %v, %v, want %v", i, ok, err, want)
			}
		}
		<-time.After(store.ForwardTime)
		must(t, s.Destroy(store.Key{}))
		if n := s.forwards.Len(); n != 0 {
			t.Errorf("after their time there are %d forwards", n)
		}
	})
}

// damage overwrites a session while the file is in use.
func damage(t *testing.T, s *Store, key store.Key) {
	t.Helper()
	must(t, s.db.Update(func(tx *bbolt.Tx) error {
		return tx.Bucket(bucketSessions).Put(key[:], []byte("damaged"))
	}))
}

func TestDamagedSessionIsAnError(t *testing.T) {
	s := openStore(t, filepath.Join(t.TempDir(), "sessions.db"), store.Limits{})
	whole, damaged := store.Key{1}, store.Key{2}
	must(t, s.Create(whole, nil))
	damage(t, s, damaged)
	for _, call := range []struct {
		name string
		do   func() error
	}{
		{"Read", func() error { _, _, err := s.Read(damaged); return err }},
		{"Create", func() error { return s.Create(damaged, nil) }},
		{"Update", func() error { _, err := s.Update(damaged, nil); return err }},
		{"Renew", func() error { _, err := s.Renew(damaged, store.Key{3}, nil); return err }},
		{"Renew of another session", func() error { _, err := s.Renew(whole, damaged, nil); return err }},
		{"Destroy", func() error { return s.Destroy(damaged) }},
	} {
		if err := call.do(); !errors.Is(err, errRecord) {
			t.Errorf("%s: %v", call.name, err)
		}
	}
	wantLive(t, s, whole, true)
}

// TestFailingSweepWaitsForNextTick counts the transactions. The time in its bubble
// stands still, and it hangs, if the sweep does not wait.
func TestFailingSweepWaitsForNextTick(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openStore(t, filepath.Join(t.TempDir(), "sessions.db"), store.Limits{Expires: time.Second})
		key := store.Key{1}
		must(t, s.Create(key, nil))
		damage(t, s, key)
		var ids [2]int
		for i := range ids {
			<-time.After(time.Minute)
			must(t, s.db.View(func(tx *bbolt.Tx) error { ids[i] = tx.ID(); return nil }))
		}
		if n := ids[1] - ids[0]; n < 59 || n > 60 {
			t.Errorf("%d sweeps in a minute", n)
		}
	})
}
