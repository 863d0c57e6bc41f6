package logger_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/httprouter"
	"gopkg.in/kataras/iris.v6/httptest"
	"gopkg.in/kataras/iris.v6/middleware/logger"
)

// line returns the line that the middleware logs for a request, without a network.
func line(t *testing.T, format, path string, config ...logger.Config) string {
	t.Helper()
	var lines []string
	app := iris.New(iris.OptionTimeFormat(format))
	app.Adapt(httprouter.New(), iris.LoggerPolicy(func(mode iris.LogMode, line string) {
		if mode != iris.DevMode {
			t.Errorf("mode %d, want DevMode", mode)
		}
		lines = append(lines, line)
	}))
	log := logger.New(config...)
	app.Get("/", log, func(*iris.Context) {})
	app.Get("/teapot", log, func(ctx *iris.Context) { ctx.EmitError(iris.StatusTeapot) })
	app.Get("/x:rest", log, (*iris.Context).NotFound)
	httptest.New(app, t).GET(path).WithQuery("secret", "1").Expect()
	if len(lines) != 1 {
		t.Fatalf("lines: %q, want one", lines)
	}
	return lines[0]
}

func TestLine(t *testing.T) {
	for _, row := range []struct {
		rule         string
		config       []logger.Config
		format, path string
		want         string // TOOK stands for the time that the handlers took
	}{
		{"has everything by default", nil, http.TimeFormat, "/teapot",
			`[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT TOOK 418 192\.0\.2\.1 "GET" "/teapot"`},
		{"has the time in TimeFormat", nil, "<2006>", "/", `<\d{4}> TOOK 200 192\.0\.2\.1 "GET" "/"`},
		{"may have the status only", []logger.Config{{Status: true}}, "-", "/teapot", "- TOOK 418"},
		{"may have the address only", []logger.Config{{IP: true}}, "-", "/", `- TOOK 192\.0\.2\.1`},
		{"may have the method only", []logger.Config{{Method: true}}, "-", "/", `- TOOK "GET"`},
		{"may have the path only", []logger.Config{{Path: true}}, "-", "/teapot", `- TOOK "/teapot"`},
		{"may have the time only", []logger.Config{{}}, "-", "/", "- TOOK"},
		{"cannot be forged by a line break", nil, "-", "/x\n-", `- TOOK 404 192\.0\.2\.1 "GET" "/x\\n-"`},
		{"cannot be forged by a space", nil, "-", "/x y", `- TOOK 404 192\.0\.2\.1 "GET" "/x y"`},
	} {
		t.Run(row.rule, func(t *testing.T) {
			want := strings.Replace(row.want, "TOOK", "[0-9.]+(ns|µs|ms|s)", 1)
			if got := line(t, row.format, row.path, row.config...); !regexp.MustCompile(`\A` + want + `\z`).MatchString(got) {
				t.Errorf("line: %q, want one like %s", got, want)
			}
		})
	}
}

func TestTimeIsInUTC(t *testing.T) {
	defer func(local *time.Location) { time.Local = local }(time.Local)
	time.Local = time.FixedZone("far", 12*60*60)
	if got := line(t, "15 MST", "/"); !regexp.MustCompile(`^\d\d UTC `).MatchString(got) {
		t.Errorf("line: %q", got)
	}
}
