package iris

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestSocketHasItsModeFromTheBeginning(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0))
	socket := filepath.Join(t.TempDir(), "s")
	l, err := bindUNIX(socket, 0o640)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	info, err := os.Stat(socket)
	if err != nil {
		t.Fatal(err)
	}
	if mode := info.Mode(); mode != os.ModeSocket|0o640 {
		t.Errorf("the socket begins with the mode %v", mode)
	}
}
