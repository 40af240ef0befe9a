package odata

import (
	"fmt"
	"net"
	"net/url"
	"strings"
)

// originOf is scheme, host and port of an address, in a form that equal origins share.
func originOf(u *url.URL) (string, error) {
	scheme := strings.ToLower(u.Scheme)
	port := u.Port()
	switch {
	case scheme != "http" && scheme != "https":
		return "", fmt.Errorf("the scheme is %q, not http or https", u.Scheme)
	case u.Hostname() == "":
		return "", fmt.Errorf("there is no host")
	case u.User != nil:
		return "", fmt.Errorf("there are credentials in the address")
	case port == "" && scheme == "http":
		port = "80"
	case port == "":
		port = "443"
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	return scheme + "://" + net.JoinHostPort(host, port), nil
}

// guard says where requests may go, and where with credentials. Redirects and next links come from the service, and a service
// that was broken into, or a proxy before it, must not be able to have our token sent elsewhere.
type guard struct {
	own     string
	allowed map[string]bool // origin: with credentials
}

func newGuard(root *url.URL, extra []Origin) (*guard, error) {
	own, err := originOf(root)
	if err != nil {
		return nil, err
	}
	g := &guard{own: own, allowed: map[string]bool{}}
	for _, o := range extra {
		u, err := url.Parse(o.Origin)
		if err != nil {
			return nil, fmt.Errorf("allow_origins: %w", err)
		}
		if (u.Path != "" && u.Path != "/") || u.RawQuery != "" {
			return nil, fmt.Errorf("allow_origins: %q is not scheme://host:port", o.Origin)
		}
		name, err := originOf(u)
		if err != nil {
			return nil, fmt.Errorf("allow_origins: %q: %w", o.Origin, err)
		}
		g.allowed[name] = o.Credentials
	}
	return g, nil
}

// check says whether a request may go to u, and whether with credentials.
func (g *guard) check(u *url.URL) (credentials bool, err error) {
	o, err := originOf(u)
	if err != nil {
		return false, err
	}
	if o == g.own {
		return true, nil
	}
	credentials, ok := g.allowed[o]
	if !ok {
		return false, fmt.Errorf("it leads to %s, which is not the service's origin and not in allow_origins", o)
	}
	return credentials, nil
}

// sendable percent-encodes what must not stand in a request line. Links with blanks and letters outside ASCII have been seen;
// everything else of a link is left as it is.
func sendable(query string) string {
	clean := true
	for i := range len(query) {
		clean = clean && query[i] > ' ' && query[i] < 0x7F
	}
	if clean {
		return query
	}
	var b strings.Builder
	for i := range len(query) {
		if c := query[i]; c > ' ' && c < 0x7F {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// redacted is an address for messages and logs: no user, and no values of options that are secrets by their names.
func redacted(u *url.URL) string {
	c := *u
	c.User, c.Fragment, c.RawFragment = nil, "", ""
	if c.RawQuery == "" {
		return c.String()
	}
	parts := strings.Split(c.RawQuery, "&")
	for i, p := range parts {
		name, _, ok := strings.Cut(p, "=")
		if ok && secretName(name) {
			parts[i] = name + "=***"
		}
	}
	c.RawQuery = strings.Join(parts, "&")
	return c.String()
}

func secretName(name string) bool {
	if plain, err := url.QueryUnescape(name); err == nil {
		name = plain
	}
	name = strings.ToLower(strings.TrimLeft(name, "$"))
	if name == "skiptoken" || name == "deltatoken" {
		return false
	}
	for _, s := range [...]string{"token", "secret", "password", "pwd", "apikey", "api_key", "api-key", "subscription-key", "sig", "signature", "credential"} {
		if strings.Contains(name, s) {
			return true
		}
	}
	return name == "key" || name == "code"
}
