package sessions

import (
	"slices"
	"strings"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// flashPrefix begins the name of a flash message's item. No program has a reason
// to begin the key of a value with it.
const flashPrefix = "\x00flash:"

func isFlash(item store.Item) bool { return strings.HasPrefix(item.Name, flashPrefix) }

func (s *session) HasFlash() bool { return slices.ContainsFunc(s.view(), isFlash) }

func (s *session) GetFlash(key string) (message interface{}) {
	s.edit(func() {
		if message = store.Value(s.view(), flashPrefix+key); message != nil {
			s.use(flashPrefix + key)
		}
	})
	return message
}

func (s *session) GetFlashString(key string) string {
	text, _ := s.GetFlash(key).(string)
	return text
}

func (s *session) GetFlashes() map[string]interface{} {
	messages := make(map[string]interface{})
	s.edit(func() {
		for _, item := range s.view() {
			if isFlash(item) {
				messages[strings.TrimPrefix(item.Name, flashPrefix)] = item.Value
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
	if !s.keepRead {
		s.change(name, nil)
		s.show(nil)
	}
}

// SetFlash replaces a message even by an equal one, which may have been read already.
func (s *session) SetFlash(key string, value interface{}) {
	s.edit(func() { s.set(flashPrefix+key, value) })
}

func (s *session) DeleteFlash(key string) { s.Delete(flashPrefix + key) }

func (s *session) ClearFlashes() { s.clear(true) }
