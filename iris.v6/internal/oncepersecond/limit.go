// Package oncepersecond keeps messages that come as often as somebody else likes
// from filling a log.
package oncepersecond

import (
	"fmt"
	"sync"
	"time"
)

// Limit lets one message a second pass. Its zero value is ready; any number of
// goroutines may use it.
type Limit struct {
	mu         sync.Mutex
	last       time.Time
	suppressed int
}

// Pass tells whether the message may be logged, and returns it with the number of
// those before it that might not.
func (l *Limit) Pass(message string) (string, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if !l.last.IsZero() && now.Sub(l.last) < time.Second {
		l.suppressed++
		return "", false
	}
	if l.suppressed > 0 {
		message = fmt.Sprintf("%s (and %d more since the last record)", message, l.suppressed)
	}
	l.last, l.suppressed = now, 0
	return message, true
}
