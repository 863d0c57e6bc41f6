package redis

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestACallEndsWithItsTimeoutOrATenthEarlier(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := deadlines{timeout: time.Second}
		var calls sync.WaitGroup
		defer calls.Wait()
		for range 50 {
			began := time.Now()
			ctx := d.context()
			<-time.After(30 * time.Millisecond)
			calls.Go(func() {
				<-ctx.Done()
				if took := time.Since(began); took < 900*time.Millisecond || took > time.Second {
					t.Errorf("a call was ended after %v", took)
				}
			})
		}
	})
}
