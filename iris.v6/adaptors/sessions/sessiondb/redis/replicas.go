package redis

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/redis/rueidis"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// write runs a script that writes. It returns the answer when as many replicas
// as ?wait asks for have what the script wrote and saw.
func (c *conn) write(ctx context.Context, script script, args []string, keys ...string) (answer string, err error) {
	if c.replicas == 0 || script == peekScript {
		answer, err = run(ctx, c.client, script, keys, args).ToString()
		// If it peeked at a session, it saw nothing that the replicas must know
		// before the next steps of the renewal, which wait.
		if c.replicas == 0 || err != nil || strings.HasPrefix(answer, state) {
			return answer, c.wrapErr(err)
		}
	}
	// WAIT waits for the writes of its own connection, and blocks it. If the
	// script wrote nothing, the mark is what to wait for: the replicas may not
	// have yet what the script saw.
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

// confirmNone waits until the replicas too have no such session. Otherwise a
// failover could bring back a session after a client has been told that it ended.
// It answers changed if there is a session by now.
func (c *conn) confirmNone(ctx context.Context, key store.Key) (answer string, err error) {
	b := &c.waiting[0]
	if c.cluster {
		b = &c.waiting[key[0]] // those of one slot
	}
	name, epoch := c.names(key)
	return b.join([]string{name, epoch}, func(keys []string) (string, error) {
		return c.write(ctx, noneScript, nil, keys...)
	})
}

// batch runs one write at a time. The calls that come during a write share the
// next one, and so one WAIT: anybody can cause a call, with a made-up ID.
type batch struct {
	running sync.Mutex // held during a write
	mu      sync.Mutex
	next    *sharedWrite
}

type sharedWrite struct {
	once   sync.Once
	keys   []string
	answer string
	err    error
}

// join adds the keys to the next write and returns its result.
func (b *batch) join(keys []string, write func(keys []string) (string, error)) (answer string, err error) {
	b.mu.Lock()
	if b.next == nil {
		b.next = &sharedWrite{}
	}
	w := b.next
	w.keys = append(w.keys, keys...)
	b.mu.Unlock()

	w.once.Do(func() {
		b.running.Lock()
		defer b.running.Unlock()
		b.mu.Lock()
		b.next = nil
		b.mu.Unlock()
		w.answer, w.err = write(w.keys)
	})
	return w.answer, w.err
}
