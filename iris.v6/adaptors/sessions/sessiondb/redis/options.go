package redis

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// options are what a URL says.
type options struct {
	addrs             []string
	user, password    string
	db                int
	tls               bool
	query             string // without the password in it, for String
	sentinel          string // the name of the master; "" without sentinels
	sentinelUser      string
	sentinelPassword  string
	timeout           time.Duration
	replicas          int
	prefix            string
	idleWithoutLimits time.Duration
	network           string
}

// String returns the URL without user and passwords.
func (o *options) String() string {
	scheme, query := "redis", ""
	if o.tls {
		scheme = "rediss"
	}
	if o.query != "" {
		query = "?" + o.query
	}
	return fmt.Sprintf("%s://%s/%d%s", scheme, strings.Join(o.addrs, ","), o.db, query)
}

func defaults() options {
	return options{network: "tcp", timeout: time.Second, prefix: "session:", idleWithoutLimits: longest}
}

// longest is how long a session without limits lives unused: no browser keeps
// a cookie for longer (RFC 6265bis §5.5).
const longest = 400 * 24 * time.Hour

// parse reads a URL. Its errors do not tell the password.
func parse(text string) (options, error) {
	o := defaults()
	scheme, rest, found := strings.Cut(text, "://")
	switch {
	case !found || scheme != "redis" && scheme != "rediss":
		return o, errors.New("the URL begins with neither redis:// nor rediss://")
	case scheme == "rediss":
		o.tls = true
	}
	// The password may have any character, escaped or not.
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		user, password, _ := strings.Cut(rest[:i], ":")
		rest = rest[i+1:]
		var errs [2]error
		o.user, errs[0] = url.PathUnescape(user)
		o.password, errs[1] = url.PathUnescape(password)
		if errs != [2]error{} {
			return o, errors.New("the user or the password has a % that begins no escape: write it as %25")
		}
		if o.password == "" {
			return o, errors.New("the user has no password: write user:password@ or :password@")
		}
	}
	rest, query, _ := strings.Cut(rest, "?")
	hosts, db, _ := strings.Cut(rest, "/")
	for i, addr := range strings.Split(hosts, ",") {
		host, port, err := net.SplitHostPort(addr)
		if n, perr := strconv.ParseUint(port, 10, 16); err != nil || perr != nil || n == 0 || host == "" || strings.ContainsAny(host, "/?#@ ") {
			// The error must not tell it: without an @ it may be the password.
			return o, fmt.Errorf("host %d of the URL is no host:port, such as localhost:6379", i+1)
		}
		o.addrs = append(o.addrs, addr)
	}
	if db != "" {
		var err error
		if o.db, err = parseDatabase(db); err != nil {
			return o, err
		}
	}
	if err := o.parseQuery(query); err != nil {
		return o, err
	}
	if o.db != 0 && len(o.addrs) > 1 && o.sentinel == "" {
		return o, errors.New("a cluster has no database but 0")
	}
	return o, nil
}

func parseDatabase(text string) (int, error) {
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil {
		return 0, fmt.Errorf("%q is no number of a database", text)
	}
	return int(n), nil
}

func (o *options) parseQuery(query string) error {
	values, err := url.ParseQuery(query)
	if err != nil {
		return errors.New("what follows the ? is no query")
	}
	for name, all := range values {
		text := all[len(all)-1]
		var err error
		switch name {
		case "sentinel":
			o.sentinel = text
			if text == "" {
				err = errors.New("the name of the master is missing")
			}
		case "timeout":
			o.timeout, err = time.ParseDuration(text)
			if err == nil && (o.timeout < 10*time.Millisecond || o.timeout > time.Minute) {
				err = errors.New("not from 10ms to 1m")
			}
		case "sentinel-user":
			o.sentinelUser = text
		case "sentinel-password":
			o.sentinelPassword = text
		case "wait":
			n, parseErr := strconv.ParseUint(text, 10, 8)
			if o.replicas = int(n); parseErr != nil {
				err = errors.New("not from 0 to 255")
			}
		default:
			return fmt.Errorf("?%s is unknown: there are sentinel, sentinel-user, sentinel-password, timeout and wait", name)
		}
		if err != nil {
			return fmt.Errorf("?%s=%s: %w", name, text, err)
		}
	}
	switch {
	case o.sentinel == "" && o.sentinelUser+o.sentinelPassword != "":
		return errors.New("?sentinel-user and ?sentinel-password need ?sentinel")
	case o.sentinelUser != "" && o.sentinelPassword == "":
		return errors.New("?sentinel-user needs ?sentinel-password")
	}
	values.Del("sentinel-user")
	values.Del("sentinel-password")
	o.query = values.Encode()
	return nil
}
