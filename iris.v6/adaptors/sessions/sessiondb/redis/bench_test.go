package redis_test

import (
	"crypto/rand"
	"testing"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

func BenchmarkRedisRead(b *testing.B) {
	_, s := start(b)
	must(b, s.Create(key(1), []store.Item{{Name: "authenticated", Value: true}}))
	parallel(b, func() error {
		_, _, err := s.Read(key(1))
		return err
	})
}

func BenchmarkRedisCreate(b *testing.B) {
	_, s := start(b)
	items := []store.Item{{Name: "authenticated", Value: true}}
	parallel(b, func() error {
		var key store.Key
		rand.Read(key[:])
		return s.Create(key, items)
	})
}

// parallel makes the calls of 64 goroutines on each core.
func parallel(b *testing.B, call func() error) {
	b.ReportAllocs()
	b.SetParallelism(64)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := call(); err != nil {
				b.Error(err)
				return
			}
		}
	})
}
