//go:build unix

package e2e

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// crowd is many browsers, each with some tabs, that send requests to some
// instances and record the outcomes.
type crowd struct {
	*setting
	client  *http.Client
	began   time.Time
	gate    sync.RWMutex // a request holds it for reading
	faulty  atomic.Bool  // the fault lasts
	stopped atomic.Bool

	answers, refused, inARow, numbers atomic.Int64
}

// browser is what its tabs share.
type browser struct {
	number int
	mu     sync.Mutex
	cookie string   // the ID of the newest response
	fresh  []string // IDs that may have a session, as far as the browser knows
	dead   []string // IDs that have none
	unsure bool     // a request has failed: until the fault is over, the browser only reads
	past   []*request
}

const (
	tabs   = 3 // of a browser
	clicks = 5 // of each tab before the browser looks at all IDs

	slowest = 3 * time.Second // the longest time of a request during a fault
)

// browse sends the requests of a browser, tabs at a time. In between it looks at
// all IDs: the checker takes too long if many requests stay without consequence.
func (c *crowd) browse(t *testing.T, b *browser, seed uint64) []*request {
	for round := uint64(0); !c.stopped.Load() && !t.Failed(); round++ {
		var all sync.WaitGroup
		for tab := range uint64(tabs) {
			random := rand.New(rand.NewPCG(seed, uint64(b.number)<<32+round*tabs+tab))
			all.Go(func() {
				for range clicks {
					c.click(t, b, random)
				}
			})
		}
		all.Wait()
		c.lookBack(t, b)
	}
	b.fresh = append(b.fresh, b.dead...)
	c.lookBack(t, b)
	return b.past
}

// click sends a request at random, in a sixth of all cases with an ID that has
// no session any more.
func (c *crowd) click(t *testing.T, b *browser, random *rand.Rand) {
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
	c.send(t, b, random.IntN(len(c.instances)), path, cookie, pause)
}

// lookBack asks for the secret with every ID that may have a session.
func (c *crowd) lookBack(t *testing.T, b *browser) {
	var fresh []string
	b.unsure = b.unsure && c.faulty.Load()
	for i, id := range b.fresh {
		switch r := c.send(t, b, i%len(c.instances), "/secret", id, 0); {
		case r.known && r.body == noValues.String():
			b.dead = append(b.dead, id)
		default:
			fresh = append(fresh, id)
		}
	}
	b.fresh = fresh
}

// late is an empty Reader that takes this long.
type late time.Duration

func (l late) Read([]byte) (int, error) {
	<-time.After(time.Duration(l))
	return 0, io.EOF
}

// send sends a request, and its body that long after the handler has read the
// session: the handler then writes.
func (c *crowd) send(t *testing.T, b *browser, instance int, path, cookie string, pause time.Duration) *request {
	c.gate.RLock()
	defer c.gate.RUnlock()
	r := &request{number: int(c.numbers.Add(1)), path: path, cookie: cookie, call: time.Since(c.began)}
	req, err := http.NewRequest("GET", "http://"+c.instances[instance].addr+path, io.MultiReader(late(pause), strings.NewReader("x")))
	if err != nil {
		t.Error(err)
		return r
	}
	req.ContentLength = 1
	req.Header = http.Header{"Cookie": {"my_sessionid=" + cookie}, "Expect": {"100-continue"}}
	got, set, err := receive(c.client.Do(req))
	r.done = time.Since(c.began)
	_, r.set, _ = strings.Cut(set, "=")
	r.known, r.body = err == nil && got.status == 200, got.body
	switch refused := got.status == 503 && err == nil; {
	case refused && path == "/secret" && (cookie == "" || c.onlyWrites):
		err = errors.New("it needs nothing that has failed")
	case r.done-r.call > slowest:
		err = errors.Join(err, errors.New("it is late"))
	case refused, c.cuts && err != nil && got == answer{}:
		c.refused.Add(1)
		c.inARow.Store(0)
		r.body, err = "", nil
	case r.known:
		c.answers.Add(1)
		c.inARow.Add(1)
	default:
		err = errors.Join(err, errors.New("it is neither 200 nor 503"))
	}
	if err != nil {
		t.Errorf("%v: %+v, %v", r, got, err)
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
