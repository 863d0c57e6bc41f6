package iris_test

import (
	"context"
	"net"
	"net/http"
	"os"
	"time"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/httprouter"
	"gopkg.in/kataras/iris.v6/adaptors/sessions"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis/service"
	"gopkg.in/kataras/iris.v6/middleware/basicauth"
	"gopkg.in/kataras/iris.v6/middleware/logger"
	"gopkg.in/kataras/iris.v6/middleware/recover"
)

// This function compiles as long as what v6 programs call has the form in which
// they call it: testdata/api says what there is, this what there has to be.
func _() {
	type (
		a = interface{}
		w = http.ResponseWriter
		r = *http.Request
		c = *iris.Context
		h = iris.HandlerFunc
		i = iris.RouteInfo
	)

	framework, router := new(iris.Framework), new(iris.Router)

	// The framework.
	var (
		_ func(...iris.OptionSetter) *iris.Framework = iris.New
		_ interface {
			Adapt(...iris.Policy)
			Boot() bool
			Listen(string)
			ListenTLS(addr, certFile, keyFile string)
			ListenUNIX(string, os.FileMode)
			Serve(net.Listener) error
			ServeHTTP(w, r)
			Set(...iris.OptionSetter)
			Must(error)
			Log(iris.LogMode, string)
			Path(string, ...a) string
			URL(string, ...a) string
			RouteParam(string) string
			RouteWildcardPath(path, name string) string
			Regex(...string) iris.HandlerFunc
		} = framework
		_ **iris.Router                = &framework.Router
		_ **iris.Configuration         = &framework.Config
		_ *func(context.Context) error = &framework.Shutdown

		_ iris.OptionSetter                       = iris.Configuration{}
		_ iris.OptionSetter                       = iris.OptionSet(nil)
		_ func() iris.Configuration               = iris.DefaultConfiguration
		_ func(string, a) iris.OptionSet          = iris.OptionOther
		_                                         = iris.Configuration{VHost: "", VScheme: "", ReadTimeout: time.Second, WriteTimeout: time.Second, MaxHeaderBytes: 1, DisablePathCorrection: true, EnablePathEscape: true, FireMethodNotAllowed: true, Charset: "", TimeFormat: "", Other: map[string]a{}}
		_ func() iris.LoggerPolicy                = iris.DevLogger
		_ iris.LogMode                            = iris.ProdMode + iris.DevMode
		_ func() iris.Policies                    = httprouter.New
		_ func(sessions.Config) sessions.Sessions = sessions.New
	)

	// The policies.
	var (
		_ = iris.Policies{
			LoggerPolicy: iris.LoggerPolicy(func(iris.LogMode, string) {}),
			EventPolicy: iris.EventPolicy{
				Boot: iris.EventListener(func(*iris.Framework) {}), Build: func(*iris.Framework) {}, Interrupted: func(*iris.Framework) {},
				Recover: func(*iris.Framework, error) {},
			},
			RouterReversionPolicy: iris.RouterReversionPolicy{
				StaticPath: func(string) string { return "" }, WildcardPath: func(path, name string) string { return "" },
				Param: func(string) string { return "" }, URLPath: func(i, ...string) string { return "" },
			},
			RouterBuilderPolicy: iris.RouterBuilderPolicy(func(iris.RouteRepository, iris.ContextPool) http.Handler { return nil }),
			RouterWrapperPolicy: iris.RouterWrapperPolicy(func(w, r, http.HandlerFunc) {}),
			SessionsPolicy:      iris.SessionsPolicy{Start: func(w, r) iris.Session { return nil }, Destroy: func(w, r) {}},
		}
		_ = []iris.Policy{
			iris.Policies{}, iris.LoggerPolicy(nil), iris.EventPolicy{}, iris.RouterReversionPolicy{},
			iris.RouterBuilderPolicy(nil), iris.RouterWrapperPolicy(nil), iris.SessionsPolicy{}, sessions.Sessions(nil),
		}
	)

	// Routes and handlers.
	var (
		_ **iris.ErrorHandlers = &router.Errors
		_ *iris.ContextPool    = &router.Context
		_ interface {
			Party(string, ...h) *iris.Router
			Use(...iris.Handler) *iris.Router
			UseFunc(...h) *iris.Router
			UseGlobal(...iris.Handler)
			UseGlobalFunc(...h)
			Done(...iris.Handler) *iris.Router
			DoneFunc(...h) *iris.Router
			Handle(method, path string, handlers ...iris.Handler) i
			HandleFunc(method, path string, handlers ...h) i
			Get(string, ...h) i
			Post(string, ...h) i
			Put(string, ...h) i
			Delete(string, ...h) i
			Head(string, ...h) i
			Options(string, ...h) i
			Connect(string, ...h) i
			Patch(string, ...h) i
			Trace(string, ...h) i
			None(string, ...h) i
			Any(string, ...h)
			OnError(statusCode int, handler h, patterns ...string)
			ServeHTTP(w, r)
			EmitError(int, c)
			Routes() iris.RoutesInfo
		} = router
		_ interface {
			ChangeName(string) i
			Name() string
			Method() string
			Path() string
			Subdomain() string
			Middleware() iris.Middleware
			IsOnline() bool
		} = i(nil)
		_ interface {
			Lookup(string) i
			Visit(func(i))
			ChangeName(i, string)
			ChangeMethod(i, string)
			ChangePath(i, string)
			ChangeMiddleware(i, iris.Middleware)
		} = iris.RouteRepository(nil)
		_ interface {
			Acquire(w, r) c
			Release(c)
			Run(w, r, func(c))
			Framework() *iris.Framework
		} = iris.ContextPool(nil)
		_ iris.Handler = h(nil)
		_              = iris.Middleware{h(nil)}
		_ func(a) h    = iris.ToHandler
	)

	// The context.
	var (
		_ = iris.Context{ResponseWriter: iris.ResponseWriter(nil), Request: r(nil), Middleware: iris.Middleware{}, Pos: int(0)}
		_ interface {
			context.Context
			iris.ResponseWriter
			Do()
			Next()
			StopExecution()
			IsStopped() bool
			Session() iris.Session
			SessionDestroy()
			Param(string) string
			ParamDecoded(string) string
			ParamInt(string) (int, error)
			ParamInt64(string) (int64, error)
			ParamsLen() int
			ParamsSentence() string
			Set(string, a)
			Get(string) a
			GetString(string) string
			GetInt(string) (int, error)
			VisitValues(func(string, a))
			ValuesLen() int
			Method() string
			Host() string
			ServerHost() string
			Path() string
			RemoteAddr() string
			RequestHeader(string) string
			IsAjax() bool
			URLParam(string) string
			URLParamInt(string) (int, error)
			URLParamInt64(string) (int64, error)
			URLParams() map[string]string
			FormValue(string) string
			FormValues() map[string][]string
			PostValue(string) string
			GetCookie(string) string
			SetCookie(*http.Cookie)
			SetCookieKV(name, value string)
			RemoveCookie(string)
			VisitAllCookies(func(name, value string))
			SetStatusCode(int)
			SetHeader(name, value string)
			Redirect(string, ...int)
			RedirectTo(string, ...a)
			Text(int, string) error
			HTML(int, string) error
			JSON(int, a) error
			Data(int, []byte) error
			ReadJSON(a) error
			EmitError(int)
			NotFound()
			Panic()
			Log(iris.LogMode, string, ...a)
			Framework() *iris.Framework
		} = c(nil)
		_ interface {
			http.ResponseWriter
			http.Flusher
			http.Hijacker
			WriteString(string) (int, error)
			Writef(string, ...a) (int, error)
			SetContentType(string)
			ContentType() string
			StatusCode() int
		} = iris.ResponseWriter(nil)
		_                     = iris.Map{"a": 1}
		_ func(string) string = iris.DecodeURL
		_ func(string) string = iris.DecodeQuery
		_ func(int) string    = iris.StatusText
	)

	// Sessions.
	var (
		_ interface {
			ID() string
			Get(string) a
			GetString(string) string
			GetInt(string) (int, error)
			GetInt64(string) (int64, error)
			GetFloat32(string) (float32, error)
			GetFloat64(string) (float64, error)
			GetBoolean(string) (bool, error)
			GetAll() map[string]a
			VisitAll(func(string, a))
			Set(string, a)
			Delete(string)
			Clear()
			HasFlash() bool
			GetFlash(string) a
			GetFlashString(string) string
			GetFlashes() map[string]a
			SetFlash(string, a)
			DeleteFlash(string)
			ClearFlashes()
		} = iris.Session(nil)
		_ interface {
			Adapt(*iris.Policies)
			UseDatabase(sessions.Database)
			Start(w, r) iris.Session
			Destroy(w, r)
			DestroyByID(string)
			DestroyAll()
		} = sessions.Sessions(nil)
		_ interface {
			Load(string) map[string]a
			Update(string, map[string]a)
		} = sessions.Database(nil)
		_ = sessions.Config{
			Cookie:  "",
			Encode:  func(string, a) (string, error) { return "", nil },
			Decode:  func(string, string, a) error { return nil },
			Expires: time.Hour, CookieLength: 32, DecodeCookie: true, DisableSubdomainPersistence: true,
		}
		_ func(...service.Config) *redis.Database = redis.New
		_ sessions.Database                       = (*redis.Database)(nil)
		_ func() service.Config                   = service.DefaultConfig
		_                                         = service.Config{
			Network: service.DefaultRedisNetwork, Addr: service.DefaultRedisAddr, Password: "", Database: "", MaxIdle: 1, MaxActive: 1,
			IdleTimeout: service.DefaultRedisIdleTimeout, Prefix: "", MaxAgeSeconds: service.DefaultRedisMaxAgeSeconds,
		}
	)

	// Middleware.
	var (
		_ func() h                    = recover.New
		_ func(...logger.Config) h    = logger.New
		_                             = logger.Config{Status: true, IP: true, Method: true, Path: true}
		_ func(basicauth.Config) h    = basicauth.New
		_ func(map[string]string) h   = basicauth.Default
		_ interface{ User(c) string } = basicauth.Config{Users: map[string]string{}, Realm: "", ContextKey: "", Expires: time.Hour}
	)
}
