package sessions

import (
	"log/slog"
	"net"
	"net/http"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// LogLogins returns a Config.OnRenew that logs logins and logouts at level Info
// (ASVS 16.3.1). A change under a key of RenewOn to a value other than nil, false
// and "" is a login, by another user perhaps; a change from such a value to none
// is a logout. A record has the session's key before the change, unless the
// session began with it, and after it, and the client's address.
func LogLogins(log *slog.Logger) func(*http.Request, Renewal) {
	return func(r *http.Request, renewal Renewal) {
		event := "login"
		if !isUser(renewal.After) {
			if !isUser(renewal.Before) {
				return
			}
			event = "logout"
		}
		attrs := make([]slog.Attr, 0, 3)
		if renewal.Old != (store.Key{}) {
			attrs = append(attrs, slog.String("session_before", renewal.Old.String()))
		}
		attrs = append(attrs, slog.String("session", renewal.New.String()), slog.String("client", client(r)))
		log.LogAttrs(r.Context(), slog.LevelInfo, event, attrs...)
	}
}

func isUser(value interface{}) bool { return value != nil && value != false && value != "" }

// client is the address of the connection's other end, without the port.
func client(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
