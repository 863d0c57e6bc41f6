package sessions_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/gob"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/sessions"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/memory"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/store/storetest"
	"gopkg.in/kataras/iris.v6/internal/requesttest"
)

// table is a Database as a v6 program brings it: bytes under names.
type table struct {
	mu      sync.Mutex
	rows    map[string][]byte
	updates int
	broken  bool // panics, as the Database of sessiondb/redis does when Redis fails
}

func init() { gob.Register(time.Time{}) }

func newTable() *table { return &table{rows: make(map[string][]byte)} }

func (d *table) Load(sid string) (values map[string]interface{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.broken {
		panic("the Database is down")
	}
	if row, ok := d.rows[sid]; ok {
		if err := gob.NewDecoder(bytes.NewReader(row)).Decode(&values); err != nil {
			panic(err)
		}
	}
	return values
}

func (d *table) Update(sid string, values map[string]interface{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.broken {
		panic("the Database is down")
	}
	d.updates++
	if len(values) == 0 {
		delete(d.rows, sid)
		return
	}
	var row bytes.Buffer
	if err := gob.NewEncoder(&row).Encode(values); err != nil {
		panic(err)
	}
	d.rows[sid] = row.Bytes()
}

func TestDatabasesKeepTheContractWithinOneProcess(t *testing.T) {
	for n := 1; n <= 2; n++ {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			storetest.Run(t, storetest.Fixture{
				Open: func(*testing.T) store.Store {
					all := []sessions.Database{newTable(), newTable()}
					return sessions.NewDatabases(all[:n]...)
				},
				Bubble: synctest.Test,
				Wait:   func(d time.Duration) { <-time.After(d) },
			})
		})
	}
}

func TestDatabasesKeepWhatRequestsSet(t *testing.T) {
	db := newTable()
	_, one := using(sessions.Config{}, db)
	_, other := using(sessions.Config{}, db)
	requesttest.Requests(t, one, other)
}

// using returns a server whose sessions are in the Databases.
func using(config sessions.Config, databases ...sessions.Database) (*iris.Framework, sessions.Sessions) {
	manager := sessions.New(config)
	for _, db := range databases {
		manager.UseDatabase(db)
	}
	return server(manager), manager
}

func TestDatabaseKnowsHashOfIDOnly(t *testing.T) {
	db := newTable()
	app, _ := using(sessions.Config{}, db)
	id := get(t, app, "/set?v=mia", "").id(t)
	if sids := slices.Collect(maps.Keys(db.rows)); len(sids) != 1 || sids[0] != fmt.Sprintf("%x", sha256.Sum256([]byte(id))) {
		t.Errorf("names in the Database: %q, want the SHA-256 of the ID %q", sids, id)
	}
}

func TestSeveralDatabasesReadFirstAndWriteAll(t *testing.T) {
	one, other := newTable(), newTable()
	app, _ := using(sessions.Config{}, one, other)
	id := get(t, app, "/set?v=mia", "").id(t)
	for _, db := range []*table{one, other} {
		alone, _ := using(sessions.Config{}, db)
		wantBody(t, get(t, alone, "/read", id), "mia")
	}

	alone, _ := using(sessions.Config{}, other)
	get(t, alone, "/set?v=ali", id)
	wantBody(t, get(t, app, "/read", id), "mia") // the first one's

	clear(one.rows)
	wantBody(t, get(t, app, "/read", id), "ali")
	get(t, app, "/login", id)
	again, _ := using(sessions.Config{}, one)
	wantBody(t, get(t, again, "/read", id), "ali") // whole again

	get(t, app, "/destroy", id)
	if n := len(one.rows) + len(other.rows); n != 0 {
		t.Errorf("%d names in the Databases after the end of the session", n)
	}
}

func TestDatabaseIdleClockIsWrittenOncePerTenthAndEndsSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := newTable()
		app, _ := using(sessions.Config{IdleTimeout: 100 * time.Minute}, db)
		id := get(t, app, "/set?v=mia", "").id(t)
		for range 100 {
			<-time.After(time.Minute)
			wantBody(t, get(t, app, "/read", id), "mia")
		}
		if db.updates > 1+10 {
			t.Errorf("%d writes in 100 reads, want at most one in ten", db.updates-1)
		}
		<-time.After(100 * time.Minute)
		kept := len(db.rows)
		wantBody(t, get(t, app, "/read", id), "")
		if kept != 1 || len(db.rows) != 0 {
			t.Errorf("%d rows before and %d after the ended session is presented, want 1 and 0", kept, len(db.rows))
		}
	})
}

// forgetful is a Database that keeps nothing.
type forgetful struct{}

func (forgetful) Load(string) map[string]interface{}    { return nil }
func (forgetful) Update(string, map[string]interface{}) {}

func TestDestroyAllThatDoesNotHoldIsLogged(t *testing.T) {
	app, manager := using(sessions.Config{}, forgetful{})
	records := logged(app)
	manager.DestroyAll()
	if len(*records) != 1 || !strings.Contains((*records)[0], "destroy all: a Database has not kept") {
		t.Errorf("log records: %q", *records)
	}
}

func TestDestroyAllReachesOtherInstancesOfDatabaseAndHolds(t *testing.T) {
	db := newTable()
	app, manager := using(sessions.Config{}, db)
	other, _ := using(sessions.Config{}, db)
	id := get(t, other, "/set?v=ended", "").id(t)
	wantBody(t, get(t, other, "/read", id), "ended")
	before := maps.Clone(db.rows)
	manager.DestroyAll()
	wantBody(t, get(t, other, "/read", id), "")
	wantBody(t, get(t, other, "/read", get(t, app, "/set?v=new", "").id(t)), "new")

	// A Database that was down for a while finds nothing, and another instance has
	// stored the old session anew.
	db.rows = before // the session, and no mark that ends it
	wantBody(t, get(t, app, "/read", id), "")
	wantBody(t, get(t, other, "/read", id), "")
}

// better is a Database that has a Store.
type better struct {
	*table
	store store.Store
}

func (b better) Store() store.Store { return b.store }

func TestStoreOfDatabaseIsUsedIfItIsAlone(t *testing.T) {
	st := watch()
	db, second := better{newTable(), st}, newTable()
	app, manager := using(sessions.Config{}, db)
	get(t, app, "/set?v=mia", "")
	st.want(t, "alone", "Create")
	wantPanic(t, "another session manager", func() { using(sessions.Config{}, db) })
	manager.UseDatabase(second)
	get(t, app, "/set?v=mia", "")
	st.want(t, "beside another Database")
	if db.updates != 1 || second.updates != 1 {
		t.Errorf("Update was called %d and %d times, want 1 each", db.updates, second.updates)
	}
}

func TestUseDatabaseBesideStorePanics(t *testing.T) {
	wantPanic(t, "Config.Store is set", func() { using(sessions.Config{Store: memory.New()}, newTable()) })
}

func TestDatabaseForgetsForwards(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sessions.NewDatabases(newTable())
		s.SetLimits(store.Limits{})
		for i := range byte(2) {
			if err := s.Create(store.Key{i}, nil); err != nil {
				t.Fatal(err)
			}
			if ok, err := s.Renew(store.Key{i}, store.Key{i, 1}, nil); !ok || err != nil {
				t.Fatal(ok, err)
			}
			<-time.After(store.ForwardTime)
		}
		if ok, err := s.Update(store.Key{0}, nil); ok || err != nil {
			t.Errorf("an update by a key that was renewed two minutes ago: %v, %v, want that it finds nothing", ok, err)
		}
	})
}

// A value under the stamp's name does not lengthen a session's life.
func TestValueCannotForgeStamp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sessions.NewDatabases(newTable())
		s.SetLimits(store.Limits{Expires: time.Hour})
		forged := store.Item{Name: "\x00stamp", Value: "9000000000000000000 9000000000000000000 0"}
		if err := s.Create(store.Key{1}, []store.Item{forged}); err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Hour)
		if _, ok, err := s.Read(store.Key{1}); ok || err != nil {
			t.Errorf("read: %v, %v, want none", ok, err)
		}
	})
}

func FuzzStamp(f *testing.F) {
	for _, seed := range []string{"1 2 0", "-1 2 ABC", "", "1", "1 2", " 1 2 3", "1 2 3 4", "x y z", "9223372036854775808 0 0"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		once := sessions.ReadStamp(text)
		if twice := sessions.ReadStamp(once); once != "" && twice != once {
			t.Errorf("%q is %q, which is %q", text, once, twice)
		}
	})
}
