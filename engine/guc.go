package engine

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"

	"github.com/odatagres/odatagres/catalog/builtin"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// guc is a run-time parameter as PostgreSQL defines it.
type guc struct {
	name     string // canonical spelling
	boot     string
	unit     string
	context  string // internal, postmaster, sighup, superuser-backend, backend, superuser, user
	vartype  string // bool, integer, real, string, enum
	min, max float64
	enum     []string
	short    string
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
	return out
})

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
		"default_text_search_config": "pg_catalog.simple",
	}
}

// normalize checks a value and returns it in the form that SHOW prints.
func (g *guc) normalize(value string) (string, error) {
	switch strings.ToLower(g.name) {
	case "timezone", "log_timezone":
		return normalizeTimeZone(g.name, value)
	case "datestyle":
		return normalizeDateStyle(value)
	case "client_encoding":
		return normalizeEncoding(value)
	case "search_path":
		return value, nil
	case "role", "session_authorization":
		return value, nil
	case "transaction_isolation", "default_transaction_isolation":
		value = strings.ToLower(value)
	}
	switch g.vartype {
	case "bool":
		b, ok := parseBool(value)
		if !ok {
			return "", pgerr.Newf(pgerr.InvalidParameterValue, "parameter %q requires a Boolean value", g.name)
		}
		if b {
			return "on", nil
		}
		return "off", nil
	case "integer", "real":
		return g.number(value)
	case "enum":
		for _, e := range g.enum {
			if strings.EqualFold(e, value) {
				return e, nil
			}
		}
		if b, ok := parseBool(value); ok { // hidden synonyms of enumerations such as backslash_quote
			want := map[bool]string{true: "on", false: "off"}[b]
			for _, e := range g.enum {
				if e == want {
					return e, nil
				}
			}
		}
		return "", pgerr.Newf(pgerr.InvalidParameterValue, "invalid value for parameter %q: %q", g.name, value).
			WithHint("Available values: %s.", strings.Join(g.enum, ", "))
	}
	return value, nil
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

// units are the factors of time and memory units, by kind of base unit.
func units() map[string]map[string]float64 {
	return map[string]map[string]float64{
		"ms":  {"us": 1e-3, "ms": 1, "s": 1e3, "min": 6e4, "h": 3.6e6, "d": 8.64e7},
		"s":   {"us": 1e-6, "ms": 1e-3, "s": 1, "min": 60, "h": 3600, "d": 86400},
		"min": {"us": 1e-6 / 60, "ms": 1e-3 / 60, "s": 1.0 / 60, "min": 1, "h": 60, "d": 1440},
		"kB":  {"B": 1.0 / 1024, "kB": 1, "MB": 1 << 10, "GB": 1 << 20, "TB": 1 << 30},
		"MB":  {"B": 1.0 / (1 << 20), "kB": 1.0 / 1024, "MB": 1, "GB": 1 << 10, "TB": 1 << 20},
		"B":   {"B": 1, "kB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30, "TB": 1 << 40},
		"8kB": {"B": 1.0 / 8192, "kB": 1.0 / 8, "MB": 128, "GB": 128 << 10, "TB": 128 << 20},
	}
}

func (g *guc) number(value string) (string, error) {
	invalid := func() error {
		e := pgerr.Newf(pgerr.InvalidParameterValue, "invalid value for parameter %q: %q", g.name, value)
		switch g.unit {
		case "ms", "s", "min":
			return e.WithHint(`Valid units for this parameter are "us", "ms", "s", "min", "h", and "d".`)
		case "kB", "MB", "B", "8kB":
			return e.WithHint(`Valid units for this parameter are "B", "kB", "MB", "GB", and "TB".`)
		}
		return e
	}
	text := strings.TrimSpace(value)
	end := 0
	for end < len(text) && strings.IndexByte("+-0123456789.eE", text[end]) >= 0 {
		end++
	}
	f, err := strconv.ParseFloat(text[:end], 64)
	if err != nil {
		return "", invalid()
	}
	if unit := strings.TrimSpace(text[end:]); unit != "" {
		factor, ok := units()[g.unit][unit]
		if !ok {
			return "", invalid()
		}
		f *= factor
	}
	if g.vartype == "integer" {
		f = math.RoundToEven(f)
	}
	if f < g.min || f > g.max {
		bound := func(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }
		u := ""
		if g.unit != "" {
			u = " " + g.unit
		}
		return "", pgerr.Newf(pgerr.InvalidParameterValue, "%s%s is outside the valid range for parameter %q (%s .. %s)",
			strconv.FormatFloat(f, 'f', -1, 64), u, g.name, bound(g.min), bound(g.max))
	}
	return g.show(f), nil
}

// show prints a number in the largest unit that divides it, as SHOW does.
func (g *guc) show(f float64) string {
	plainText := strconv.FormatFloat(f, 'f', -1, 64)
	if g.unit == "" || f == 0 || f < 0 {
		return plainText
	}
	best, text := 0.0, plainText+strings.TrimPrefix(g.unit, "8")
	for unit, factor := range units()[g.unit] {
		if q := f / factor; factor > best && q >= 1 && q == math.Trunc(q) {
			best, text = factor, strconv.FormatFloat(q, 'f', -1, 64)+unit
		}
	}
	return text
}

func normalizeTimeZone(name, value string) (string, error) {
	loc, err := sqltype.LoadLocation(value)
	if err != nil {
		return "", pgerr.Newf(pgerr.InvalidParameterValue, "invalid value for parameter %q: %q", name, value)
	}
	return loc.String(), nil
}

func normalizeDateStyle(value string) (string, error) {
	style, order := "", ""
	for _, part := range strings.Split(value, ",") {
		part = strings.TrimSpace(part)
		switch strings.ToLower(part) {
		case "iso":
			style = "ISO"
		case "sql":
			style = "SQL"
		case "postgres":
			style = "Postgres"
		case "german":
			style = "German"
			if order == "" {
				order = "DMY"
			}
		case "ymd":
			order = "YMD"
		case "dmy", "euro", "european":
			order = "DMY"
		case "mdy", "us", "noneuro", "noneuropean":
			order = "MDY"
		case "default":
			style, order = "ISO", "MDY"
		default:
			return "", pgerr.Newf(pgerr.InvalidParameterValue, "invalid value for parameter %q: %q", "DateStyle", value).
				WithDetail("Unrecognized key word: %q.", part)
		}
	}
	return style + ", " + order, nil // a missing part is filled in by the session, which knows the present one
}

func normalizeEncoding(value string) (string, error) {
	switch strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || r == ' ' {
			return -1
		}
		return r
	}, strings.ToLower(value)) {
	case "utf8", "unicode":
		return "UTF8", nil
	case "sqlascii":
		return "SQL_ASCII", nil
	}
	for _, known := range []string{"latin1", "iso88591", "win1252", "windows1252", "latin9", "win1250", "win1251", "koi8r", "euc_jp", "sjis", "big5", "gbk"} {
		if strings.EqualFold(strings.ReplaceAll(value, "-", ""), known) {
			return "", pgerr.Unsupported("Use UTF8.", "client_encoding %s is not supported", value)
		}
	}
	return "", pgerr.Newf(pgerr.InvalidParameterValue, "invalid value for parameter %q: %q", "client_encoding", value)
}

func unrecognized(name string) *pgerr.Error {
	return pgerr.New(pgerr.UndefinedObject, fmt.Sprintf("unrecognized configuration parameter %q", name))
}
