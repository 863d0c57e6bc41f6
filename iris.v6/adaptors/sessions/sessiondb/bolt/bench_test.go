package bolt_test

import (
	"crypto/rand"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"gopkg.in/kataras/iris.v6/adaptors/sessions"
)

var limits = sessions.Limits{Expires: 24 * time.Hour, IdleTimeout: time.Hour}

var authenticated = []sessions.Item{{Name: "authenticated", Value: true}}

func BenchmarkBoltRead(b *testing.B) {
	s := open(b, filepath.Join(b.TempDir(), "sessions.db"), limits)
	var key sessions.Key
	rand.Read(key[:])
	if err := s.Create(b.Context(), key, authenticated); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, ok, err := s.Read(b.Context(), key); !ok || err != nil {
				b.Error(ok, err)
				return
			}
		}
	})
}

// BenchmarkBoltCreate shows what group commit is for: it takes about as long for
// many clients as for one.
func BenchmarkBoltCreate(b *testing.B) {
	for _, clients := range []int{1, 64} {
		b.Run(fmt.Sprintf("clients=%d", clients), func(b *testing.B) {
			s := open(b, filepath.Join(b.TempDir(), "sessions.db"), limits)
			b.SetParallelism(clients)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					var key sessions.Key
					rand.Read(key[:])
					if err := s.Create(b.Context(), key, authenticated); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}
