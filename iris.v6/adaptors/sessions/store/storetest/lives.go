package storetest

import (
	"testing"
	"time"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// limit is long enough for a store across a network to keep it to a tenth.
const limit = 4 * time.Second

// lives are the promises about the end of a session.
var lives = []struct {
	name   string
	limits store.Limits
	test   func(t *testing.T, s store.Store, wait func(time.Duration))
}{
	{"without limits a session lives on", store.Limits{},
		func(t *testing.T, s store.Store, wait func(time.Duration)) {
			create(t, s, key(1), item("a", 1))
			wait(limit)
			want(t, s, key(1), item("a", 1))
		}},
	{"an unused session ends with its idle time, and no write revives it", store.Limits{IdleTimeout: limit},
		func(t *testing.T, s store.Store, wait func(time.Duration)) {
			create(t, s, key(1), item("a", 1))
			wait(limit)
			wantEnded(t, s, key(1))
		}},
	{"a session past its limit is not revived by its earlier keys either", store.Limits{Expires: limit},
		func(t *testing.T, s store.Store, wait func(time.Duration)) {
			moved(t, s, 1, 2, 3)
			wait(limit)
			wantEnded(t, s, key(1), key(2), key(3))
		}},
	{"reading restarts the idle time", store.Limits{IdleTimeout: limit},
		func(t *testing.T, s store.Store, wait func(time.Duration)) {
			create(t, s, key(1), item("a", 1))
			for range 3 {
				wait(limit / 2)
				want(t, s, key(1), item("a", 1))
			}
			wait(limit)
			wantNone(t, s, key(1))
		}},
	{"writing restarts the idle time, by an earlier key too", store.Limits{IdleTimeout: limit},
		func(t *testing.T, s store.Store, wait func(time.Duration)) {
			create(t, s, key(0))
			for i := range 3 {
				wait(limit / 2)
				update(t, s, key(i), true, item("a", i))
				renew(t, s, key(i), key(i+1), true)
			}
			wait(limit / 2)
			update(t, s, key(0), true, item("b", 1))
			wait(limit / 2)
			want(t, s, key(3), item("a", 2), item("b", 1))
			wait(limit)
			wantNone(t, s, key(3))
		}},
	{"a session ends with its life, however much it is used or renewed", store.Limits{Expires: limit, IdleTimeout: limit},
		func(t *testing.T, s store.Store, wait func(time.Duration)) {
			create(t, s, key(0), item("a", 1))
			for i := range 3 {
				wait(limit / 4)
				renew(t, s, key(i), key(i+1), true)
				want(t, s, key(i+1), item("a", 1))
			}
			wait(limit / 4)
			wantNone(t, s, key(3))
		}},
}
