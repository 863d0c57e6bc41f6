package sessions

import (
	"fmt"
	"slices"
	"testing"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// content is what the changes of a request amount to.
type content uint8

const (
	noChange  content = iota
	onlyGone          // changes that leave no item: a value set and deleted
	someItems         // changes that leave items
)

// TestPlan has a row for each rule. Every combination of presence, cookie and edits
// falls under exactly one of them.
func TestPlan(t *testing.T) {
	var (
		either  = []bool{false, true}
		no, yes = either[:1], either[1:]
		changed = []content{onlyGone, someItems}
		any     = []content{noChange, onlyGone, someItems}
	)
	rows := []struct {
		rule      string
		found     []presence
		sent      []bool
		destroyed []bool
		content   []content
		needed    []bool
		renewing  []bool
		want      decision
	}{
		{"reading what does not exist stores nothing (rule 3)", []presence{absent}, either, no, []content{noChange, onlyGone}, no, either, decision{nothing, keepCookie, absent}},
		{"the first write begins a session, under an ID that the client did not choose (rules 2, 3)", []presence{absent}, either, no, []content{someItems}, either, either, decision{create, setCookie, live}},
		{"asking for the ID begins a session (rule 3)", []presence{absent}, either, no, []content{noChange, onlyGone}, yes, either, decision{create, setCookie, live}},

		{"reading a live session writes nothing", []presence{live}, either, no, []content{noChange}, either, no, decision{nothing, keepCookie, live}},
		{"a change is written under the same ID", []presence{live}, either, no, changed, either, no, decision{update, keepCookie, live}},
		{"a change under a RenewOn key moves the session to a new ID (rule 4)", []presence{live}, either, no, any, either, yes, decision{renew, setCookie, live}},

		{"a write to a session that another request has ended is dropped (rule 5)", []presence{ended}, either, no, any, either, either, decision{nothing, keepCookie, ended}},

		{"destroying a live session ends it and clears the cookie (rule 9)", []presence{live}, either, yes, []content{noChange, onlyGone}, no, either, decision{destroy, clearCookie, absent}},
		{"a write after destroying begins another session", []presence{live}, either, yes, []content{someItems}, either, either, decision{replace, setCookie, live}},
		{"asking for the ID after destroying begins another session", []presence{live}, either, yes, []content{noChange, onlyGone}, yes, either, decision{replace, setCookie, live}},
		{"destroying what is not live clears a cookie that the client sent", []presence{absent, ended}, yes, yes, []content{noChange, onlyGone}, no, either, decision{nothing, clearCookie, absent}},
		{"destroying nothing does nothing", []presence{absent, ended}, no, yes, []content{noChange, onlyGone}, no, either, decision{nothing, keepCookie, absent}},
		{"a write after destroying what is not live begins a session", []presence{absent, ended}, either, yes, []content{someItems}, either, either, decision{create, setCookie, live}},
		{"asking for the ID after destroying what is not live begins a session", []presence{absent, ended}, either, yes, []content{noChange, onlyGone}, yes, either, decision{create, setCookie, live}},
	}
	for _, found := range []presence{absent, live, ended} {
		for n := range 2 * 2 * 2 * 2 * len(any) {
			sent, destroyed, needed, renewing, c := n&1 > 0, n&2 > 0, n&4 > 0, n&8 > 0, any[n/16]
			e := edits{destroyed: destroyed, needed: needed, renewing: renewing}
			if c != noChange {
				e.changes = []store.Item{{Name: "a", Value: 1}, {Name: "a"}}
			}
			if c == someItems && (destroyed || found != live) { // as save computes them
				e.items = []store.Item{{Name: "a", Value: 1}}
			}
			combination := fmt.Sprintf("found %d, sent %v, destroyed %v, content %d, needed %v, renewing %v", found, sent, destroyed, c, needed, renewing)
			matches := 0
			for _, row := range rows {
				if !slices.Contains(row.found, found) || !slices.Contains(row.sent, sent) || !slices.Contains(row.destroyed, destroyed) ||
					!slices.Contains(row.content, c) || !slices.Contains(row.needed, needed) || !slices.Contains(row.renewing, renewing) {
					continue
				}
				matches++
				if got := plan(found, sent, e); got != row.want {
					t.Errorf("%s\n(%s): %v, want %v", row.rule, combination, got, row.want)
				}
			}
			if matches != 1 {
				t.Errorf("%s: %d rows apply, want 1", combination, matches)
			}
		}
	}
}
