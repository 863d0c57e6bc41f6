package iris

import (
	"fmt"
	"regexp"
)

// Regex returns middleware that runs the next handler if the path's parameters
// match, each as a whole, and answers 404 if not. The pairs are a parameter's
// name and its regular expression (see package regexp). It panics if there are
// none, or one is not whole, or an expression does not compile.
func (f *Framework) Regex(pairs ...string) HandlerFunc {
	if len(pairs) == 0 || len(pairs)%2 != 0 {
		panic(fmt.Sprintf("iris: Regex: %q: want pairs of a parameter's name and its expression", pairs))
	}
	expressions := make([]*regexp.Regexp, len(pairs)/2)
	for i := range expressions {
		expressions[i] = regexp.MustCompile(`\A(?:` + pairs[2*i+1] + `)\z`)
	}
	return func(ctx *Context) {
		for i, expression := range expressions {
			if !expression.MatchString(ctx.Param(pairs[2*i])) {
				ctx.NotFound()
				return
			}
		}
		ctx.Next()
	}
}
