//go:build linux || darwin

package bolt_test

import (
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/bolt"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

func TestFileIsPrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sessions.db")
	fill(t, path, 1)
	info, err := os.Stat(path)
	must(t, err)
	if info.Mode() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
}

func TestOpenRefusesNamedPipe(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "fifo")
	must(t, syscall.Mkfifo(fifo, 0o600))
	refused(t, fifo, "not a regular file")
}

// TestFullDiskLosesNothing limits the size of files, which is much like a full disk.
func TestFullDiskLosesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sessions.db")
	s := open(t, path, limits)
	must(t, s.Create(key(0), authenticated))
	must(t, s.Create(key(8888), []store.Item{{Name: "cart", Value: make([]byte, 1<<20)}})) // larger than what go test logs

	var before syscall.Rlimit
	must(t, syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before))
	info, err := os.Stat(path)
	must(t, err)
	signal.Ignore(syscall.SIGXFSZ)
	defer signal.Reset(syscall.SIGXFSZ)
	must(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: uint64(info.Size()), Max: before.Max}))
	defer syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before)
	acknowledged := []int{0}
	large := []store.Item{{Name: "cart", Value: make([]byte, 64<<10)}}
	for i := 1; ; i++ {
		if err = s.Create(key(i), large); err != nil {
			break
		}
		acknowledged = append(acknowledged, i)
	}
	if !strings.Contains(err.Error(), syscall.EFBIG.Error()) {
		t.Errorf("error %v", err)
	}
	if ok, err := s.Renew(key(0), key(5000), large); ok || err == nil {
		t.Errorf("Renew: %v, %v", ok, err)
	}
	must(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before))
	must(t, s.Create(key(9999), large))
	for _, i := range append(acknowledged, 9999) {
		if ok, err := s.Update(key(i), nil); !ok || err != nil || !lives(t, s, i) {
			t.Errorf("session %d, which was acknowledged: %v, %v", i, ok, err)
		}
	}
}

// TestUnreadablePageIsAnError truncates the file while it is in use, so its pages
// are addresses without memory.
func TestUnreadablePageIsAnError(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sessions.db")
	s, err := bolt.Open(path)
	must(t, err)
	must(t, s.SetLimits(store.Limits{}))
	must(t, os.Truncate(path, 0))
	read := func() error { _, _, err := s.Read(key(0)); return err }
	create := func() error { return s.Create(key(1), authenticated) }
	for i, call := range []func() error{create, read, create, s.Close} {
		if err := call(); err == nil || !strings.Contains(err.Error(), "the file is broken") {
			t.Errorf("call %d: %v", i, err)
		}
	}
}

func TestOpenRefusesFilesThatOthersMayChange(t *testing.T) {
	for _, row := range []struct {
		name string
		mode os.FileMode
		says string // "": it is opened
	}{
		{"the group may write", 0o620, "others than its owner may write it (-rw--w----): chmod go-w it"},
		{"all may write", 0o602, "others than its owner may write it (-rw-----w-): chmod go-w it"},
		{"others may read", 0o644, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "sessions.db")
			fill(t, path, 1)
			must(t, os.Chmod(path, row.mode))
			if row.says == "" {
				lives(t, open(t, path, limits), 0)
				return
			}
			refusedUnchanged(t, path, row.says)
		})
	}
}

func TestOpenRefusesSymbolicLink(t *testing.T) {
	dir := t.TempDir()
	path, link, none := filepath.Join(dir, "sessions.db"), filepath.Join(dir, "link"), filepath.Join(dir, "none")
	fill(t, path, 1)
	for _, target := range []string{path, none} {
		must(t, os.Symlink(target, link))
		refused(t, link, "a symbolic link: give the path of the file that it leads to")
		must(t, os.Remove(link))
	}
	if _, err := os.Stat(none); err == nil {
		t.Error("a file was made where a link leads")
	}
}
