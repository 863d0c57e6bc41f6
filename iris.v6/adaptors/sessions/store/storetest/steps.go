package storetest

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
	"gopkg.in/kataras/iris.v6/internal/storecases"
)

// step is a call of the store, or a check. Steps name sessions by number, and
// write items as "a=1 b=2 -c": a and b have these strings, and c is removed.
type step struct {
	name string
	do   func(e env) error
}

// env is what the steps of a row work on.
type env struct {
	*testing.T
	store.Store
	wait func(time.Duration)
}

// want runs a step that must return this error.
func (e env) want(wanted error, s step) {
	if err := s.do(e); !errors.Is(err, wanted) {
		e.Errorf("%s: error %v, want %v", s.name, err, wanted)
	}
}

// errMissing is the error of a step whose session is not there.
var errMissing = errors.New("there is no session")

func found(ok bool, err error) error {
	if err == nil && !ok {
		return errMissing
	}
	return err
}

func setLimits(l store.Limits) step {
	return step{"SetLimits", func(e env) error { return e.SetLimits(l) }}
}

func create(n int, text string) step {
	return step{fmt.Sprintf("Create %d %q", n, text), func(e env) error { return e.Create(key(n), items(text)) }}
}

func update(n int, text string) step {
	return step{fmt.Sprintf("Update %d %q", n, text), func(e env) error { return found(e.Update(key(n), items(text))) }}
}

func renew(old, n int, text string) step {
	return step{fmt.Sprintf("Renew %d as %d %q", old, n, text), func(e env) error { return found(e.Renew(key(old), key(n), items(text))) }}
}

func destroy(n int) step {
	return step{fmt.Sprintf("Destroy %d", n), func(e env) error { return e.Destroy(key(n)) }}
}

func destroyAll() step {
	return step{"DestroyAll", func(e env) error { return e.DestroyAll() }}
}

func wait(d time.Duration) step {
	return step{"", func(e env) error { e.wait(d); return nil }}
}

// has is a session with exactly these items, in any order.
func has(n int, text string) step {
	return step{fmt.Sprintf("Read %d", n), func(e env) error {
		got, ok, err := e.Read(key(n))
		switch want := items(text); {
		case err != nil:
			return err
		case !ok && len(got) == 0:
			return errMissing
		case !ok || len(got) != len(want) || !reflect.DeepEqual(byName(got), byName(want)):
			return fmt.Errorf("%v with %v, want %v", ok, byName(got), byName(want))
		}
		return nil
	}}
}

// none is no session under these keys.
func none(keys ...int) step {
	return all(times(len(keys), func(i int) step { return missing(has(keys[i], "")) })...)
}

// ended is no session under these keys, and no write by them revives one.
func ended(keys ...int) step {
	return all(all(times(len(keys), func(i int) step {
		n, next := keys[i], 900+i
		return all(missing(update(n, "b=1")), missing(renew(n, next, "")), destroy(n), none(next))
	})...), none(keys...))
}

// moved creates a session and renews it from key to key.
func moved(keys ...int) step {
	return all(create(keys[0], "a=1"), all(times(len(keys)-1, func(i int) step { return renew(keys[i], keys[i+1], "") })...))
}

// fails runs steps that must all return this error.
func fails(wanted error, steps ...step) step {
	return step{"", func(e env) error {
		for _, s := range steps {
			e.want(wanted, s)
		}
		return nil
	}}
}

func missing(s step) step      { return fails(errMissing, s) }
func taken(steps ...step) step { return fails(store.ErrExists, steps...) }
func all(steps ...step) step   { return fails(nil, steps...) }

func hasMoved(to int, s step) step { return fails(store.Moved{To: key(to)}, s) }

// times returns the steps f(0) to f(n-1).
func times(n int, f func(i int) step) (steps []step) {
	for i := range n {
		steps = append(steps, f(i))
	}
	return steps
}

// maybe is a step whose session another one may have ended.
func maybe(s step) step {
	return step{s.name, func(e env) error {
		if err := s.do(e); err != errMissing {
			return err
		}
		return nil
	}}
}

// together runs steps at the same time.
func together(steps ...step) step {
	return step{"", func(e env) error {
		var wg sync.WaitGroup
		start := make(chan struct{})
		for _, s := range steps {
			wg.Go(func() {
				<-start
				e.want(nil, s)
			})
		}
		close(start)
		wg.Wait()
		return nil
	}}
}

// key returns the n-th key. Its bits are spread like those of a hash.
func key(n int) store.Key {
	var k store.Key
	for i := range k {
		n = n*0x5851f42d + 0x14057b7d
		k[i] = byte(n >> 24)
	}
	return k
}

// ofEveryType and long stand for items that are not words.
const ofEveryType, long = "of every type", "long"

func items(text string) (all []store.Item) {
	switch text {
	case ofEveryType:
		return storecases.Values
	case long:
		value := strings.Repeat("\x00", 64<<10)
		all = []store.Item{{Name: "", Value: "empty"}, {Name: "\x00\xff", Value: value}, {Name: value[:1000], Value: 1}}
		for i := range 100 {
			all = append(all, store.Item{Name: fmt.Sprint(i), Value: i})
		}
		return all
	}
	for _, word := range strings.Fields(text) {
		if name, value, ok := strings.Cut(word, "="); ok {
			all = append(all, store.Item{Name: name, Value: value})
		} else {
			all = append(all, store.Item{Name: strings.TrimPrefix(word, "-")})
		}
	}
	return all
}

func byName(items []store.Item) map[string]any {
	m := make(map[string]any, len(items))
	for _, i := range items {
		m[i.Name] = i.Value
	}
	return m
}
