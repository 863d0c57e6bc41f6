package sessions

import "gopkg.in/kataras/iris.v6/adaptors/sessions/store"

// NewDatabases returns the Store that UseDatabase makes of Databases.
func NewDatabases(all ...Database) store.Store { return &databases{all: all} }

// ReadStamp returns the text of the stamp that the text is, "" if it is none.
func ReadStamp(text string) string {
	s, ok := parseStamp(text)
	if !ok {
		return ""
	}
	return s.String()
}
