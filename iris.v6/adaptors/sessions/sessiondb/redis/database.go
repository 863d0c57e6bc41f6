package redis

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"time"

	"gopkg.in/kataras/iris.v6/adaptors/sessions"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis/service"
)

// Database is a Store in v6's form, for UseDatabase, which takes the Store out
// of it again:
//
//	sess.UseDatabase(redis.New(service.Config{Addr: "127.0.0.1:6379"}))
type Database struct{ store *Store }

// New connects to the Redis of the configuration, of which there is one at most;
// what it leaves out is as in service.DefaultConfig. It panics if it cannot, as
// it is called when the program starts.
func New(configs ...service.Config) *Database {
	c := service.DefaultConfig()
	for _, given := range configs {
		c = given
	}
	d := service.DefaultConfig()
	db, err := parseDatabase(cmp.Or(c.Database, d.Database))
	if err != nil {
		panic(fmt.Sprintf("redis: service.Config.Database: %v", err))
	}
	if c.MaxAgeSeconds < 0 || c.MaxAgeSeconds > math.MaxInt32 {
		panic(fmt.Sprintf("redis: service.Config.MaxAgeSeconds: %d is out of range", c.MaxAgeSeconds))
	}
	o := defaults()
	o.network = cmp.Or(c.Network, d.Network)
	o.addrs = []string{cmp.Or(c.Addr, d.Addr)}
	o.password = c.Password
	o.db = db
	o.prefix = cmp.Or(c.Prefix, o.prefix)
	o.idleWithoutLimits = time.Duration(cmp.Or(c.MaxAgeSeconds, d.MaxAgeSeconds)) * time.Second
	s, err := open(o)
	if err != nil {
		panic(err)
	}
	return &Database{s}
}

// Store returns the Store.
func (d *Database) Store() sessions.Store { return d.store }

// Close closes the connections.
func (d *Database) Close() error { return d.store.Close() }

// Load implements sessions.Database. It panics if Redis fails: the request is
// answered with an error then, and not as if there were no session.
func (d *Database) Load(sid string) map[string]interface{} {
	items, _, err := d.store.Read(context.Background(), keyOf(sid))
	if err != nil {
		panic(err)
	}
	values := make(map[string]interface{}, len(items))
	for _, item := range items {
		values[item.Name] = item.Value
	}
	return values
}

// Update implements sessions.Database. It panics if Redis fails.
func (d *Database) Update(sid string, values map[string]interface{}) {
	if err := d.update(keyOf(sid), values); err != nil {
		panic(err)
	}
}

func (d *Database) update(key sessions.Key, values map[string]interface{}) error {
	ctx := context.Background()
	if len(values) == 0 {
		return d.store.Destroy(ctx, key)
	}
	items, there, err := d.store.Read(ctx, key)
	if err != nil {
		return err
	}
	for i := range items {
		items[i].Value = nil // what values does not have goes
	}
	for name, value := range values {
		items = append(items, sessions.Item{Name: name, Value: value})
	}
	if !there {
		return d.store.Create(ctx, key, items)
	}
	_, err = d.store.Update(ctx, key, items)
	return err
}

// keyOf returns the key that sid is the hexadecimal form of, or the hash of
// another name.
func keyOf(sid string) sessions.Key {
	if data, err := hex.DecodeString(sid); err == nil && len(data) == len(sessions.Key{}) {
		return sessions.Key(data)
	}
	return sha256.Sum256([]byte(sid))
}
