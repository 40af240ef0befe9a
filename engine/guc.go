package engine

import (
	"math"
	"strconv"
	"strings"
	"sync"

	"github.com/odatagres/odatagres/catalog/builtin"
	"github.com/odatagres/odatagres/internal/pgerr"
)

// guc is a run-time parameter as PostgreSQL defines it. Values are kept as pg_settings.setting has them: numbers in the base unit.
type guc struct {
	name     string // canonical spelling
	boot     string
	unit     string
	context  string // internal, postmaster, sighup, superuser-backend, backend, superuser, user
	vartype  string // bool, integer, real, string, enum
	min, max float64
	enum     []string
	short    string
	hidden   bool // not in pg_settings and SHOW ALL (GUC_NO_SHOW_ALL)
}

// gucs are PostgreSQL 15's parameters by lower-case name, from the dump of pg_settings.
var gucs = sync.OnceValue(func() map[string]*guc {
	out := map[string]*guc{}
	cols, rows, _ := builtin.StaticTable("pg_settings")
	at := map[string]int{}
	for i, c := range cols {
		at[c.Name] = i
	}
	for _, r := range rows {
		get := func(col string) string { return r[at[col]].Text }
		g := &guc{
			name: get("name"), boot: get("boot_val"), unit: get("unit"), context: get("context"), vartype: get("vartype"), short: get("short_desc"),
			min: math.Inf(-1), max: math.Inf(1),
		}
		if f, err := strconv.ParseFloat(get("min_val"), 64); err == nil {
			g.min = f
		}
		if f, err := strconv.ParseFloat(get("max_val"), 64); err == nil {
			g.max = f
		}
		if e := strings.Trim(get("enumvals"), "{}"); e != "" {
			for _, v := range strings.Split(e, ",") {
				g.enum = append(g.enum, strings.Trim(v, `"`))
			}
		}
		out[strings.ToLower(g.name)] = g
	}
	for _, g := range hiddenParameters() {
		out[g.name] = &g
	}
	return out
})

// hiddenParameters are those that pg_settings does not list.
func hiddenParameters() []guc {
	return []guc{
		{name: "is_superuser", boot: "off", context: "internal", vartype: "bool", hidden: true},
		{name: "role", boot: "none", context: "user", vartype: "string", hidden: true},
		{name: "session_authorization", context: "user", vartype: "string", hidden: true},
		{name: "seed", boot: "unavailable", context: "user", vartype: "real", min: -1, max: 1, hidden: true},
		{name: "default_with_oids", boot: "off", context: "user", vartype: "bool", hidden: true},
		{name: "ssl_renegotiation_limit", boot: "0", unit: "kB", context: "user", vartype: "integer", hidden: true},
	}
}

// reported are the parameters that clients are told of when they change (PostgreSQL documentation, section 55.2.7).
func reported() []string {
	return []string{
		"server_version", "server_encoding", "client_encoding", "application_name", "default_transaction_read_only", "in_hot_standby",
		"is_superuser", "session_authorization", "DateStyle", "IntervalStyle", "TimeZone", "integer_datetimes", "standard_conforming_strings",
	}
}

// ourDefaults are the values that differ from those of the server that pg_settings was dumped from.
func ourDefaults() map[string]string {
	return map[string]string{
		"timezone": "UTC", "log_timezone": "UTC", "datestyle": "ISO, MDY", "client_encoding": "UTF8", "search_path": `"$user", public`,
		"application_name": "", "lc_messages": "C.UTF-8", "lc_monetary": "C.UTF-8", "lc_numeric": "C.UTF-8", "lc_time": "C.UTF-8",
		"lc_collate": "C.UTF-8", "lc_ctype": "C.UTF-8", "default_transaction_read_only": "off", "in_hot_standby": "off", "is_superuser": "off",
		"transaction_isolation": "read committed", "transaction_read_only": "off", "transaction_deferrable": "off", "jit": "off",
		"default_text_search_config": "pg_catalog.english", "server_encoding": "UTF8", "timezone_abbreviations": "Default", "archive_command": "(disabled)",
		"max_stack_depth": "2048", "wal_buffers": "512", "shared_memory_size": "143", "shared_memory_size_in_huge_pages": "72",
		"tcp_keepalives_count": "9", "tcp_keepalives_idle": "7200", "tcp_keepalives_interval": "75",
	}
}

// takesList reports the parameters whose SET takes several values (GUC_LIST_INPUT); quoted: each is an identifier (GUC_LIST_QUOTE).
func takesList(name string) (list, quoted bool) {
	switch name {
	case "search_path", "temp_tablespaces", "session_preload_libraries", "shared_preload_libraries", "local_preload_libraries", "unix_socket_directories":
		return true, true
	case "datestyle", "log_destination", "wal_consistency_checking", "synchronous_standby_names", "listen_addresses":
		return true, false
	}
	return false, false
}

// staysOnResetAll are the parameters that RESET ALL leaves alone (GUC_NO_RESET_ALL).
func staysOnResetAll(name string) bool {
	switch name {
	case "transaction_isolation", "transaction_read_only", "transaction_deferrable", "role", "session_authorization", "seed":
		return true
	}
	return false
}

// mayChange judges who may change a parameter and when (set_config_option). atStart: by the startup packet.
func (g *guc) mayChange(name string, atStart bool) error {
	cannot := func(when string) error {
		return pgerr.Newf(pgerr.CantChangeRuntimeParam, "parameter %q cannot be %s", name, when)
	}
	switch g.context {
	case "internal":
		return cannot("changed")
	case "postmaster":
		return cannot("changed without restarting the server")
	case "sighup":
		return cannot("changed now")
	case "superuser-backend":
		if atStart {
			return pgerr.Newf(pgerr.InsufficientPrivilege, "permission denied to set parameter %q", name)
		}
		return cannot("set after connection start")
	case "backend":
		if !atStart {
			return cannot("set after connection start")
		}
	case "superuser":
		return pgerr.Newf(pgerr.InsufficientPrivilege, "permission denied to set parameter %q", name)
	}
	return nil
}

// normalize checks a value and returns it as it is kept. name is the spelling of whoever sets it, which messages repeat.
func (g *guc) normalize(s *settings, name, value string) (string, error) {
	if check, ok := checkHooks()[g.name]; ok {
		return check(s, g, value)
	}
	switch g.vartype {
	case "bool":
		b, ok := parseBool(value)
		if !ok {
			return "", pgerr.Newf(pgerr.InvalidParameterValue, "parameter %q requires a Boolean value", name)
		}
		return onOff(b), nil
	case "integer":
		return g.integer(name, value)
	case "real":
		return g.real(name, value)
	case "enum":
		return g.enumValue(name, value)
	}
	return value, nil
}

// enumValue finds a value of an enumeration, or a synonym that pg_settings hides.
func (g *guc) enumValue(name, value string) (string, error) {
	for _, e := range g.enum {
		if strings.EqualFold(e, value) {
			return e, nil
		}
	}
	has := func(v string) bool {
		for _, e := range g.enum {
			if e == v {
				return true
			}
		}
		return false
	}
	switch low := strings.ToLower(value); low {
	case "true", "yes", "1":
		if has("on") {
			return "on", nil
		}
	case "false", "no", "0":
		if has("off") {
			return "off", nil
		}
	case "debug":
		if has("debug2") {
			return "debug2", nil
		}
	case "info":
		if has("debug2") {
			return low, nil
		}
	}
	return "", pgerr.Newf(pgerr.InvalidParameterValue, "invalid value for parameter %q: %q", name, value).
		WithHint("Available values: %s.", strings.Join(g.enum, ", "))
}

// parseBool is parse_bool: unique prefixes of true, false, yes, no, and on, off, 1, 0.
func parseBool(s string) (value, ok bool) {
	s = strings.ToLower(s)
	if s == "" {
		return false, false
	}
	for word, v := range map[string]bool{"true": true, "yes": true, "false": false, "no": false} {
		if strings.HasPrefix(word, s) {
			return v, true
		}
	}
	switch s {
	case "on", "1":
		return true, true
	case "of", "off", "0":
		return false, true
	}
	return false, false
}

func onOff(b bool) string {
	if b {
		return "on"
	}
	return "off"
}

// customName judges the name of a parameter that PostgreSQL does not have: it needs a dot (valid_custom_variable_name).
func customName(name string) error {
	if !strings.Contains(name, ".") {
		return unrecognized(name)
	}
	for _, part := range strings.Split(name, ".") {
		for i, c := range []byte(part) {
			if c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80 || i > 0 && (c >= '0' && c <= '9' || c == '$') {
				continue
			}
			part = ""
			break
		}
		if part == "" {
			return pgerr.Newf(pgerr.InvalidName, "invalid configuration parameter name %q", name).
				WithDetail("Custom parameter names must be two or more simple identifiers separated by dots.")
		}
	}
	return nil
}

func unrecognized(name string) *pgerr.Error {
	return pgerr.Newf(pgerr.UndefinedObject, "unrecognized configuration parameter %q", name)
}
