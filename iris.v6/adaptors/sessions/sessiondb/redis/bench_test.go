package redis_test

import (
	"crypto/rand"
	"testing"
	"time"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis/redistest"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

var limits = store.Limits{Expires: 24 * time.Hour, IdleTimeout: time.Hour}

// clients is how many goroutines on each core call the store.
const clients = 64

func BenchmarkRedisRead(b *testing.B) {
	s := openWith(b, urlOf("", redistest.Start(b)), prefix(), limits)
	var key store.Key
	rand.Read(key[:])
	if err := s.Create(key, []store.Item{{Name: "authenticated", Value: true}}); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.SetParallelism(clients)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, ok, err := s.Read(key); !ok || err != nil {
				b.Error(ok, err)
				return
			}
		}
	})
}

func BenchmarkRedisCreate(b *testing.B) {
	s := openWith(b, urlOf("", redistest.Start(b)), prefix(), limits)
	items := []store.Item{{Name: "authenticated", Value: true}}
	b.ReportAllocs()
	b.SetParallelism(clients)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			var key store.Key
			rand.Read(key[:])
			if err := s.Create(key, items); err != nil {
				b.Error(err)
				return
			}
		}
	})
}
