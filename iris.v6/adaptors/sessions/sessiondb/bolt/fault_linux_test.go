package bolt

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// breakFile puts a device in the place of the store's file, until mend is called.
func breakFile(t *testing.T, s *Store, device string) (mend func()) {
	t.Helper()
	file := descriptor(t, s.path)
	saved, err := syscall.Dup(file) // it keeps the lock
	must(t, err)
	fault, err := os.OpenFile(device, os.O_RDWR, 0)
	must(t, err)
	must(t, syscall.Dup3(int(fault.Fd()), file, syscall.O_CLOEXEC))
	must(t, fault.Close())
	return func() {
		must(t, syscall.Dup3(saved, file, syscall.O_CLOEXEC))
		must(t, syscall.Close(saved))
	}
}

// descriptor returns the number of the open file of that path.
func descriptor(t *testing.T, path string) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	must(t, err)
	for _, entry := range entries {
		if target, err := os.Readlink("/proc/self/fd/" + entry.Name()); err == nil && target == path {
			var n int
			_, err := fmt.Sscan(entry.Name(), &n)
			must(t, err)
			return n
		}
	}
	t.Fatalf("%s is not open", path)
	return 0
}

// TestFailedDiskIsNotUsedAgain has devices that fail like a disk does.
func TestFailedDiskIsNotUsedAgain(t *testing.T) {
	for _, row := range []struct {
		name, device, says string
		recovers           bool
	}{
		{"a full disk is used again", "/dev/full", syscall.ENOSPC.Error(), true},
		{"a disk that could not write is not used again", "/proc/self/mem", syscall.EIO.Error(), false},
		{"a disk that could not sync is not used again", "/dev/null", "the file is broken: " + syscall.EINVAL.Error(), false},
	} {
		t.Run(row.name, func(t *testing.T) {
			s, err := Open(filepath.Join(t.TempDir(), "sessions.db"))
			must(t, err)
			must(t, s.SetLimits(store.Limits{}))
			for range 3 { // afterwards there are free pages, so the file does not grow
				must(t, s.Create(store.Key{1}, nil))
				must(t, s.Destroy(store.Key{1}))
			}
			must(t, s.Create(store.Key{1}, nil))
			mend := breakFile(t, s, row.device)
			if err := s.Create(store.Key{2}, nil); err == nil || !strings.Contains(err.Error(), row.says) {
				t.Errorf("Create: %v, want %q", err, row.says)
			}
			mend()

			_, ok, readErr := s.Read(store.Key{1})
			for i, err := range []error{readErr, s.Create(store.Key{3}, nil)} {
				if (err == nil) != row.recovers {
					t.Errorf("call %d afterwards: %v", i, err)
				}
			}
			if ok != row.recovers {
				t.Errorf("afterwards a session is read: %v", ok)
			}
			must(t, s.db.Close())
			again := openAt(t, s.path, store.Limits{})
			for n, want := range []bool{false, true, row.recovers, row.recovers} {
				wantLive(t, again, store.Key{byte(n)}, want)
			}
		})
	}
}
