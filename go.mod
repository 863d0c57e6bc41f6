module iris-sessions

go 1.26.0

require (
	github.com/peterbourgon/ff/v3 v3.4.0
	gopkg.in/kataras/iris.v6 v6.2.0
)

require (
	github.com/julienschmidt/httprouter v1.3.0 // indirect
	github.com/redis/rueidis v1.0.79 // indirect
	go.etcd.io/bbolt v1.5.0 // indirect
	golang.org/x/sync v0.24.0 // indirect
	golang.org/x/sys v0.50.0 // indirect
	golang.org/x/text v0.43.0 // indirect
)

replace gopkg.in/kataras/iris.v6 => ./iris.v6
