package bolt

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"go.etcd.io/bbolt"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// FuzzOpen opens damaged files. What check accepts must do bbolt no harm.
func FuzzOpen(f *testing.F) {
	const pageSize = 1024 // small, to have many of them
	path := filepath.Join(f.TempDir(), "sessions.db")
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{PageSize: pageSize})
	must(f, err)
	must(f, db.Close())
	s, err := Open(path)
	must(f, err)
	must(f, s.SetLimits(store.Limits{}))
	for i := range 30 {
		must(f, s.Create(store.Key{byte(i)}, []store.Item{{Name: "a", Value: i}}))
	}
	must(f, s.Close())
	data, err := os.ReadFile(path)
	must(f, err)
	f.Add(data)
	f.Add([]byte("no file"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > pageSize && check(bytes.NewReader(data), int64(len(data)), pageSize, 0) != nil && check(bytes.NewReader(data), int64(len(data)), pageSize, 1) != nil {
			return // without the cost of a file
		}
		path := filepath.Join(t.TempDir(), "sessions.db")
		must(t, os.WriteFile(path, data, 0o600))
		s, err := Open(path)
		if err != nil {
			return
		}
		s.db.NoSync = true
		must(t, s.SetLimits(store.Limits{}))
		for i := range 40 {
			if _, err := s.Update(store.Key{byte(i)}, []store.Item{{Name: "b", Value: "grows"}}); err != nil {
				t.Error(err)
			}
		}
		must(t, s.DestroyAll())
		must(t, s.Close())
	})
}
