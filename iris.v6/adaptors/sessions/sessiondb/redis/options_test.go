package redis

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestAURLSaysWhichServerAndHow(t *testing.T) {
	for url, want := range map[string]options{
		"redis://127.0.0.1:6379":                    {addrs: []string{"127.0.0.1:6379"}},
		"redis://[::1]:6379/":                       {addrs: []string{"[::1]:6379"}},
		"redis://a:1,b:2,c:3":                       {addrs: []string{"a:1", "b:2", "c:3"}},
		"rediss://a:1":                              {addrs: []string{"a:1"}, tls: true},
		"redis://:p%40ss%2F@a:1/2":                  {addrs: []string{"a:1"}, password: "p@ss/", db: 2},
		"redis://user:a:b@a:1":                      {addrs: []string{"a:1"}, user: "user", password: "a:b"},
		"redis://:p/s?s@a:1/1":                      {addrs: []string{"a:1"}, password: "p/s?s", db: 1},
		"redis://user:p@ss@a:1":                     {addrs: []string{"a:1"}, user: "user", password: "p@ss"},
		"redis://a:1,b:2/1?sentinel=mymaster":       {addrs: []string{"a:1", "b:2"}, db: 1, sentinel: "mymaster"},
		"redis://a:1?timeout=250ms&cache=1s&wait=2": {addrs: []string{"a:1"}, timeout: 250 * time.Millisecond, cache: time.Second, replicas: 2},
		"redis://a:1?wait=0":                        {addrs: []string{"a:1"}},
	} {
		got, err := parse(url)
		d := defaults()
		want.network, want.prefix, want.idleWithoutLimits = d.network, d.prefix, d.idleWithoutLimits
		if want.timeout == 0 {
			want.timeout = time.Second
		}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s is read as %+v, %v; want %+v", url, got, err, want)
		}
	}
}

func TestAWrongURLIsNamedWithoutItsPassword(t *testing.T) {
	for url, says := range map[string]string{
		"":                                "begins with neither",
		"redis:secret@a:1":                "begins with neither",
		"http://a:1":                      "begins with neither",
		"redis://":                        "host 1 of the URL is no host:port",
		"redis://:secret@":                "host 1 of the URL is no host:port",
		"redis://a":                       "host 1 of the URL is no host:port",
		"redis://:secret/secret@a":        "host 1 of the URL is no host:port",
		"redis://a:0":                     "host 1 of the URL is no host:port",
		"redis://a:65536":                 "host 1 of the URL is no host:port",
		"redis://a:1,":                    "host 2 of the URL is no host:port",
		"redis://:1":                      "host 1 of the URL is no host:port",
		"redis://secret@a:1":              "no password",
		"redis://:secret%zz@a:1":          "% that begins no escape",
		"redis://:secret@a:1/x":           `"x" is no number of a database`,
		"redis://:secret@a:1/-1":          `"-1" is no number of a database`,
		"redis://:secret@a:1,b:1/1":       "no database but 0",
		"redis://:secret@a:1?timeout=1":   "?timeout=1: ",
		"redis://:secret@a:1?timeout=0s":  "?timeout=0s: less than 1ms",
		"redis://:secret@a:1?timeout=1ms": "?timeout=1ms: not from 10ms to 1m",
		"redis://:secret@a:1?timeout=61s": "?timeout=61s: not from 10ms to 1m",
		"redis://:secret":                 "host 1 of the URL",
		"redis://:secret@a:1?cache=-1s":   "?cache=-1s: less than 1ms",
		"redis://:secret@a:1?wait=x":      "?wait=x: invalid syntax",
		"redis://:secret@a:1?wait=256":    "?wait=256: value out of range",
		"redis://:secret@a:1?sentinel=":   "name of the master is missing",
		"redis://:secret@a:1?pool=3":      "?pool is unknown",
		"redis://:secret@a:1?;":           "no query",
	} {
		_, err := Open(url)
		if err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want %q", url, err, says)
		}
		if _, ok := err.(*URLError); !ok {
			t.Errorf("%s: error of type %T", url, err)
		}
	}
}

func FuzzParseURL(f *testing.F) {
	for _, seed := range []string{"", "redis://", "redis://u:p@h:1,[::1]:2/3?sentinel=s&timeout=1s&cache=1s&wait=1", "rediss://:%@:1", "redis://a:1?;"} {
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
		if len(o.addrs) == 0 || o.timeout < time.Millisecond || o.db < 0 || o.cache < 0 || o.replicas < 0 {
			t.Errorf("%q is read as %+v", url, o)
		}
	})
}
