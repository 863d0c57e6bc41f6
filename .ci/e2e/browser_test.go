//go:build unix

package e2e

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis/redistest"
)

// chromium runs headless until the test ends.
func chromium(t *testing.T) context.Context {
	t.Helper()
	program, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal("chromium is needed, which make browser installs: ", err)
	}
	profile, err := os.MkdirTemp(scratch, "chromium")
	if err != nil {
		t.Fatal(err)
	}
	options := []chromedp.ExecAllocatorOption{chromedp.ExecPath(program), chromedp.UserDataDir(profile),
		chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.IgnoreCertErrors, chromedp.WSURLReadTimeout(2 * patience)}
	for _, off := range []string{"disable-quic", "disable-background-networking", "disable-component-update", "disable-sync"} {
		options = append(options, chromedp.Flag(off, true))
	}
	allocator, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal("chromium does not start: ", err)
	}
	return ctx
}

// visit types an address into the address bar and returns the page's text. It
// does so again if the browser shows another page, because a form or a link of
// the page before was still on its way.
func visit(t *testing.T, browser context.Context, url string) (text string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(browser, patience)
	defer cancel()
	for {
		err := chromedp.Do(ctx, chromedp.Navigate(url))
		for err == nil {
			var page []string
			page, err = chromedp.Run(ctx, chromedp.Evaluate[[]string]("[location.href, document.readyState, document.body?.innerText ?? '']"))
			switch {
			case err == nil && page[1] != "complete":
				continue
			case err == nil && strings.TrimSuffix(page[0], "/") == url:
				return page[2]
			case err == nil:
				err = fmt.Errorf("the browser shows %q", page)
			}
		}
		if ctx.Err() != nil {
			t.Fatalf("%s: %v", url, err)
		}
	}
}

// script runs in the page that the browser shows.
func script(t *testing.T, browser context.Context, code string) (result string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(browser, patience)
	defer cancel()
	result, err := chromedp.Run(ctx, chromedp.Evaluate[string](code))
	if err != nil {
		t.Fatalf("%s: %v", code, err)
	}
	return result
}

// elsewhere is a page of another origin. A request to /plant sets those cookies.
func elsewhere(t *testing.T, start func(*httptest.Server), cookies ...string) (port string) {
	t.Helper()
	page := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/plant" {
			w.Header()["Set-Cookie"] = cookies
		}
		io.WriteString(w, "<!doctype html><title>elsewhere</title><body>hello")
	}))
	page.Config.ErrorLog = log.New(io.Discard, "", 0)
	start(page)
	t.Cleanup(page.Close)
	return portOf(page.Listener.Addr().String())
}

func TestBrowserCrossOrigin(t *testing.T) {
	s := start(t, "-log-level", "debug")
	other := elsewhere(t, (*httptest.Server).Start)
	ours := "http://" + s.addr
	browser := chromium(t)
	sends := []struct{ kind, code string }{
		{"an image", "document.body.append(Object.assign(new Image(), {src: '%s'}))"},
		{"a fetch", "fetch('%s', {mode: 'no-cors', credentials: 'include'}).catch(() => {})"},
		{"a form", "const form = Object.assign(document.createElement('form'), {action: '%s'}); document.body.append(form); form.submit()"},
		{"a link", "const link = Object.assign(document.createElement('a'), {href: '%s'}); document.body.append(link); link.click()"},
	}
	count := func(status int, path string) int {
		return strings.Count(s.log(t), fmt.Sprintf("msg=request method=GET path=%s status=%d ", path, status))
	}
	for _, page := range []struct {
		rule, url string
		status    int
	}{
		{"our own origin", ours + "/secret", 200},
		{"another site", "http://localhost:" + other, 403},
		{"another port of the same site", "http://127.0.0.1:" + other, 403},
	} {
		for _, send := range sends {
			t.Run(send.kind+" of "+page.rule, func(t *testing.T) {
				for _, change := range []struct{ path, before, was, becomes string }{
					{"/logout", "/login", cake.body, forbidden.body},
					{"/login", "/logout", forbidden.body, cake.body},
				} {
					visit(t, browser, ours+change.before)
					visit(t, browser, page.url)
					had := count(page.status, change.path)
					script(t, browser, fmt.Sprintf("{"+send.code+"; ''}", ours+change.path))
					redistest.Eventually(t, fmt.Sprintf("%s to be answered with %d", change.path, page.status), func() bool { return count(page.status, change.path) > had })
					want := change.was
					if page.status == 200 {
						want = change.becomes
					}
					if text := visit(t, browser, ours+"/secret"); text != want {
						t.Errorf("after %s, /secret shows %q, want %q", change.path, text, want)
					}
				}
			})
		}
	}
	s.stop(t)
}

func TestBrowserCookie(t *testing.T) {
	cert, key, roots := newCertificate(t)
	s := start(t, "-tls-cert", cert, "-tls-key", key)
	ours := "https://app.site.localhost:" + portOf(s.addr)
	_, _, attackers := fetch(t, newClient(t, roots, true), "https://"+s.addr+"/login", nil)
	_, id, _ := strings.Cut(attackers, "=")
	other := elsewhere(t, (*httptest.Server).StartTLS,
		"my_sessionid="+id+"; Path=/; Domain=site.localhost",
		attackers+"; Path=/; Secure; Domain=site.localhost",
		attackers+"; Path=/; Secure")
	browser := chromium(t)
	stored := func() []*network.Cookie {
		t.Helper()
		result, err := chromedp.Call(browser, network.GetCookies, network.GetCookiesParams{URLs: []string{ours}})
		if err != nil {
			t.Fatal(err)
		}
		return result.Cookies
	}

	visit(t, browser, "https://evil.site.localhost:"+other+"/plant")
	if all := stored(); len(all) != 1 || all[0].Name != "my_sessionid" || all[0].Value != id {
		t.Fatalf("a sibling subdomain has planted %+v, want the cookie without the prefix alone", all)
	}
	if text := visit(t, browser, ours+"/secret"); text != forbidden.body {
		t.Errorf("with the attacker's session planted, /secret shows %q", text)
	}

	visit(t, browser, ours+"/login")
	if text := visit(t, browser, ours+"/secret"); text != cake.body {
		t.Errorf("after the login, /secret shows %q", text)
	}
	if readable := script(t, browser, "document.cookie"); strings.Contains(readable, "__Host-") {
		t.Errorf("document.cookie is %q", readable)
	}
	all := stored()
	i := slices.IndexFunc(all, func(c *network.Cookie) bool { return c.Name == "__Host-my_sessionid" })
	if i < 0 {
		t.Fatalf("there is no __Host- cookie among %+v", all)
	}
	if c := all[i]; !c.Secure || !c.HTTPOnly || c.SameSite != network.CookieSameSiteLax || c.Path != "/" || c.Domain != "app.site.localhost" || c.Session || c.Value == id {
		t.Errorf("the cookie is %+v", c)
	}
	s.stop(t)
}
