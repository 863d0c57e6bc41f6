package storetest

import (
	"testing"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// forwards are the promises about the old key of a renewed session.
var forwards = []row{
	{"an update by the old key is in the renewed session", func(t *testing.T, s store.Store) {
		moved(t, s, 1, 2)
		update(t, s, key(1), true, item("by", "old"))
		want(t, s, key(2), item("a", 1), item("by", "old"))
		wantNone(t, s, key(1))
	}},
	{"a renewal by the old key moves the session once more", func(t *testing.T, s store.Store) {
		moved(t, s, 1, 2)
		renew(t, s, key(1), key(3), true, item("by", "old"))
		want(t, s, key(3), item("a", 1), item("by", "old"))
		wantNone(t, s, key(1), key(2))
		update(t, s, key(1), true, item("first", 1))
		update(t, s, key(2), true, item("second", 2))
		want(t, s, key(3), item("a", 1), item("by", "old"), item("first", 1), item("second", 2))
	}},
	{"every earlier key of a session that moved often forwards to it", func(t *testing.T, s store.Store) {
		moved(t, s, 0, 1, 2, 3, 4)
		wanted := []store.Item{item("a", 1)}
		for i := range 5 {
			change := item("by", i)
			update(t, s, key(i), true, change)
			want(t, s, key(4), append(wanted, change)...)
		}
		wantNone(t, s, key(0), key(1), key(2), key(3))
		destroy(t, s, key(2))
		wantNone(t, s, key(4))
	}},
	{"destroying by the old key ends the renewed session", func(t *testing.T, s store.Store) {
		moved(t, s, 1, 2)
		destroy(t, s, key(1))
		wantEnded(t, s, key(1), key(2))
	}},
	{"a forward to a destroyed session leads to nothing, and that is no error", func(t *testing.T, s store.Store) {
		moved(t, s, 1, 2, 3)
		destroy(t, s, key(3))
		wantEnded(t, s, key(1), key(2), key(3))
	}},
	{"a forward leads to nothing once all sessions are destroyed", func(t *testing.T, s store.Store) {
		moved(t, s, 1, 2, 3)
		check(t, s.DestroyAll())
		wantEnded(t, s, key(1), key(2), key(3))
	}},
	{"a key that forwards is taken", func(t *testing.T, s store.Store) {
		moved(t, s, 1, 2)
		wantTaken(t, s.Create(key(1), []store.Item{item("b", 1)}))
		create(t, s, key(3), item("c", 1))
		for _, old := range []store.Key{key(1), key(2), key(3)} {
			_, err := s.Renew(old, key(1), []store.Item{item("b", 1)})
			wantTaken(t, err)
		}
		wantNone(t, s, key(1))
		want(t, s, key(2), item("a", 1))
		want(t, s, key(3), item("c", 1))
	}},
	{"sessions forward independently", func(t *testing.T, s store.Store) {
		moved(t, s, 1, 2)
		moved(t, s, 3, 4)
		update(t, s, key(1), true, item("b", 1))
		destroy(t, s, key(3))
		want(t, s, key(2), item("a", 1), item("b", 1))
		wantNone(t, s, key(4))
	}},
}

// moved creates a session and renews it from key to key.
func moved(t *testing.T, s store.Store, keys ...int) {
	t.Helper()
	create(t, s, key(keys[0]), item("a", 1))
	for i := range keys[1:] {
		renew(t, s, key(keys[i]), key(keys[i+1]), true)
	}
}

// wantEnded checks that the session of these keys has ended and that no write by
// any of them revives it.
func wantEnded(t *testing.T, s store.Store, keys ...store.Key) {
	t.Helper()
	for i, k := range keys {
		update(t, s, k, false, item("b", 1))
		renew(t, s, k, key(900+i), false)
		destroy(t, s, k)
		wantNone(t, s, key(900+i))
	}
	wantNone(t, s, keys...)
}
