package storetest

// forwards are the promises about the old key of a renewed session.
var forwards = []row{
	{"an update by the old key is in the renewed session", []step{
		moved(1, 2), update(1, "by=old"), has(2, "a=1 by=old"), none(1),
	}},
	{"a renewal by the old key changes nothing, and tells where the session is", []step{
		moved(1, 2, 3), hasMoved(3, renew(1, 4, "by=old")), hasMoved(3, renew(2, 4, "by=old")), has(3, "a=1"), none(1, 2, 4),
	}},
	{"every earlier key of a session that moved often forwards to it", []step{
		moved(0, 1, 2, 3, 4),
		all(times(5, func(i int) step { return all(update(i, nth(i)), has(4, "a=1 "+first(i+1))) })...),
		none(0, 1, 2, 3), destroy(2), none(4),
	}},
	{"destroying by the old key ends the renewed session", []step{moved(1, 2), destroy(1), ended(1, 2)}},
	{"a forward to a destroyed session leads to nothing, and that is no error", []step{moved(1, 2, 3), destroy(3), ended(1, 2, 3)}},
	{"a forward leads to nothing once all sessions are destroyed", []step{moved(1, 2, 3), destroyAll(), ended(1, 2, 3)}},
	{"a key that forwards is taken", []step{
		moved(1, 2), create(3, "c=1"), taken(create(1, "b=1"), renew(2, 1, "b=1"), renew(3, 1, "b=1")),
		none(1), has(2, "a=1"), has(3, "c=1"),
	}},
	{"sessions forward independently", []step{
		moved(1, 2), moved(3, 4), update(1, "b=1"), destroy(3), has(2, "a=1 b=1"), none(4),
	}},
}
