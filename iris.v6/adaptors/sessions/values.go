package sessions

import (
	"cmp"
	"errors"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
	"gopkg.in/kataras/iris.v6/internal/number"
)

// The methods here and in flash.go are those of iris.Session.

func (s *session) Get(key string) interface{} { return store.Value(s.view(), key) }

func (s *session) GetString(key string) string {
	text, _ := s.Get(key).(string)
	return text
}

func (s *session) GetInt(key string) (int, error)         { return getNumber[int](s, key) }
func (s *session) GetInt64(key string) (int64, error)     { return getNumber[int64](s, key) }
func (s *session) GetFloat32(key string) (float32, error) { return getNumber[float32](s, key) }
func (s *session) GetFloat64(key string) (float64, error) { return getNumber[float64](s, key) }

func getNumber[T int | int64 | float32 | float64](s *session, key string) (T, error) {
	n, ok := number.As[T](s.Get(key))
	if !ok {
		return -1, s.noValue()
	}
	return n, nil
}

func (s *session) GetBoolean(key string) (bool, error) {
	value, ok := s.Get(key).(bool)
	if !ok {
		return false, s.noValue()
	}
	return value, nil
}

var errNoValue = errors.New("sessions: no value under that key is of that type or can be converted to it")

// noValue returns the reason why a value is missing.
func (s *session) noValue() error { return cmp.Or(s.readErr, errNoValue) }

func (s *session) GetAll() map[string]interface{} {
	all := make(map[string]interface{})
	s.VisitAll(func(key string, value interface{}) { all[key] = value })
	return all
}

func (s *session) VisitAll(visit func(key string, value interface{})) {
	for _, item := range s.view() {
		if !isFlash(item) {
			visit(item.Name, item.Value)
		}
	}
}

func (s *session) Set(key string, value interface{}) {
	s.edit(func() { s.put(key, value) })
}

func (s *session) Delete(key string) { s.Set(key, nil) }

func (s *session) Clear() { s.clear(false) }

// clear removes all flash messages, or all values.
func (s *session) clear(flash bool) {
	s.edit(func() {
		for _, item := range s.view() {
			if isFlash(item) == flash {
				s.put(item.Name, nil)
			}
		}
	})
}
