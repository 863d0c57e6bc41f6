package redis

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"time"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis/service"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// Database is a Store in v6's form, for UseDatabase:
//
//	sess.UseDatabase(redis.New(service.Config{Addr: "127.0.0.1:6379"}))
//
// UseDatabase takes the Store out of it. Beside another Database, it calls Load
// and Update.
type Database struct {
	store *Store // has no limits until the session manager sets them
	own   *Store // what Load and Update use: without limits
}

// New connects to the Redis of the configuration. The defaults for its zero
// fields, and for no configuration, are those of service.DefaultConfig. New
// panics if it cannot connect, or if the configuration is wrong: programs call
// it when they start.
func New(configs ...service.Config) *Database {
	var c service.Config
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
	o.server.InitAddress = []string{cmp.Or(c.Addr, d.Addr)}
	o.server.Password = c.Password
	o.server.SelectDB = db
	o.prefix = cmp.Or(c.Prefix, o.prefix)
	o.idleWithoutLimits = time.Duration(cmp.Or(c.MaxAgeSeconds, d.MaxAgeSeconds)) * time.Second
	s, err := connect(o)
	if err != nil {
		panic(err)
	}
	own := &Store{conn: s.conn}
	own.life.Store(own.lifeArgs(store.Limits{}))
	return &Database{store: s, own: own}
}

// Store returns the Store, which has no limits until its SetLimits is called.
func (d *Database) Store() store.Store { return d.store }

// Close closes the connections.
func (d *Database) Close() error { return d.store.Close() }

// Load implements sessions.Database. It panics if Redis fails, and the request
// is answered with 503, not as if there were no session.
func (d *Database) Load(sid string) map[string]interface{} {
	items, _, err := d.own.Read(keyOf(sid))
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

func (d *Database) update(key store.Key, values map[string]interface{}) error {
	if len(values) == 0 {
		return d.own.Destroy(key)
	}
	items, there, err := d.own.Read(key)
	if err != nil {
		return err
	}
	for i := range items {
		items[i].Value = nil // remove the names that values does not have
	}
	for name, value := range values {
		items = append(items, store.Item{Name: name, Value: value})
	}
	if !there {
		return d.own.Create(key, items)
	}
	_, err = d.own.Update(key, items)
	return err
}

// keyOf returns the key that sid is the hexadecimal form of, or the hash of
// another name.
func keyOf(sid string) store.Key {
	if data, err := hex.DecodeString(sid); err == nil && len(data) == len(store.Key{}) {
		return store.Key(data)
	}
	return sha256.Sum256([]byte(sid))
}
