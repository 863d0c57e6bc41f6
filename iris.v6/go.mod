module gopkg.in/kataras/iris.v6

go 1.26

require github.com/julienschmidt/httprouter v1.3.0

require pgregory.net/rapid v1.3.0
