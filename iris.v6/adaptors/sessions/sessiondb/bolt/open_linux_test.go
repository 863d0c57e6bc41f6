package bolt_test

import (
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
)

// TestOpenSyncsDirectory opens a file in a directory that it may write and not read,
// so it cannot sync it. Root may do everything, so root becomes nobody, for this
// thread.
func TestOpenSyncsDirectory(t *testing.T) {
	dir := t.TempDir()
	if os.Getuid() == 0 {
		const nobody = 65534
		for _, path := range []string{filepath.Dir(dir), dir} {
			must(t, os.Chown(path, nobody, nobody))
		}
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		must(t, syscall.Setfsuid(nobody))
		defer syscall.Setfsuid(0)
	}
	must(t, os.Chmod(dir, 0o300))
	defer os.Chmod(dir, 0o700)
	refused(t, filepath.Join(dir, "sessions.db"), "permission denied")
	if _, err := os.Stat(filepath.Join(dir, "sessions.db")); err != nil {
		t.Errorf("the file was not made: %v", err)
	}
}
