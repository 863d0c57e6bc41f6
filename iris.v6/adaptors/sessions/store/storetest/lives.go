package storetest

import (
	"time"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// limit is long enough for a store across a network to keep it to a tenth.
const limit = 4 * time.Second

// lives are the promises about the end of a session.
var lives = []row{
	{"without limits a session lives on", []step{
		setLimits(store.Limits{}), create(1, "a=1"), wait(limit), has(1, "a=1"),
	}},
	{"an unused session ends with its idle time, and no write revives it", []step{
		setLimits(store.Limits{IdleTimeout: limit}), create(1, "a=1"), wait(limit), ended(1),
	}},
	{"a session past its limit is not revived by its earlier keys either", []step{
		setLimits(store.Limits{Expires: limit}), moved(1, 2, 3), wait(limit), ended(1, 2, 3),
	}},
	{"reading restarts the idle time", []step{
		setLimits(store.Limits{IdleTimeout: limit}), create(1, "a=1"),
		all(times(3, func(int) step { return all(wait(limit/2), has(1, "a=1")) })...),
		wait(limit), none(1),
	}},
	{"writing restarts the idle time, by an earlier key too", []step{
		setLimits(store.Limits{IdleTimeout: limit}), create(0, ""),
		all(times(3, func(i int) step { return all(wait(limit/2), update(i, nth(i)), renew(i, i+1, "")) })...),
		wait(limit / 2), update(0, "b=1"), wait(limit / 2), has(3, "b=1 "+first(3)),
		wait(limit), none(3),
	}},
	{"a session ends with its life, however much it is used or renewed", []step{
		setLimits(store.Limits{Expires: limit, IdleTimeout: limit}), create(0, "a=1"),
		all(times(3, func(i int) step { return all(wait(limit/4), renew(i, i+1, ""), has(i+1, "a=1")) })...),
		wait(limit / 4), none(3),
	}},
}
