package store

import (
	"math"
	"slices"
	"time"
)

// Limits bound the life and the number of sessions.
type Limits struct {
	// Expires ends a session that long after its creation (ASVS 7.3.2). 0: never.
	Expires time.Duration
	// IdleTimeout ends a session that long after its last use (ASVS 7.3.1). 0: never.
	IdleTimeout time.Duration
	// MaxSessions bounds the number of sessions and forwards in a Store that can
	// count them. 0: no bound. At the bound a new session takes the place of the
	// first of these that there is:
	//
	//  1. a forward, the oldest first;
	//  2. the oldest session that no request has presented since it was created;
	//  3. the least recently used session that is anonymous (see Anonymous);
	//  4. the least recently used session of all, unless it was used within
	//     InUse.
	//
	// Otherwise Create returns ErrFull. The order by last use may be as coarse as
	// InUse.
	MaxSessions int
	// Identity has the names of the items that say who the user is.
	Identity []string
}

// Anonymous tells whether a session with those items belongs to no known user: it
// has no item of a name in Identity.
func (l Limits) Anonymous(items []Item) bool {
	for i := range items {
		if slices.Contains(l.Identity, items[i].Name) {
			return false
		}
	}
	return true
}

// InUse is how long a session counts as in use after a request has presented it:
// a tenth of IdleTimeout, or an hour if there is none.
func (l Limits) InUse() time.Duration {
	if l.IdleTimeout > 0 {
		return l.IdleTimeout / 10
	}
	return time.Hour
}

// Never is the end of a session that has no limit.
const Never time.Duration = math.MaxInt64

// End returns when a session ends that was created and last used at the given
// times. All three are counted from the same moment, which the Store chooses and
// which is not after created. A session is live before its end, and not at it.
func (l Limits) End(created, used time.Duration) time.Duration {
	end := Never
	if l.Expires > 0 {
		end = min(end, add(created, l.Expires))
	}
	if l.IdleTimeout > 0 {
		end = min(end, add(max(created, used), l.IdleTimeout))
	}
	return end
}

// TouchDue tells whether a use of the session at now must be recorded: at most
// once per tenth of IdleTimeout, so that reading seldom costs a write.
func (l Limits) TouchDue(used, now time.Duration) bool {
	return l.IdleTimeout > 0 && now >= add(used, l.IdleTimeout/10)
}

// add is t + d, or Never if that is too much for a Duration.
func add(t, d time.Duration) time.Duration {
	if t > Never-d {
		return Never
	}
	return t + d
}
