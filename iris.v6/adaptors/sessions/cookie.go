package sessions

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// cookies reads and writes the cookie that carries the session ID: HttpOnly,
// for the whole of this host and no other.
type cookies struct {
	ids            ids
	encode         func(string, interface{}) (string, error)
	decode         func(string, string, interface{}) error
	alwaysSecure   bool
	plain, overTLS cookieForm
}

// cookieForm is a cookie's name and what follows its value.
type cookieForm struct {
	name, attributes, removal string
}

// longest is the life of the cookie of a session that never expires. Browsers
// keep no cookie longer (RFC 6265bis §5.5).
const longest = 400 * 24 * time.Hour

func newCookies(c Config) cookies {
	form := func(secure bool) cookieForm {
		f := cookieForm{name: c.Cookie}
		if secure && !c.InsecureNoHostPrefix {
			f.name = "__Host-" + f.name
		}
		cookie := http.Cookie{Name: f.name, Path: "/", HttpOnly: true, SameSite: c.SameSite, Secure: secure, MaxAge: -1}
		f.removal = cookie.String()
		switch {
		case c.Expires < 0:
			cookie.MaxAge = 0 // which leaves Max-Age out
		case c.Expires == 0:
			cookie.MaxAge = int(longest.Seconds())
		default:
			cookie.MaxAge = max(1, int(c.Expires.Seconds()))
		}
		f.attributes = strings.TrimPrefix(cookie.String(), f.name+"=")
		return f
	}
	return cookies{
		ids:          newIDs(c.CookieLength),
		encode:       c.Encode,
		decode:       c.Decode,
		alwaysSecure: c.Secure,
		plain:        form(false),
		overTLS:      form(true),
	}
}

func (c *cookies) form(r *http.Request) *cookieForm {
	if c.alwaysSecure || r.TLS != nil {
		return &c.overTLS
	}
	return &c.plain
}

const maxCandidates = 4

// candidates are the session IDs among a request's cookies, of which no more than
// maxCandidates are tried.
type candidates struct {
	cookies *cookies
	name    string
	lines   []string // the Cookie header's values that were not begun
	line    string   // the rest of the one that was
	tried   int
	sent    bool // there was a cookie of the session's name
}

func (c *cookies) candidates(r *http.Request) candidates {
	return candidates{cookies: c, name: c.form(r).name, lines: r.Header["Cookie"]}
}

// next returns the next ID, "" if there is none.
func (c *candidates) next() (id string) {
	for c.tried < maxCandidates {
		if c.line == "" {
			if len(c.lines) == 0 {
				return ""
			}
			c.line, c.lines = c.lines[0], c.lines[1:]
		}
		var value string
		if value, c.line = cookieValue(c.line, c.name); value == "" {
			continue
		}
		c.sent = true
		if id := c.cookies.id(c.name, value); id != "" {
			c.tried++
			return id
		}
	}
	return ""
}

// written returns the session ID that the response's cookie carries, "" if the
// cookie is to be removed; ok is false if there is no such cookie.
func (c *cookies) written(header http.Header, r *http.Request) (id string, ok bool) {
	name := c.form(r).name
	for _, line := range header["Set-Cookie"] {
		if value, ours := strings.CutPrefix(line, name+"="); ours {
			value, _, _ = strings.Cut(value, ";")
			return c.id(name, value), true
		}
	}
	return "", false
}

// id returns the session ID in a cookie's value, "" if there is none.
func (c *cookies) id(name, value string) string {
	if c.decode != nil {
		var id string
		if err := c.decode(name, value, &id); err != nil {
			return "" // not made by Encode
		}
		value = id
	}
	if !c.ids.valid(value) {
		return ""
	}
	return value
}

// cookieValue takes the first cookie off a Cookie header (RFC 6265 §4.2). The
// value is empty if the cookie has another name.
func cookieValue(line, name string) (value, rest string) {
	cookie, rest, _ := strings.Cut(line, ";")
	for cookie != "" && blank(cookie[0]) {
		cookie = cookie[1:]
	}
	if len(cookie) <= len(name) || cookie[len(name)] != '=' || cookie[:len(name)] != name {
		return "", rest
	}
	value = cookie[len(name)+1:]
	for value != "" && blank(value[len(value)-1]) {
		value = value[:len(value)-1]
	}
	return value, rest
}

func blank(c byte) bool { return c == ' ' || c == '\t' }

// line returns the Set-Cookie line for the ID.
func (c *cookies) line(r *http.Request, id string) (string, error) {
	form := c.form(r)
	if c.encode != nil {
		encoded, err := c.encode(form.name, id)
		if err == nil {
			err = (&http.Cookie{Name: form.name, Value: encoded}).Valid()
		}
		if err != nil {
			return "", fmt.Errorf("sessions: Config.Encode: %w", err)
		}
		id = encoded
	}
	return form.name + "=" + id + form.attributes, nil
}

// set makes the response carry the cookie of that line, and no other of its name.
func (c *cookies) set(header http.Header, r *http.Request, line string) {
	name := c.form(r).name + "="
	others := slices.DeleteFunc(header["Set-Cookie"], func(other string) bool { return strings.HasPrefix(other, name) })
	header["Set-Cookie"] = append(others, line)
}

// remove makes the client drop the cookie.
func (c *cookies) remove(header http.Header, r *http.Request) {
	c.set(header, r, c.form(r).removal)
}
