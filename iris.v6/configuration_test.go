package iris_test

import (
	"testing"
	"time"

	"gopkg.in/kataras/iris.v6"
)

func TestDefaultConfiguration(t *testing.T) {
	want := iris.Configuration{
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       120 * time.Second,
		MaxHeaderBytes:    64 << 10,
		Charset:           "UTF-8",
	}
	equal(t, "DefaultConfiguration()", iris.DefaultConfiguration(), want)
	equal(t, "New().Config", *iris.New().Config, want)
}

func TestOptionsSetTheirFieldAndNoOther(t *testing.T) {
	for name, test := range map[string]struct {
		option iris.OptionSetter
		change func(*iris.Configuration)
	}{
		"ReadHeaderTimeout":     {iris.OptionReadHeaderTimeout(1), func(c *iris.Configuration) { c.ReadHeaderTimeout = 1 }},
		"ReadTimeout":           {iris.OptionReadTimeout(2), func(c *iris.Configuration) { c.ReadTimeout = 2 }},
		"WriteTimeout":          {iris.OptionWriteTimeout(3), func(c *iris.Configuration) { c.WriteTimeout = 3 }},
		"IdleTimeout":           {iris.OptionIdleTimeout(4), func(c *iris.Configuration) { c.IdleTimeout = 4 }},
		"MaxHeaderBytes":        {iris.OptionMaxHeaderBytes(5), func(c *iris.Configuration) { c.MaxHeaderBytes = 5 }},
		"DisablePathCorrection": {iris.OptionDisablePathCorrection(true), func(c *iris.Configuration) { c.DisablePathCorrection = true }},
		"FireMethodNotAllowed":  {iris.OptionFireMethodNotAllowed(true), func(c *iris.Configuration) { c.FireMethodNotAllowed = true }},
		"Charset":               {iris.OptionCharset("latin1"), func(c *iris.Configuration) { c.Charset = "latin1" }},
		"a function":            {iris.OptionSet(func(c *iris.Configuration) { c.Charset = "x" }), func(c *iris.Configuration) { c.Charset = "x" }},
	} {
		t.Run(name, func(t *testing.T) {
			want := iris.DefaultConfiguration()
			test.change(&want)
			equal(t, "New(option)", *iris.New(test.option).Config, want)

			app := iris.New()
			app.Set(test.option)
			equal(t, "Set(option)", *app.Config, want)
		})
	}
}

func TestConfigurationAsOptionSetter(t *testing.T) {
	t.Run("its zero fields take the defaults", func(t *testing.T) {
		equal(t, "Config", *iris.New(iris.Configuration{}).Config, iris.DefaultConfiguration())
	})
	t.Run("its other fields are kept", func(t *testing.T) {
		want := iris.Configuration{
			ReadHeaderTimeout: 1, ReadTimeout: 2, WriteTimeout: 3, IdleTimeout: 4, MaxHeaderBytes: 5,
			DisablePathCorrection: true, FireMethodNotAllowed: true, Charset: "latin1",
		}
		equal(t, "Config", *iris.New(want).Config, want)
	})
	t.Run("it replaces what options before it set", func(t *testing.T) {
		app := iris.New(iris.OptionFireMethodNotAllowed(true), iris.OptionReadTimeout(1), iris.Configuration{})
		equal(t, "Config", *app.Config, iris.DefaultConfiguration())
	})
	t.Run("options after it change it", func(t *testing.T) {
		app := iris.New(iris.Configuration{ReadTimeout: 1}, iris.OptionReadTimeout(2))
		equal(t, "ReadTimeout", app.Config.ReadTimeout, 2)
	})
}
