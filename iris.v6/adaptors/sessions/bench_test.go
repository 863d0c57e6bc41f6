package sessions_test

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"
	"time"

	"gopkg.in/kataras/iris.v6/adaptors/sessions"
)

// populations are how many sessions are alive while something is measured.
var populations = []int{1, 1_000, 1_000_000}

var limits = sessions.Limits{Expires: 24 * time.Hour, IdleTimeout: time.Hour, MaxSessions: 2_000_000}

// filled returns a store with n sessions, and their keys.
func filled(b *testing.B, n int, l sessions.Limits) (*sessions.Memory, []sessions.Key) {
	b.Helper()
	m := sessions.NewMemory()
	m.SetLimits(l)
	keys := make([]sessions.Key, n)
	for i := range keys {
		rand.Read(keys[i][:])
		if err := m.Create(b.Context(), keys[i], []sessions.Item{{Name: "authenticated", Value: true}}); err != nil {
			b.Fatal(err)
		}
	}
	return m, keys
}

// stride is prime to the populations, so that i*stride visits every session.
const stride = 7919

// BenchmarkMemoryRead reads from all cores: each goroutine other sessions than
// the rest, or all of them the same one.
func BenchmarkMemoryRead(b *testing.B) {
	for _, n := range populations {
		m, keys := filled(b, n, limits)
		ctx := b.Context()
		b.Run(fmt.Sprintf("sessions=%d/own", n), func(b *testing.B) {
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				var start [8]byte
				rand.Read(start[:])
				for i := int(start[0])<<8 | int(start[1]); pb.Next(); i += stride {
					if _, ok, _ := m.Read(ctx, keys[i%n]); !ok {
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
					if _, ok, _ := m.Read(ctx, keys[0]); !ok {
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
		b.Run(fmt.Sprintf("sessions=%d", n), func(b *testing.B) {
			l := limits
			l.MaxSessions = n // each one takes the place of the oldest
			m, _ := filled(b, n, l)
			items := []sessions.Item{{Name: "authenticated", Value: true}}
			b.ReportAllocs()
			for b.Loop() {
				var key sessions.Key
				rand.Read(key[:])
				if err := m.Create(b.Context(), key, items); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkMemoryUpdate(b *testing.B) {
	for _, n := range populations {
		b.Run(fmt.Sprintf("sessions=%d", n), func(b *testing.B) {
			m, keys := filled(b, n, limits)
			changes := []sessions.Item{{Name: "authenticated", Value: false}}
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				i += stride
				if ok, err := m.Update(b.Context(), keys[i%n], changes); !ok || err != nil {
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
	for name, end := range map[string]func(m *sessions.Memory){
		"expire":     nil,
		"DestroyAll": func(m *sessions.Memory) { m.DestroyAll(b.Context()) },
	} {
		b.Run(name, func(b *testing.B) {
			var longest time.Duration
			for b.Loop() {
				began := time.Now()
				m, keys := filled(b, n, soon)
				runtime.GC()
				if end != nil {
					go end(m)
				}
				for last := keys[n-1]; ; {
					start := time.Now()
					_, there, err := m.Read(b.Context(), last)
					var key sessions.Key
					rand.Read(key[:])
					if err := m.Create(b.Context(), key, nil); err != nil {
						b.Fatal(err)
					}
					longest = max(longest, time.Since(start))
					if err != nil {
						b.Fatal(err)
					}
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

// minimal is the least ResponseWriter there can be, used for every request.
type minimal struct {
	header http.Header
	status int
}

func (w *minimal) Header() http.Header         { return w.header }
func (w *minimal) WriteHeader(status int)      { w.status = status }
func (w *minimal) Write(p []byte) (int, error) { return len(p), nil }

// BenchmarkRequest measures a whole request that reads its session, with others alive.
func BenchmarkRequest(b *testing.B) {
	for _, n := range populations {
		app := server(sessions.New(sessions.Config{Expires: limits.Expires, IdleTimeout: limits.IdleTimeout, MaxSessions: limits.MaxSessions}))
		requests := make([]*http.Request, min(n, 10_000))
		for i := range n {
			w := httptest.NewRecorder()
			app.ServeHTTP(w, httptest.NewRequest("GET", "/login", nil))
			if i < len(requests) {
				requests[i] = httptest.NewRequest("GET", "/secret", nil)
				requests[i].AddCookie(w.Result().Cookies()[0])
			}
		}
		b.Run(fmt.Sprintf("sessions=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				w := &minimal{header: http.Header{}}
				for i := 0; pb.Next(); i += stride {
					clear(w.header)
					w.status = http.StatusOK
					app.ServeHTTP(w, requests[i%len(requests)])
					if w.status != http.StatusOK {
						b.Errorf("status %d", w.status)
						return
					}
				}
			})
		})
	}
}
