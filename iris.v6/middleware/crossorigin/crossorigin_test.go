package crossorigin_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/httprouter"
	"gopkg.in/kataras/iris.v6/middleware/crossorigin"
)

func TestRequestFromAnotherOriginIsRefused(t *testing.T) {
	ran := 0
	var log strings.Builder
	app := iris.New()
	app.Adapt(httprouter.New())
	app.Any("/", crossorigin.New(crossorigin.Config{Log: slog.New(slog.NewTextHandler(&log, nil))}), func(*iris.Context) { ran++ })

	for _, row := range []struct {
		rule    string
		header  http.Header
		refused bool
	}{
		{"a request of no browser passes", nil, false},
		{"the address bar passes", http.Header{"Sec-Fetch-Site": {"none"}}, false},
		{"a page of this origin passes", http.Header{"Sec-Fetch-Site": {"same-origin"}}, false},
		{"a page of this origin passes behind a proxy that changes Host", http.Header{"Sec-Fetch-Site": {"same-origin"}, "Origin": {"https://example.org"}}, false},
		{"a page of this origin passes in an old browser", http.Header{"Origin": {"http://example.com"}}, false},
		{"another site is refused", http.Header{"Sec-Fetch-Site": {"cross-site"}}, true},
		{"a sibling subdomain is refused", http.Header{"Sec-Fetch-Site": {"same-site"}}, true},
		{"an unknown value is refused", http.Header{"Sec-Fetch-Site": {"elsewhere"}}, true},
		{"another site is refused in an old browser", http.Header{"Origin": {"http://evil.example"}}, true},
		{"a hidden origin is refused", http.Header{"Origin": {"null"}}, true},
		{"another port is refused in an old browser", http.Header{"Origin": {"http://example.com:81"}}, true},
	} {
		for _, method := range []string{"GET", "HEAD", "OPTIONS", "POST", "DELETE"} {
			t.Run(row.rule+"/"+method, func(t *testing.T) {
				ran = 0
				log.Reset()
				w, r := httptest.NewRecorder(), httptest.NewRequest(method, "/", nil) // to example.com
				r.Header = row.header
				app.ServeHTTP(w, r)
				status, runs, records := 200, 1, 0
				if row.refused {
					status, runs, records = 403, 0, 1
				}
				logged := strings.Count(log.String(), `level=WARN msg="request refused" path=/ client=192.0.2.1 error=`)
				if w.Code != status || ran != runs || logged != records || records == 0 && log.Len() > 0 {
					t.Errorf("status %d, want %d; the handler ran %d times; log: %s", w.Code, status, ran, log.String())
				}
			})
		}
	}
}

func TestRefusalIsLoggedOnceByDefault(t *testing.T) {
	var records []string
	app := iris.New()
	app.Adapt(httprouter.New(), iris.LoggerPolicy(func(mode iris.LogMode, record string) {
		if mode != iris.ProdMode {
			t.Errorf("mode %d", mode)
		}
		records = append(records, record)
	}))
	app.Get("/x:rest", crossorigin.New(crossorigin.Config{}), func(*iris.Context) {})
	r := httptest.NewRequest("GET", "/x%0aforged?secret=1", nil)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	app.ServeHTTP(httptest.NewRecorder(), r)
	want := []string{`crossorigin: "/x\nforged" refused to 192.0.2.1: cross-origin request detected from Sec-Fetch-Site header`}
	if !slices.Equal(records, want) {
		t.Errorf("records %q, want %q", records, want)
	}
}
