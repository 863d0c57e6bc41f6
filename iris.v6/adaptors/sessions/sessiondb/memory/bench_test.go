package memory_test

import (
	"crypto/rand"
	"fmt"
	"runtime"
	"testing"
	"time"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/memory"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// populations are how many sessions live while something is measured.
var populations = []int{1, 1_000, 1_000_000}

var limits = store.Limits{Expires: 24 * time.Hour, IdleTimeout: time.Hour, MaxSessions: 2_000_000}

// filled returns a store with n sessions, and their keys.
func filled(b *testing.B, n int, l store.Limits) (*memory.Store, []store.Key) {
	b.Helper()
	s := memory.New()
	if err := s.SetLimits(l); err != nil {
		b.Fatal(err)
	}
	keys := make([]store.Key, n)
	for i := range keys {
		rand.Read(keys[i][:])
		if err := s.Create(keys[i], []store.Item{{Name: "authenticated", Value: true}}); err != nil {
			b.Fatal(err)
		}
	}
	return s, keys
}

// stride is prime to the populations, so that i*stride visits every session.
const stride = 7919

// BenchmarkMemoryRead reads from all cores: each goroutine other sessions than
// the rest, or all of them the same one.
func BenchmarkMemoryRead(b *testing.B) {
	for _, n := range populations {
		s, keys := filled(b, n, limits)
		b.Run(fmt.Sprintf("sessions=%d/own", n), func(b *testing.B) {
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				var start [8]byte
				rand.Read(start[:])
				for i := int(start[0])<<8 | int(start[1]); pb.Next(); i += stride {
					if _, ok, _ := s.Read(keys[i%n]); !ok {
						b.Error("a session is gone")
						return
					}
				}
			})
		})
		b.Run(fmt.Sprintf("sessions=%d/same", n), func(b *testing.B) {
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, ok, _ := s.Read(keys[0]); !ok {
						b.Error("the session is gone")
						return
					}
				}
			})
		})
	}
}

func BenchmarkMemoryCreate(b *testing.B) {
	for _, n := range populations {
		for _, presents := range []bool{false, true} {
			b.Run(fmt.Sprintf("sessions=%d/presented=%v", n, presents), func(b *testing.B) {
				l := limits
				l.MaxSessions = n // each one takes the place of the oldest
				s, keys := filled(b, n, l)
				for i := 0; presents && i < n; i++ {
					s.Read(keys[i])
				}
				items := []store.Item{{Name: "authenticated", Value: true}}
				b.ReportAllocs()
				for b.Loop() {
					var key store.Key
					rand.Read(key[:])
					if err := s.Create(key, items); err != nil {
						b.Fatal(err)
					}
					if presents {
						s.Read(key)
					}
				}
			})
		}
	}
}

func BenchmarkMemoryUpdate(b *testing.B) {
	for _, n := range populations {
		b.Run(fmt.Sprintf("sessions=%d", n), func(b *testing.B) {
			s, keys := filled(b, n, limits)
			changes := []store.Item{{Name: "authenticated", Value: false}}
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				i += stride
				if ok, err := s.Update(keys[i%n], changes); !ok || err != nil {
					b.Fatal(ok, err)
				}
			}
		})
	}
}

// BenchmarkMemoryLongestStop measures the longest that a read and a write take
// while a million sessions expire, or are destroyed, at once.
func BenchmarkMemoryLongestStop(b *testing.B) {
	const n = 1_000_000
	soon := limits
	soon.Expires = 5 * time.Second
	for _, row := range []struct {
		name string
		end  func(s *memory.Store) error
	}{
		{"expire", func(*memory.Store) error { return nil }},
		{"DestroyAll", (*memory.Store).DestroyAll},
	} {
		b.Run(row.name, func(b *testing.B) {
			var longest time.Duration
			for b.Loop() {
				began := time.Now()
				s, keys := filled(b, n, soon)
				runtime.GC()
				go func() {
					if err := row.end(s); err != nil {
						b.Error(err)
					}
				}()
				for last := keys[n-1]; ; {
					start := time.Now()
					_, there, err := s.Read(last)
					if err != nil {
						b.Fatal(err)
					}
					var key store.Key
					rand.Read(key[:])
					if err := s.Create(key, nil); err != nil {
						b.Fatal(err)
					}
					longest = max(longest, time.Since(start))
					if !there && time.Since(began) > soon.Expires+time.Second {
						break
					}
					runtime.Gosched()
				}
			}
			b.ReportMetric(0, "ns/op") // leaves it out
			b.ReportMetric(float64(longest.Microseconds())/1000, "ms-longest")
		})
	}
}
