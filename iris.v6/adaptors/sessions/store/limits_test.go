package store_test

import (
	"testing"
	"time"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
	"gopkg.in/kataras/iris.v6/internal/storecases"
)

func TestLimitsDecideTheLifeOfASession(t *testing.T) {
	rows := append([]storecases.LifeRow{
		{Name: "a last use before the creation does not shorten the life", Limits: store.Limits{IdleTimeout: 10 * time.Second},
			Created: 5 * time.Second, Used: 0, Now: 5 * time.Second, End: 15 * time.Second, TouchDue: true},
		{Name: "a limit that is too long to add to the time is none", Limits: store.Limits{Expires: store.Never, IdleTimeout: store.Never - 1},
			Created: 5 * time.Second, Used: 5 * time.Second, Now: time.Hour, End: store.Never},
	}, storecases.LifeRows...)
	for _, row := range rows {
		t.Run(row.Name, func(t *testing.T) {
			if end := row.Limits.End(row.Created, row.Used); end != row.End {
				t.Errorf("End: %v, want %v", end, row.End)
			}
			if due := row.Limits.TouchDue(row.Used, row.Now); due != row.TouchDue {
				t.Errorf("TouchDue: %v, want %v", due, row.TouchDue)
			}
		})
	}
}

func TestSessionIsAnonymousWithoutAnIdentity(t *testing.T) {
	user, cart := store.Item{Name: "user", Value: "mia"}, store.Item{Name: "cart", Value: 1}
	limits := store.Limits{Identity: []string{"role", "user"}}
	if !limits.Anonymous(nil) || !limits.Anonymous([]store.Item{cart}) || limits.Anonymous([]store.Item{cart, user}) {
		t.Error("want an empty session and one with a cart anonymous, and one with a user not")
	}
}

func TestSessionIsInUseForATenthOfIdleTimeoutOrAnHour(t *testing.T) {
	if got := (store.Limits{IdleTimeout: time.Minute}).InUse(); got != 6*time.Second {
		t.Errorf("%v, want 6s", got)
	}
	if got := (store.Limits{Expires: time.Minute}).InUse(); got != time.Hour {
		t.Errorf("%v without IdleTimeout, want 1h", got)
	}
}
