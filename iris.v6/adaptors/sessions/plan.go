package sessions

import "gopkg.in/kataras/iris.v6/adaptors/sessions/store"

// presence tells whether the store has the session, as far as the request knows.
type presence uint8

const (
	absent presence = iota // the client named no session that is live
	live
	ended // it was live when the request read it, but the store has since answered that it is not there
)

// edits are what the handlers have done to the session and save has not yet
// carried out.
type edits struct {
	destroyed bool         // the session was destroyed, before the changes
	changes   []store.Item // in the order of the calls
	items     []store.Item // the items of a session that begins with the changes
	renewing  bool         // a change is under a key of Config.RenewOn
	needed    bool         // the ID was asked for: the session begins even without items
}

// action is what is to be done in the store.
type action uint8

const (
	nothing action = iota
	create
	update
	renew
	destroy
	replace // destroy, then create
)

func (a action) String() string {
	return [...]string{"nothing", "create", "update", "renew", "destroy", "replace"}[a]
}

// cookieAction is what is to be done to the client's cookie.
type cookieAction uint8

const (
	keepCookie cookieAction = iota
	setCookie
	clearCookie
)

func (c cookieAction) String() string { return [...]string{"keep", "set", "clear"}[c] }

// decision is what becomes of a session.
type decision struct {
	action action
	cookie cookieAction
	then   presence // when it is done
}

// plan decides how the edits are carried out. sent tells that the client has a
// cookie for the session, live or not.
func plan(p presence, sent bool, e edits) decision {
	begins := len(e.items) > 0 || e.needed
	switch {
	case e.destroyed && p == live && begins:
		return decision{replace, setCookie, live}
	case e.destroyed && p == live:
		return decision{destroy, clearCookie, absent}
	case (e.destroyed || p == absent) && begins:
		return decision{create, setCookie, live}
	case e.destroyed && sent:
		return decision{nothing, clearCookie, absent}
	case e.destroyed:
		return decision{nothing, keepCookie, absent}
	case p == live && e.renewing:
		return decision{renew, setCookie, live}
	case p == live && len(e.changes) > 0:
		return decision{update, keepCookie, live}
	}
	// This includes every change to a session that has ended: it is dropped, as if
	// it had been written just before the end. To store it would bring the session
	// back from the dead.
	return decision{nothing, keepCookie, p}
}
