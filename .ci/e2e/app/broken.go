package main

import (
	"fmt"
	"sync"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// breakStore returns a Store that breaks a promise, or the Store itself.
func breakStore(st store.Store, fault string) (store.Store, error) {
	switch fault {
	case "":
		return st, nil
	case "revive":
		return revive{st}, nil
	case "oldkey":
		return oldKey{st}, nil
	case "cache":
		return &cache{Store: st, items: map[store.Key][]store.Item{}}, nil
	}
	return nil, fmt.Errorf("nothing is broken by %q", fault)
}

// revive is a Store whose Update brings back a session that has ended.
type revive struct{ store.Store }

func (r revive) Update(key store.Key, changes []store.Item) (bool, error) {
	ok, err := r.Store.Update(key, changes)
	if err == nil && !ok {
		return true, r.Create(key, changes)
	}
	return ok, err
}

// oldKey is a Store whose Renew leaves the session readable under the old key.
type oldKey struct{ store.Store }

func (o oldKey) Renew(old, key store.Key, changes []store.Item) (bool, error) {
	items, ok, err := o.Read(old)
	if err != nil || !ok {
		return false, err
	}
	return true, o.Create(key, store.Merge(nil, items, changes))
}

// cache is a Store that knows of no writes but its own.
type cache struct {
	store.Store
	mu    sync.Mutex
	items map[store.Key][]store.Item
}

func (c *cache) Read(key store.Key) ([]store.Item, bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if items, ok := c.items[key]; ok {
		return items, true, nil
	}
	items, ok, err := c.Store.Read(key)
	if ok {
		c.items[key] = items
	}
	return items, ok, err
}

func (c *cache) Update(key store.Key, changes []store.Item) (bool, error) {
	defer c.forget(key)
	return c.Store.Update(key, changes)
}

func (c *cache) Renew(old, key store.Key, changes []store.Item) (bool, error) {
	defer c.forget(old)
	return c.Store.Renew(old, key, changes)
}

func (c *cache) Destroy(key store.Key) error {
	defer c.forget(key)
	return c.Store.Destroy(key)
}

func (c *cache) forget(key store.Key) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.items, key)
}
