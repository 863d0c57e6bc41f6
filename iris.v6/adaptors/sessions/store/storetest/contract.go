package storetest

import (
	"errors"
	"reflect"
	"slices"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// settings are the promises of a store that has no limits yet.
var settings = []row{
	{"before SetLimits every method fails", []step{
		fails(store.ErrNoLimits, has(1, ""), create(1, ""), update(1, ""), renew(1, 2, ""), destroy(1), destroyAll()),
		setLimits(store.Limits{}), none(1),
	}},
	{"limits are set only once", []step{
		setLimits(store.Limits{}), create(1, ""), fails(store.ErrLimitsSet, setLimits(store.Limits{})), has(1, ""),
	}},
}

// basics are the promises about creating, reading and destroying.
var basics = []row{
	{"a session that was never created is not there, and that is no error", []step{none(1)}},
	{"a created session is read", []step{create(1, "a=1 b=two"), has(1, "a=1 b=two"), none(2)}},
	{"a session without values lives", []step{create(1, ""), has(1, "")}},
	{"a second session of a key is an error and changes nothing", []step{
		create(1, "a=1"), taken(create(1, "a=2")), has(1, "a=1"),
	}},
	{"a value keeps its Go type", []step{
		create(1, ofEveryType), has(1, ofEveryType), create(2, ""), update(2, ofEveryType), has(2, ofEveryType),
		renew(1, 3, "-int"), renew(3, 4, ofEveryType), has(4, ofEveryType),
	}},
	{"names and values may be long, and names any text", []step{
		create(1, long), has(1, long), create(2, ""), update(2, long), has(2, long), create(3, ""), renew(3, 4, long), has(4, long),
	}},
	{"items that were read do not change with the session", []step{create(1, "a=1 b=1"), {"items read before the writes", func(e env) error {
		before, _, err := e.Read(key(1))
		kept := slices.Clone(before)
		e.want(nil, all(update(1, "a=2"), renew(1, 2, "-b"), destroy(2), create(3, "c=3 d=3")))
		if !reflect.DeepEqual(before, kept) {
			e.Errorf("they are now %v, want %v", before, kept)
		}
		return err
	}}}},
	{"the store keeps no slice that it is handed", []step{{"a slice that is used again", func(e env) error {
		handed := items("a=1")
		reuse := func(text string) { copy(handed, items(text)) }
		created := e.Create(key(1), handed)
		reuse("b=2")
		e.want(nil, has(1, "a=1"))
		updated := found(e.Update(key(1), handed))
		reuse("c=3")
		e.want(nil, has(1, "a=1 b=2"))
		renewed := found(e.Renew(key(1), key(2), handed))
		reuse("d=4")
		e.want(nil, has(2, "a=1 b=2 c=3"))
		return errors.Join(created, updated, renewed)
	}}}},
	{"destroying ends a session, and none is no error", []step{
		create(1, "a=1"), create(2, "a=2"), destroy(1), destroy(1), none(1), has(2, "a=2"),
		create(1, "a=3"), has(1, "a=3"),
	}},
	{"destroying all ends every session, and new ones begin", []step{
		all(times(100, func(i int) step { return create(i, "a=1") })...), destroyAll(),
		all(times(100, func(i int) step { return ended(i) })...), create(1, "a=1"), has(1, "a=1"),
	}},
}

// writes are the promises about Update and Renew.
var writes = []row{
	{"an update sets, replaces and removes, and leaves the rest", []step{
		create(1, "stays=1 changes=1 goes=1"), update(1, "changes=2 -goes comes=2 -never"), has(1, "stays=1 changes=2 comes=2"),
	}},
	{"the last of several changes of a name counts", []step{create(1, "a=0"), update(1, "-a b=1 a=2 -b"), has(1, "a=2")}},
	{"an update never creates a session", []step{missing(update(1, "a=1")), none(1)}},
	{"an update never revives a destroyed session", []step{create(1, "a=1"), destroy(1), missing(update(1, "a=2")), none(1)}},
	{"a renewal moves the session to its new key", []step{
		create(1, "stays=1 changes=1"), renew(1, 2, "changes=2"), none(1), has(2, "stays=1 changes=2"),
		update(2, "-stays"), has(2, "changes=2"),
	}},
	{"a renewal never creates a session", []step{missing(renew(1, 2, "a=1")), none(1, 2)}},
	{"a renewal never revives a destroyed session", []step{create(1, "a=1"), destroy(1), missing(renew(1, 2, "a=2")), none(1, 2)}},
	{"a renewal onto a taken key is an error and changes nothing", []step{
		create(1, "a=1"), create(2, "a=2"), taken(renew(1, 1, "a=3"), renew(1, 2, "a=3")), has(1, "a=1"), has(2, "a=2"),
		update(1, "b=1"), has(1, "a=1 b=1"), has(2, "a=2"), // it does not forward
	}},
}
