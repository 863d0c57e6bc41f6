//go:build unix

package e2e

import (
	"errors"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
	"time"
)

// requests are those that a fault of the store fails while it lasts.
type requests int

const (
	allThatNeedRedis requests = iota
	writes
	some // depending on their keys
)

// losses are what a fault of the store may undo of what was acknowledged.
type losses int

const (
	nothing losses = iota
	logins
	loginsAndLogouts
)

// Phases of a load.
const (
	beforeFault = iota
	faultBegins
	faultLasts
	faultEnds
	loadEnds
)

// load is what many clients do to a server whose store has a fault.
type load struct {
	fails                    requests
	loses                    losses
	phase                    atomic.Int64
	answers, refused, inARow atomic.Int64 // all, those that are 503, and those since the last of these
	slowest                  atomic.Int64 // in nanoseconds
	logins, logouts          atomic.Int64 // that were acknowledged
	lost, undone             atomic.Int64 // of these
}

// get sends one request and checks that its answer fits the phase: 503 is only
// for requests that need what has failed.
func (l *load) get(t *testing.T, c *client, path, cookie string) (status int, set string) {
	write := path != "/secret"
	fails := write && l.fails != some || cookie != "" && l.fails == allThatNeedRedis
	phase, began := l.phase.Load(), time.Now()
	c.SetDeadline(began.Add(patience))
	got, set, err := c.get(path, cookie)
	took := int64(time.Since(began))
	for slowest := l.slowest.Load(); took > slowest && !l.slowest.CompareAndSwap(slowest, took); slowest = l.slowest.Load() {
	}
	l.answers.Add(1)
	now := l.phase.Load()
	switch {
	case err != nil:
	case got.status == 503:
		l.inARow.Store(0)
		l.refused.Add(1)
		if now == beforeFault || !write && (cookie == "" || l.fails == writes) {
			err = errors.New("it needs nothing that has failed")
		}
	case fails && phase == faultLasts && now == faultLasts:
		err = errors.New("it succeeds in spite of the fault")
	default:
		l.inARow.Add(1)
		if write != (got == empty && set != "") {
			err = errors.New("this is not what it asks for")
		}
	}
	if err != nil {
		t.Errorf("%s with %q: %+v, Set-Cookie %q: %v", path, cookie, got, set, err)
	}
	return got.status, set
}

// browsers are those of one connection, as their cookies.
type browsers struct {
	in, out []string // logged in, and logged out
	dead    []string // IDs that nobody may be logged in with
	unsure  []string // logouts that got a 503
}

// run has a connection's browsers send requests at random. When the load ends,
// it checks that the acknowledged requests hold.
func (l *load) run(t *testing.T, c *client, random *rand.Rand) {
	b := browsers{dead: []string{forged}}
	take := func(from *[]string) string {
		i := random.IntN(len(*from))
		cookie := (*from)[i]
		*from = slices.Delete(*from, i, i+1)
		return cookie
	}
	logIn := func(cookie string) {
		if status, set := l.get(t, c, "/login", cookie); status == 200 {
			l.logins.Add(1)
			b.in = append(b.in, set)
		}
	}
	logOut := func(cookie string) {
		switch status, set := l.get(t, c, "/logout", cookie); status {
		case 200:
			l.logouts.Add(1)
			b.dead, b.out = append(b.dead, cookie), append(b.out, set)
		case 503:
			b.unsure = append(b.unsure, cookie)
		}
	}
	pace := time.NewTicker(10 * time.Millisecond)
	defer pace.Stop()
	for l.phase.Load() != loadEnds && !t.Failed() {
		<-pace.C
		switch action := random.IntN(9); {
		case action == 0:
			l.check(t, c, &b, "", false)
		case action == 1 && len(b.out) > 0:
			cookie := take(&b.out)
			b.dead = append(b.dead, cookie)
			logIn(cookie)
		case action <= 2:
			logIn("")
		case action == 3 && len(b.in) > 0:
			logOut(take(&b.in))
		case action == 4 && len(b.unsure) > 0:
			logOut(take(&b.unsure))
		case action <= 6 && len(b.in) > 0:
			l.check(t, c, &b, b.in[random.IntN(len(b.in))], true)
		case action == 7 && len(b.out) > 0:
			l.check(t, c, &b, b.out[random.IntN(len(b.out))], false)
		default:
			l.check(t, c, &b, b.dead[random.IntN(len(b.dead))], false)
		}
	}
	for _, cookie := range slices.Clone(b.in) {
		l.check(t, c, &b, cookie, true)
	}
	for _, cookie := range slices.Concat(b.out, b.dead) {
		l.check(t, c, &b, cookie, false)
	}
}

// check compares whether a browser is logged in with what was acknowledged.
func (l *load) check(t *testing.T, c *client, b *browsers, cookie string, want bool) {
	status, _ := l.get(t, c, "/secret", cookie)
	without := func(cookies []string) []string {
		return slices.DeleteFunc(cookies, func(c string) bool { return c == cookie })
	}
	switch {
	case status == 403 && want:
		l.lost.Add(1)
		b.in, b.dead = without(b.in), append(b.dead, cookie) // it must not come back
	case status == 200 && !want:
		l.undone.Add(1)
		b.dead = without(b.dead)
	default:
		return
	}
	mayBe := l.loses == loginsAndLogouts || l.loses == logins && want
	if !mayBe || cookie == "" || cookie == forged {
		t.Errorf("%q is logged in: %v, want %v", cookie, !want, want)
	}
}
