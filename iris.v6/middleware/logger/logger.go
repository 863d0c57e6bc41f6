// Package logger logs requests, and the framework's messages, through log/slog:
//
//	app.Adapt(logger.Slog(slog.Default()), logger.Requests(slog.Default(), slog.LevelInfo))
//
// Its middleware logs the requests of some routes through the framework, in lines:
//
//	app.Adapt(iris.DevLogger())
//	app.Use(logger.New())
//
// A line has the time, in Configuration.TimeFormat, the time that the handlers took,
// and the parts that the Config asks for.
package logger

import (
	"fmt"
	"time"

	"gopkg.in/kataras/iris.v6"
)

// Config has the parts of a line.
type Config struct {
	Status bool // the status of the response, as the handlers have left it
	IP     bool // the address of the connection's other end
	Method bool
	Path   bool // without the query, which may have secrets
}

// New returns the middleware. Without a Config a line has everything. The line is a
// DevMode message, so it needs a LoggerPolicy, such as iris.DevLogger. A request
// whose handler panics has the record of the panic in place of a line.
func New(config ...Config) iris.HandlerFunc {
	c := Config{Status: true, IP: true, Method: true, Path: true}
	if len(config) > 0 {
		c = config[0]
	}
	return func(ctx *iris.Context) {
		start := time.Now()
		ctx.Next()
		end := time.Now()
		line := fmt.Appendf(nil, "%s %v", end.UTC().Format(ctx.Framework().Config.TimeFormat), end.Sub(start))
		if c.Status {
			line = fmt.Appendf(line, " %d", ctx.ResponseWriter.StatusCode())
		}
		if c.IP {
			line = fmt.Appendf(line, " %s", ctx.RemoteAddr())
		}
		if c.Method { // quoted, as the client has chosen it
			line = fmt.Appendf(line, " %q", ctx.Method())
		}
		if c.Path {
			line = fmt.Appendf(line, " %q", ctx.Path())
		}
		ctx.Log(iris.DevMode, "%s", line)
	}
}
