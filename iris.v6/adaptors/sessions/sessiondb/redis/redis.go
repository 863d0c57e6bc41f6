// Package redis keeps sessions in Redis 6.2 or later, or in Valkey, so that they
// outlive the process, and any number of instances serve them:
//
//	store, err := redis.Open("redis://:password@127.0.0.1:6379")
//	…
//	defer store.Close()
//	app.Adapt(sessions.New(sessions.Config{Store: store}))
//
// The instances share nothing else, and see each other's writes at their next
// request. A read is one round trip and so is a write; those of requests at the
// same time share connections and packets.
//
// # What Redis has
//
// A hash for each session, whose TTL is what is left of the session's life. Its
// name has the SHA-256 of the id, so who reads it cannot take over the session.
// Redis counts the time: the clocks of the instances do not matter.
//
// What Redis loses in a crash is up to its configuration (appendonly,
// appendfsync, replicas). It must not evict keys: set maxmemory-policy to
// noeviction.
//
// # Cluster
//
// A session and the mark that DestroyAll leaves are in one slot, so all that
// must happen in one step does. Only when a session gets a new id, it moves from
// one slot to another: it is copied under the new id, which nobody knows yet,
// and then the old one is removed if it is still the same. If a step fails, the
// session stays as it is, and at worst a copy is left that nobody can ask for
// and that ends with its TTL. The same is done where writes wait for replicas.
//
// Where the answer to a last step is lost, so is the session: its old id is dead,
// and its new one nobody has been told. DestroyAll compares times of different
// servers, whose clocks must agree to within what it matters for.
package redis

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/rueidis"

	"gopkg.in/kataras/iris.v6/adaptors/sessions"
)

// Store keeps sessions in Redis. Make it with Open.
type Store struct {
	options
	client    rueidis.Client
	cluster   bool
	deadlines deadlines
	recent    *recent  // nil without ?cache
	life      []string // the first arguments of every script
	buckets   [256]bucket
}

// bucket is what the names of a part of all sessions begin with. As far as it is
// in braces, it names the slot of a cluster that has them.
type bucket struct{ prefix, cut string }

// Open connects to the server that the URL names:
//
//	redis://[user:password@]host:port[,host:port…][/db][?option=value&…]
//
// rediss:// means TLS, with the certificate authorities of the system (or of the
// file in the environment's SSL_CERT_FILE). Several hosts are those of a cluster;
// its others are found from there. The options are
//
//	sentinel=NAME     the hosts are sentinels, which know the master of that name
//	timeout=DURATION  how long to wait for an answer; default 1s
//	wait=N            a write is done when N replicas have it as well, and so is
//	                  the end of a session that is not there; default 0
//	cache=DURATION    what was read is used again for that long; default: not at all
//
// With cache, Redis tells of every change, and what changed is read anew. But
// word of a change takes its time, and where the connection is cut it does not
// come: so for that long at most, another instance's logout may go unseen. The
// writes of this Store are seen at once.
//
// Open fails if it cannot read a session within a few seconds. The error does
// not tell the password.
func Open(url string) (*Store, error) {
	o, err := parse(url)
	if err != nil {
		return nil, &URLError{err}
	}
	return open(o)
}

// URLError says that a URL is wrong, and not the server that it names.
type URLError struct{ Err error }

func (e *URLError) Error() string { return "redis: " + e.Err.Error() }

// Unwrap returns the cause.
func (e *URLError) Unwrap() error { return e.Err }

func open(o options) (*Store, error) {
	s := &Store{options: o, deadlines: deadlines{timeout: o.timeout}}
	for i := range s.buckets {
		prefix := fmt.Sprintf("%s{%02x}", o.prefix, i)
		s.buckets[i] = bucket{prefix, prefix + "cut"}
	}
	dial := &dialer{network: o.network}
	client := rueidis.ClientOption{
		InitAddress:      o.addrs,
		Username:         o.user,
		Password:         o.password,
		SelectDB:         o.db,
		TLSConfig:        o.tlsConfig(),
		DialCtxFn:        dial.dial,
		Dialer:           net.Dialer{Timeout: min(o.timeout, openTime/time.Duration(len(o.addrs)))},
		ConnWriteTimeout: o.timeout,
		DisableCache:     o.cache == 0,
		DisableRetry:     true, // whoever waits gets an error soon, and asks again

		// A small session fills little; the default is half a megabyte each.
		ReadBufferEachConn:  64 << 10,
		WriteBufferEachConn: 64 << 10,
		// Under load, commands gather for that long to leave in one packet; a
		// command that is alone does not wait.
		MaxFlushDelay: 20 * time.Microsecond,
	}
	if o.sentinel != "" {
		client.Sentinel = rueidis.SentinelOption{MasterSet: o.sentinel, TLSConfig: client.TLSConfig, Dialer: client.Dialer}
	}
	if o.cache > 0 {
		s.recent = &recent{}
		client.ClientTrackingOptions = []string{} // all that is read
		client.OnInvalidations = s.invalidated
	}
	s.SetLimits(sessions.Limits{})
	var err error
	if s.client, err = rueidis.NewClient(client); err != nil {
		return nil, fmt.Errorf("%w (connecting to %s)", s.failed(err), strings.Join(o.addrs, ","))
	}
	s.cluster = s.client.Mode() == rueidis.ClientModeCluster
	ctx, cancel := context.WithTimeout(context.Background(), min(o.timeout, openTime))
	defer cancel()
	if _, _, err := s.read(ctx, sessions.Key{}); err != nil {
		s.client.Close()
		return nil, err
	}
	return s, nil
}

// openTime is how long Open waits for the hosts to answer, all together.
const openTime = 3 * time.Second

// Close closes the connections. The Store cannot be used any more.
func (s *Store) Close() error {
	s.client.Close()
	return nil
}

// SetLimits implements sessions.Store.
func (s *Store) SetLimits(l sessions.Limits) {
	idle := l.IdleTimeout
	if idle == 0 {
		idle = l.Expires
	}
	if idle == 0 {
		idle = s.idleWithoutLimits
	}
	s.life = []string{milliseconds(l.Expires), milliseconds(idle)}
	if s.recent != nil {
		s.recent.limit(min(s.cache, idle/10)) // what is used must be read in time to stay
	}
}

// milliseconds of a limit. Less than one would be none.
func milliseconds(d time.Duration) string {
	if d > 0 {
		d = max(d, time.Millisecond)
	}
	return strconv.FormatInt(d.Milliseconds(), 10)
}

// keys returns the names of the session and of its cut.
func (s *Store) keys(key sessions.Key) (name, cut string) {
	b := &s.buckets[key[0]]
	text := make([]byte, 0, 64)
	return string(base64.RawURLEncoding.AppendEncode(append(text, b.prefix...), key[:])), b.cut
}

// Read implements sessions.Store.
func (s *Store) Read(_ context.Context, key sessions.Key) ([]sessions.Item, bool, error) {
	if s.recent == nil {
		items, left, err := s.readSettled(key)
		return items, left > 0, err
	}
	e, found := s.recent.get(key)
	if found {
		return e.items, true, nil
	}
	items, left, err := s.readSettled(key)
	if left > 0 {
		s.recent.put(key, e, items, left)
	} else {
		s.recent.drop(key)
	}
	return items, left > 0, err
}

// readSettled is read, and settle where there is no session.
func (s *Store) readSettled(key sessions.Key) (items []sessions.Item, left time.Duration, err error) {
	ctx := s.deadlines.context()
	items, left, err = s.read(ctx, key)
	if err == nil && left <= 0 {
		err = s.settle(ctx, key)
	}
	return items, left, err
}

// settle waits, if writes wait for replicas, until they too have it that a
// session does not live. A failover could bring back what its master had ended
// and no replica knew of, after somebody was told that it is over.
func (s *Store) settle(ctx context.Context, key sessions.Key) error {
	if s.replicas == 0 {
		return nil
	}
	return s.remove(ctx, key)
}

// read returns the session and how long it has to live, 0 if it does not.
func (s *Store) read(ctx context.Context, key sessions.Key) (items []sessions.Item, left time.Duration, err error) {
	name, cut := s.keys(key)
	answer, err := s.run(ctx, s.client, readScript, []string{name, cut}, s.life).ToArray()
	if err != nil || len(answer) == 0 {
		return nil, 0, s.failed(err)
	}
	fields, last := answer[:len(answer)-1], answer[len(answer)-1]
	ms, err := last.AsInt64()
	if err != nil {
		return nil, 0, s.failed(err)
	}
	items = make([]sessions.Item, 0, len(fields)/2)
	for ; len(fields) > 0; fields = fields[2:] {
		item, err := parseField(&fields[0], &fields[1])
		if err != nil {
			return nil, 0, s.failed(err)
		}
		if item.Value != nil {
			items = append(items, item)
		}
	}
	return items, time.Duration(ms) * time.Millisecond, nil
}

// parseField returns the item in a field of a session, none if it is of another
// kind.
func parseField(name, data *rueidis.RedisMessage) (item sessions.Item, err error) {
	field, err := name.ToString()
	if err != nil {
		return item, err
	}
	text, err := data.ToString()
	if err != nil || !strings.HasPrefix(field, "=") {
		return item, err
	}
	item.Name = field[1:]
	item.Value, err = sessions.ParseValue(text)
	return item, err
}

// args returns the arguments of a script that changes items.
func (s *Store) args(changes []sessions.Item) ([]string, error) {
	args := append(make([]string, 0, len(s.life)+2*len(changes)), s.life...)
	for _, c := range changes {
		var data []byte
		if c.Value != nil {
			var err error
			if data, err = sessions.AppendValue(nil, c.Value); err != nil {
				return nil, fmt.Errorf("redis: %w", err)
			}
		}
		args = append(args, "="+c.Name, string(data))
	}
	return args, nil
}

// Create implements sessions.Store.
func (s *Store) Create(_ context.Context, key sessions.Key, items []sessions.Item) error {
	args, err := s.args(items)
	if err != nil {
		return err
	}
	name, cut := s.keys(key)
	ctx := s.deadlines.context()
	switch n, err := s.write(ctx, createScript, args, name, cut); {
	case err != nil:
		return err
	case n == 0:
		return errTaken
	}
	return nil
}

var errTaken = errors.New("redis: a session of that key is there")

// Update implements sessions.Store.
func (s *Store) Update(_ context.Context, key sessions.Key, changes []sessions.Item) (bool, error) {
	args, err := s.args(changes)
	if err != nil {
		return false, err
	}
	name, cut := s.keys(key)
	ctx := s.deadlines.context()
	n, err := s.write(ctx, updateScript, args, name, cut)
	s.recent.drop(key)
	return n == 1, err
}

// Renew implements sessions.Store.
func (s *Store) Renew(_ context.Context, old, key sessions.Key, changes []sessions.Item) (ok bool, err error) {
	ctx := s.deadlines.context()
	defer s.recent.drop(old)
	if s.cluster || s.replicas > 0 {
		return s.move(ctx, old, key, changes)
	}
	args, err := s.args(changes)
	if err != nil {
		return false, err
	}
	oldName, oldCut := s.keys(old)
	name, _ := s.keys(key)
	n, err := s.write(ctx, renewScript, args, oldName, oldCut, name)
	if n < 0 {
		err = errTaken
	}
	return n == 1, err
}

// Destroy implements sessions.Store.
func (s *Store) Destroy(_ context.Context, key sessions.Key) error {
	ctx := s.deadlines.context()
	defer s.recent.drop(key)
	return s.remove(ctx, key)
}

func (s *Store) remove(ctx context.Context, key sessions.Key) error {
	name, _ := s.keys(key)
	_, err := s.write(ctx, destroyScript, nil, name)
	return err
}

// DestroyAll implements sessions.Store. It takes as long for many sessions as
// for few: what it ended is unreadable at once, and freed when its TTL is over.
func (s *Store) DestroyAll(context.Context) error {
	defer s.recent.clear()
	args := []string{"0", milliseconds(cutLife)}
	var errs [16]error // of as many buckets at a time: with ?wait, each needs a connection
	var cuts sync.WaitGroup
	for w := range errs {
		cuts.Go(func() {
			for i := w; i < len(s.buckets) && errs[w] == nil; i += len(errs) {
				_, errs[w] = s.write(s.deadlines.context(), cutScript, args, s.buckets[i].cut)
			}
		})
	}
	cuts.Wait()
	return errors.Join(errs[:]...)
}

// cutLife is longer than any session lives.
const cutLife = 290 * 365 * 24 * time.Hour

// commander is a rueidis.Client, or one of its connections.
type commander interface {
	B() rueidis.Builder
	Do(context.Context, rueidis.Completed) rueidis.RedisResult
}

// run runs a script. Redis is sent the text of it only if it does not know it.
func (s *Store) run(ctx context.Context, c commander, script script, keys, args []string) rueidis.RedisResult {
	n := int64(len(keys))
	result := c.Do(ctx, c.B().Evalsha().Sha1(script.sha).Numkeys(n).Key(keys...).Arg(args...).Build())
	if err, ok := rueidis.IsRedisErr(result.Error()); ok && err.IsNoScript() {
		result = c.Do(ctx, c.B().Eval().Script(script.text).Numkeys(n).Key(keys...).Arg(args...).Build())
	}
	return result
}

// write runs a script that writes, and waits for the replicas that have to have
// what it wrote.
func (s *Store) write(ctx context.Context, script script, args []string, keys ...string) (n int64, err error) {
	if s.replicas == 0 {
		n, err = s.run(ctx, s.client, script, keys, args).ToInt64()
		return n, s.failed(err)
	}
	// WAIT waits for what its own connection wrote, and keeps others from using
	// it. It gives up before the call does.
	patience := (s.timeout * 3 / 4).Milliseconds()
	err = s.client.Dedicated(func(c rueidis.DedicatedClient) error {
		if n, err = s.run(ctx, c, script, keys, args).ToInt64(); err != nil {
			return err
		}
		// A script that changed nothing leaves WAIT nothing to wait for. What it
		// saw may still be news to the replicas.
		mark := keys[0][:strings.LastIndexByte(keys[0], '}')+1] + "mark"
		if err := c.Do(ctx, c.B().Set().Key(mark).Value("").PxMilliseconds(1000).Build()).Error(); err != nil {
			return err
		}
		have, err := c.Do(ctx, c.B().Wait().Numreplicas(int64(s.replicas)).Timeout(patience).Build()).ToInt64()
		if err == nil && have < int64(s.replicas) {
			err = fmt.Errorf("%d of the %d replicas that ?wait asks for have the write", have, s.replicas)
		}
		return err
	})
	return n, s.failed(err)
}

// failed says what an error means.
func (s *Store) failed(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("redis: no answer within %v: %w", s.timeout, err)
	}
	return fmt.Errorf("redis: %w", err)
}
