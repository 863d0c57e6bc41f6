//go:build unix

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// installed is where the documented unit has the program.
const installed = "/usr/local/bin/iris-sessions"

// unitFlags returns the flags of the program in a documented unit.
func unitFlags(unit string) []string {
	_, after, _ := strings.Cut(unit, "\nExecStart="+installed+" ")
	command, _, _ := strings.Cut(after, "\n")
	return strings.Fields(command)
}

func writeFile(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestUnit checks the unit with its addition for HTTPS, and runs the command of
// this one with the credentials as systemd hands them over.
func TestUnit(t *testing.T) {
	dir := t.TempDir()
	unit, addition := block(t, "ini", "[Unit]"), block(t, "ini", "LoadCredential=")
	if analyze, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Logf("the unit file was not checked: %v", err)
	} else {
		file := filepath.Join(dir, "iris-sessions.service")
		for range 2 { // without the addition, and with it
			writeFile(t, file, strings.ReplaceAll(unit, installed, program))
			if out, err := exec.CommandContext(t.Context(), analyze, "verify", "--man=no", file).CombinedOutput(); err != nil || len(out) > 0 {
				t.Errorf("systemd-analyze verify: %v\n%s", err, out)
			}
			writeFile(t, file+".d/tls.conf", strings.ReplaceAll(addition, installed, program))
		}
	}
	cert, key, roots := newCertificate(t)
	handedOver := strings.NewReplacer("/etc/ssl/example.com.pem", cert, "/etc/ssl/example.com.key", key)
	for _, credential := range regexp.MustCompile(`(?m)^LoadCredential=(\w+):(.+)$`).FindAllStringSubmatch(addition, -1) {
		if err := os.Symlink(handedOver.Replace(credential[2]), filepath.Join(dir, credential[1])); err != nil {
			t.Fatal(err)
		}
	}
	flags := strings.NewReplacer("${CREDENTIALS_DIRECTORY}", dir, ":443", "127.0.0.1:0").Replace(strings.Join(unitFlags(addition), " "))
	s := startCommand(t, exec.CommandContext(t.Context(), program, strings.Fields(flags)...))
	fetch(t, newClient(t, roots, true), "https://"+s.addr+"/secret", nil)
	s.stop(t)
}
