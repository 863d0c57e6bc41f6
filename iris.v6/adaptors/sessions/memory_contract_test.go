package sessions_test

import (
	"testing"
	"testing/synctest"
	"time"

	"gopkg.in/kataras/iris.v6/adaptors/sessions"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/storetest"
)

func TestMemoryKeepsTheContract(t *testing.T) {
	storetest.Run(t, storetest.Fixture{
		Open: func(_ *testing.T, limits sessions.Limits) sessions.Store {
			m := sessions.NewMemory()
			m.SetLimits(limits)
			return m
		},
		Bubble: synctest.Test,
		Wait: func(d time.Duration) {
			<-time.After(d)
			synctest.Wait()
		},
	})
}

func TestMemoryKeepsWhatRequestsSet(t *testing.T) {
	manager := sessions.New(sessions.Config{})
	storetest.Requests(t, manager, manager)
}
