//go:build unix

package e2e

import (
	"cmp"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis/redistest"
)

// TestREADMECommands runs the commands that README.md shows at first.
func TestREADMECommands(t *testing.T) {
	s := start(t)
	transcript(t, strings.ReplaceAll(block(t, "console", "localhost:8080/login"), "localhost:8080", s.addr))
	s.stop(t)
}

// TestREADMEChange makes the change that README.md shows in a copy of the program,
// and runs the command that tests it.
func TestREADMEChange(t *testing.T) {
	readme := files(t, "README.md")["../../README.md"]
	handler, test, _ := strings.Cut(block(t, "go", "func TestStatus"), "func Test")
	route, command := regexp.MustCompile("`(app.Get.+?)`").FindStringSubmatch(readme), regexp.MustCompile("`(go test .+?)`").FindStringSubmatch(readme)
	if route == nil || command == nil {
		t.Fatal("README.md has no route or no command")
	}
	dir := t.TempDir()
	shell := func(command string) string {
		cmd := exec.CommandContext(t.Context(), "sh", "-c", command, dir)
		cmd.Dir = "../.."
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", command, err, out)
		}
		return string(out)
	}
	shell(`cp go.* *.go "$0" && ln -s "$PWD/iris.v6" "$0"`)
	for _, change := range []struct{ file, before, add string }{
		{"handlers.go", "\nfunc secret", "\n" + handler},
		{"handlers_test.go", "\nfunc TestHandlers", "\nfunc Test" + test + "\n"},
		{"main.go", "\n\treturn app\n", "\n\t" + route[1]},
	} {
		file := filepath.Join(dir, change.file)
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		writeFile(t, file, strings.Replace(string(text), change.before, change.add+change.before, 1))
	}
	if out := shell(`cd "$0" && ` + command[1] + " -v"); !strings.Contains(out, "--- PASS: TestStatus") {
		t.Errorf("%s runs no test:\n%s", command[1], out)
	}
}

// TestREADMEInstances runs two instances behind a Redis, by the commands for
// three terminals.
func TestREADMEInstances(t *testing.T) {
	ports := []string{"6379", portOf(redistest.FreeAddr(t)), "8081", portOf(redistest.FreeAddr(t)), "8082", portOf(redistest.FreeAddr(t))}
	renumber := strings.NewReplacer(ports...)
	commands := strings.Split(renumber.Replace(block(t, "sh", "redis-server")), "\n")
	terminal := func(command string) *exec.Cmd {
		cmd := exec.CommandContext(t.Context(), "sh", "-c", "exec "+command)
		cmd.Dir = "../.."
		cmd.Env = append(os.Environ(), "TMPDIR="+t.TempDir())
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // as go run has a child
		cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
		return cmd
	}
	redis := terminal(commands[0])
	if err := redis.Start(); err != nil {
		t.Fatal(err)
	}
	untilOpen(t, "127.0.0.1:"+ports[1])
	var instances []*server
	for _, command := range commands[1:] {
		instances = append(instances, startCommand(t, terminal(command)))
	}
	transcript(t, renumber.Replace(block(t, "console", "localhost:8082")))
	for _, s := range instances {
		if err := syscall.Kill(-s.pid, syscall.SIGINT); err != nil {
			t.Error(err)
		}
		s.wait(t)
		s.lines(t, 1, "msg=stopped")
	}
	if err := errors.Join(redis.Process.Signal(os.Interrupt), redis.Wait()); err != nil {
		t.Error(err)
	}
}

// transcript runs the commands of a console and compares what they print. Of a
// response's header, the lines shown must be there, in any order. An ID is shown
// by its first characters: the first response with it says which it is.
func transcript(t *testing.T, text string) {
	t.Helper()
	dir := t.TempDir()
	shownID := regexp.MustCompile(`my_sessionid=\w+…`)
	ids := map[string]string{} // the cookie for each ID that the transcript shows
	reveal := func(text string) string {
		return shownID.ReplaceAllStringFunc(text, func(shown string) string { return cmp.Or(ids[shown], shown) })
	}
	steps := strings.Split("\n"+text, "\n$ ")[1:]
	for _, step := range steps {
		command, want, _ := strings.Cut(step, "\n")
		cmd := exec.CommandContext(t.Context(), "sh", "-c", reveal(command))
		cmd.Dir = dir
		cmd.Env = []string{"PATH=" + os.Getenv("PATH")} // no proxy
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("$ %s: %v (make test installs curl)", command, err)
		}
		got := strings.TrimSpace(strings.ReplaceAll(string(out), "\r\n", "\n"))
		want = strings.TrimSpace(want)
		if !strings.HasPrefix(want, "HTTP/") {
			if got != want {
				t.Errorf("$ %s\n%s\nshown is:\n%s", command, got, want)
			}
			continue
		}
		if shown := shownID.FindString(want); shown != "" && ids[shown] == "" {
			ids[shown] = regexp.MustCompile(`my_sessionid=[^;]+`).FindString(got)
		}
		lines := strings.Split(got, "\n")
		for i, line := range strings.Split(reveal(want), "\n") {
			if !slices.Contains(lines, line) || i == 0 && line != lines[0] {
				t.Errorf("$ %s\n%s\nshown is:\n%s", command, got, line)
			}
		}
	}
}

// TestREADMESettings compares the table of settings with what -h says.
func TestREADMESettings(t *testing.T) {
	usage, err := exec.CommandContext(t.Context(), program, "-h").CombinedOutput()
	if err != nil {
		t.Fatal(err)
	}
	readme := files(t, "README.md")["../../README.md"]
	flags := regexp.MustCompile(`(?m)^  -(\S+).*\n.*?(?:\(default "?(.*?)(?:0m0s)?"?\))?$`).FindAllStringSubmatch(string(usage), -1)
	for _, flag := range flags {
		row := "\n| `-" + flag[1] + "` | "
		if flag[2] != "" {
			row += "`" + strings.ToLower(flag[2]) + "` "
		}
		if !strings.Contains(readme, row+"| ") {
			t.Errorf("README.md has no row that begins with %s", row)
		}
	}
	if rows := strings.Count(readme, "\n| `-"); len(flags) != rows {
		t.Errorf("README.md has %d settings, the program %d", rows, len(flags))
	}
}
