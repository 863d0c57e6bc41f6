module gopkg.in/kataras/iris.v6

go 1.26

require github.com/julienschmidt/httprouter v1.3.0

require (
	github.com/gorilla/sessions v1.4.0
	pgregory.net/rapid v1.3.0
)

require github.com/gorilla/securecookie v1.1.2 // indirect
