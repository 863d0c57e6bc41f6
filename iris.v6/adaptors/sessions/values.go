package sessions

import (
	"errors"
	"strings"
)

// ID implements iris.Session.
func (s *session) ID() (id string) {
	s.look()
	s.edit(func() {
		if s.id == "" {
			s.id, s.wanted = s.manager.cookies.ids.make(), true
			items := s.view()
			s.current.Store(&items)
		}
		id = s.id
	})
	return id
}

// Get implements iris.Session.
func (s *session) Get(key string) interface{} { return lookup(s.look(), key) }

// GetString implements iris.Session.
func (s *session) GetString(key string) string {
	text, _ := s.Get(key).(string)
	return text
}

// GetInt implements iris.Session.
func (s *session) GetInt(key string) (int, error) { return get[int](s, key) }

// GetInt64 implements iris.Session.
func (s *session) GetInt64(key string) (int64, error) { return get[int64](s, key) }

// GetFloat32 implements iris.Session.
func (s *session) GetFloat32(key string) (float32, error) { return get[float32](s, key) }

// GetFloat64 implements iris.Session.
func (s *session) GetFloat64(key string) (float64, error) { return get[float64](s, key) }

// GetBoolean implements iris.Session.
func (s *session) GetBoolean(key string) (bool, error) { return get[bool](s, key) }

var errNoValue = errors.New("sessions: no value of that type has that key")

func get[T any](s *session, key string) (T, error) {
	value, ok := s.Get(key).(T)
	switch {
	case ok:
		return value, nil
	case s.readErr != nil:
		return value, s.readErr
	}
	return value, errNoValue
}

// GetAll implements iris.Session.
func (s *session) GetAll() map[string]interface{} {
	all := make(map[string]interface{})
	s.VisitAll(func(key string, value interface{}) { all[key] = value })
	return all
}

// VisitAll implements iris.Session.
func (s *session) VisitAll(visit func(key string, value interface{})) {
	for _, item := range s.look() {
		if !strings.HasPrefix(item.Name, flashPrefix) {
			visit(item.Name, item.Value)
		}
	}
}

// Set implements iris.Session.
func (s *session) Set(key string, value interface{}) {
	s.edit(func() { s.put(key, value) })
}

// Delete implements iris.Session.
func (s *session) Delete(key string) { s.Set(key, nil) }

// Clear implements iris.Session.
func (s *session) Clear() {
	s.edit(func() {
		for _, item := range s.view() {
			if !strings.HasPrefix(item.Name, flashPrefix) {
				s.put(item.Name, nil)
			}
		}
	})
}
