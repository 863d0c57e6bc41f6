package bolt

import "time"

// clock tells the time since 1970. It begins with the system's time, or with the
// latest time in the file if that is later, and adds the time that has passed since.
type clock struct {
	first time.Duration
	start time.Time
}

func newClock(seen time.Duration) clock {
	start := time.Now()
	return clock{max(time.Duration(start.UnixMilli())*time.Millisecond, seen), start}
}

func (c clock) now() time.Duration {
	return c.first + time.Since(c.start)
}
