package store_test

import (
	"slices"
	"testing"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

func TestMerge(t *testing.T) {
	a1, a2, b1, noA := store.Item{Name: "a", Value: 1}, store.Item{Name: "a", Value: 2}, store.Item{Name: "b", Value: 1}, store.Item{Name: "a"}
	for _, row := range []struct {
		rule                 string
		items, changes, want []store.Item
	}{
		{"a new name is added", []store.Item{a1}, []store.Item{b1}, []store.Item{a1, b1}},
		{"a name that is there gets the new value", []store.Item{a1, b1}, []store.Item{a2}, []store.Item{a2, b1}},
		{"nil removes a name", []store.Item{a1, b1}, []store.Item{noA}, []store.Item{b1}},
		{"nil for a name that is not there changes nothing", []store.Item{b1}, []store.Item{noA}, []store.Item{b1}},
		{"the last change of a name counts", nil, []store.Item{a1, noA, b1, a2}, []store.Item{b1, a2}},
	} {
		given := slices.Clone(row.items)
		got := store.Merge(make([]store.Item, 0, 8), row.items, row.changes)
		if !slices.Equal(got, row.want) || !slices.Equal(row.items, given) {
			t.Errorf("%s: %v of %v, want %v of %v", row.rule, got, row.items, row.want, given)
		}
		for _, item := range row.want {
			if value := store.Value(got, item.Name); value != item.Value {
				t.Errorf("%s: Value of %s is %v, want %v", row.rule, item.Name, value, item.Value)
			}
		}
	}
	if value := store.Value([]store.Item{b1}, "a"); value != nil {
		t.Errorf("Value of a name that is not there: %v", value)
	}
}
