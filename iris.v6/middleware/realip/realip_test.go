package realip_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"gopkg.in/kataras/iris.v6"
	"gopkg.in/kataras/iris.v6/adaptors/httprouter"
	"gopkg.in/kataras/iris.v6/middleware/realip"
)

const proxies = "10.0.0.0/8, 2001:db8:1::/48, fe80::/10, 127.0.0.1"

func parse(t testing.TB, text string) []netip.Prefix {
	t.Helper()
	ranges, err := realip.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return ranges
}

// seen returns the RemoteAddr that a policy behind realip sees.
func seen(policy iris.RouterWrapperPolicy, peer string, header http.Header) (addr string) {
	r := &http.Request{RemoteAddr: peer, Header: header}
	policy(nil, r, func(_ http.ResponseWriter, r *http.Request) { addr = r.RemoteAddr })
	return addr
}

func TestRemoteAddr(t *testing.T) {
	policy := realip.New(parse(t, proxies)...)
	for _, row := range []struct {
		rule      string
		peer      string
		forwarded []string
		want      string
	}{
		{"a proxy names the client", "127.0.0.1:5000", []string{"203.0.113.9"}, "203.0.113.9:0"},
		{"an IPv6 proxy names the client", "[2001:db8:1::5]:5000", []string{"2001:db8::9"}, "[2001:db8::9]:0"},
		{"a proxy that names no client is the client", "127.0.0.1:5000", nil, "127.0.0.1:5000"},
		{"an empty header field names no client", "127.0.0.1:5000", []string{""}, "127.0.0.1:5000"},
		{"another host is not believed", "192.0.2.1:5000", []string{"203.0.113.9"}, "192.0.2.1:5000"},
		{"another IPv6 host is not believed", "[2001:db8:2::5]:5000", []string{"203.0.113.9"}, "[2001:db8:2::5]:5000"},
		{"another host that names a proxy is not believed", "192.0.2.1:5000", []string{"203.0.113.9, 10.0.0.1"}, "192.0.2.1:5000"},
		{"a Unix socket is not believed", "@", []string{"203.0.113.9"}, "@"},
		{"an unnamed Unix socket is not believed", "", []string{"203.0.113.9"}, ""},

		{"an address from the client is not believed", "127.0.0.1:5000", []string{"198.51.100.1, 203.0.113.9"}, "203.0.113.9:0"},
		{"a proxy's address from the client is not believed", "127.0.0.1:5000", []string{"198.51.100.1, 10.0.0.1, 203.0.113.9"}, "203.0.113.9:0"},
		{"trusted addresses are skipped", "127.0.0.1:5000", []string{"203.0.113.9, 10.0.0.2, 10.0.0.1"}, "203.0.113.9:0"},
		{"the first of several trusted addresses is the client", "127.0.0.1:5000", []string{"10.0.0.3,10.0.0.2"}, "10.0.0.3:0"},
		{"several header fields are one list", "127.0.0.1:5000", []string{"198.51.100.1", "203.0.113.9", "10.0.0.1"}, "203.0.113.9:0"},
		{"empty entries do not count", "127.0.0.1:5000", []string{"203.0.113.9,, \t", ""}, "203.0.113.9:0"},

		{"nothing before a malformed entry is believed", "127.0.0.1:5000", []string{"203.0.113.9, unknown"}, "127.0.0.1:5000"},
		{"the proxy that added a malformed entry is the client", "127.0.0.1:5000", []string{"203.0.113.9, unknown, 10.0.0.1"}, "10.0.0.1:0"},
		{"a malformed entry before the client changes nothing", "127.0.0.1:5000", []string{"?, 203.0.113.9"}, "203.0.113.9:0"},
		{"a malformed port ends the search", "127.0.0.1:5000", []string{"203.0.113.9:65536"}, "127.0.0.1:5000"},
		{"an open bracket ends the search", "127.0.0.1:5000", []string{"[2001:db8::9"}, "127.0.0.1:5000"},

		{"a port stays", "127.0.0.1:5000", []string{"203.0.113.9:1234"}, "203.0.113.9:1234"},
		{"an IPv6 port stays", "127.0.0.1:5000", []string{"[2001:db8::9]:1234"}, "[2001:db8::9]:1234"},
		{"brackets may have no port", "127.0.0.1:5000", []string{"[2001:db8::9]"}, "[2001:db8::9]:0"},
		{"a port does not hide a proxy", "127.0.0.1:5000", []string{"203.0.113.9, 10.0.0.1:1234"}, "203.0.113.9:0"},
		{"a mapped address is IPv4", "127.0.0.1:5000", []string{"::ffff:203.0.113.9"}, "203.0.113.9:0"},
		{"a mapped address does not hide a proxy", "127.0.0.1:5000", []string{"203.0.113.9, ::ffff:10.0.0.1"}, "203.0.113.9:0"},
		{"a proxy connects by a mapped address", "[::ffff:127.0.0.1]:5000", []string{"203.0.113.9"}, "203.0.113.9:0"},
		{"a zone is dropped", "127.0.0.1:5000", []string{"2001:db8::9%a b"}, "[2001:db8::9]:0"},
		{"a zone does not hide a proxy", "127.0.0.1:5000", []string{"203.0.113.9, 2001:db8:1::5%eth0"}, "203.0.113.9:0"},
		{"a proxy connects from a zone", "[fe80::1%eth0]:5000", []string{"203.0.113.9"}, "203.0.113.9:0"},
	} {
		t.Run(row.rule, func(t *testing.T) {
			header := http.Header{"X-Real-Ip": {"198.51.100.7"}, "Forwarded": {"for=198.51.100.7"}}
			if row.forwarded != nil {
				header["X-Forwarded-For"] = row.forwarded
			}
			if got := seen(policy, row.peer, header); got != row.want {
				t.Errorf("RemoteAddr %q, want %q", got, row.want)
			}
		})
	}
}

func TestRequestOfOuterPoliciesStays(t *testing.T) {
	app := iris.New()
	app.Adapt(httprouter.New(), realip.New(parse(t, "192.0.2.0/24")...))
	var inner string
	app.Get("/", func(ctx *iris.Context) { inner = ctx.RemoteAddr() })
	r := httptest.NewRequest("GET", "/", nil) // from 192.0.2.1:1234
	r.Header.Set("X-Forwarded-For", "203.0.113.9")
	app.ServeHTTP(httptest.NewRecorder(), r)
	if inner != "203.0.113.9" || r.RemoteAddr != "192.0.2.1:1234" {
		t.Errorf("the handler sees %q, the caller %q", inner, r.RemoteAddr)
	}
}

func TestWithoutRangesThereIsNoPolicy(t *testing.T) {
	if realip.New() != nil {
		t.Error("there is a policy")
	}
}

func TestRequestsWithoutATrustedProxyAllocateNothing(t *testing.T) {
	policy := realip.New(parse(t, proxies)...)
	for _, row := range []struct {
		rule, peer string
		header     http.Header
	}{
		{"no header field", "127.0.0.1:5000", http.Header{}},
		{"another host", "192.0.2.1:5000", http.Header{"X-Forwarded-For": {"203.0.113.9"}}},
	} {
		r := &http.Request{RemoteAddr: row.peer, Header: row.header}
		next := func(http.ResponseWriter, *http.Request) {}
		if n := testing.AllocsPerRun(10, func() { policy(nil, r, next) }); n != 0 {
			t.Errorf("%s: %v allocations", row.rule, n)
		}
	}
}

func TestParse(t *testing.T) {
	for _, row := range []struct {
		rule, text string
		want       string // an error's text begins with "!"
	}{
		{"ranges and addresses are allowed", "10.0.0.0/8,::1/128,127.0.0.1,2001:db8::1", "10.0.0.0/8 ::1/128 127.0.0.1/32 2001:db8::1/128"},
		{"spaces are allowed", " 10.0.0.0/8 , ::1 ", "10.0.0.0/8 ::1/128"},
		{"bits behind the prefix do not count", "10.1.2.3/8", "10.0.0.0/8"},
		{"an empty text has no ranges", " ", ""},
		{"an empty entry is an error", "10.0.0.0/8,", `!"" is neither an address nor a range such as 10.0.0.0/8`},
		{"a name is an error", "proxy", `!"proxy" is neither an address nor a range such as 10.0.0.0/8`},
		{"a port is an error", "127.0.0.1:80", `!"127.0.0.1:80" is neither an address nor a range such as 10.0.0.0/8`},
		{"too long a prefix is an error", "10.0.0.0/33", `!"10.0.0.0/33" is neither an address nor a range such as 10.0.0.0/8`},
		{"a zone is an error", "fe80::1%eth0", `!"fe80::1%eth0" has a zone: leave it out`},
		{"a zone in a range is an error", "fe80::%eth0/10", `!"fe80::%eth0/10" is neither an address nor a range such as 10.0.0.0/8`},
		{"a mapped range is an error", "::ffff:10.0.0.0/104", `!"::ffff:10.0.0.0/104" is an IPv4 range in IPv6 form: write it as IPv4`},
		{"a mapped address is an error", "::ffff:10.0.0.1", `!"::ffff:10.0.0.1" is an IPv4 range in IPv6 form: write it as IPv4`},
	} {
		t.Run(row.rule, func(t *testing.T) {
			ranges, err := realip.Parse(row.text)
			got := join(ranges)
			if err != nil {
				got = "!" + err.Error()
			}
			if got != row.want {
				t.Errorf("%q: %s, want %s", row.text, got, row.want)
			}
		})
	}
}

func join(ranges []netip.Prefix) string {
	var texts []string
	for _, r := range ranges {
		texts = append(texts, r.String())
	}
	return strings.Join(texts, " ")
}

// FuzzParse checks that ranges survive being written and read again, and that each
// contains its own first address.
func FuzzParse(f *testing.F) {
	f.Add("10.0.0.0/8,::1/128,127.0.0.1")
	f.Add(" fe80::1%eth0 ,::ffff:10.0.0.0/104,/,")
	f.Fuzz(func(t *testing.T, text string) {
		ranges, err := realip.Parse(text)
		if err != nil {
			return
		}
		again, err := realip.Parse(strings.ReplaceAll(join(ranges), " ", ","))
		if err != nil || !slices.Equal(again, ranges) {
			t.Errorf("%q: %v, then %v, %v", text, ranges, again, err)
		}
		for _, r := range ranges {
			if !r.Contains(r.Addr()) {
				t.Errorf("%q: %v contains nothing", text, r)
			}
		}
	})
}

// FuzzForwardedFor checks that a client cannot choose its address: only what the
// trusted proxy appended counts.
func FuzzForwardedFor(f *testing.F) {
	policy := realip.New(parse(f, proxies)...)
	f.Add("10.0.0.1", "203.0.113.9, ::ffff:10.0.0.1")
	f.Add("unknown,,[::1]:80", "fe80::1%eth0, 1.2.3.4:5, [::1]")
	f.Fuzz(func(t *testing.T, first, second string) {
		header := http.Header{"X-Forwarded-For": {first, second}}
		got := seen(policy, "127.0.0.1:5000", header)
		if addr, err := netip.ParseAddrPort(got); err != nil || addr.String() != got || addr.Addr().Is4In6() || addr.Addr().Zone() != "" {
			t.Errorf("RemoteAddr %q: %v", got, err)
		}
		header.Add("X-Forwarded-For", "192.0.2.1")
		if got := seen(policy, "127.0.0.1:5000", header); got != "192.0.2.1:0" {
			t.Errorf("RemoteAddr %q behind a proxy that appended 192.0.2.1", got)
		}
	})
}
