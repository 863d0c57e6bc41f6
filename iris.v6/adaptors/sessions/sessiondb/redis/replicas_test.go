package redis

import (
	"errors"
	"reflect"
	"slices"
	"sync"
	"testing"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis/redistest"
)

func TestBatchSharesTheNextWrite(t *testing.T) {
	var b batch
	var writes [][]string
	underWay, finish, failure := make(chan struct{}), make(chan struct{}), errors.New("failure of the second write")
	write := func(keys []string) (string, error) {
		if writes = append(writes, slices.Sorted(slices.Values(keys))); len(writes) > 1 {
			return "", failure
		}
		close(underWay)
		<-finish
		return "", nil
	}
	var errs [5]error
	var calls sync.WaitGroup
	for i, name := range []string{"a", "b", "c", "d", "e"} {
		calls.Go(func() { _, errs[i] = b.join([]string{name}, write) })
		<-underWay
	}
	redistest.Eventually(t, "four calls wait for the second write", func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		return b.next != nil && len(b.next.keys) == 4
	})
	close(finish)
	calls.Wait()
	if want := [][]string{{"a"}, {"b", "c", "d", "e"}}; !reflect.DeepEqual(writes, want) {
		t.Errorf("the writes were of %q, want %q", writes, want)
	}
	if want := [5]error{nil, failure, failure, failure, failure}; errs != want {
		t.Errorf("errors %v, want %v", errs, want)
	}
}
