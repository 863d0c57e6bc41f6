//go:build unix

package e2e

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/httprouter"
	"gopkg.in/kataras/iris.v6/adaptors/sessions"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/bolt"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/memory"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// startApp runs this test binary as the program of TestLinearizable. A promise
// that its store is to break may follow the store's name, after a space.
func startApp(t *testing.T, addr, store string) *server {
	t.Helper()
	file, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), file, addr, store)
	cmd.Env = append(os.Environ(), asApp+"=1")
	return startCommand(t, cmd)
}

// asApp is the environment variable that makes this test binary the program.
const asApp = "E2E_APP"

// runApp serves the example's handlers, two further values and an end of the
// session. Each handler reads the session first, then the request's body, which
// the client delays, and then writes.
func runApp(addr, name string) {
	name, broken, _ := strings.Cut(name, " ")
	var st store.Store = memory.New()
	var err error
	if path, inFile := strings.CutPrefix(name, "bolt:"); inFile {
		st, err = bolt.Open(path)
	} else if name != "memory" {
		st, err = redis.Open(name)
	}
	if err != nil {
		panic(err)
	}
	switch broken {
	case "revive":
		st = revive{st}
	case "oldkey":
		st = oldKey{st}
	case "cache":
		st = &cache{Store: st}
	}
	app := iris.New()
	app.Adapt(httprouter.New())
	app.Adapt(sessions.New(sessions.Config{
		Cookie: "my_sessionid", Store: st, Expires: time.Hour, IdleTimeout: time.Hour, RenewOn: []string{"authenticated", "role"},
	}))
	app.UseFunc(func(ctx *iris.Context) {
		ctx.Session()
		if _, err := io.Copy(io.Discard, ctx.Request.Body); err != nil {
			return // the client has left
		}
		ctx.Next()
	})
	app.Get("/login", func(ctx *iris.Context) { ctx.Session().Set("authenticated", true) })
	app.Get("/logout", func(ctx *iris.Context) { ctx.Session().Set("authenticated", false) })
	app.Get("/role/:value", func(ctx *iris.Context) { ctx.Session().Set("role", ctx.Param("value")) })
	app.Get("/note/:value", func(ctx *iris.Context) { ctx.Session().Set("note", ctx.Param("value")) })
	app.Get("/destroy", func(ctx *iris.Context) { ctx.SessionDestroy() })
	app.Get("/secret", func(ctx *iris.Context) {
		s := ctx.Session()
		ctx.Writef("%v %v %v", s.Get("authenticated"), s.Get("role"), s.Get("note"))
	})
	app.Adapt(iris.EventPolicy{Build: func(*iris.Framework) { fmt.Printf("listening on http://%s\n", app.Config.VHost) }})
	app.Listen(addr)
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

// cache is a Store that notices no writes but its own.
type cache struct {
	store.Store
	items sync.Map
}

func (c *cache) Read(key store.Key) ([]store.Item, bool, error) {
	if items, ok := c.items.Load(key); ok {
		return items.([]store.Item), true, nil
	}
	items, ok, err := c.Store.Read(key)
	if ok {
		c.items.Store(key, items)
	}
	return items, ok, err
}

func (c *cache) Update(key store.Key, changes []store.Item) (bool, error) {
	defer c.items.Delete(key)
	return c.Store.Update(key, changes)
}

func (c *cache) Renew(old, key store.Key, changes []store.Item) (bool, error) {
	defer c.items.Delete(old)
	return c.Store.Renew(old, key, changes)
}

func (c *cache) Destroy(key store.Key) error {
	defer c.items.Delete(key)
	return c.Store.Destroy(key)
}
