package forward_test

import (
	"testing"
	"time"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
	"gopkg.in/kataras/iris.v6/internal/forward"
)

func key(n byte) store.Key { return store.Key{n} }

func wantFollow(t *testing.T, table *forward.Table, from, to byte) {
	t.Helper()
	if got := table.Follow(key(from)); got != key(to) {
		t.Errorf("key %d leads to %s, want %s", from, got, key(to))
	}
	if has := table.Has(key(from)); has != (from != to) {
		t.Errorf("key %d forwards: %v", from, has)
	}
}

func TestForwards(t *testing.T) {
	const life = store.ForwardTime
	for _, row := range []struct {
		name string
		test func(t *testing.T, table *forward.Table)
	}{
		{"an empty table forwards nothing", func(t *testing.T, table *forward.Table) {
			wantFollow(t, table, 1, 1)
			if table.DropOldest() {
				t.Error("it has an oldest forward")
			}
		}},
		{"every key of a chain leads to its end", func(t *testing.T, table *forward.Table) {
			table.Add(key(1), key(2), 0)
			table.Add(key(2), key(3), 1)
			wantFollow(t, table, 1, 3)
			wantFollow(t, table, 2, 3)
			wantFollow(t, table, 3, 3)
		}},
		{"a forward lasts for ForwardTime", func(t *testing.T, table *forward.Table) {
			table.Add(key(1), key(2), time.Second)
			table.Add(key(3), key(4), 2*time.Second)
			table.Expire(time.Second + life - 1)
			wantFollow(t, table, 1, 2)
			table.Expire(time.Second + life)
			wantFollow(t, table, 1, 1)
			wantFollow(t, table, 3, 4)
		}},
		{"the oldest forward is dropped first", func(t *testing.T, table *forward.Table) {
			table.Add(key(1), key(2), 0)
			table.Add(key(3), key(4), 1)
			if !table.DropOldest() {
				t.Error("there is no oldest forward")
			}
			wantFollow(t, table, 1, 1)
			wantFollow(t, table, 3, 4)
		}},
		{"a cleared table forwards nothing, and forwards again", func(t *testing.T, table *forward.Table) {
			table.Add(key(1), key(2), 0)
			table.Clear()
			wantFollow(t, table, 1, 1)
			table.Add(key(1), key(3), 1)
			table.Expire(life)
			wantFollow(t, table, 1, 3)
		}},
		{"Len counts the forwards", func(t *testing.T, table *forward.Table) {
			for i, step := range []struct {
				do  func()
				len int
			}{
				{func() {}, 0},
				{func() { table.Add(key(1), key(2), 0) }, 1},
				{func() { table.Add(key(3), key(4), 1) }, 2},
				{func() { table.Expire(life) }, 1},
				{func() { table.Expire(life + 1) }, 0},
				{func() { table.Add(key(1), key(2), life) }, 1},
				{func() { table.Clear() }, 0},
			} {
				if step.do(); table.Len() != step.len {
					t.Errorf("step %d: %d forwards, want %d", i, table.Len(), step.len)
				}
			}
		}},
	} {
		t.Run(row.name, func(t *testing.T) { row.test(t, new(forward.Table)) })
	}
}
