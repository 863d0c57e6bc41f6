package redis

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/redis/rueidis"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// write runs a script that writes and returns what it answers, when as many
// replicas as ?wait asks for have what it wrote.
func (c *conn) write(ctx context.Context, script script, args []string, keys ...string) (answer string, err error) {
	if c.replicas == 0 {
		answer, err = run(ctx, c.client, script, keys, args).ToString()
		return answer, c.wrapErr(err)
	}
	// WAIT waits for what its own connection wrote, and keeps others from using
	// it. A script that changed nothing leaves it nothing to wait for, and what
	// the script saw may still be news to the replicas: hence the mark.
	mark := keys[0][:strings.LastIndexByte(keys[0], '}')+1] + "mark"
	patience := (c.timeout * 3 / 5).Milliseconds() // less than ConnWriteTimeout
	err = c.client.Dedicated(func(d rueidis.DedicatedClient) error {
		if answer, err = run(ctx, d, script, keys, args).ToString(); err != nil {
			return err
		}
		results := d.DoMulti(ctx,
			d.B().Set().Key(mark).Value("").PxMilliseconds(1000).Build(),
			d.B().Wait().Numreplicas(int64(c.replicas)).Timeout(patience).Build())
		if err := results[0].Error(); err != nil {
			return err
		}
		have, err := results[1].ToInt64()
		if err == nil && have < int64(c.replicas) {
			err = fmt.Errorf("%d of the %d replicas that ?wait asks for have the write", have, c.replicas)
		}
		return err
	})
	return answer, c.wrapErr(err)
}

// waitReplicas makes sure, with ?wait, that the replicas too know that there is
// no such session. Otherwise a failover could bring back a session after a
// client has been told that it ended. If one just did, again is true.
func (c *conn) waitReplicas(ctx context.Context, key store.Key) (again bool, err error) {
	if c.replicas == 0 {
		return false, nil
	}
	b := &c.waiting[0]
	if c.cluster {
		b = &c.waiting[key[0]] // those of one slot
	}
	name, epoch := c.keys(key)
	answer, err := b.join([]string{name, epoch}, func(keys []string) (string, error) {
		return c.write(ctx, noneScript, nil, keys...)
	})
	return answer == changed, err
}

// batch makes one write, and so one WAIT, of those that are asked for while the
// one before is under way. Anybody can ask: with a made-up ID.
type batch struct {
	turn sync.Mutex // held by the write that is under way
	mu   sync.Mutex
	next *joined
}

type joined struct {
	once   sync.Once
	keys   []string
	answer string
	err    error
}

// join adds the keys to the next write and returns what that returns.
func (b *batch) join(keys []string, write func(keys []string) (string, error)) (answer string, err error) {
	b.mu.Lock()
	if b.next == nil {
		b.next = &joined{}
	}
	j := b.next
	j.keys = append(j.keys, keys...)
	b.mu.Unlock()

	j.once.Do(func() {
		b.turn.Lock()
		defer b.turn.Unlock()
		b.mu.Lock()
		b.next = nil
		b.mu.Unlock()
		j.answer, j.err = write(j.keys)
	})
	return j.answer, j.err
}
