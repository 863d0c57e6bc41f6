package memory_test

import (
	"testing"
	"testing/synctest"
	"time"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/memory"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/store/storetest"
)

func TestStoreKeepsTheContract(t *testing.T) {
	storetest.Run(t, storetest.Fixture{
		Open:   func(*testing.T) store.Store { return memory.New() },
		Bubble: synctest.Test,
		Wait: func(d time.Duration) {
			<-time.After(d)
			synctest.Wait()
		},
	})
}
