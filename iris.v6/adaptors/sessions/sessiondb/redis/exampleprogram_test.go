package redis_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis/redistest"
)

// TestExampleProgram runs _examples/redis twice: its sessions outlive the program.
func TestExampleProgram(t *testing.T) {
	server, addr := redistest.Start(t), redistest.FreeAddr(t)
	file := filepath.Join(t.TempDir(), "example.exe") // the ending does no harm where it has no meaning
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", file, "../../../../_examples/redis").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	jar, err := cookiejar.New(nil)
	must(t, err)
	client := &http.Client{Jar: jar, Timeout: 10 * time.Second}
	get := func(path string) (body string, err error) {
		resp, err := client.Get("http://" + addr + path)
		if err != nil {
			return "", err
		}
		defer resp.Body.Close()
		data, err := io.ReadAll(resp.Body)
		return string(data), err
	}
	for _, steps := range [][][2]string{ // a path and the expected body, for each step of a run
		{{"/get", `name is ""`}, {"/set?name=mia", ""}, {"/get", `name is "mia"`}},
		{{"/get", `name is "mia"`}, {"/destroy", ""}, {"/get", `name is ""`}},
	} {
		program := exec.CommandContext(t.Context(), file, "-addr", addr, "-redis", server.Addr)
		program.Env = append(program.Environ(), "REDIS_PASSWORD="+redistest.Password)
		must(t, program.Start())
		redistest.Eventually(t, "the program answers", func() bool { _, err := get("/get"); return err == nil })
		for _, step := range steps {
			if body, err := get(step[0]); err != nil || body != step[1] {
				t.Errorf("%s: %q, %v, want %q", step[0], body, err, step[1])
			}
		}
		client.CloseIdleConnections()
		must(t, program.Process.Signal(os.Interrupt))
		must(t, program.Wait())
	}
}
