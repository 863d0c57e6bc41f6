package iris_test

import (
	"io"
	"strings"
	"testing"

	"gopkg.in/kataras/iris.v6"
)

// A trailer follows the body, so net/http sends it with a chunked body only:
// holding a body back must not make it one of known length.
func TestTrailersFollowTheBody(t *testing.T) {
	for name, length := range map[string]int{
		"of no length":                 0,
		"that net/http holds back too": 10,
		"that only we hold back":       3000,
		"that is not held back":        9000,
	} {
		t.Run(name, func(t *testing.T) {
			app, _ := newApp()
			app.Get("/", func(ctx *iris.Context) {
				ctx.SetHeader("Trailer", "X-Sum")
				ctx.WriteString(strings.Repeat("x", length))
				ctx.SetHeader("X-Sum", "42")
			})
			server := listenTo(t, app)
			resp, err := server.Client().Get(server.URL)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			body, err := io.ReadAll(resp.Body)
			equal(t, "error", err, nil)
			equal(t, "length", len(body), length)
			equal(t, "trailer", resp.Trailer.Get("X-Sum"), "42")
		})
	}
}
