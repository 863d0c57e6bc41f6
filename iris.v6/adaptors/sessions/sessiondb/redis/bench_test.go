package redis_test

import (
	"crypto/rand"
	"testing"
	"time"

	"gopkg.in/kataras/iris.v6/adaptors/sessions"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis/redistest"
)

var limits = sessions.Limits{Expires: 24 * time.Hour, IdleTimeout: time.Hour}

// clients is how many goroutines on each core call the store.
const clients = 64

func BenchmarkRedisRead(b *testing.B) {
	server := redistest.Start(b)
	for name, url := range map[string]string{"plain": urlOf("", server), "cache": urlOf("?cache=1s", server)} {
		b.Run(name, func(b *testing.B) {
			s := open(b, url, prefix(), limits)
			var key sessions.Key
			rand.Read(key[:])
			if err := s.Create(b.Context(), key, []sessions.Item{{Name: "authenticated", Value: true}}); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			b.SetParallelism(clients)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, ok, err := s.Read(b.Context(), key); !ok || err != nil {
						b.Error(ok, err)
						return
					}
				}
			})
		})
	}
}

func BenchmarkRedisCreate(b *testing.B) {
	s := open(b, urlOf("", redistest.Start(b)), prefix(), limits)
	items := []sessions.Item{{Name: "authenticated", Value: true}}
	b.ReportAllocs()
	b.SetParallelism(clients)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			var key sessions.Key
			rand.Read(key[:])
			if err := s.Create(b.Context(), key, items); err != nil {
				b.Error(err)
				return
			}
		}
	})
}
