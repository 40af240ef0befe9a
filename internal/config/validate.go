package config

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxName is PostgreSQL's NAMEDATALEN - 1, the longest name it keeps.
const maxName = 63

// maxMessage is PostgreSQL's MaxAllocSize - 1 (utils/memutils.h), which bounds
// its own messages.
const maxMessage = 1*GiB - 2

// validator checks a configuration whose values are each of the right type.
type validator struct {
	c *Config
	*faultList
}

func (c *Config) validate(faults *faultList) {
	v := validator{c: c, faultList: faults}
	v.listener()
	v.name("database", c.Database)
	v.tls()
	v.limits()
	for i := range c.Services {
		v.service(fmt.Sprintf("services[%d]", i), i)
	}
	for i := range c.Users {
		v.user(fmt.Sprintf("users[%d]", i), i)
	}
}

// check reports a fault of a key that had none so far.
func (v validator) check(ok bool, path, format string, args ...any) {
	if !ok && !v.has(path) {
		v.add(path, format, args...)
	}
}

func (v validator) listener() {
	host, port, err := net.SplitHostPort(v.c.Listen)
	if err != nil {
		v.check(false, "listen", "must be an address and a port, such as 127.0.0.1:5433")
		return
	}
	_, err = strconv.ParseUint(port, 10, 16)
	v.check(err == nil, "listen", "the port must be a number from 0 to 65535")
	if isLoopback(host) || v.has("tls") {
		return
	}
	v.check(v.c.TLS.Mode == TLSRequire || v.c.TLS.OffLoopback, "listen",
		"is reached from other machines, and tls.mode %s lets passwords cross the network in the clear;"+
			" set tls.mode to require, or accept it by tls: {mode: off, off_loopback: true}", v.c.TLS.Mode)
}

// isLoopback says whether only this machine reaches an address. An empty host
// listens everywhere.
func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}

func (v validator) tls() {
	t := v.c.TLS
	switch {
	case t.Cert != "" && t.Key == "":
		v.check(false, "tls.key", "missing: tls.cert needs its private key")
	case t.Cert == "" && t.Key != "":
		v.check(false, "tls.cert", "missing: tls.key needs its certificate")
	}
}

func (v validator) limits() {
	l := v.c.Limits
	v.check(l.Connections >= 1, "limits.connections", "must be at least 1")
	v.check(l.MessageBytes >= 64*KiB && l.MessageBytes <= maxMessage, "limits.message_bytes", "must be from 64KiB to less than 1GiB")
	v.check(l.StatementBytes >= 1*KiB && l.StatementBytes <= l.MessageBytes || v.has("limits.message_bytes"), "limits.statement_bytes",
		"must be from 1KiB to limits.message_bytes, %s", l.MessageBytes)
	v.check(l.QueryMemory >= 1*MiB, "limits.query_memory", "must be at least 1MiB")
	v.check(l.QueryMemory <= l.ServerMemory || v.has("limits.query_memory"), "limits.server_memory",
		"must be at least limits.query_memory, %s", l.QueryMemory)
	v.check(l.LoginTimeout > 0, "limits.login_timeout", "must be longer than 0s")
}

// name checks what becomes a PostgreSQL name.
func (v validator) name(path, name string) bool {
	before := len(v.list)
	v.check(name != "", path, "is empty")
	v.check(len(name) <= maxName, path, "is longer than %d bytes", maxName)
	v.check(utf8.ValidString(name) && strings.IndexFunc(name, unicode.IsControl) < 0, path, "has a control character")
	return len(v.list) == before && !v.has(path)
}

func (v validator) user(path string, i int) {
	u := &v.c.Users[i]
	if name := path + ".name"; v.name(name, u.Name) {
		// PostgreSQL's IsReservedName and check_rolespec_name (acl.c).
		v.check(!strings.HasPrefix(u.Name, "pg_") && u.Name != "public" && u.Name != "none", name, "%q is a reserved role name", u.Name)
		for j := range i {
			v.check(v.c.Users[j].Name != u.Name, name, "%q is already the name of users[%d]", u.Name, j)
		}
	}
	v.password(path+".password", u.Password)
	for j, s := range u.Services {
		v.check(v.hasSchema(s), fmt.Sprintf("%s.services[%d]", path, j), "%q is no service's schema%s", s, v.schemaHint(s))
	}
	roles := []string{"pg_monitor", "pg_signal_backend"}
	for j, role := range u.MemberOf {
		v.check(role == roles[0] || role == roles[1], fmt.Sprintf("%s.member_of[%d]", path, j), "%q is not one of %s", role, strings.Join(roles, ", "))
	}
}

func (v validator) password(path string, password Secret) {
	text := password.Reveal()
	v.check(text != "", path, "missing")
	if strings.HasPrefix(text, verifierPrefix) {
		if _, err := ParseVerifier(text); err != nil {
			v.check(false, path, "%s", err)
		}
	}
	v.check(!isMD5(text), path, "is an MD5 verifier, from which SCRAM-SHA-256 cannot authenticate; give the password or a SCRAM-SHA-256 verifier")
}

// isMD5 is PostgreSQL's get_password_type (crypt.c).
func isMD5(text string) bool {
	hex, ok := strings.CutPrefix(text, "md5")
	return ok && len(hex) == 32 && strings.Trim(hex, "0123456789abcdef") == ""
}

// hasSchema is true as well when a service's schema is itself faulty: then the
// user's entry is probably right.
func (v validator) hasSchema(name string) bool {
	for i := range v.c.Services {
		if v.c.Services[i].Schema == name || v.has(fmt.Sprintf("services[%d].schema", i)) {
			return true
		}
	}
	return v.has("services")
}

func (v validator) schemaHint(name string) string {
	names := make([]string, len(v.c.Services))
	for i := range v.c.Services {
		names[i] = v.c.Services[i].Schema
	}
	if near, ok := nearest(name, names); ok {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return ""
}

func (v validator) service(path string, i int) {
	s := &v.c.Services[i]
	if schema := path + ".schema"; v.name(schema, s.Schema) {
		v.check(!reservedSchema(s.Schema), schema, "%q is a reserved schema name", s.Schema)
		for j := range i {
			v.check(v.c.Services[j].Schema != s.Schema, schema, "%q is already the schema of services[%d]", s.Schema, j)
		}
	}
	v.serviceURL(path, s)
	for _, name := range sortedKeys(s.Query) {
		v.check(name != "" && !strings.HasPrefix(name, "$"), join(path+".query", name),
			"options that begin with $ are the query's own and cannot be fixed here")
	}
	v.auth(path+".auth", &s.Auth)
	for j := range s.AllowOrigins {
		v.origin(fmt.Sprintf("%s.allow_origins[%d].origin", path, j), &s.AllowOrigins[j])
	}
	v.check(s.Connections >= 1, path+".connections", "must be at least 1")
	v.check(s.Timeouts.Connect > 0, path+".timeouts.connect", "must be longer than 0s")
	v.check(s.Timeouts.FirstByte > 0, path+".timeouts.first_byte", "must be longer than 0s")
	v.check(s.Timeouts.Idle > 0, path+".timeouts.idle", "must be longer than 0s")
	for _, key := range sortedKeys(s.Columns) {
		column := join(path+".columns", key)
		v.check(columnKey.MatchString(key), column, "must name a column as set.property, in the service's names")
		o := s.Columns[key]
		v.check(o.Type != "" || o.OnError == OnErrorNull || o.Unique, column, "says nothing; give type, on_error or unique")
	}
}

// reservedSchema says whether the catalog has a schema of that name already, or
// PostgreSQL keeps the name for itself.
func reservedSchema(name string) bool {
	switch name {
	case "information_schema", "public", "odatagres":
		return true
	}
	return strings.HasPrefix(name, "pg_")
}

// serviceURL checks the service root and moves its query into the service's. A
// query in both places is no fault if both say the same.
func (v validator) serviceURL(path string, s *Service) {
	at := path + ".url"
	if v.has(at) {
		return
	}
	u, err := url.Parse(s.URL)
	if err != nil || !v.httpURL(at, u) {
		v.check(err == nil, at, "is not a URL")
		return
	}
	values, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		v.check(false, at, "its query cannot be read")
		return
	}
	for _, name := range sortedKeys(values) {
		given := values[name]
		want, ok := s.Query[name]
		if len(given) > 1 || ok && want != given[0] {
			v.check(false, at, "sets %s otherwise than query does or twice; keep it in query alone", name)
			continue
		}
		if s.Query == nil {
			s.Query = make(map[string]string)
		}
		s.Query[name] = given[0]
	}
	u.RawQuery, u.ForceQuery = "", false
	s.URL = strings.TrimRight(u.String(), "/")
}

// httpURL checks what every URL must be. Messages do not quote it: people put
// passwords into URLs.
func (v validator) httpURL(path string, u *url.URL) bool {
	before := len(v.list)
	v.check(u.Scheme == "http" || u.Scheme == "https", path, "must begin with https:// or http://")
	v.check(u.Hostname() != "", path, "names no host")
	v.check(u.User == nil, path, "holds a user or password; use auth")
	v.check(u.Fragment == "", path, "has a fragment (#)")
	if port := u.Port(); port != "" {
		n, err := strconv.ParseUint(port, 10, 16)
		v.check(err == nil && n > 0, path, "has an impossible port")
	}
	return len(v.list) == before && !v.has(path)
}

// auth checks that a kind has the keys that it needs, and no others, which would
// say something that does not happen.
func (v validator) auth(path string, a *Auth) {
	if a.Kind == AuthNone {
		given := map[string]bool{
			"token_url": a.TokenURL != "", "client_id": a.ClientID != "", "client_secret": a.ClientSecret.IsSet(),
			"scopes": len(a.Scopes) > 0, "params": len(a.Params) > 0,
		}
		for _, key := range sortedKeys(given) {
			v.check(!given[key] || v.has(path+".kind"), join(path, key), "is not used with kind none; set kind to client_credentials")
		}
		return
	}
	v.check(a.ClientID != "", path+".client_id", "missing: kind %s needs it", a.Kind)
	v.check(a.ClientSecret.IsSet(), path+".client_secret", "missing: kind %s needs it", a.Kind)
	at := path + ".token_url"
	v.check(a.TokenURL != "", at, "missing: kind %s needs it", a.Kind)
	if v.has(at) {
		return
	}
	u, err := url.Parse(a.TokenURL)
	if err != nil {
		v.check(false, at, "is not a URL")
		return
	}
	v.httpURL(at, u)
	for _, name := range []string{"grant_type", "client_id", "client_secret", "scope"} {
		_, ok := a.Params[name]
		v.check(!ok, join(path+".params", name), "has a key of its own")
	}
}

func (v validator) origin(path string, o *Origin) {
	if v.has(path) {
		return
	}
	u, err := url.Parse(o.Origin)
	if err != nil {
		v.check(false, path, "is not a URL")
		return
	}
	if v.httpURL(path, u) {
		v.check((u.Path == "" || u.Path == "/") && u.RawQuery == "", path, "must be scheme, host and port only, such as https://cdn.example.com")
		o.Origin = strings.ToLower(u.Scheme + "://" + u.Host)
	}
}
