package sessions

import (
	"fmt"
	"sync"
	"time"
)

// failures holds a failing store's log records down to one a second. Its zero
// value is ready.
type failures struct {
	mu         sync.Mutex
	last       time.Time
	suppressed int
}

// message returns what to log of the error, "" if nothing.
func (f *failures) message(err error) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := time.Now()
	if !f.last.IsZero() && now.Sub(f.last) < time.Second {
		f.suppressed++
		return ""
	}
	message := err.Error()
	if f.suppressed > 0 {
		message = fmt.Sprintf("%s (and %d more failures since the last record)", message, f.suppressed)
	}
	f.last, f.suppressed = now, 0
	return message
}
