// Package ratelog keeps messages that a client or a failing store can cause at
// will from filling a log.
package ratelog

import (
	"fmt"
	"sync"
	"time"
)

// Limit lets one message a second pass. The zero value is ready, and safe for
// use by several goroutines at once.
type Limit struct {
	mu         sync.Mutex
	last       time.Time
	suppressed int
}

// Pass tells whether the message may be logged. It returns the message together
// with the number of those suppressed since the last one that passed.
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
