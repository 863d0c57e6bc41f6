package bolt

import (
	"encoding/binary"
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"go.etcd.io/bbolt"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

func numbered(n int) (k store.Key) {
	binary.BigEndian.PutUint64(k[:], uint64(n)*0x9e3779b97f4a7c15) // spread, as hashes are
	binary.BigEndian.PutUint64(k[8:], uint64(n))
	return k
}

var alice = []store.Item{{Name: "user", Value: "alice"}}

func readAll(t *testing.T, s *Store, first, end int) (live int) {
	t.Helper()
	for n := first; n < end; n++ {
		_, ok, err := s.Read(numbered(n))
		must(t, err)
		if ok {
			live++
		}
	}
	return live
}

// wantSessions checks which of the sessions from the first one on are there.
func wantSessions(t *testing.T, s *Store, live ...bool) {
	t.Helper()
	for n, want := range live {
		wantLive(t, s, numbered(n), want)
	}
}

// wantFresh checks that nothing is known of other sessions than these.
func wantFresh(t fataler, s *Store, keys ...store.Key) {
	t.Helper()
	s.room.fresh.Range(func(key, _ any) bool {
		if !slices.Contains(keys, key.(store.Key)) {
			t.Fatal("what is known of a session stays when it has ended")
		}
		return true
	})
}

// inOneTransaction runs the writes in one transaction, in a bubble.
func inOneTransaction(s *Store, writes ...func(*Store) error) []error {
	release := make(chan struct{})
	go s.write(func(*bbolt.Tx) (bool, error) {
		<-release
		return true, nil
	})
	synctest.Wait()
	errs := make([]error, len(writes))
	for i, write := range writes {
		go func() { errs[i] = write(s) }()
		synctest.Wait()
	}
	close(release)
	synctest.Wait()
	return errs
}

// TestFlood has room for ten users and ten other sessions. Every ten minutes for
// almost two hours, a flood creates twenty sessions. Then newcomers try to get in.
func TestFlood(t *testing.T) {
	const (
		users  = 10
		step   = 10 * time.Minute
		steps  = 12
		idle   = 10 * time.Hour
		inUse  = idle / 10
		logout = 2 * inUse // until a session is seen to be out of use
	)
	for _, row := range []struct {
		name      string
		items     []store.Item // of a session of the flood
		presented int          // how often it is presented when it is created
		kept      bool         // whether it is presented at each step from then on
		usersIdle bool
		refused   bool          // whether ErrFull is returned during the flood
		lockedOut time.Duration // from the last step on
		stay      int           // users
	}{
		{name: "never presented: nobody is refused", stay: users},
		{name: "never presented: idle users stay", usersIdle: true, stay: users},
		{name: "never presented but logged in: nobody is refused, and idle users stay", items: alice, usersIdle: true, stay: users},
		{name: "presented once: nobody is refused", presented: 1, stay: users},
		{name: "presented often: nobody is refused", presented: 5, kept: true, stay: users},
		{name: "presented often: idle users stay", presented: 5, kept: true, usersIdle: true, stay: users},
		{name: "logged in and presented once: newcomers wait until it is out of use",
			items: alice, presented: 1, refused: true, lockedOut: logout - (steps-1)*step, stay: users},
		{name: "logged in and presented often: newcomers wait until it has been out of use since its last recorded use",
			items: alice, presented: 1, kept: true, refused: true, lockedOut: inUse + logout - (steps-1)*step, stay: users},
		{name: "logged in and presented often: a newcomer takes the place of a user who is out of use",
			items: alice, presented: 1, kept: true, usersIdle: true, refused: true, lockedOut: logout - (steps-1)*step, stay: users - 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				limits := store.Limits{IdleTimeout: idle, MaxSessions: 2 * users, Identity: []string{"user"}}
				s := openUnsynced(t, filepath.Join(t.TempDir(), "sessions.db"), limits)
				defer func() { must(t, s.Close()) }()
				n := 0 // sessions so far
				tryCreate := func(items []store.Item) bool {
					err := s.Create(numbered(n), items)
					if err != nil && !errors.Is(err, store.ErrFull) {
						t.Fatal(err)
					}
					n++
					return err == nil
				}
				for range users {
					tryCreate(alice)
				}
				readAll(t, s, 0, users)
				wait := func() {
					<-time.After(step)
					if !row.usersIdle {
						readAll(t, s, 0, users)
					}
				}
				refused := false
				for i := range steps {
					if i > 0 {
						wait()
					}
					if row.kept {
						readAll(t, s, users, n)
					}
					for range 2 * users {
						refused = !tryCreate(row.items) || refused
						for range row.presented {
							readAll(t, s, n-1, n)
						}
					}
				}
				if refused != row.refused {
					t.Errorf("refused during the flood: %v", refused)
				}
				ended := time.Now()
				for !tryCreate(nil) {
					wait()
				}
				if d := time.Since(ended); d != row.lockedOut {
					t.Errorf("newcomers are locked out for %v, want %v", d, row.lockedOut)
				}
				if stay := readAll(t, s, 0, users); stay != row.stay {
					t.Errorf("%d users stay, want %d", stay, row.stay)
				}
			})
		})
	}
}

// TestMakingRoomReadsAllSessionsOnce has one place that many sessions take in turn.
// The others are in use.
func TestMakingRoomReadsAllSessionsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const maxSessions = 100
		s := openUnsynced(t, filepath.Join(t.TempDir(), "sessions.db"), store.Limits{MaxSessions: maxSessions, Identity: []string{"user"}})
		defer func() { must(t, s.Close()) }()
		for n := range maxSessions {
			must(t, s.Create(numbered(n), alice))
		}
		readAll(t, s, 1, maxSessions)
		var first *candidates
		for n := maxSessions; n < 10*maxSessions; n++ {
			must(t, s.Create(numbered(n), nil))
			if live := readAll(t, s, n-1, n+1); live != 1 && n > maxSessions {
				t.Fatalf("of the last two sessions %d are there", live)
			}
			if first == nil {
				first = s.room.candidates
			}
			if s.room.candidates != first {
				t.Fatal("all sessions were read again")
			}
		}
		if live := readAll(t, s, 1, maxSessions); live != maxSessions-1 {
			t.Errorf("%d sessions in use are there", live)
		}
	})
}

// TestRenewalsTakeUpNoMemory has more renewals than sessions, each of which adds a
// candidate.
func TestRenewalsTakeUpNoMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const maxSessions = 5
		s := openUnsynced(t, filepath.Join(t.TempDir(), "sessions.db"), store.Limits{MaxSessions: maxSessions})
		defer func() { must(t, s.Close()) }()
		for n := range maxSessions + 1 {
			must(t, s.Create(numbered(n), nil))
		}
		for n := maxSessions; n < 100; n++ {
			if ok, err := s.Renew(numbered(n), numbered(n+1), nil); !ok || err != nil {
				t.Fatalf("Renew: %v, %v", ok, err)
			}
			if c := s.room.candidates; c != nil {
				if entries := len(c[unpresented]) + len(c[anonymous]) + len(c[identified]); entries > 2*maxSessions {
					t.Fatalf("%d candidates", entries)
				}
			}
		}
		must(t, s.Create(numbered(101), nil))
		wantLive(t, s, numbered(100), true) // the others were never presented
	})
}

func TestEndedSessionMakesRoomBeforeItIsSwept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openUnsynced(t, filepath.Join(t.TempDir(), "sessions.db"), store.Limits{Expires: sweepEvery / 2, MaxSessions: 2})
		defer func() { must(t, s.Close()) }()
		must(t, s.Create(numbered(0), nil))
		readAll(t, s, 0, 1)
		<-time.After(sweepEvery / 3)
		must(t, s.Create(numbered(1), nil))
		<-time.After(sweepEvery / 3)
		must(t, s.Create(numbered(2), nil))
		wantSessions(t, s, false, true, true)
	})
}

func TestLoggedOutSessionMakesRoomLikeAnAnonymousOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openUnsynced(t, filepath.Join(t.TempDir(), "sessions.db"), store.Limits{MaxSessions: 2, Identity: []string{"user"}})
		defer func() { must(t, s.Close()) }()
		for n := range 2 {
			must(t, s.Create(numbered(n), alice))
		}
		readAll(t, s, 0, 2)
		if err := s.Create(numbered(2), nil); !errors.Is(err, store.ErrFull) {
			t.Errorf("while both are logged in: %v, want ErrFull", err)
		}
		if ok, err := s.Update(numbered(1), []store.Item{{Name: "user"}}); !ok || err != nil {
			t.Fatal(ok, err)
		}
		must(t, s.Create(numbered(2), nil))
		wantSessions(t, s, true, false, true)
	})
}

func TestLastUseIsRecordedWithoutIdleLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openUnsynced(t, filepath.Join(t.TempDir(), "sessions.db"), store.Limits{MaxSessions: 2, Identity: []string{"user"}})
		defer func() { must(t, s.Close()) }()
		for n := range 2 {
			must(t, s.Create(numbered(n), alice))
			<-time.After(time.Second)
		}
		readAll(t, s, 0, 2)
		<-time.After(time.Hour)
		readAll(t, s, 0, 1)
		<-time.After(time.Hour)
		must(t, s.Create(numbered(2), nil))
		wantSessions(t, s, true, false, true)
	})
}

// TestSessionStaysUnpresentedForDays is about the sweep, which looks at each session
// once a day.
func TestSessionStaysUnpresentedForDays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openUnsynced(t, filepath.Join(t.TempDir(), "sessions.db"), store.Limits{Expires: 48 * time.Hour, MaxSessions: 2, Identity: []string{"user"}})
		defer func() { must(t, s.Close()) }()
		must(t, s.Create(numbered(0), alice))
		<-time.After(recheckAfter + time.Hour)
		must(t, s.Create(numbered(1), nil))
		readAll(t, s, 1, 2)
		must(t, s.Create(numbered(2), nil))
		wantSessions(t, s, false, true, true)
	})
}

// TestRefusalReadsOneSession has no session that may make room.
func TestRefusalReadsOneSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openUnsynced(t, filepath.Join(t.TempDir(), "sessions.db"), store.Limits{MaxSessions: 2, Identity: []string{"user"}})
		defer func() { must(t, s.Close()) }()
		must(t, s.Create(numbered(0), alice))
		must(t, s.Create(numbered(1), alice))
		readAll(t, s, 0, 2)
		var first *candidates
		for range 10 {
			if err := s.Create(numbered(2), nil); !errors.Is(err, store.ErrFull) {
				t.Fatalf("Create: %v, want ErrFull", err)
			}
			if first == nil {
				first = s.room.candidates
			}
			if s.room.candidates != first || len(first[identified]) != 2 {
				t.Fatal("all sessions were read again")
			}
		}
	})
}

// TestReadTakesNoLock reads a session for the first time while a transaction is in
// progress.
func TestReadTakesNoLock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openUnsynced(t, filepath.Join(t.TempDir(), "sessions.db"), store.Limits{MaxSessions: 2})
		defer func() { must(t, s.Close()) }()
		must(t, s.Create(numbered(1), nil))
		<-time.After(time.Millisecond)
		must(t, s.Create(numbered(2), nil))
		release := make(chan struct{})
		go s.write(func(*bbolt.Tx) (bool, error) {
			<-release
			return true, nil
		})
		synctest.Wait()
		wantLive(t, s, numbered(1), true)
		close(release)
		must(t, s.Create(numbered(3), nil))
		wantSessions(t, s, false, true, false, true)
	})
}

// TestMakingRoomInOneTransaction has room for one session, and three new ones in one
// transaction.
func TestMakingRoomInOneTransaction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openUnsynced(t, filepath.Join(t.TempDir(), "sessions.db"), store.Limits{MaxSessions: 1})
		defer func() { must(t, s.Close()) }()
		create := func(n int) func(*Store) error { return func(s *Store) error { return s.Create(numbered(n), nil) } }
		for _, err := range inOneTransaction(s, create(0), create(1), create(2)) {
			must(t, err)
		}
		wantSessions(t, s, false, false, true)
	})
}

func TestSmallerBoundHoldsFromNextSessionOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "sessions.db")
		s := openUnsynced(t, path, store.Limits{})
		for n := range 10 {
			must(t, s.Create(numbered(n), nil))
			<-time.After(time.Millisecond)
		}
		must(t, s.Close())
		s = openUnsynced(t, path, store.Limits{MaxSessions: 3})
		defer func() { must(t, s.Close()) }()
		if live := readAll(t, s, 0, 10); live != 10 {
			t.Errorf("%d sessions are there before a new one is", live)
		}
		must(t, s.Create(numbered(10), nil))
		if live := readAll(t, s, 0, 8); live > 0 || s.room.sessions != 3 {
			t.Errorf("%d of the oldest sessions stay, %d in all", live, s.room.sessions)
		}
	})
}

func TestForwardLastsFromTheLastRenewalByItsKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openUnsynced(t, filepath.Join(t.TempDir(), "sessions.db"), store.Limits{})
		defer func() { must(t, s.Close()) }()
		must(t, s.Create(store.Key{1}, nil))
		for _, key := range []store.Key{{2}, {3}} {
			if ok, err := s.Renew(store.Key{1}, key, nil); !ok || err != nil {
				t.Fatalf("Renew: %v, %v", ok, err)
			}
			<-time.After(store.ForwardTime - time.Millisecond)
		}
		if ok, err := s.Update(store.Key{1}, nil); !ok || err != nil {
			t.Errorf("the key does not forward any more: %v, %v", ok, err)
		}
	})
}
