package iris

import (
	"fmt"
	"regexp"
)

// Regex returns middleware that runs the next handler if the path's parameters
// match, each as a whole, and answers 404 otherwise. A pair is a parameter's name and
// its regular expression (see package regexp). Regex panics if there is no pair, if
// one is incomplete, or if an expression does not compile.
func (f *Framework) Regex(pairs ...string) HandlerFunc {
	if len(pairs) == 0 || len(pairs)%2 != 0 {
		panic(fmt.Sprintf("iris: Regex: %q: want pairs of a parameter's name and its expression", pairs))
	}
	expressions := make([]*regexp.Regexp, len(pairs)/2)
	for i := range expressions {
		expressions[i] = mustCompile("Regex", `\A(?:`+pairs[2*i+1]+`)\z`)
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

// mustCompile panics if the expression that the function of that name got does not compile.
func mustCompile(function, expression string) *regexp.Regexp {
	compiled, err := regexp.Compile(expression)
	if err != nil {
		panic(fmt.Sprintf("iris: %s: %v", function, err))
	}
	return compiled
}
