package redis

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/redis/rueidis"
)

// options are what a URL says.
type options struct {
	server            rueidis.ClientOption // which one, and as which user; connect adds the rest
	network           string
	timeout           time.Duration
	replicas          int
	prefix            string
	idleWithoutLimits time.Duration
	query             string // without passwords, for String
}

// String returns the URL without user and passwords.
func (o *options) String() string {
	scheme, query := "redis", ""
	if o.server.TLSConfig != nil {
		scheme = "rediss"
	}
	if o.query != "" {
		query = "?" + o.query
	}
	return fmt.Sprintf("%s://%s/%d%s", scheme, strings.Join(o.server.InitAddress, ","), o.server.SelectDB, query)
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
		o.server.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	// The password may have any character, escaped or not.
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		user, password, _ := strings.Cut(rest[:i], ":")
		rest = rest[i+1:]
		var errs [2]error
		o.server.Username, errs[0] = url.PathUnescape(user)
		o.server.Password, errs[1] = url.PathUnescape(password)
		if errs != [2]error{} {
			return o, errors.New("the user or the password has a % that begins no escape: write it as %25")
		}
		if o.server.Password == "" {
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
		o.server.InitAddress = append(o.server.InitAddress, addr)
	}
	if db != "" {
		var err error
		if o.server.SelectDB, err = parseDatabase(db); err != nil {
			return o, err
		}
	}
	if err := o.parseQuery(query); err != nil {
		return o, err
	}
	if o.server.SelectDB != 0 && len(o.server.InitAddress) > 1 && o.server.Sentinel.MasterSet == "" {
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
	sentinel := &o.server.Sentinel
	for name, all := range values {
		text := all[len(all)-1]
		var err error
		switch name {
		case "sentinel":
			if sentinel.MasterSet = text; text == "" {
				err = errors.New("the name of the master is missing")
			}
		case "timeout":
			if o.timeout, err = time.ParseDuration(text); err == nil && (o.timeout < 10*time.Millisecond || o.timeout > time.Minute) {
				err = errors.New("not from 10ms to 1m")
			}
		case "sentinel-user":
			sentinel.Username = text
		case "sentinel-password":
			sentinel.Password = text
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
	case sentinel.MasterSet == "" && sentinel.Username+sentinel.Password != "":
		return errors.New("?sentinel-user and ?sentinel-password need ?sentinel")
	case sentinel.Username != "" && sentinel.Password == "":
		return errors.New("?sentinel-user needs ?sentinel-password")
	}
	values.Del("sentinel-user")
	values.Del("sentinel-password")
	o.query = values.Encode()
	return nil
}
