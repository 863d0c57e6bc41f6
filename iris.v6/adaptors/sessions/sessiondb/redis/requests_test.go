package redis_test

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"testing"

	"github.com/gavv/httpexpect/v2"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/httprouter"
	"gopkg.in/kataras/iris.v6/adaptors/sessions"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis/redistest"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis/service"
	"gopkg.in/kataras/iris.v6/httptest"
	"gopkg.in/kataras/iris.v6/internal/requesttest"
)

func newDatabase(t *testing.T, server *redistest.Server) *redis.Database {
	t.Helper()
	db := redis.New(service.Config{Addr: server.Addr, Password: redistest.Password})
	t.Cleanup(func() { must(t, db.Close()) })
	return db
}

func newManager(databases ...sessions.Database) sessions.Sessions {
	manager := sessions.New(sessions.Config{Cookie: "id"})
	for _, db := range databases {
		manager.UseDatabase(db)
	}
	return manager
}

// newInstance returns a client of one of several servers that share a Redis.
func newInstance(t *testing.T, databases ...sessions.Database) *httpexpect.Expect {
	t.Helper()
	app := iris.New()
	app.Adapt(httprouter.New(), newManager(databases...), iris.LoggerPolicy(func(_ iris.LogMode, message string) { t.Log(message) }))
	app.Get("/set/:name", func(ctx *iris.Context) { ctx.Session().Set("name", ctx.Param("name")) })
	app.Get("/get", func(ctx *iris.Context) { ctx.WriteString(ctx.Session().GetString("name")) })
	app.Get("/destroy", func(ctx *iris.Context) { ctx.SessionDestroy() })
	return httptest.New(app, t)
}

func TestV6DifferAnotherInstancesWriteIsSeenAtTheNextRequest(t *testing.T) {
	server := redistest.Start(t)
	a, b := newInstance(t, newDatabase(t, server)), newInstance(t, newDatabase(t, server))
	cookie := a.GET("/set/mia").Expect().Status(200).Cookie("id").Value().Raw()
	for _, name := range []string{"ali", "eve"} {
		a.GET("/get").Expect().Status(200) // which v6 remembers
		b.GET("/set/"+name).WithCookie("id", cookie).Expect().Status(200)
		a.GET("/get").Expect().Status(200).Body().IsEqual(name)
	}
}

func TestV6DifferAnErrorIs503(t *testing.T) {
	server := redistest.Start(t)
	app, newcomer := newInstance(t, newDatabase(t, server)), newInstance(t, newDatabase(t, server))
	app.GET("/set/mia").Expect().Status(200)
	server.Pause()
	defer server.Resume()
	for _, request := range []*httpexpect.Request{app.GET("/get"), app.GET("/set/ali"), app.GET("/destroy"), newcomer.GET("/set/eve")} {
		response := request.Expect().Status(503)
		response.Header("Retry-After").NotEmpty()
		response.Cookies().IsEmpty()
	}
}

func TestInstancesServeEachOthersRequests(t *testing.T) {
	server := redistest.Start(t)
	requesttest.Requests(t, newManager(newDatabase(t, server)), newManager(newDatabase(t, server)))
}

func TestRedisHasTheValuesUnderTheHashOfTheID(t *testing.T) {
	server := redistest.Start(t)
	id := newInstance(t, newDatabase(t, server)).GET("/set/mia").Expect().Status(200).Cookie("id").Value().Raw()
	sum := sha256.Sum256([]byte(id))
	if key := server.Do("KEYS", "*"); key != fmt.Sprintf("session:{%02x}%s", sum[0], base64.RawURLEncoding.EncodeToString(sum[:])) {
		t.Errorf("the session of id %s has the key %s", id, key)
	} else if fields := server.Do("HKEYS", key); fields != "born\n=name" {
		t.Errorf("fields %q: want none that sessions.Database speaks of", fields)
	}
}

// Beside another Database, the Load and Update of redis.New's are used, and not
// its Store. Here the other one is a second Redis.
func TestRedisAndAnotherDatabaseBothHaveTheSession(t *testing.T) {
	first, second := redistest.Start(t), redistest.Start(t)
	app := newInstance(t, newDatabase(t, first), newDatabase(t, second))
	app.GET("/set/mia").Expect().Status(200)
	app.GET("/get").Expect().Body().IsEqual("mia")
	first.Do("FLUSHALL")
	app.GET("/get").Expect().Body().IsEqual("mia")
	app.GET("/set/ali").Expect().Status(200)
	second.Do("FLUSHALL")
	app.GET("/get").Expect().Body().IsEqual("ali")
	app.GET("/destroy").Expect().Status(200)
	if left := first.Do("KEYS", "*") + second.Do("KEYS", "*"); left != "" {
		t.Errorf("after the end of the session there are the keys %q", left)
	}
}
