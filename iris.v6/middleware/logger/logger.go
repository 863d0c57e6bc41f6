// Package logger has middleware that logs requests:
//
//	app.Adapt(iris.DevLogger())
//	app.Use(logger.New())
//
// A line has the time, in Configuration.TimeFormat, how long the handlers took,
// and what the Config asks for.
package logger

import (
	"strconv"
	"strings"
	"time"

	"gopkg.in/kataras/iris.v6"
)

// Config says what a line has.
type Config struct {
	Status bool // the status of the response, as the handlers have left it
	IP     bool // the address of the connection's other end
	Method bool
	Path   bool // without the query, which may have secrets
}

// New returns the middleware. Without a Config a line has everything. It is a
// message for the developer: one whom a LoggerPolicy has to be adapted for. A
// request whose handler panics has the record of the panic in place of a line.
func New(config ...Config) iris.HandlerFunc {
	c := Config{Status: true, IP: true, Method: true, Path: true}
	if len(config) > 0 {
		c = config[0]
	}
	return func(ctx *iris.Context) {
		start := time.Now()
		ctx.Next()
		end := time.Now()
		line := []string{end.UTC().Format(ctx.Framework().Config.TimeFormat), end.Sub(start).String()}
		for _, field := range []struct {
			wanted bool
			text   func() string
		}{
			{c.Status, func() string { return strconv.Itoa(ctx.ResponseWriter.StatusCode()) }},
			{c.IP, ctx.RemoteAddr},
			{c.Method, func() string { return quote(ctx.Method()) }},
			{c.Path, func() string { return quote(ctx.Path()) }},
		} {
			if field.wanted {
				line = append(line, field.text())
			}
		}
		ctx.Log(iris.DevMode, "%s", strings.Join(line, " "))
	}
}

// quote returns what a client has chosen so that it cannot be taken for another
// field, or another line.
func quote(s string) string {
	if quoted := strconv.Quote(s); len(quoted) != len(s)+2 || strings.Contains(s, " ") {
		return quoted
	}
	return s
}
