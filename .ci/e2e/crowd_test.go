//go:build unix

package e2e

import (
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// crowd is many browsers, each with some tabs, that send requests to some
// instances and write down what becomes of them.
type crowd struct {
	addrs   []string // of the instances
	cuts    bool     // an instance may be killed
	began   time.Time
	stopped atomic.Bool
	faulty  atomic.Bool // the store has a fault

	answers, refused, inARow, numbers atomic.Int64
}

// browser is what its tabs share.
type browser struct {
	number int
	mu     sync.Mutex
	cookie string   // the ID of the newest response
	fresh  []string // IDs that may have a session, as far as the browser knows
	dead   []string // IDs that have none
	unsure bool     // a request has failed: until the fault is over, the browser only looks
	past   []*request
}

const (
	tabs   = 3 // of a browser
	clicks = 5 // that each of them sends until all IDs are looked at
)

// run has n browsers send requests until the crowd is stopped, and returns their
// histories.
func (c *crowd) run(t *testing.T, n int, seed uint64) [][]*request {
	histories := make([][]*request, n)
	var all sync.WaitGroup
	for i := range histories {
		all.Go(func() { histories[i] = c.browse(t, &browser{number: i}, seed) })
	}
	all.Wait()
	return histories
}

// browse sends the requests of a browser, tabs at a time. Between them it looks
// at what has become of its IDs: a history in which much stays open for long
// takes the checker too long.
func (c *crowd) browse(t *testing.T, b *browser, seed uint64) []*request {
	var open [tabs]connections
	for tab := range open {
		open[tab] = connections{c.addrs, make([]*client, len(c.addrs))}
		defer open[tab].close()
	}
	for round := uint64(0); !c.stopped.Load() && !t.Failed(); round++ {
		var all sync.WaitGroup
		for tab, conns := range open {
			random := rand.New(rand.NewPCG(seed, uint64(b.number)<<32+round*tabs+uint64(tab)))
			all.Go(func() {
				for range clicks {
					c.click(t, b, conns, random)
				}
			})
		}
		all.Wait()
		c.lookBack(t, b, open[0])
	}
	b.fresh = append(b.fresh, b.dead...)
	c.lookBack(t, b, open[0])
	return b.past
}

// click sends a request at random, in a sixth of all cases with an ID that has
// no session any more.
func (c *crowd) click(t *testing.T, b *browser, conns connections, random *rand.Rand) {
	path := [...]string{"/login", "/logout", "/role/", "/note/", "/note/", "/destroy", "/secret", "/secret"}[random.IntN(8)]
	if strings.HasSuffix(path, "/") {
		path += fmt.Sprint(random.IntN(1000))
	}
	pause := time.Duration(max(0, random.IntN(6000)-3000)) * time.Microsecond
	b.mu.Lock()
	cookie := b.cookie
	if random.IntN(6) == 0 && len(b.dead) > 0 {
		cookie = b.dead[random.IntN(len(b.dead))]
	}
	if b.unsure {
		path = "/secret"
	}
	b.mu.Unlock()
	c.send(t, b, conns, random.IntN(len(c.addrs)), path, cookie, pause)
}

// lookBack asks for the secret with every ID that may have a session.
func (c *crowd) lookBack(t *testing.T, b *browser, conns connections) {
	var fresh []string
	b.unsure = b.unsure && c.faulty.Load()
	for i, id := range b.fresh {
		switch r := c.send(t, b, conns, i%len(c.addrs), "/secret", id, 0); {
		case r.known && r.body == noValues.String():
			b.dead = append(b.dead, id)
		default:
			fresh = append(fresh, id)
		}
	}
	b.fresh = fresh
}

// send sends a request, and its body after a pause: the handler reads the session
// before it and writes afterwards.
func (c *crowd) send(t *testing.T, b *browser, conns connections, instance int, path, cookie string, pause time.Duration) *request {
	r := &request{browser: b.number, number: int(c.numbers.Add(1)), path: path, cookie: cookie, call: time.Since(c.began)}
	got, set, err := conns.exchange(instance, path, cookie, pause)
	r.done = time.Since(c.began)
	_, r.set, _ = strings.Cut(set, "=")
	r.known, r.body = err == nil && got.status == 200, got.body
	switch {
	case got.status == 503 && err == nil, err != nil && c.cuts && got == answer{}:
		c.refused.Add(1)
		c.inARow.Store(0)
		r.body = ""
	case !r.known:
		t.Errorf("%v: %+v, %v", r, got, err)
	default:
		c.answers.Add(1)
		c.inARow.Add(1)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.past, b.unsure = append(b.past, r), b.unsure || !r.known
	switch {
	case r.set != "":
		b.cookie, b.fresh = r.set, append(b.fresh, r.set)
	case r.known && set != "":
		b.cookie = "" // the response removes it
	}
	return r
}

// connections are those of a tab to each of the instances.
type connections struct {
	addrs   []string
	clients []*client
}

func (c connections) close() {
	for _, conn := range c.clients {
		if conn != nil {
			conn.Close()
		}
	}
}

// exchange sends a request and returns the response. It connects if it must.
func (c connections) exchange(instance int, path, cookie string, pause time.Duration) (got answer, set string, err error) {
	conn := c.clients[instance]
	if conn == nil {
		if conn, err = connect(c.addrs[instance]); err != nil {
			return answer{}, "", err
		}
		c.clients[instance] = conn
	}
	defer func() {
		if err != nil {
			conn.Close()
			c.clients[instance] = nil
		}
	}()
	conn.SetDeadline(time.Now().Add(patience))
	if _, err := io.WriteString(conn, rawRequest("GET "+path, "Cookie: my_sessionid="+cookie, "Content-Length: 1")); err != nil {
		return answer{}, "", err
	}
	if pause > 0 {
		<-time.After(pause)
	}
	if _, err := io.WriteString(conn, "x"); err != nil {
		return answer{}, "", err
	}
	return conn.receive()
}
