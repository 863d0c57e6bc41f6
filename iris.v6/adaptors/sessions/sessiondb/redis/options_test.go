package redis

import (
	"cmp"
	"crypto/tls"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/redis/rueidis"
)

func TestParseURL(t *testing.T) {
	type server = rueidis.ClientOption
	type sentinel = rueidis.SentinelOption
	a := []string{"a:1"}
	for _, row := range []struct {
		url    string
		server server
		string string // "" if it is the URL
	}{
		{"redis://127.0.0.1:6379/0", server{InitAddress: []string{"127.0.0.1:6379"}}, ""},
		{"redis://[::1]:6379/", server{InitAddress: []string{"[::1]:6379"}}, "redis://[::1]:6379/0"},
		{"redis://a:1,b:2,c:3/0", server{InitAddress: []string{"a:1", "b:2", "c:3"}}, ""},
		{"rediss://a:1/0", server{InitAddress: a, TLSConfig: &tls.Config{MinVersion: tls.VersionTLS12}}, ""},
		{"redis://:p%40ss%2F@a:1/2", server{InitAddress: a, Password: "p@ss/", SelectDB: 2}, "redis://a:1/2"},
		{"redis://user:a:b@c@a:1", server{InitAddress: a, Username: "user", Password: "a:b@c"}, "redis://a:1/0"},
		{"redis://:p/s?s@a:1/1", server{InitAddress: a, Password: "p/s?s", SelectDB: 1}, "redis://a:1/1"},
		{"redis://a:1,b:2/1?sentinel=m", server{InitAddress: []string{"a:1", "b:2"}, SelectDB: 1, Sentinel: sentinel{MasterSet: "m"}}, ""},
		{"redis://a:1?sentinel=m&sentinel-user=u&sentinel-password=p%26%40",
			server{InitAddress: a, Sentinel: sentinel{MasterSet: "m", Username: "u", Password: "p&@"}}, "redis://a:1/0?sentinel=m"},
		{"redis://a:1?sentinel=m&sentinel-password=p", server{InitAddress: a, Sentinel: sentinel{MasterSet: "m", Password: "p"}}, "redis://a:1/0?sentinel=m"},
	} {
		got, err := parse(row.url)
		if want := defaults(); err != nil || !reflect.DeepEqual(got.server, row.server) || got.timeout != want.timeout || got.replicas != 0 {
			t.Errorf("%s is read as %+v, %v; want %+v", row.url, got, err, row.server)
		}
		if s, want := got.String(), cmp.Or(row.string, row.url); s != want {
			t.Errorf("%s is shown as %s, want %s", row.url, s, want)
		}
	}
	const url = "redis://a:1/0?timeout=250ms&wait=2"
	if got, err := parse(url); err != nil || got.timeout != 250*time.Millisecond || got.replicas != 2 || got.String() != url {
		t.Errorf("%s is read as %+v, %v", url, got, err)
	}
}

func TestWrongURLIsNamedWithoutItsPassword(t *testing.T) {
	for _, row := range []struct{ url, says string }{
		{"", "begins with neither"},
		{"redis:secret@a:1", "begins with neither"},
		{"http://a:1", "begins with neither"},
		{"redis://", "host 1 of the URL is no host:port"},
		{"redis://:secret@", "host 1 of the URL is no host:port"},
		{"redis://:secret/secret@a", "host 1 of the URL is no host:port"},
		{"redis://a:0", "host 1 of the URL is no host:port"},
		{"redis://a:65536", "host 1 of the URL is no host:port"},
		{"redis://a:1,", "host 2 of the URL is no host:port"},
		{"redis://:1", "host 1 of the URL is no host:port"},
		{"redis://secret@a:1", "no password"},
		{"redis://:secret%zz@a:1", "% that begins no escape"},
		{"redis://:secret@a:1/x", `"x" is no number of a database`},
		{"redis://:secret@a:1/-1", `"-1" is no number of a database`},
		{"redis://:secret@a:1,b:1/1", "no database but 0"},
		{"redis://:secret@a:1?timeout=1", "?timeout=1: "},
		{"redis://:secret@a:1?timeout=9ms", "?timeout=9ms: not from 10ms to 1m"},
		{"redis://:secret@a:1?timeout=61s", "?timeout=61s: not from 10ms to 1m"},
		{"redis://:secret@a:1?wait=-1", "?wait=-1: not from 0 to 255"},
		{"redis://:secret@a:1?wait=256", "?wait=256: not from 0 to 255"},
		{"redis://:secret@a:1?sentinel=", "name of the master is missing"},
		{"redis://:secret@a:1?sentinel-password=secret", "need ?sentinel"},
		{"redis://:secret@a:1?sentinel=m&sentinel-user=u", "needs ?sentinel-password"},
		{"redis://:secret@a:1?sentinel=m&sentinel-password=secret@", "host 1 of the URL is no host:port"},
		{"redis://:secret@a:1?cache=1s", "?cache is unknown: there are sentinel, sentinel-user, sentinel-password, timeout and wait"},
		{"redis://:secret@a:1?;", "no query"},
	} {
		_, err := Open(row.url)
		if err == nil || !strings.Contains(err.Error(), row.says) || strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want %q", row.url, err, row.says)
		}
		if _, ok := err.(*URLError); !ok {
			t.Errorf("%s: error of type %T", row.url, err)
		}
	}
}

func FuzzParseURL(f *testing.F) {
	for _, seed := range []string{"", "redis://", "redis://u:p@h:1,[::1]:2/3?sentinel=s&timeout=1s&wait=1&sentinel-user=u&sentinel-password=p", "rediss://:%@:1", "redis://a:1?;"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, url string) {
		o, err := parse(url)
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("%q: error of several lines: %q", url, err)
			}
			return
		}
		if len(o.server.InitAddress) == 0 || o.timeout < 10*time.Millisecond || o.server.SelectDB < 0 || o.replicas < 0 {
			t.Errorf("%q is read as %+v", url, o)
		}
		if again, err := parse(o.String()); err != nil || again.String() != o.String() {
			t.Errorf("%q is shown as %q, which is read as %q, %v", url, &o, &again, err)
		}
	})
}
