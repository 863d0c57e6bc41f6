package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// TestProgramNeedsNoOtherFile does without docker what the documented Dockerfile
// says: it builds the program by the same command, and runs it as the same user in
// a directory that is its root and has nothing else.
func TestProgramNeedsNoOtherFile(t *testing.T) {
	dockerfile := block(t, "dockerfile", "FROM scratch")
	lines := regexp.MustCompile(`(?s)^FROM golang:([\d.]+) AS build\nCOPY \. (/\w+)\nRUN ([^\n]+)\nFROM scratch\n.*\nCOPY --from=build (\S+) /\nUSER (\d+)\nENTRYPOINT \["(\S+)"\]$`).FindStringSubmatch(dockerfile)
	if lines == nil {
		t.Fatalf("it is not understood:\n%s", dockerfile)
	}
	golang, source, build, built, user, entry := lines[1], lines[2], lines[3], lines[4], lines[5], lines[6]
	if mod, err := os.ReadFile("../../go.mod"); err != nil || !strings.Contains(string(mod), "\ngo "+golang) {
		t.Errorf("the image has Go %s, go.mod says %s, %v", golang, mod, err)
	}
	root := t.TempDir()
	build = strings.NewReplacer(source, "../..", built, filepath.Join(root, filepath.Base(built))).Replace(build)
	if out, err := exec.CommandContext(t.Context(), "sh", "-c", build).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", build, err, out)
	}
	if os.Geteuid() != 0 {
		t.Log("not run: only root may change the root directory")
		return
	}
	id, err := strconv.Atoi(user)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), entry, "-addr", "127.0.0.1:0")
	cmd.Dir, cmd.Env = "/", []string{}
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: uint32(id), Gid: uint32(id)}}
	s := startCommand(t, cmd)
	_, cookie := s.get(t, "/login", "")
	if got, _ := s.get(t, "/secret", cookie); got != cake {
		t.Errorf("after the login: %+v", got)
	}
	s.stop(t)
}
