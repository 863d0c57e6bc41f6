package sessions_test

import (
	"reflect"
	"testing"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/sessions"
)

// inTwo runs one handler in a session and then another, in a second request.
func inTwo(t *testing.T, first, second func(iris.Session)) {
	t.Helper()
	app := server(sessions.New(sessions.Config{}), routes{
		"/1": func(ctx *iris.Context) { first(ctx.Session()) },
		"/2": func(ctx *iris.Context) { second(ctx.Session()) },
	})
	get(t, app, "/2", get(t, app, "/1", "").id(t))
}

func TestGettersDoNotConvert(t *testing.T) {
	all := map[string]interface{}{
		"int": 1, "int64": int64(2), "float32": float32(3), "float64": 4.0, "bool": true, "string": "5",
	}
	check := func(s iris.Session) {
		getters := map[string]func(string) (interface{}, error){
			"int":     func(k string) (interface{}, error) { return s.GetInt(k) },
			"int64":   func(k string) (interface{}, error) { return s.GetInt64(k) },
			"float32": func(k string) (interface{}, error) { return s.GetFloat32(k) },
			"float64": func(k string) (interface{}, error) { return s.GetFloat64(k) },
			"bool":    func(k string) (interface{}, error) { return s.GetBoolean(k) },
		}
		for kind, getter := range getters {
			for key, value := range all {
				v, err := getter(key)
				if kind == key && (v != value || err != nil) {
					t.Errorf("the %s under %q: %v, %v", kind, key, v, err)
				}
				if kind != key && (err == nil || !reflect.ValueOf(v).IsZero()) {
					t.Errorf("the %s under %q: %v, %v, want an error", kind, key, v, err)
				}
			}
			if v, err := getter("none"); err == nil || !reflect.ValueOf(v).IsZero() {
				t.Errorf("the %s under a key without a value: %v, %v", kind, v, err)
			}
		}
		if s.GetString("string") != "5" || s.GetString("int") != "" || s.Get("none") != nil || s.Get("int") != 1 {
			t.Errorf("GetString: %q, %q; Get: %v, %v", s.GetString("string"), s.GetString("int"), s.Get("none"), s.Get("int"))
		}
		if got := s.GetAll(); !reflect.DeepEqual(got, all) {
			t.Errorf("GetAll: %v", got)
		}
	}
	inTwo(t, func(s iris.Session) {
		for key, value := range all {
			s.Set(key, value)
		}
		check(s)
	}, check)
}

func TestARequestReadsWhatItWrote(t *testing.T) {
	inTwo(t, func(s iris.Session) {
		s.Set("a", 1)
		s.Set("b", 1)
		s.Set("a", 2)
		s.Delete("b")
		if got, want := s.GetAll(), map[string]interface{}{"a": 2}; !reflect.DeepEqual(got, want) {
			t.Errorf("within the request: %v", got)
		}
	}, func(s iris.Session) {
		s.Delete("a")
		s.Set("c", 3)
		s.Clear()
		s.Set("d", 4)
		if got, want := s.GetAll(), map[string]interface{}{"d": 4}; !reflect.DeepEqual(got, want) {
			t.Errorf("in the next request: %v", got)
		}
	})
}

func TestAValueChangedInPlaceIsStoredWhenSetAgain(t *testing.T) {
	type user struct{ name string }
	store := watch()
	app := server(sessions.New(sessions.Config{Store: store}), routes{
		"/new": func(ctx *iris.Context) { ctx.Session().Set("user", &user{"a"}) },
		"/rename": func(ctx *iris.Context) {
			u := ctx.Session().Get("user").(*user)
			u.name = "b"
			ctx.Session().Set("user", u)
		},
	})
	get(t, app, "/rename", get(t, app, "/new", "").id(t))
	if n := store.writes.Load(); n != 1 {
		t.Errorf("%d writes, want 1", n)
	}
}

func TestFlashMessagesAreReadOnce(t *testing.T) {
	inTwo(t, func(s iris.Session) {
		if s.HasFlash() {
			t.Error("a new session has flash messages")
		}
		s.Set("a", "value")
		s.SetFlash("a", "flash")
		s.SetFlash("b", 2)
		s.SetFlash("c", 3)
		s.DeleteFlash("c")
		if !s.HasFlash() {
			t.Error("there are no flash messages after SetFlash")
		}
	}, func(s iris.Session) {
		if got := s.GetFlashString("a"); got != "flash" {
			t.Errorf("GetFlashString: %q", got)
		}
		if got := s.GetFlash("a"); got != nil {
			t.Errorf("the second GetFlash: %v", got)
		}
		if got := s.GetFlashString("b"); got != "" || s.GetFlash("b") != nil {
			t.Errorf("GetFlashString of an int: %q", got)
		}
		if s.HasFlash() || s.GetString("a") != "value" {
			t.Error("a message is left, or the value is gone")
		}
	})
	inTwo(t, func(s iris.Session) {
		s.SetFlash("a", 1)
		s.SetFlash("b", 2)
		s.Clear()
	}, func(s iris.Session) {
		if got, want := s.GetFlashes(), map[string]interface{}{"a": 1, "b": 2}; !reflect.DeepEqual(got, want) {
			t.Errorf("GetFlashes: %v", got)
		}
		if s.HasFlash() || len(s.GetFlashes()) > 0 {
			t.Error("GetFlashes has left some")
		}
		s.SetFlash("c", 3)
		s.ClearFlashes()
		if s.HasFlash() {
			t.Error("ClearFlashes has left some")
		}
	})
}
