// Package httptest tests an app with github.com/gavv/httpexpect/v2, without a network:
//
//	func TestApp(t *testing.T) {
//		e := httptest.New(newApp(), t)
//		e.GET("/secret").Expect().Status(iris.StatusForbidden)
//		e.GET("/login").Expect().Status(iris.StatusOK)
//		e.GET("/secret").Expect().Body().IsEqual("The cake is a lie!")
//	}
package httptest

import (
	"cmp"
	"crypto/tls"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gavv/httpexpect/v2"
	"gopkg.in/kataras/iris.v6"
)

// Configuration holds the settings of a test's client.
type Configuration struct {
	// ExplicitURL makes requests name the scheme and host themselves, in place
	// of the app's. Default: false.
	ExplicitURL bool
	// Debug logs every request and response. Default: false.
	Debug bool
}

// OptionSetter changes settings.
type OptionSetter interface {
	Set(*Configuration)
}

// OptionSet is a function used as an OptionSetter.
type OptionSet func(*Configuration)

// Set calls o.
func (o OptionSet) Set(c *Configuration) { o(c) }

// ExplicitURL sets Configuration.ExplicitURL.
func ExplicitURL(val bool) OptionSet { return func(c *Configuration) { c.ExplicitURL = val } }

// Debug sets Configuration.Debug.
func Debug(val bool) OptionSet { return func(c *Configuration) { c.Debug = val } }

// New boots the app and returns a client of it, which keeps cookies between requests
// and follows redirects, as a browser does. Requests go to the app's VScheme and
// VHost, by default http and localhost, or with ExplicitURL to the host that they
// name. With https they look as if they came over TLS.
func New(app *iris.Framework, t *testing.T, setters ...OptionSetter) *httpexpect.Expect {
	app.Boot()
	scheme := strings.TrimSuffix(cmp.Or(app.Config.VScheme, "http"), "://")
	return newExpect(scheme+"://"+cmp.Or(app.Config.VHost, "localhost"), t, httpexpect.Binder{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.RemoteAddr = "192.0.2.1:1234" // as in net/http/httptest
			app.ServeHTTP(w, r)
		}),
		TLS: &tls.ConnectionState{Version: tls.VersionTLS13, HandshakeComplete: true},
	}, setters)
}

// NewInsecure returns a client of a server that listens at the URL. It believes
// any certificate: it is for tests only.
func NewInsecure(baseURL string, t *testing.T, setters ...OptionSetter) *httpexpect.Expect {
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true}
	t.Cleanup(transport.CloseIdleConnections)
	return newExpect(baseURL, t, transport, setters)
}

func newExpect(baseURL string, t *testing.T, transport http.RoundTripper, setters []OptionSetter) *httpexpect.Expect {
	var c Configuration
	for _, s := range setters {
		s.Set(&c)
	}
	client := &http.Client{Transport: transport, Jar: httpexpect.NewCookieJar()}
	config := httpexpect.Config{BaseURL: baseURL, Client: client, Reporter: httpexpect.NewAssertReporter(t)}
	if c.ExplicitURL {
		config.BaseURL, config.Client = "", explicit{client}
	}
	if c.Debug {
		config.Printers = []httpexpect.Printer{httpexpect.NewDebugPrinter(t, true)}
	}
	return httpexpect.WithConfig(config)
}

// explicit is a client of requests without a base: httpexpect takes a whole URL
// for their path.
type explicit struct{ *http.Client }

func (c explicit) Do(r *http.Request) (*http.Response, error) {
	if r.URL.Host == "" {
		u, err := url.Parse(r.URL.Path)
		if err != nil || u.Host == "" {
			return nil, fmt.Errorf("httptest: ExplicitURL: %q is no URL with a scheme and a host", r.URL.Path)
		}
		u.RawQuery = cmp.Or(r.URL.RawQuery, u.RawQuery)
		r.URL, r.Host = u, u.Host
	}
	return c.Client.Do(r)
}
