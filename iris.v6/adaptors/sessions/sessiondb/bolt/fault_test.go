package bolt

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"
	"testing"
)

// TestFullDiskIsNoFault has errors in the forms that bbolt returns.
func TestFullDiskIsNoFault(t *testing.T) {
	in := func(op string, err error) error { return &fs.PathError{Op: op, Path: "sessions.db", Err: err} }
	for _, row := range []struct {
		name string
		err  error
		want bool
	}{
		{"a write found no space", in("write", syscall.ENOSPC), true},
		{"a write found the user's share of the disk used up", in("write", syscall.EDQUOT), true},
		{"a write found the file too large", in("write", syscall.EFBIG), true},
		{"the file could not grow", fmt.Errorf("file resize error: %s", in("truncate", syscall.EFBIG)), true},
		{"a write failed", in("write", syscall.EIO), false},
		{"the size of the file could not be changed", fmt.Errorf("file resize error: %s", in("truncate", syscall.EIO)), false},
		{"a sync found no space, Linux", syscall.ENOSPC, false},
		{"a sync found no space, other systems", in("sync", syscall.ENOSPC), false},
		{"a sync found no space after the file has grown", fmt.Errorf("file sync error: %s", in("sync", syscall.ENOSPC)), false},
		{"something else failed", errors.New("mmap allocate error"), false},
	} {
		if got := isFull(row.err); got != row.want {
			t.Errorf("%s: %v, want %v", row.name, got, row.want)
		}
	}
}
