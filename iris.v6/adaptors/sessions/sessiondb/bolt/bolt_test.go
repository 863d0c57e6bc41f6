package bolt_test

import (
	"path/filepath"
	"testing"
	"testing/synctest"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/bolt"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/store/storetest"
)

func open(t testing.TB, path string, limits store.Limits) *bolt.Store {
	t.Helper()
	s, err := bolt.Open(path)
	must(t, err)
	must(t, s.SetLimits(limits))
	t.Cleanup(func() { must(t, s.Close()) })
	return s
}

func TestContract(t *testing.T) {
	storetest.Run(t, storetest.Fixture{
		Open: func(t *testing.T) store.Store {
			s, err := bolt.Open(filepath.Join(t.TempDir(), "sessions.db"))
			must(t, err)
			t.Cleanup(func() { must(t, s.Close()) })
			return s
		},
		Bubble: synctest.Test,
		Wait:   wait,
	})
}

func TestStringNamesTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sessions.db")
	if got := open(t, path, limits).String(); got != "bolt:"+path {
		t.Errorf("String() is %q", got)
	}
}
