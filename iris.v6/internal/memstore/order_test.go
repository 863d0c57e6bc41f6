package memstore

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// flood creates twice as many sessions as fit. The others that are there are those
// of a logged-in user and of a visitor, both active, and of two
// more who have been idle for longer than Limits.InUse.
type flood struct {
	name     string
	logsIn   bool   // each session is that of a user who is logged in
	presents bool   // each session is presented once
	goesOn   bool   // each session is presented again and again
	stay     string // the others that are there afterwards
	refused  int    // for how many tenths of InUse a newcomer is refused then
}

const always = 30 // tenths of InUse: long enough to stand for it

func TestFlood(t *testing.T) {
	for _, f := range []flood{
		{name: "of sessions that are never presented harms nobody", stay: "user visitor idle-user idle-visitor"},
		{name: "of logins that are never presented harms nobody", logsIn: true, stay: "user visitor idle-user idle-visitor"},
		{name: "of sessions that are presented once harms no user", presents: true, stay: "user idle-user"},
		{name: "of sessions that are presented all the time harms no user", presents: true, goesOn: true, stay: "user idle-user"},
		{name: "of logins that are presented once harms no active user and locks newcomers out for InUse",
			logsIn: true, presents: true, stay: "user", refused: 10},
		{name: "of logins that are presented all the time harms no active user and locks newcomers out meanwhile",
			logsIn: true, presents: true, goesOn: true, stay: "user", refused: always},
	} {
		for _, idle := range []time.Duration{time.Hour, 0} {
			t.Run(fmt.Sprintf("%s/idle limit %v", f.name, idle), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { f.test(t, idle) })
			})
		}
	}
}

func (f flood) test(t *testing.T, idle time.Duration) {
	const most = 2000
	limits := store.Limits{IdleTimeout: idle, MaxSessions: most, Identity: []string{"user"}}
	s := new(Store)
	if err := s.SetLimits(limits); err != nil {
		t.Fatal(err)
	}
	create := func(n int, known bool) (ok bool) {
		var items []store.Item
		if known {
			items = []store.Item{{Name: "user", Value: n}}
		}
		err := s.Create(hashed(n), items)
		if err != nil && !errors.Is(err, store.ErrFull) {
			t.Fatal(err)
		}
		return err == nil
	}
	pass := func(d time.Duration) {
		<-time.After(d)
		synctest.Wait()
	}
	others := []string{"user", "visitor", "idle-user", "idle-visitor"}
	for i := range others {
		create(i, i%2 == 0)
		reads(t, s, i)
	}
	pass(2 * limits.InUse())
	reads(t, s, 0) // after a time in which nothing was written
	reads(t, s, 1)
	pass(limits.InUse() / 2)

	for i := range 2 * most {
		if create(most+i, f.logsIn) && f.presents {
			reads(t, s, most+i)
		}
	}
	refused := 0
	for ; refused < always && !create(most-1, f.logsIn); refused++ {
		pass(limits.InUse() / 10)
		reads(t, s, 0)
		for i := range 2 * most {
			if f.goesOn {
				reads(t, s, most+i)
			}
		}
	}
	var stay []string
	for i, name := range others {
		if reads(t, s, i) {
			stay = append(stay, name)
		}
	}
	if refused != f.refused || strings.Join(stay, " ") != f.stay {
		t.Errorf("a newcomer is refused for %d tenths of InUse, and %v stay, want %d and %s", refused, stay, f.refused, f.stay)
	}
}

// TestRoomIsMadeInBatches has one session idle among many that have been used
// since they were listed.
func TestRoomIsMadeInBatches(t *testing.T) {
	const n, idle = 10 * roomBatch, 5 * roomBatch
	s, now := newTestStore(store.Limits{IdleTimeout: time.Hour, MaxSessions: n, Identity: []string{"a"}})
	for i := range n {
		create(t, s, i)
		reads(t, s, i)
	}
	useAllBut := func(idle int) {
		*now += 10 * time.Minute
		s.tick()
		for i := range n {
			if i != idle {
				reads(t, s, i)
			}
		}
	}
	useAllBut(idle)
	for batch := range idle / roomBatch {
		if more, err := s.create(hashed(n), nil); !more || !errors.Is(err, store.ErrFull) {
			t.Errorf("after batch %d: %v, %v, want more", batch, more, err)
		}
	}
	create(t, s, idle+n)
	if reads(t, s, idle) {
		t.Error("not the session that is idle has made room")
	}
	useAllBut(n - 1)
	create(t, s, n) // takes the place of the one that nobody has presented
	reads(t, s, n)
	create(t, s, n+1) // takes that of the one that is idle, after all others are looked at
	if reads(t, s, n-1) {
		t.Error("not the session that is idle has made room after all others were looked at")
	}
}

// TestOrderIsFinerThanInUse lets a visitor who goes on making requests stay.
func TestOrderIsFinerThanInUse(t *testing.T) {
	limits := store.Limits{IdleTimeout: time.Hour, MaxSessions: 2}
	s, now := newTestStore(limits)
	for i := range 2 {
		create(t, s, i)
		reads(t, s, i)
	}
	*now = limits.InUse() / 2
	s.tick()
	reads(t, s, 0)
	create(t, s, 2)
	if !reads(t, s, 0) || reads(t, s, 1) {
		t.Error("the session used last has made room")
	}
}

// TestEndedSessionMakesRoomFirst has a session end before the tick that frees it.
func TestEndedSessionMakesRoomFirst(t *testing.T) {
	s, now := newTestStore(store.Limits{Expires: time.Hour, MaxSessions: 2})
	create(t, s, 1)
	reads(t, s, 1)
	*now = time.Hour / 2
	create(t, s, 2)
	*now = time.Hour
	create(t, s, 3)
	if !reads(t, s, 2) {
		t.Error("a session made room while there was one that has ended")
	}
}

// TestNoSessionInUseIsPushedOut has many goroutines create far more sessions
// than fit while each keeps using a few.
func TestNoSessionInUseIsPushedOut(t *testing.T) {
	const goroutines, mine, maxSessions = 8, 10, 100
	s, _ := newTestStore(store.Limits{Expires: time.Hour, IdleTimeout: time.Hour, MaxSessions: maxSessions, Identity: []string{"a"}})
	number := func(g, i int) int { return g*1_000_000 + i }
	for g := range goroutines { // before the flood, which may push out a session without use
		for i := range mine {
			create(t, s, number(g, i))
			reads(t, s, number(g, i))
		}
	}
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() {
			for i := range 2000 {
				if err := s.Create(hashed(number(g, mine+i)), nil); err != nil && !errors.Is(err, store.ErrFull) {
					t.Error(err)
				}
				if _, ok, _ := s.Read(hashed(number(g, i%mine))); !ok {
					t.Errorf("session %d, in use, is gone", i%mine)
					return
				}
			}
		})
	}
	wg.Wait()
	if s.count > maxSessions {
		t.Errorf("%d sessions, more than the %d allowed", s.count, maxSessions)
	}
	checkStructure(t, s)
}

// TestMakingRoomLooksAtNoSessionInUse shows that the sessions in use are not in
// the way when room is made, however many there are.
func TestMakingRoomLooksAtNoSessionInUse(t *testing.T) {
	s, _ := newTestStore(store.Limits{IdleTimeout: time.Hour, MaxSessions: 10})
	for i := range 10 {
		create(t, s, i)
		if i%2 == 0 {
			reads(t, s, i)
		} else {
			updates(t, s, i)
		}
	}
	if _, listed := s.order.first(); listed.class == fresh {
		t.Error("a session that was used is still listed as one that was not")
	}
}
