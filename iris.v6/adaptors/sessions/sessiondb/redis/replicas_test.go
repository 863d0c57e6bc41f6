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
		slices.Sort(keys)
		if writes = append(writes, keys); len(writes) > 1 {
			return "", failure
		}
		close(underWay)
		<-finish
		return keys[0], nil
	}
	errs := make([]error, 5)
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
	if want := []error{nil, failure, failure, failure, failure}; !reflect.DeepEqual(errs, want) {
		t.Errorf("errors %v, want %v", errs, want)
	}
}
