package bolt

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"go.etcd.io/bbolt"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

func FuzzCheck(f *testing.F) {
	const pageSize = 1024 // small, to have many of them
	path := filepath.Join(f.TempDir(), "sessions.db")
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{PageSize: pageSize})
	if err != nil {
		f.Fatal(err)
	}
	if err := db.Close(); err != nil {
		f.Fatal(err)
	}
	s, err := Open(path)
	if err != nil {
		f.Fatal(err)
	}
	if err := s.SetLimits(store.Limits{}); err != nil {
		f.Fatal(err)
	}
	for i := range 10 {
		if err := s.Create(store.Key{byte(i)}, []store.Item{{Name: "a", Value: i}}); err != nil {
			f.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		f.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	data = data[:16*pageSize]
	accepted := 0
	for meta := range int64(2) {
		if _, err := check(bytes.NewReader(data), int64(len(data)), pageSize, meta); err == nil {
			accepted++
		}
		f.Add(data, meta == 1)
	}
	if accepted == 0 {
		f.Error("a whole file is refused")
	}
	f.Add([]byte("no file"), false)
	f.Fuzz(func(t *testing.T, data []byte, second bool) {
		meta := int64(0)
		if second {
			meta = 1
		}
		seen, err := check(bytes.NewReader(data), int64(len(data)), pageSize, meta)
		if err != nil && seen != 0 {
			t.Errorf("a time, %d, beside the error %v", seen, err)
		}
	})
}
