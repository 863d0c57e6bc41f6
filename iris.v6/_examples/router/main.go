// Router: a router adaptor, on the ServeMux of net/http.
package main

import (
	"flag"
	"net/http"
	"net/url"
	"regexp"

	"gopkg.in/kataras/iris.v6"
)

// serveMux is the adaptor: paths have parameters as in "/user/{name}".
func serveMux() iris.Policies {
	return iris.Policies{
		RouterBuilderPolicy: build,
		RouterReversionPolicy: iris.RouterReversionPolicy{
			Param:        func(name string) string { return "{" + name + "}" },
			WildcardPath: func(path, name string) string { return path + "/{" + name + "...}" },
			URLPath:      urlPath,
		},
	}
}

var param = regexp.MustCompile(`{(\w+)[.]*}`)

func build(repo iris.RouteRepository, pool iris.ContextPool) http.Handler {
	mux := http.NewServeMux()
	repo.Visit(func(route iris.RouteInfo) {
		if !route.IsOnline() {
			return
		}
		chain, params := route.Middleware(), param.FindAllStringSubmatch(route.Path(), -1)
		mux.HandleFunc(route.Method()+" "+route.Path(), func(w http.ResponseWriter, r *http.Request) {
			pool.Run(w, r, func(ctx *iris.Context) {
				for _, p := range params {
					ctx.Set(p[1], r.PathValue(p[1]))
				}
				ctx.Middleware = chain
				ctx.Do()
			})
		})
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		pool.Run(w, r, (*iris.Context).NotFound)
	})
	return mux
}

func urlPath(route iris.RouteInfo, args ...string) string {
	return param.ReplaceAllStringFunc(route.Path(), func(string) string {
		if len(args) == 0 {
			return ""
		}
		arg := args[0]
		args = args[1:]
		return url.PathEscape(arg)
	})
}

func main() {
	addr := flag.String("addr", "localhost:8080", "`address` to listen on")
	flag.Parse()

	app := iris.New()
	app.Adapt(serveMux())
	app.Get("/user/"+app.RouteParam("name"), func(ctx *iris.Context) {
		ctx.Writef("hello %s", ctx.Param("name"))
	}).ChangeName("user")
	app.Get("/me", func(ctx *iris.Context) { ctx.RedirectTo("user", "mia") })
	app.OnError(iris.StatusNotFound, func(ctx *iris.Context) { ctx.Writef("there is no %s", ctx.Path()) })

	app.Listen(*addr)
}
