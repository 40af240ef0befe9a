package engine

import (
	"errors"
	"math"
	"strconv"
	"strings"

	"github.com/odatagres/odatagres/internal/pgerr"
)

// unitOf is a unit and how many base units it is.
type unitOf struct {
	name   string
	factor float64
}

// units are the units of a base unit, the largest first (memory_unit_conversion_table and time_unit_conversion_table of guc.c).
func units(base string) []unitOf {
	switch base {
	case "ms":
		return []unitOf{{"d", 8.64e7}, {"h", 3.6e6}, {"min", 6e4}, {"s", 1e3}, {"ms", 1}, {"us", 1e-3}}
	case "s":
		return []unitOf{{"d", 86400}, {"h", 3600}, {"min", 60}, {"s", 1}, {"ms", 1e-3}, {"us", 1e-6}}
	case "min":
		return []unitOf{{"d", 1440}, {"h", 60}, {"min", 1}, {"s", 1.0 / 60}, {"ms", 1e-3 / 60}, {"us", 1e-6 / 60}}
	case "B":
		return []unitOf{{"TB", 1 << 40}, {"GB", 1 << 30}, {"MB", 1 << 20}, {"kB", 1 << 10}, {"B", 1}}
	case "kB":
		return []unitOf{{"TB", 1 << 30}, {"GB", 1 << 20}, {"MB", 1 << 10}, {"kB", 1}, {"B", 1.0 / (1 << 10)}}
	case "8kB":
		return []unitOf{{"TB", 1 << 27}, {"GB", 1 << 17}, {"MB", 1 << 7}, {"kB", 1.0 / 8}, {"B", 1.0 / (1 << 13)}}
	case "MB":
		return []unitOf{{"TB", 1 << 20}, {"GB", 1 << 10}, {"MB", 1}, {"kB", 1.0 / (1 << 10)}, {"B", 1.0 / (1 << 20)}}
	}
	return nil
}

const (
	timeUnits   = `Valid units for this parameter are "us", "ms", "s", "min", "h", and "d".`
	memoryUnits = `Valid units for this parameter are "B", "kB", "MB", "GB", and "TB".`
)

// integer is parse_int with the parameter's limits.
func (g *guc) integer(name, value string) (string, error) {
	text := strings.TrimLeft(value, " \t\n\r\v\f")
	f, rest, ok := parseCInteger(text)
	if !ok || rest != "" && strings.IndexByte(".eE", rest[0]) >= 0 {
		f, rest, ok = parseCFloat(text)
	}
	if !ok || math.IsNaN(f) {
		return "", invalidNumber(name, value, "")
	}
	f, hint, ok := g.toBase(f, rest)
	if !ok {
		return "", invalidNumber(name, value, hint)
	}
	f = math.RoundToEven(f)
	if f > math.MaxInt32 || f < math.MinInt32 {
		return "", invalidNumber(name, value, "Value exceeds integer range.")
	}
	return g.limited(name, f, func(f float64) string { return strconv.FormatInt(int64(f), 10) })
}

// real is parse_real with the parameter's limits.
func (g *guc) real(name, value string) (string, error) {
	f, rest, ok := parseCFloat(strings.TrimLeft(value, " \t\n\r\v\f"))
	if !ok || math.IsNaN(f) {
		return "", invalidNumber(name, value, "")
	}
	f, hint, ok := g.toBase(f, rest)
	if !ok {
		return "", invalidNumber(name, value, hint)
	}
	return g.limited(name, f, formatG)
}

func invalidNumber(name, value, hint string) error {
	e := pgerr.Newf(pgerr.InvalidParameterValue, "invalid value for parameter %q: %q", name, value)
	if hint != "" {
		return e.WithHint("%s", hint)
	}
	return e
}

func (g *guc) limited(name string, f float64, format func(float64) string) (string, error) {
	if f >= g.min && f <= g.max {
		return format(f), nil
	}
	unit := ""
	if g.unit != "" {
		unit = " " + g.unit
	}
	return "", pgerr.Newf(pgerr.InvalidParameterValue, "%s%s is outside the valid range for parameter %q (%s .. %s)",
		format(f), unit, name, format(g.min), format(g.max))
}

// toBase reads the unit after a number (convert_to_base_unit). A fraction of a unit is rounded to whole ones of the next smaller.
func (g *guc) toBase(f float64, rest string) (base float64, hint string, ok bool) {
	unit := strings.Trim(rest, " \t\n\r\v\f")
	if unit == "" {
		return f, "", true
	}
	list := units(g.unit)
	if list == nil {
		return 0, "", false
	}
	for i, u := range list {
		if u.name != unit {
			continue
		}
		f *= u.factor
		if i+1 < len(list) {
			f = math.RoundToEven(f/list[i+1].factor) * list[i+1].factor
		}
		return f, "", true
	}
	hint = memoryUnits
	if strings.HasSuffix(g.unit, "s") || g.unit == "min" {
		hint = timeUnits
	}
	return 0, hint, false
}

// parseCInteger is strtol with base 0: decimal, hexadecimal and octal. Beyond int64 it is no integer.
func parseCInteger(s string) (f float64, rest string, ok bool) {
	end := 0
	if end < len(s) && (s[end] == '+' || s[end] == '-') {
		end++
	}
	base, digits := 10, end
	switch {
	case len(s) > end+2 && s[end] == '0' && (s[end+1] == 'x' || s[end+1] == 'X') && strings.IndexByte("0123456789abcdefABCDEF", s[end+2]) >= 0:
		base, digits = 16, end+2
	case end < len(s) && s[end] == '0':
		base = 8
	}
	stop := digits
	for stop < len(s) && strings.IndexByte("0123456789abcdef"[:base], lowerByte(s[stop])) >= 0 {
		stop++
	}
	if stop == digits {
		return 0, s, false
	}
	n, err := strconv.ParseInt(s[:end]+s[digits:stop], base, 64)
	return float64(n), s[stop:], err == nil
}

func lowerByte(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// parseCFloat is strtod, without its hexadecimal form.
func parseCFloat(s string) (f float64, rest string, ok bool) {
	end, digits := 0, 0
	if end < len(s) && (s[end] == '+' || s[end] == '-') {
		end++
	}
	for ; end < len(s) && (s[end] >= '0' && s[end] <= '9' || s[end] == '.' && !strings.Contains(s[:end], ".")); end++ {
		if s[end] != '.' {
			digits++
		}
	}
	if digits == 0 {
		return 0, s, false
	}
	if end < len(s) && (s[end] == 'e' || s[end] == 'E') {
		exp := end + 1
		if exp < len(s) && (s[exp] == '+' || s[exp] == '-') {
			exp++
		}
		from := exp
		for exp < len(s) && s[exp] >= '0' && s[exp] <= '9' {
			exp++
		}
		if exp > from {
			end = exp
		}
	}
	f, err := strconv.ParseFloat(s[:end], 64)
	return f, s[end:], err == nil || errors.Is(err, strconv.ErrRange) && f == 0
}

// show is a value as SHOW prints it: a number in the largest unit that divides it.
func (g *guc) show(value string) string {
	switch g.name {
	case "seed":
		return "unavailable"
	case "unix_socket_permissions", "log_file_mode", "data_directory_mode":
		if n, err := strconv.ParseInt(value, 10, 64); err == nil {
			return "0" + strconv.FormatInt(n, 8)
		}
	}
	f, err := strconv.ParseFloat(value, 64)
	if err != nil || f <= 0 || g.vartype != "integer" && g.vartype != "real" {
		return value
	}
	for _, u := range units(g.unit) {
		q := f / u.factor
		if g.vartype == "integer" && (u.factor <= 1 || math.Mod(f, u.factor) == 0) {
			return strconv.FormatInt(int64(math.RoundToEven(q)), 10) + u.name
		}
		if g.vartype == "real" && q > 0 && math.Abs(math.RoundToEven(q)/q-1) <= 1e-8 {
			return formatG(q) + u.name
		}
	}
	return value
}

// formatG is printf's %g.
func formatG(f float64) string { return strconv.FormatFloat(f, 'g', 6, 64) }
