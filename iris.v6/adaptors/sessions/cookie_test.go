package sessions

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// FuzzCookie holds the reading of cookies to what net/http reads: an id is found
// where net/http finds one, and nowhere else.
func FuzzCookie(f *testing.F) {
	id := strings.Repeat("Ab0_-", 8) + "AAA"
	for _, header := range []string{
		"", "=", ";", "sessionid", "sessionid=", "sessionid=" + id, "a=b; sessionid=" + id, "sessionid=" + id + "; sessionid=" + id,
		" sessionid=" + id + "\t", "sessionid=\"" + id + "\"", "sessionid=" + id + "=", "sessionid=" + id[:42] + "B",
		"sessionid=a\x00b", "sessionid=é", "Sessionid=" + id, "sessionid;=" + id, "sessionid==" + id, ";;;;", "a=\"b; sessionid=" + id + "\"",
	} {
		f.Add(header)
	}
	cookies := newCookies(Config{}.withDefaults())
	f.Fuzz(func(t *testing.T, header string) {
		if strings.ContainsAny(header, "\r\n") || strings.Count(header, ";") > 2000 {
			return // no header has line breaks, and net/http reads no more than 3,000 cookies
		}
		r := &http.Request{Header: http.Header{"Cookie": {header}}}
		got, _ := cookies.read(r)

		var ids []string
		for _, c := range r.CookiesNamed("sessionid") {
			if cookies.ids.valid(c.Value) && !c.Quoted {
				ids = append(ids, c.Value)
			}
		}
		switch {
		case got == "" && len(ids) > 0 && !strings.Contains(header, "sessionid ") && !strings.Contains(header, "sessionid\t"):
			t.Errorf("%q: no id, net/http has %q", header, ids)
		case got != "" && !slices.Contains(ids, got):
			t.Errorf("%q: id %q, net/http has %q", header, got, ids)
		case got != "" && got != ids[0]:
			t.Errorf("%q: id %q, net/http's first is %q", header, got, ids[0])
		}
	})
}

// FuzzID holds the recognition of ids to what make produces.
func FuzzID(f *testing.F) {
	f.Add("")
	ids := newIDs(32)
	f.Add(ids.make())
	f.Add(strings.Repeat("A", 43))
	f.Add(strings.Repeat("A", 42) + "\n")
	f.Add(strings.Repeat("A", 42) + "B")
	f.Fuzz(func(t *testing.T, text string) {
		got := ids.valid(text)
		raw, err := encoding.Strict().DecodeString(text)
		want := err == nil && len(raw) == 32 && !strings.ContainsAny(text, "\r\n")
		if got != want {
			t.Errorf("%q: taken for an id: %v, want %v", text, got, want)
		}
		if want && encoding.EncodeToString(raw) != text {
			t.Errorf("%q stands for the same bytes as %q", text, encoding.EncodeToString(raw))
		}
	})
}
