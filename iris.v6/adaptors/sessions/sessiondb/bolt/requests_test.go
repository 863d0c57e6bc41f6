package bolt_test

import (
	"path/filepath"
	"testing"

	"gopkg.in/kataras/iris.v6/adaptors/sessions"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/bolt"
	"gopkg.in/kataras/iris.v6/internal/requesttest"
)

func TestRequestsKeepValues(t *testing.T) {
	s, err := bolt.Open(filepath.Join(t.TempDir(), "sessions.db"))
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	manager := sessions.New(sessions.Config{Store: s})
	requesttest.Requests(t, manager, manager)
}
