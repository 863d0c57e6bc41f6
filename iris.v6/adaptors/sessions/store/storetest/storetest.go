// Package storetest has the tests that every store.Store must pass, in the way
// of testing/fstest. The tests of a store call Run:
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, storetest.Fixture{Open: open})
//	}
package storetest

import (
	"slices"
	"testing"
	"time"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// Fixture makes the stores to test.
type Fixture struct {
	// Open returns an empty store that has no limits yet. Other stores are in use
	// at the same time.
	Open func(t *testing.T) store.Store
	// Bubble runs a test. Default: it calls the test.
	Bubble func(t *testing.T, test func(t *testing.T))
	// Wait lets time pass for the store. Default: it waits in real time, and a
	// twentieth longer, because the store's clock may be another one.
	Wait func(d time.Duration)
}

// row is a promise of the contract.
type row struct {
	name  string
	steps []step
}

// Run runs the whole suite, with a subtest for each promise of the contract.
func Run(t *testing.T, f Fixture) {
	if f.Bubble == nil {
		f.Bubble = func(t *testing.T, test func(t *testing.T)) { test(t) }
	}
	if f.Wait == nil {
		f.Wait = func(d time.Duration) { <-time.After(d + d/20) }
	}
	for _, row := range slices.Concat(settings, limited(basics, writes, forwards, atOnce), lives) {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f.Bubble(t, func(t *testing.T) {
				e := env{t, f.Open(t), f.Wait}
				for _, step := range row.steps {
					e.want(nil, step)
				}
			})
		})
	}
}

// limited returns the rows, with a bound that they do not reach.
func limited(groups ...[]row) (rows []row) {
	for _, r := range slices.Concat(groups...) {
		rows = append(rows, row{r.name, append([]step{setLimits(store.Limits{MaxSessions: 1000})}, r.steps...)})
	}
	return rows
}
