package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// TestProgramNeedsNoOtherFile runs the program in a directory that is its root
// and has nothing else.
func TestProgramNeedsNoOtherFile(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Log("not tried: only root may change the root directory")
		return
	}
	root := t.TempDir()
	if err := os.Link(program, filepath.Join(root, "iris-sessions")); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "/iris-sessions", "-addr", "127.0.0.1:0")
	cmd.Dir, cmd.Env = "/", []string{}
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: root}
	s := startCommand(t, cmd)
	_, cookie := s.get(t, "/login", "")
	if got, _ := s.get(t, "/secret", cookie); got != cake {
		t.Errorf("after the login: %+v", got)
	}
	s.stop(t)
}
