package bolt

import (
	"math"
	"time"
)

// instant is a time in milliseconds since 1970.
type instant int64

const never instant = math.MaxInt64

func (t instant) add(d time.Duration) instant { return t + instant(d.Milliseconds()) }

// clock tells the time: that of the system when it was made, or the latest that
// is in the file if that is later, and what has passed since.
type clock struct {
	first instant
	start time.Time
}

func newClock(seen instant) clock {
	start := time.Now()
	return clock{max(instant(start.UnixMilli()), seen), start}
}

func (c clock) now() instant { return c.first.add(time.Since(c.start)) }
