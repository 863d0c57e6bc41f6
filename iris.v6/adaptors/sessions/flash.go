package sessions

import "strings"

// flashPrefix begins the name of a flash message's item. No key of a value does.
const flashPrefix = "\x00flash:"

// HasFlash implements iris.Session.
func (s *session) HasFlash() bool {
	for _, item := range s.look() {
		if strings.HasPrefix(item.Name, flashPrefix) {
			return true
		}
	}
	return false
}

// GetFlash implements iris.Session.
func (s *session) GetFlash(key string) (message interface{}) {
	s.look()
	s.edit(func() {
		message = lookup(s.view(), flashPrefix+key)
		s.put(flashPrefix+key, nil)
	})
	return message
}

// GetFlashString implements iris.Session.
func (s *session) GetFlashString(key string) string {
	text, _ := s.GetFlash(key).(string)
	return text
}

// GetFlashes implements iris.Session.
func (s *session) GetFlashes() map[string]interface{} {
	s.look()
	return s.takeFlashes()
}

// SetFlash implements iris.Session.
func (s *session) SetFlash(key string, value interface{}) { s.Set(flashPrefix+key, value) }

// DeleteFlash implements iris.Session.
func (s *session) DeleteFlash(key string) { s.Delete(flashPrefix + key) }

// ClearFlashes implements iris.Session.
func (s *session) ClearFlashes() { s.takeFlashes() }

// takeFlashes removes the flash messages and returns them.
func (s *session) takeFlashes() map[string]interface{} {
	taken := make(map[string]interface{})
	s.edit(func() {
		for _, item := range s.view() {
			if key, flash := strings.CutPrefix(item.Name, flashPrefix); flash {
				taken[key] = item.Value
				s.put(item.Name, nil)
			}
		}
	})
	return taken
}
