package bolt_test

import (
	"bytes"
	"encoding/gob"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"go.etcd.io/bbolt"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/bolt"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// wait lets time pass in a bubble.
func wait(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func lives(t *testing.T, s *bolt.Store, n int) bool {
	t.Helper()
	_, ok, err := s.Read(key(n))
	must(t, err)
	return ok
}

func TestTimePassesWhileFileIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "sessions.db")
		fill(t, path, 1)
		wait(59 * time.Minute)
		s, err := bolt.Open(path)
		must(t, err)
		must(t, s.SetLimits(limits))
		if !lives(t, s, 0) {
			t.Error("the session has ended a minute before its time")
		}
		must(t, s.Close())
		wait(61 * time.Minute)
		if lives(t, open(t, path, limits), 0) {
			t.Error("the session lives a minute after its time")
		}
	})
}

// TestClockSetBackRevivesNothing relies on bubbles that all begin in the year 2000.
func TestClockSetBackRevivesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sessions.db")
	synctest.Test(t, func(t *testing.T) {
		wait(24 * time.Hour)
		s := open(t, path, limits)
		must(t, s.Create(key(0), authenticated))
		wait(61 * time.Minute)
		must(t, s.Create(key(1), authenticated))
	})
	synctest.Test(t, func(t *testing.T) {
		s := open(t, path, limits)
		if lives(t, s, 0) {
			t.Error("a session that had ended lives")
		}
		if !lives(t, s, 1) {
			t.Error("a session that had just begun has ended")
		}
		wait(61 * time.Minute)
		if lives(t, s, 1) {
			t.Error("a session lives an hour after its last use")
		}
	})
}

func TestSweepFreesSpace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "sessions.db")
		s, err := bolt.Open(path)
		must(t, err)
		must(t, s.SetLimits(limits))
		grown := int64(0)
		for round := range 8 {
			for i := range 50 {
				must(t, s.Create(key(i), []store.Item{{Name: "cart", Value: bytes.Repeat([]byte("x"), 10_000)}}))
			}
			info, err := os.Stat(path)
			must(t, err)
			if round == 1 {
				grown = info.Size()
			} else if round > 1 && info.Size() != grown {
				t.Fatalf("round %d: the file grows from %d to %d bytes", round, grown, info.Size())
			}
			wait(time.Hour + 2*time.Second)
		}
		must(t, s.Close())
		if s, err = bolt.Open(path); err != nil {
			t.Fatalf("after the sweeps the file is refused: %v", err)
		}
		must(t, s.Close())
	})
}

// TestReadSeldomWrites counts the transactions.
func TestReadSeldomWrites(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "sessions.db")
		s := open(t, path, store.Limits{IdleTimeout: time.Hour})
		must(t, s.Create(key(0), authenticated))
		before, err := os.ReadFile(path)
		must(t, err)
		for range 50 {
			lives(t, s, 0)
		}
		wait(5 * time.Minute)
		lives(t, s, 0)
		if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
			t.Errorf("reads of a session just created have changed the file (%v)", err)
		}
		wait(2 * time.Minute)
		lives(t, s, 0)
		synctest.Wait()
		if after, err := os.ReadFile(path); err != nil || bytes.Equal(before, after) {
			t.Errorf("a read after seven minutes has not changed the file (%v)", err)
		}
	})
}

// TestStricterLimitsEndSessions also has a value that this process cannot decode:
// only its own session fails.
func TestStricterLimitsEndSessions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "sessions.db")
		s, err := bolt.Open(path)
		must(t, err)
		must(t, s.SetLimits(store.Limits{}))
		must(t, s.Create(key(0), authenticated))
		must(t, s.Create(key(1), []store.Item{{Name: "a", Value: undecodable{}}}))
		if _, ok, err := s.Read(key(1)); ok || err == nil {
			t.Errorf("what cannot be decoded is read as %v, %v", ok, err)
		}
		must(t, s.Close())
		must(t, s.Close()) // does nothing

		s, err = bolt.Open(path)
		must(t, err)
		must(t, s.SetLimits(limits))
		wait(25 * time.Hour)
		must(t, s.Close())
		db, err := bbolt.Open(path, 0o600, nil)
		must(t, err)
		must(t, db.View(func(tx *bbolt.Tx) error {
			for _, name := range []string{"sessions", "ends"} {
				if first, _ := tx.Bucket([]byte(name)).Cursor().First(); first != nil {
					t.Errorf("what has ended is still in %s", name)
				}
			}
			return nil
		}))
		must(t, db.Close())
	})
}

// undecodable is a value that gob writes and does not read.
type undecodable struct{}

func (undecodable) GobEncode() ([]byte, error) { return []byte{1}, nil }
func (*undecodable) GobDecode([]byte) error    { return errors.New("not today") }

func init() { gob.Register(undecodable{}) }

// TestRoomAfterRestart opens a file with more sessions than there may be.
func TestRoomAfterRestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sessions.db")
	fill(t, path, 4) // which no request presents
	s := open(t, path, store.Limits{MaxSessions: 2})
	for n := range 4 {
		if !lives(t, s, n) {
			t.Errorf("session %d has made room for none", n)
		}
	}
	must(t, s.Close())
	s = open(t, path, store.Limits{MaxSessions: 2})
	must(t, s.Create(key(4), authenticated))
	must(t, s.Create(key(5), authenticated)) // takes the place of 4, which no request has presented
	live := 0
	for n := range 4 {
		if lives(t, s, n) {
			live++
		}
	}
	if live != 1 || lives(t, s, 4) || !lives(t, s, 5) {
		t.Errorf("%d sessions from before the restart live, and 4: %v, 5: %v", live, lives(t, s, 4), lives(t, s, 5))
	}
}

func TestValuesAreNotShared(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "sessions.db"), limits)
	value := []byte("a")
	must(t, s.Create(key(0), []store.Item{{Name: "n", Value: 1}, {Name: "a", Value: value}}))
	for range 3 {
		value[0] = 'b'
		items, _, err := s.Read(key(0))
		must(t, err)
		if value = store.Value(items, "a").([]byte); string(value) != "a" {
			t.Fatalf("the value has become %q", value)
		}
	}
}

func TestValueThatCannotBeStoredIsRefused(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "sessions.db"), limits)
	must(t, s.Create(key(0), authenticated))
	bad := []store.Item{{Name: "a", Value: make(chan int)}}
	_, update := s.Update(key(0), bad)
	_, renew := s.Renew(key(0), key(1), bad)
	for i, err := range []error{s.Create(key(2), bad), update, renew} {
		if err == nil || lives(t, s, 1) || lives(t, s, 2) {
			t.Errorf("call %d: %v", i, err)
		}
	}
}
