module iris-sessions

go 1.26

require gopkg.in/kataras/iris.v6 v6.2.0

require (
	github.com/julienschmidt/httprouter v1.3.0 // indirect
	github.com/redis/rueidis v1.0.79 // indirect
	go.etcd.io/bbolt v1.5.0 // indirect
	golang.org/x/sys v0.47.0 // indirect
)

replace gopkg.in/kataras/iris.v6 => ./iris.v6
