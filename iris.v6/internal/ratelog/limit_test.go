package ratelog

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestOneMessageASecondPasses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l Limit
		for _, row := range []struct {
			after   time.Duration
			message string // what passes, "" for nothing
		}{
			{0, "x"},
			{0, ""},
			{time.Second - 1, ""},
			{1, "x (and 2 more since the last record)"},
			{time.Second, "x"},
		} {
			<-time.After(row.after)
			if message, ok := l.Pass("x"); message != row.message || ok != (row.message != "") {
				t.Errorf("%v later: %q, %v, want %q", row.after, message, ok, row.message)
			}
		}
	})
}
