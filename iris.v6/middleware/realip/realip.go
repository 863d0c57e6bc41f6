// Package realip finds the client's address when proxies are in front of the server:
//
//	app.Adapt(realip.New(netip.MustParsePrefix("10.0.0.0/8")))
//
// Without it, every request seems to come from the proxy.
package realip

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"gopkg.in/kataras/iris.v6"
)

// Parse reads the ranges of trusted proxies from a setting: prefixes and addresses
// with commas between them, such as "10.0.0.0/8,::1". An empty text has none.
func Parse(text string) ([]netip.Prefix, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	var ranges []netip.Prefix
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		prefix, err := netip.ParsePrefix(part)
		if !strings.Contains(part, "/") {
			var addr netip.Addr
			addr, err = netip.ParseAddr(part)
			prefix = netip.PrefixFrom(addr, addr.BitLen())
		}
		switch {
		case err != nil:
			return nil, fmt.Errorf("%q is neither an address nor a range such as 10.0.0.0/8", part)
		case strings.Contains(part, "%"):
			return nil, fmt.Errorf("%q has a zone: leave it out", part)
		case prefix.Addr().Is4In6():
			return nil, fmt.Errorf("%q is an IPv4 range in IPv6 form: write it as IPv4", part)
		}
		ranges = append(ranges, prefix.Masked())
	}
	return ranges, nil
}

// New returns a policy that sets the request's RemoteAddr to the client's address if
// the connection comes from a trusted proxy. Trust only proxies that append to
// X-Forwarded-For the address that they were connected from, as nginx does with
// $proxy_add_x_forwarded_for. If a connection comes from elsewhere, or from a Unix
// socket, the policy does not read the header field.
//
// The client is the last address in X-Forwarded-For that is not itself trusted. If all
// are, it is the first one. An entry that is no address, such as "unknown", ends the
// search: the client is then the trusted proxy that added the entry, as nothing before
// it can be believed. RemoteAddr is "IP:port", as net/http writes it, with port 0 if
// the header field has none. It has no zone, and an IPv4 address is never in IPv6 form.
//
// Without ranges New returns nil, a policy that does nothing.
//
// Adapt it last: the policy that is adapted last runs first, and those that run before
// this one still see the proxy. The middleware copies the request that it changes.
func New(trusted ...netip.Prefix) iris.RouterWrapperPolicy {
	if len(trusted) == 0 {
		return nil
	}
	return func(w http.ResponseWriter, r *http.Request, next http.HandlerFunc) {
		if forwarded := r.Header["X-Forwarded-For"]; len(forwarded) > 0 {
			if addr, ok := client(trusted, r.RemoteAddr, forwarded); ok {
				changed := *r
				changed.RemoteAddr = addr.String()
				r = &changed
			}
		}
		next(w, r)
	}
}

// client returns the client's address if it is another one than the connection's.
func client(trusted []netip.Prefix, peer string, forwarded []string) (addr netip.AddrPort, found bool) {
	conn, err := netip.ParseAddrPort(peer)
	addr = normal(conn.Addr(), conn.Port())
	rest := strings.Join(forwarded, ",")
	isTrusted := func(r netip.Prefix) bool { return r.Contains(addr.Addr()) }
	for err == nil && rest != "" && slices.ContainsFunc(trusted, isTrusted) {
		last := strings.LastIndexByte(rest, ',')
		entry := strings.TrimSpace(rest[last+1:])
		rest = rest[:max(last, 0)]
		if entry == "" {
			continue // RFC 9110 §5.6.1.2
		}
		var before netip.AddrPort
		if before, err = parse(entry); err == nil {
			addr, found = before, true
		}
	}
	return addr, found
}

// parse reads an address with a port or without. It drops the zone, which means
// nothing on this host and may be any text.
func parse(text string) (netip.AddrPort, error) {
	if strings.HasSuffix(text, "]") {
		text += ":0"
	}
	addr, err := netip.ParseAddr(text)
	if err == nil {
		return normal(addr, 0), nil
	}
	withPort, err := netip.ParseAddrPort(text)
	return normal(withPort.Addr(), withPort.Port()), err
}

// normal makes addresses comparable with ranges, which contain no other form.
func normal(addr netip.Addr, port uint16) netip.AddrPort {
	return netip.AddrPortFrom(addr.Unmap().WithZone(""), port)
}
