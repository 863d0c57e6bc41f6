package redis

import (
	"context"
	"sync/atomic"
	"time"
)

// deadlines makes the contexts of calls. They end with the timeout or up to a
// tenth of it earlier: the calls of that time share one, because a timer for
// each call would cost a tenth of what a read costs.
type deadlines struct {
	timeout time.Duration
	latest  atomic.Pointer[deadline]
}

type deadline struct {
	ctx   context.Context
	until time.Time // for calls that begin before
}

// context returns the context of a call that begins now.
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
