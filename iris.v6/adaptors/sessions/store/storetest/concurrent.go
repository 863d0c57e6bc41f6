package storetest

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// rounds is how often a row tries to make two calls meet.
const rounds = 50

// nth is an item of its own for each n, and first has the first n of them.
func nth(n int) string { return fmt.Sprintf("n%d=%d", n, n) }

func first(n int) string {
	var text strings.Builder
	for i := range n {
		text.WriteString(nth(i) + " ")
	}
	return text.String()
}

// atOnce are the promises about several calls at the same time.
var atOnce = []row{
	{"updates of different names at once are all kept", []step{
		create(1, ""), together(times(50, func(i int) step { return update(1, nth(i)) })...), has(1, first(50)),
	}},
	{"of renewals of a key at once one succeeds, and the others change nothing", []step{
		create(0, "a=0"), {"Renew", func(e env) error {
			var winner atomic.Int32
			err := together(times(20, func(i int) step {
				return step{"Renew", func(e env) error {
					err := renew(0, 1+i, nth(i)).do(e)
					if _, moved := errors.AsType[store.Moved](err); moved {
						return nil
					}
					if !winner.CompareAndSwap(0, int32(1+i)) {
						err = errors.Join(err, errors.New("it has moved twice"))
					}
					return err
				}}
			})...).do(e)
			won := int(winner.Load())
			return errors.Join(err, has(won, "a=0 "+nth(won-1)).do(e))
		}},
		destroy(0), all(times(21, func(i int) step { return none(i) })...),
	}},
	{"updates by the first key during renewals are all kept", []step{
		create(0, ""),
		together(append(times(20, func(i int) step { return update(0, nth(i)) }), all(times(20, func(i int) step { return renew(i, i+1, "") })...))...),
		has(20, first(20)),
	}},
	{"a session that is being renewed is readable as it was or under its new key, never both", times(rounds, func(round int) step {
		old, next := 2*round, 2*round+1
		return all(create(old, "a=1"), step{"during a renewal", func(e env) error {
			var renewed atomic.Bool
			return together(
				step{"Renew", func(e env) error { defer renewed.Store(true); return renew(old, next, "a=2").do(e) }},
				step{"Read", func(e env) error {
					for done := false; !done; {
						done = renewed.Load()
						_, there, err := e.Read(key(next))
						items, before, oldErr := e.Read(key(old))
						if err = errors.Join(err, oldErr); err != nil || before && (there || store.Value(items, "a") != "1") {
							return fmt.Errorf("the old key has %v; the new key had the session before: %v; error %v", items, there, err)
						}
					}
					return nil
				}},
			).do(e)
		}})
	})},
	{"an update during a destruction never revives the session", times(rounds, func(n int) step {
		return all(create(n, ""), together(destroy(n), maybe(update(n, "a=1"))), none(n))
	})},
	{"a destruction by the old key during renewals ends the session", times(rounds, func(round int) step {
		n := 3 * round
		return all(create(n, ""), together(destroy(n), all(maybe(renew(n, n+1, "")), maybe(renew(n+1, n+2, "")))), none(n, n+1, n+2))
	})},
	{"a read during a destruction finds the whole session or nothing", times(rounds, func(n int) step {
		return all(create(n, "a=1 b=2"), together(destroy(n), maybe(has(n, "a=1 b=2"))), none(n))
	})},
	{"reading and writing at once is free of races", []step{
		create(1, "n=0"), together(times(8, func(i int) step {
			return all(times(50, func(n int) step {
				if i%2 == 0 {
					return update(1, fmt.Sprintf("n=%d by%d=%d", n, i, n))
				}
				return step{"Read", func(e env) error {
					items, ok, err := e.Read(key(1))
					if err == nil && len(items) == 0 {
						err = errMissing
					}
					return found(ok, err)
				}}
			})...)
		})...),
	}},
}
