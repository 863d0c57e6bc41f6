package store

import "slices"

// Item is a value of a session and its name. As a change, a nil Value removes
// the name.
type Item struct {
	Name  string
	Value any
}

// Merge appends to dst the items as they are after the changes. dst must be
// empty; its memory is used as far as it reaches.
func Merge(dst, items, changes []Item) []Item {
	dst = append(dst, items...)
	for _, c := range changes {
		i := slices.IndexFunc(dst, func(item Item) bool { return item.Name == c.Name })
		switch {
		case i < 0 && c.Value != nil:
			dst = append(dst, c)
		case c.Value != nil:
			dst[i] = c
		case i >= 0:
			dst = slices.Delete(dst, i, i+1)
		}
	}
	return dst
}

// Value returns the value of that name, or nil if there is none.
func Value(items []Item, name string) any {
	for i := range items {
		if items[i].Name == name {
			return items[i].Value
		}
	}
	return nil
}
