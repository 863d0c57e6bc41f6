package sessions

import (
	"strings"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// flashPrefix begins the name of a flash message's item. No key of a value
// begins with it.
const flashPrefix = "\x00flash:"

// isFlash tells whether an item is a flash message, and returns its key.
func isFlash(item store.Item) (key string, ok bool) { return strings.CutPrefix(item.Name, flashPrefix) }

// HasFlash implements iris.Session.
func (s *session) HasFlash() bool {
	for _, item := range s.view() {
		if _, ok := isFlash(item); ok {
			return true
		}
	}
	return false
}

// GetFlash implements iris.Session.
func (s *session) GetFlash(key string) (message interface{}) {
	s.edit(func() {
		if message = store.Value(s.view(), flashPrefix+key); message != nil {
			s.use(flashPrefix + key)
		}
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
	messages := make(map[string]interface{})
	s.edit(func() {
		for _, item := range s.view() {
			if key, ok := isFlash(item); ok {
				messages[key] = item.Value
				s.use(item.Name)
			}
		}
	})
	return messages
}

// use removes a message that is being read. The handlers of this request still
// see it, but no later request does. A HEAD request removes nothing, because its
// client gets no body: the message is for the GET that follows.
func (s *session) use(name string) {
	if s.keepRead {
		return
	}
	s.change(name, nil)
	s.show(nil)
}

// SetFlash implements iris.Session. It replaces a message even by an equal one,
// which may have been read already.
func (s *session) SetFlash(key string, value interface{}) {
	s.edit(func() {
		s.change(flashPrefix+key, value)
		s.show(s.edits.changes[len(s.edits.changes)-1:])
	})
}

// DeleteFlash implements iris.Session.
func (s *session) DeleteFlash(key string) { s.Delete(flashPrefix + key) }

// ClearFlashes implements iris.Session.
func (s *session) ClearFlashes() {
	s.edit(func() {
		for _, item := range s.view() {
			if _, ok := isFlash(item); ok {
				s.put(item.Name, nil)
			}
		}
	})
}
