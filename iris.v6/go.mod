module gopkg.in/kataras/iris.v6

go 1.26

require github.com/julienschmidt/httprouter v1.3.0

require (
	github.com/redis/rueidis v1.0.79
	go.etcd.io/bbolt v1.5.0
	pgregory.net/rapid v1.3.0
)

require golang.org/x/sys v0.47.0 // indirect
