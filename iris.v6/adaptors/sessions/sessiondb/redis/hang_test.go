package redis_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis/redistest"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// TestNoCallWaitsLongerThanTheTimeout makes more calls than there is room for in
// the queues of the connections. It allows a fifth more: so many calls take a
// while to begin and to end.
func TestNoCallWaitsLongerThanTheTimeout(t *testing.T) {
	const calls, timeout = 4_000, 3 * time.Second
	server := redistest.Start(t)
	s := openWith(t, urlOf("?timeout="+timeout.String(), server), prefix(), limits)
	readAll := func() (longest time.Duration, failed int) {
		took, errs := make([]time.Duration, calls), make([]error, calls)
		var reads sync.WaitGroup
		for i := range calls {
			reads.Go(func() {
				began := time.Now()
				_, _, errs[i] = s.Read(store.Key{byte(i), byte(i >> 8)})
				took[i] = time.Since(began)
			})
		}
		reads.Wait()
		answered := slices.DeleteFunc(errs, func(err error) bool { return err != nil })
		return slices.Max(took), calls - len(answered)
	}
	if _, failed := readAll(); failed > 0 {
		t.Fatalf("%d of %d reads of a server that answers failed", failed, calls)
	}
	server.Pause()
	defer server.Resume()
	if longest, failed := readAll(); failed < calls || longest > timeout*6/5 {
		t.Errorf("%d of %d calls failed, the longest after %v; want all, within %v", failed, calls, longest, timeout)
	}
}
