package iris_test

import (
	"fmt"
	"net/http"
	"reflect"
	"testing"
	"time"

	"gopkg.in/kataras/iris.v6"
)

func wantConfig(t *testing.T, got, want iris.Configuration) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("configuration: %+v, want %+v", got, want)
	}
}

func TestDefaultConfiguration(t *testing.T) {
	want := iris.Configuration{
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       120 * time.Second,
		MaxHeaderBytes:    64 << 10,
		MaxBodyBytes:      10 << 20,
		Charset:           "UTF-8",
		TimeFormat:        http.TimeFormat,
		Other:             map[string]interface{}{},
	}
	wantConfig(t, iris.DefaultConfiguration(), want)
	wantConfig(t, *iris.New().Config, want)
}

// options has an option for every field of a Configuration, with a value that is
// not the default.
var options = map[string]struct {
	option iris.OptionSetter
	value  any
}{
	"VHost":                 {iris.OptionVHost("example.com"), "example.com"},
	"VScheme":               {iris.OptionVScheme("https"), "https"},
	"ReadHeaderTimeout":     {iris.OptionReadHeaderTimeout(1), time.Duration(1)},
	"ReadTimeout":           {iris.OptionReadTimeout(2), time.Duration(2)},
	"WriteTimeout":          {iris.OptionWriteTimeout(3), time.Duration(3)},
	"IdleTimeout":           {iris.OptionIdleTimeout(4), time.Duration(4)},
	"MaxHeaderBytes":        {iris.OptionMaxHeaderBytes(5), 5},
	"MaxBodyBytes":          {iris.OptionMaxBodyBytes(6), int64(6)},
	"DisablePathCorrection": {iris.OptionDisablePathCorrection(true), true},
	"EnablePathEscape":      {iris.OptionEnablePathEscape(true), true},
	"FireMethodNotAllowed":  {iris.OptionFireMethodNotAllowed(true), true},
	"Charset":               {iris.OptionCharset("latin1"), "latin1"},
	"TimeFormat":            {iris.OptionTimeFormat(time.Kitchen), time.Kitchen},
	"Other":                 {iris.OptionOther("a", 1), map[string]interface{}{"a": 1}},
}

func TestEveryFieldIsSetByItsOptionAndByAConfiguration(t *testing.T) {
	for field := range reflect.TypeFor[iris.Configuration]().Fields() {
		t.Run(field.Name, func(t *testing.T) {
			row, ok := options[field.Name]
			if !ok {
				t.Fatal("no option")
			}
			want := iris.DefaultConfiguration()
			var config iris.Configuration
			for _, c := range []*iris.Configuration{&want, &config} {
				reflect.ValueOf(c).Elem().FieldByName(field.Name).Set(reflect.ValueOf(row.value))
			}
			wantConfig(t, *iris.New(row.option).Config, want)
			wantConfig(t, *iris.New(config).Config, want)

			app := iris.New()
			app.Set(row.option)
			wantConfig(t, *app.Config, want)
		})
	}
}

func TestV6KeepConfigurationIsMergedIn(t *testing.T) {
	t.Run("a zero field changes nothing", func(t *testing.T) {
		app := iris.New(iris.OptionFireMethodNotAllowed(true), iris.OptionReadTimeout(1), iris.Configuration{})
		want := iris.DefaultConfiguration()
		want.FireMethodNotAllowed, want.ReadTimeout = true, 1
		wantConfig(t, *app.Config, want)
	})
	t.Run("other keys of Other stay", func(t *testing.T) {
		c := iris.Configuration{Other: map[string]interface{}{"a": 2}}
		app := iris.New(iris.OptionOther("a", 1), iris.OptionOther("b", 1), c)
		equal(t, "Other", fmt.Sprint(app.Config.Other), "map[a:2 b:1]")
		app.Config.Other["c"] = 3
		equal(t, "Other of the merged Configuration", fmt.Sprint(c.Other), "map[a:2]")
	})
	t.Run("later options count", func(t *testing.T) {
		app := iris.New(iris.Configuration{ReadTimeout: 1}, iris.OptionReadTimeout(2))
		equal(t, "ReadTimeout", app.Config.ReadTimeout, 2)
	})
}

func TestV6KeepOtherCanBeWrittenTo(t *testing.T) {
	app, _ := newApp()
	app.Config.Other["motto"] = "no lies"
	app.Get("/", func(ctx *iris.Context) { ctx.Writef("%v", ctx.Framework().Config.Other["motto"]) })
	wantAnswer(t, answer(app, "GET", "/"), 200, "no lies")
	var c iris.Configuration
	iris.OptionOther("a", 1).Set(&c)
	equal(t, "Other of a Configuration that had none", fmt.Sprint(c.Other), "map[a:1]")
}
