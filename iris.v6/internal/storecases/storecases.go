// Package storecases has the rows that the tests of several packages share.
package storecases

import (
	"encoding/gob"
	"time"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// LifeRow is a rule about the life of a session: what Limits.End and
// Limits.TouchDue return. The times are whole milliseconds, and
// Created <= Used <= Now.
type LifeRow struct {
	Name               string
	Limits             store.Limits
	Created, Used, Now time.Duration
	End                time.Duration
	TouchDue           bool
}

const (
	s = time.Second
	h = time.Hour
)

// LifeRows hold every implementation of these rules to the same table.
var LifeRows = []LifeRow{
	{"without limits a session never ends", store.Limits{}, 5 * s, 6 * s, 9000 * h, store.Never, false},
	{"Expires counts from the creation, however late the last use", store.Limits{Expires: 10 * s}, 5 * s, 14 * s, 14 * s, 15 * s, false},
	{"IdleTimeout counts from the last use", store.Limits{IdleTimeout: 10 * s}, 5 * s, 14 * s, 14 * s, 24 * s, false},
	{"IdleTimeout counts from the creation of a session that was not used", store.Limits{IdleTimeout: 10 * s}, 5 * s, 5 * s, 5 * s, 15 * s, false},
	{"of both limits the earlier one ends the session: Expires", store.Limits{Expires: 10 * s, IdleTimeout: 10 * s}, 5 * s, 8 * s, 8 * s, 15 * s, false},
	{"of both limits the earlier one ends the session: IdleTimeout", store.Limits{Expires: 20 * s, IdleTimeout: 10 * s}, 5 * s, 8 * s, 8 * s, 18 * s, false},
	{"a session lives just before its end", store.Limits{Expires: 10 * s}, 5 * s, 5 * s, 14999 * time.Millisecond, 15 * s, false},
	{"a session does not live at its end", store.Limits{Expires: 10 * s}, 5 * s, 5 * s, 15 * s, 15 * s, false},
	{"a use within a tenth of IdleTimeout is not recorded", store.Limits{IdleTimeout: 10 * s}, 5 * s, 8 * s, 8999 * time.Millisecond, 18 * s, false},
	{"a use after a tenth of IdleTimeout is recorded", store.Limits{IdleTimeout: 10 * s}, 5 * s, 8 * s, 9 * s, 18 * s, true},
	{"without IdleTimeout no use is recorded", store.Limits{Expires: h}, 5 * s, 5 * s, 30 * time.Minute, h + 5*s, false},
}

// Point is a value that only encoding/gob can encode.
type Point struct{ X, Y int }

func init() { gob.Register(Point{}) }

// Values has a value of every type that keeps its type in a store.
var Values = []store.Item{
	{Name: "bool", Value: true}, {Name: "int", Value: -1}, {Name: "int64", Value: int64(1) << 62},
	{Name: "float32", Value: float32(0.1)}, {Name: "float64", Value: 0.1},
	{Name: "string", Value: "\x00ü\xff"}, {Name: "bytes", Value: []byte{0, 255}},
	{Name: "time", Value: time.Date(2026, 2, 28, 23, 59, 59, 1, time.UTC)}, {Name: "gob", Value: Point{1, 2}},
}
