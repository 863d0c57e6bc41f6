package bolt_test

import (
	"crypto/rand"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

var limits = store.Limits{Expires: 24 * time.Hour, IdleTimeout: time.Hour}

var authenticated = []store.Item{{Name: "authenticated", Value: true}}

func BenchmarkRead(b *testing.B) {
	s := open(b, filepath.Join(b.TempDir(), "sessions.db"), limits)
	var key store.Key
	rand.Read(key[:])
	if err := s.Create(key, authenticated); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, ok, err := s.Read(key); !ok || err != nil {
				b.Error(ok, err)
				return
			}
		}
	})
}

// BenchmarkCreate shows what group commit is for: it takes about as long for
// many clients as for one.
func BenchmarkCreate(b *testing.B) {
	for _, clients := range []int{1, 64} {
		b.Run(fmt.Sprintf("clients=%d", clients), func(b *testing.B) {
			s := open(b, filepath.Join(b.TempDir(), "sessions.db"), limits)
			b.SetParallelism(clients)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					var key store.Key
					rand.Read(key[:])
					if err := s.Create(key, authenticated); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}
