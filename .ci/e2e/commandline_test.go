//go:build unix

package e2e

import (
	"bytes"
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis/redistest"
)

// TestCommandLine tests the reasons not to start.
func TestCommandLine(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, key, _ := newCertificate(t)
	inUse := filepath.Join(t.TempDir(), "sessions.db")
	start(t, "-store", "bolt:"+inUse)
	locked, hanging := redistest.Start(t), redistest.Start(t)
	hanging.Pause()
	for _, row := range []struct {
		rule string
		args []string // those with '=' are environment variables
		exit int
		says string // on stderr
	}{
		{"-h shows the usage", []string{"-h"}, 0, "Usage of iris-sessions"},
		{"an unknown flag is named", []string{"-adr", ":0"}, 2, "-adr"},
		{"a flag without its value is named", []string{"-addr"}, 2, "-addr"},
		{"an empty address is refused", []string{"-addr", ""}, 2, `-addr "" is no host:port`},
		{"an address without a port is refused", []string{"-addr", "127.0.0.1"}, 2, `-addr "127.0.0.1" is no host:port`},
		{"a port above 65535 is refused", []string{"-addr", "127.0.0.1:99999"}, 2, `-addr "127.0.0.1:99999" is no host:port`},
		{"an argument is refused", []string{"-secure-cookie", "false"}, 2, "unexpected argument"},
		{"of an argument that is a URL the password is not repeated", []string{"redis://:hunter2:1"}, 2, "a URL belongs to -store"},
		{"a malformed time is named", []string{"-idle", "soon"}, 2, `"soon" for flag -idle`},
		{"a time in days is told the units", []string{"-expires", "1d"}, 2, "a time is one such as 90s, 30m or 24h"},
		{"a malformed time in the environment is named", []string{"IRIS_SESSIONS_IDLE=soon"}, 2, `"IRIS_SESSIONS_IDLE"`},
		{"a negative life is refused", []string{"-expires", "-1s"}, 2, "-expires"},
		{"a negative idle time is refused", []string{"IRIS_SESSIONS_IDLE=-1s"}, 2, "-idle not be negative"},
		{"a malformed number is named", []string{"-max-sessions", "many"}, 2, `"many" for flag -max-sessions: parse error (`},
		{"room for no session is refused", []string{"-max-sessions", "0"}, 2, "-max-sessions"},
		{"an unknown level is named", []string{"IRIS_SESSIONS_LOG_LEVEL=loud"}, 2, `"IRIS_SESSIONS_LOG_LEVEL"`},
		{"an unknown log format is named", []string{"-log-format", "xml"}, 2, `-log-format "xml" is neither text nor json`},
		{"a malformed range of proxies is named", []string{"-trusted-proxies", "10.0.0.0/99"}, 2, `"10.0.0.0/99" is neither`},
		{"a malformed switch is named", []string{"IRIS_SESSIONS_SECURE_COOKIE=perhaps"}, 2, `"IRIS_SESSIONS_SECURE_COOKIE"`},
		{"a certificate needs a key", []string{"-tls-cert", "cert.pem"}, 2, "-tls-key"},
		{"a key needs a certificate", []string{"IRIS_SESSIONS_TLS_KEY=key.pem"}, 2, "-tls-cert"},
		{"the flag wins over the environment", []string{"IRIS_SESSIONS_ADDR=elsewhere", "-addr", "nonsense"}, 2, "nonsense"},
		{"the environment wins over the default", []string{"IRIS_SESSIONS_ADDR=elsewhere"}, 2, "elsewhere"},
		{"a taken port is named", []string{"-addr", taken.Addr().String()}, 1, taken.Addr().String()},
		{"a missing certificate is named", []string{"-tls-cert", "nowhere.pem", "-tls-key", key}, 1, "open nowhere.pem: no such file"},
		{"an unknown store is not repeated", []string{"IRIS_SESSIONS_STORE=file:hunter2"}, 2, "-store wants memory, bolt:PATH, redis://HOST:PORT or rediss://HOST:PORT"},
		{"bolt needs a file", []string{"-store", "bolt:"}, 2, "-store wants memory, bolt:PATH"},
		{"Redis needs a port", []string{"-store", "redis://:hunter2@localhost"}, 2, "host 1 of the URL is no host:port"},
		{"a wrongly escaped password is not repeated", []string{"-store", "redis://:%hunter2@localhost:1"}, 2, "write it as %25"},
		{"an unknown option of Redis is named", []string{"-store", "redis://:hunter2@localhost:1?cash"}, 2, "?cash is unknown"},
		{"a file of something else is refused", []string{"-store", "bolt:" + key}, 1, key + ": not a file of sessions"},
		{"a file in use is refused within a second", []string{"-store", "bolt:" + inUse}, 1, inUse + ": another process has the file open"},
		{"a file without its directory is refused", []string{"-store", "bolt:nowhere/sessions.db"}, 1, "nowhere/sessions.db: no such file"},
		{"a Redis that is down is named", []string{"-store", "redis://:hunter2@127.0.0.1:1"}, 1, "127.0.0.1:1: connect: connection refused"},
		{"a Redis over TLS that is down is named", []string{"-store", "rediss://:hunter2@127.0.0.1:1"}, 1, "127.0.0.1:1: connect: connection refused"},
		{"a wrong password of Redis is refused", []string{"-store", "redis://:hunter2@" + locked.Addr}, 1, "WRONGPASS"},
		{"a missing password of Redis is refused", []string{"-store", "redis://" + locked.Addr}, 1, "NOAUTH"},
		{"a Redis that hangs is refused after a second", []string{"-store", "redis://:hunter2@" + hanging.Addr}, 1, "no answer within 1s"},
	} {
		t.Run(row.rule, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			cmd := exec.CommandContext(ctx, program)
			cmd.Env = os.Environ()
			for _, arg := range row.args {
				if strings.Contains(arg, "=") {
					cmd.Env = append(cmd.Env, arg)
				} else {
					cmd.Args = append(cmd.Args, arg)
				}
			}
			var stdout, stderr bytes.Buffer
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			began := time.Now()
			err := cmd.Run()
			if took := time.Since(began); cmd.ProcessState.ExitCode() != row.exit || took > 10*time.Second {
				t.Errorf("it ended after %v with %v, want exit status %d", took, err, row.exit)
			}
			said := stderr.String()
			if !strings.Contains(said, row.says) || row.exit > 0 && strings.Count(said, "\n") != 1 || stdout.Len() > 0 {
				t.Errorf("on stdout %q, on stderr %q, want one line there that says %q", &stdout, said, row.says)
			}
			if strings.Contains(said, "hunter2") {
				t.Error("the password is printed")
			}
		})
	}
}

func TestVersion(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), program, "-version").Output()
	if err != nil || !regexp.MustCompile(`^iris-sessions \S+ go1\.\S+\n$`).Match(out) {
		t.Errorf("%q, %v", out, err)
	}
}
