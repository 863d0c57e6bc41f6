package sessions

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// FuzzCookie holds the reading of cookies to what net/http reads: the IDs that
// are tried are the first ones that net/http finds.
func FuzzCookie(f *testing.F) {
	id := strings.Repeat("Ab0_-", 8) + "AAA"
	for _, header := range []string{
		"", "=", ";", "irissessionid", "irissessionid=", "irissessionid=" + id, "a=b; irissessionid=" + id, "irissessionid=" + id + "; irissessionid=" + id,
		" irissessionid=" + id + "\t", "irissessionid=\"" + id + "\"", "irissessionid=" + id + "=", "irissessionid=" + id[:42] + "B",
		"irissessionid=a\x00b", "irissessionid=é", "Sessionid=" + id, "irissessionid;=" + id, "irissessionid==" + id, ";;;;", "a=\"b; irissessionid=" + id + "\"",
	} {
		f.Add(header)
	}
	cookies := newCookies(Config{}.withDefaults())
	f.Fuzz(func(t *testing.T, header string) {
		if strings.ContainsAny(header, "\r\n") || strings.Count(header, ";") > 2000 {
			return // no header has line breaks, and net/http reads no more than 3,000 cookies
		}
		r := &http.Request{Header: http.Header{"Cookie": {header}}}
		var got, want []string
		candidates := cookies.candidates(r)
		for id := candidates.next(); id != ""; id = candidates.next() {
			got = append(got, id)
		}
		for _, c := range r.CookiesNamed("irissessionid") {
			if cookies.ids.valid(c.Value) && !c.Quoted && len(want) < maxCandidates {
				want = append(want, c.Value)
			}
		}
		if !slices.Equal(got, want) && !strings.Contains(header, "irissessionid ") && !strings.Contains(header, "irissessionid\t") {
			t.Errorf("%q: tries %q, want %q", header, got, want)
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
