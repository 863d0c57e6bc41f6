package logger_test

import (
	"regexp"
	"testing"
	"time"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/httprouter"
	"gopkg.in/kataras/iris.v6/httptest"
	"gopkg.in/kataras/iris.v6/middleware/logger"
)

func TestLine(t *testing.T) {
	const took = `[0-9.]+(ns|µs|ms|s)`
	all := logger.Config{Status: true, IP: true, Method: true, Path: true}
	for name, test := range map[string]struct {
		config  []logger.Config
		options []iris.OptionSetter
		path    string
		want    string
	}{
		"has everything by default": {nil, nil, "/teapot",
			`[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT ` + took + ` 418 192\.0\.2\.1 "GET" "/teapot"`},
		"has the time in TimeFormat":             {nil, []iris.OptionSetter{iris.OptionTimeFormat("<2006>")}, "/", `<\d{4}> ` + took + ` 200 192\.0\.2\.1 "GET" "/"`},
		"has the status":                         {[]logger.Config{{Status: true}}, []iris.OptionSetter{iris.OptionTimeFormat("-")}, "/teapot", "- " + took + " 418"},
		"has the address":                        {[]logger.Config{{IP: true}}, []iris.OptionSetter{iris.OptionTimeFormat("-")}, "/", "- " + took + ` 192\.0\.2\.1`},
		"has the method":                         {[]logger.Config{{Method: true}}, []iris.OptionSetter{iris.OptionTimeFormat("-")}, "/", "- " + took + ` "GET"`},
		"has the path":                           {[]logger.Config{{Path: true}}, []iris.OptionSetter{iris.OptionTimeFormat("-")}, "/teapot", "- " + took + ` "/teapot"`},
		"has the time only, if nothing is asked": {[]logger.Config{{}}, []iris.OptionSetter{iris.OptionTimeFormat("-")}, "/", "- " + took},
		"cannot be forged by a line break":       {[]logger.Config{all}, []iris.OptionSetter{iris.OptionTimeFormat("-")}, "/x\n-", "- " + took + ` 404 192\.0\.2\.1 "GET" "/x\\n-"`},
		"cannot be forged by a space":            {[]logger.Config{all}, []iris.OptionSetter{iris.OptionTimeFormat("-")}, "/x y", "- " + took + ` 404 192\.0\.2\.1 "GET" "/x y"`},
	} {
		t.Run(name, func(t *testing.T) {
			var lines []string
			app := iris.New(test.options...)
			app.Adapt(httprouter.New(), iris.LoggerPolicy(func(mode iris.LogMode, line string) {
				if mode != iris.DevMode {
					t.Errorf("mode %d, want DevMode", mode)
				}
				lines = append(lines, line)
			}))
			log := logger.New(test.config...)
			app.Get("/", log, func(*iris.Context) {})
			app.Get("/teapot", log, func(ctx *iris.Context) { ctx.EmitError(iris.StatusTeapot) })
			app.Get("/x:rest", log, (*iris.Context).NotFound)
			httptest.New(app, t).GET(test.path).WithQuery("secret", "1").Expect()
			if len(lines) != 1 || !regexp.MustCompile(`\A`+test.want+`\z`).MatchString(lines[0]) {
				t.Errorf("lines: %q, want one like %s", lines, test.want)
			}
		})
	}
}

func TestTimeIsInUTC(t *testing.T) {
	defer func(local *time.Location) { time.Local = local }(time.Local)
	time.Local = time.FixedZone("far", 12*60*60)
	app := iris.New(iris.OptionTimeFormat("15 MST"))
	var line string
	app.Adapt(httprouter.New(), iris.LoggerPolicy(func(_ iris.LogMode, l string) { line = l }))
	app.Get("/", logger.New(logger.Config{}), func(*iris.Context) {})
	httptest.New(app, t).GET("/").Expect()
	if !regexp.MustCompile(`^\d\d UTC `).MatchString(line) {
		t.Errorf("line: %q", line)
	}
}
