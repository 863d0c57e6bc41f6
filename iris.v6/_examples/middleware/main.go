// Middleware: handlers and middleware of the standard library in an app.
package main

import (
	"flag"
	"net/http"
	"testing/fstest"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/httprouter"
)

// poweredBy is middleware in the form with next.
func poweredBy(w http.ResponseWriter, r *http.Request, next http.HandlerFunc) {
	w.Header().Set("X-Powered-By", "net/http")
	next(w, r)
}

// crossOrigin refuses requests that a page of another site makes a browser send.
func crossOrigin(w http.ResponseWriter, r *http.Request, next http.HandlerFunc) {
	protection.Handler(next).ServeHTTP(w, r) // middleware in the form http.Handler to http.Handler
}

var protection = http.NewCrossOriginProtection()

func main() {
	addr := flag.String("addr", "localhost:8080", "`address` to listen on")
	flag.Parse()

	app := iris.New()
	app.Adapt(httprouter.New())
	app.Use(iris.ToHandler(poweredBy), iris.ToHandler(crossOrigin))

	app.Post("/order", func(ctx *iris.Context) { ctx.WriteString("ordered") })
	app.Get("/func", iris.ToHandler(func(w http.ResponseWriter, r *http.Request) {
		w.Write([]byte("from net/http"))
	}))
	files := fstest.MapFS{"hello.txt": {Data: []byte("from a file")}}
	app.Get("/files/*path", iris.ToHandler(http.StripPrefix("/files", http.FileServerFS(files))))

	app.Listen(*addr)
}
