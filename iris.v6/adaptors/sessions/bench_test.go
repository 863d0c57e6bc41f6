package sessions_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"gopkg.in/kataras/iris.v6/adaptors/sessions"
)

// populations are the numbers of live sessions to measure with.
var populations = []int{1, 1_000, 1_000_000}

// stride is prime to the populations, so that i*stride visits every session.
const stride = 7919

// minimal is the smallest ResponseWriter, used for every request.
type minimal struct {
	header http.Header
	status int
}

func (w *minimal) Header() http.Header         { return w.header }
func (w *minimal) WriteHeader(status int)      { w.status = status }
func (w *minimal) Write(p []byte) (int, error) { return len(p), nil }

// BenchmarkRequest measures a whole request that reads its session while others are live.
func BenchmarkRequest(b *testing.B) {
	for _, n := range populations {
		app := server(sessions.New(sessions.Config{Expires: 24 * time.Hour, IdleTimeout: time.Hour, MaxSessions: 2_000_000}))
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
