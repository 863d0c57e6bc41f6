package redis

import (
	"context"
	"sync/atomic"
	"time"
)

// deadlines makes the contexts of calls, which end when the timeout is over, or
// up to a tenth of it earlier: the calls of such a while share one, as a timer
// for each would cost a tenth of what a read does.
type deadlines struct {
	timeout time.Duration
	latest  atomic.Pointer[deadline]
}

type deadline struct {
	ctx   context.Context
	until time.Time // for calls that begin before
}

// context returns the context of a call that begins now. That of the request is
// left out: who waits for the answer may be gone before a write is done.
func (d *deadlines) context() context.Context {
	now := time.Now()
	if latest := d.latest.Load(); latest != nil && now.Before(latest.until) {
		return latest.ctx
	}
	ctx, cancel := context.WithTimeout(context.Background(), d.timeout)
	context.AfterFunc(ctx, cancel) // for go vet: the end of the time frees it as well
	d.latest.Store(&deadline{ctx, now.Add(d.timeout / 10)})
	return ctx
}
