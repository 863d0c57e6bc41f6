package sessions_test

import (
	"encoding/gob"
	"fmt"
	"reflect"
	"testing"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/sessions"
)

// inTwo runs one handler in a session and then another, in a second request. A
// panic in one of them, which the framework recovers, fails the test.
func inTwo(t *testing.T, first, second func(iris.Session)) {
	t.Helper()
	ran := 0
	app := server(sessions.New(sessions.Config{}), routes{
		"/1": func(ctx *iris.Context) { first(ctx.Session()); ran++ },
		"/2": func(ctx *iris.Context) { second(ctx.Session()); ran++ },
	})
	get(t, app, "/2", get(t, app, "/1", "").id(t))
	if ran != 2 {
		t.Errorf("%d handlers ran to their end, want 2", ran)
	}
}

func TestGettersConvertNumbersOnly(t *testing.T) {
	values := map[string]interface{}{"int": 7, "decimal": "7", "fraction": 7.5, "true": true, "one": 1, "text": "seven"}
	check := func(s iris.Session) {
		for _, test := range []struct {
			key            string
			integer, float float64 // what those getters return: -1 with an error
			boolean        bool    // there is one
		}{
			{"int", 7, 7, false},
			{"decimal", 7, 7, false},
			{"fraction", -1, 7.5, false},
			{"true", -1, -1, true},
			{"one", 1, 1, false},
			{"text", -1, -1, false},
			{"none", -1, -1, false},
		} {
			i, err := s.GetInt(test.key)
			wantNumber(t, "GetInt of "+test.key, i, err, test.integer)
			i64, err := s.GetInt64(test.key)
			wantNumber(t, "GetInt64 of "+test.key, i64, err, test.integer)
			f32, err := s.GetFloat32(test.key)
			wantNumber(t, "GetFloat32 of "+test.key, f32, err, test.float)
			f64, err := s.GetFloat64(test.key)
			wantNumber(t, "GetFloat64 of "+test.key, f64, err, test.float)
			if b, err := s.GetBoolean(test.key); b != test.boolean || (err == nil) != test.boolean {
				t.Errorf("GetBoolean of %s: %v, %v", test.key, b, err)
			}
		}
		if s.GetString("text") != "seven" || s.GetString("int") != "" || s.Get("none") != nil || s.Get("int") != 7 {
			t.Errorf("GetString: %q, %q; Get: %v, %v", s.GetString("text"), s.GetString("int"), s.Get("none"), s.Get("int"))
		}
		if got := s.GetAll(); !reflect.DeepEqual(got, values) {
			t.Errorf("GetAll: %v", got)
		}
	}
	inTwo(t, func(s iris.Session) {
		for key, value := range values {
			s.Set(key, value)
		}
		check(s)
	}, check)
}

// wantNumber wants an error with -1, and none with another number.
func wantNumber[T int | int64 | float32 | float64](t *testing.T, what string, got T, err error, want float64) {
	t.Helper()
	if float64(got) != want || (err != nil) != (want == -1) {
		t.Errorf("%s: %v, %v, want %v", what, got, err, want)
	}
}

func TestRequestReadsItsOwnWrites(t *testing.T) {
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
		for i := range 5 {
			s.Set(fmt.Sprint(i), i)
		}
		s.Clear()
		s.Set("d", 4)
		if got, want := s.GetAll(), map[string]interface{}{"d": 4}; !reflect.DeepEqual(got, want) {
			t.Errorf("in the next request: %v", got)
		}
	})
}

func TestValueChangedInPlaceIsStoredWhenSetAgain(t *testing.T) {
	type user struct{ Name string }
	gob.Register(&user{})
	st := watch()
	app := server(sessions.New(sessions.Config{Store: st}), routes{
		"/new": func(ctx *iris.Context) { ctx.Session().Set("user", &user{"a"}) },
		"/rename": func(ctx *iris.Context) {
			u := ctx.Session().Get("user").(*user)
			u.Name = "b"
			ctx.Session().Set("user", u)
		},
	})
	get(t, app, "/rename", get(t, app, "/new", "").id(t))
	st.want(t, "a value that was changed in place", "Create", "Read", "Update")
}
