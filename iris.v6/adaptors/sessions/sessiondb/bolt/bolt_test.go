package bolt_test

import (
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"gopkg.in/kataras/iris.v6/adaptors/sessions"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/bolt"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/storetest"
)

func open(t testing.TB, path string, limits sessions.Limits) *bolt.Store {
	t.Helper()
	s, err := bolt.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	s.SetLimits(limits)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestBoltKeepsTheContract(t *testing.T) {
	storetest.Run(t, storetest.Fixture{
		Open: func(t *testing.T, limits sessions.Limits) sessions.Store {
			return open(t, filepath.Join(t.TempDir(), "sessions.db"), limits)
		},
		Bubble: synctest.Test,
		Wait:   func(d time.Duration) { <-time.After(d); synctest.Wait() },
	})
}

func TestBoltKeepsWhatRequestsSet(t *testing.T) {
	store := open(t, filepath.Join(t.TempDir(), "sessions.db"), sessions.Limits{})
	manager := sessions.New(sessions.Config{Store: store})
	storetest.Requests(t, manager, manager)
}
