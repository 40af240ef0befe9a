package engine

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/odatagres/odatagres/catalog/builtin"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// checkHook checks a value of a parameter with its own rules and returns it as it is kept.
type checkHook func(s *settings, g *guc, value string) (string, error)

// checkHooks are PostgreSQL's check hooks by the parameter's canonical name. What is not here follows its type alone.
func checkHooks() map[string]checkHook {
	return map[string]checkHook{
		"application_name":            func(_ *settings, _ *guc, v string) (string, error) { return cleanASCII(v), nil },
		"client_encoding":             checkEncoding,
		"DateStyle":                   checkDateStyle,
		"TimeZone":                    checkTimeZone,
		"log_timezone":                checkTimeZone,
		"search_path":                 checkNameList,
		"temp_tablespaces":            checkNameList,
		"standard_conforming_strings": onlyOn("Write strings with escapes as E'…'."),
		"default_text_search_config":  checkTextSearchConfig,
		"default_tablespace":          checkTablespace,
		"default_table_access_method": checkAccessMethod,
		"default_with_oids":           checkWithOids,
	}
}

func badValue(g *guc, value, detail string, args ...any) error {
	e := pgerr.Newf(pgerr.InvalidParameterValue, "invalid value for parameter %q: %q", g.name, value)
	if detail != "" {
		return e.WithDetail(detail, args...)
	}
	return e
}

// cleanASCII is pg_clean_ascii.
func cleanASCII(v string) string {
	b := []byte(v)
	for i, c := range b {
		if c < 32 || c > 126 {
			b[i] = '?'
		}
	}
	return string(b)
}

// onlyOn accepts the value on alone: the lexer is fixed.
func onlyOn(hint string) checkHook {
	return func(_ *settings, g *guc, value string) (string, error) {
		b, ok := parseBool(value)
		if !ok {
			return "", pgerr.Newf(pgerr.InvalidParameterValue, "parameter %q requires a Boolean value", g.name)
		}
		if !b {
			return "", pgerr.Unsupported(hint, "%s = off is not supported", g.name)
		}
		return "on", nil
	}
}

// checkEncoding is check_client_encoding. Clients and the server speak UTF-8 alone. UNICODE is kept as it is: old drivers
// compare it.
func checkEncoding(_ *settings, g *guc, value string) (string, error) {
	switch name := encodingName(value); {
	case name == "utf8" || name == "unicode":
		if value == "UNICODE" {
			return value, nil
		}
		return "UTF8", nil
	case name == "sqlascii":
		return "SQL_ASCII", nil
	case knownEncoding(name):
		return "", pgerr.Unsupported("Use UTF8.", "client_encoding %s is not supported", value)
	}
	return "", badValue(g, value, "")
}

// encodingName is clean_encoding_name: letters and digits, in lower case.
func encodingName(value string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			return r
		}
		return -1
	}, value)
}

// knownEncoding finds a name of pg_encname_tbl.
func knownEncoding(name string) bool {
	for _, known := range strings.Fields(`abc alt big5 euccn eucjis2004 eucjp euckr euctw gb18030 gbk iso88591 iso885910 iso885913 iso885914 iso885915
		iso885916 iso88592 iso88593 iso88594 iso88595 iso88596 iso88597 iso88598 iso88599 johab koi8 koi8r koi8u latin1 latin10 latin2 latin3 latin4
		latin5 latin6 latin7 latin8 latin9 mskanji muleinternal shiftjis shiftjis2004 sjis tcvn tcvn5712 uhc vscii win win1250 win1251 win1252
		win1253 win1254 win1255 win1256 win1257 win1258 win866 win874 win932 win936 win949 win950 windows1250 windows1251 windows1252 windows1253
		windows1254 windows1255 windows1256 windows1257 windows1258 windows866 windows874 windows932 windows936 windows949 windows950`) {
		if known == name {
			return true
		}
	}
	return false
}

// checkDateStyle is check_datestyle. What the value leaves out stays as it is.
func checkDateStyle(s *settings, g *guc, value string) (string, error) {
	words, ok := splitIdentifiers(value)
	if !ok {
		return "", badValue(g, value, "List syntax is invalid.")
	}
	var style, order string
	conflict := false
	set := func(to *string, v string) {
		conflict = conflict || *to != "" && *to != v
		*to = v
	}
	implied := ""
	for _, word := range words {
		low := strings.ToLower(word)
		switch {
		case low == "iso":
			set(&style, "ISO")
		case low == "sql":
			set(&style, "SQL")
		case strings.HasPrefix(low, "postgres"):
			set(&style, "Postgres")
		case low == "german":
			set(&style, "German")
			implied = "DMY"
		case low == "ymd":
			set(&order, "YMD")
		case low == "dmy", strings.HasPrefix(low, "euro"):
			set(&order, "DMY")
		case low == "mdy", low == "us", strings.HasPrefix(low, "noneuro"):
			set(&order, "MDY")
		case low == "default":
			resetStyle, resetOrder, _ := strings.Cut(s.resetValue("datestyle"), ", ")
			if style == "" {
				style = resetStyle
			}
			if order == "" {
				order = resetOrder
			}
		default:
			return "", badValue(g, value, "Unrecognized key word: %q.", word)
		}
	}
	if conflict {
		return "", badValue(g, value, `Conflicting "datestyle" specifications.`)
	}
	nowStyle, nowOrder, _ := strings.Cut(s.value("datestyle"), ", ")
	if style == "" {
		style = nowStyle
	}
	if order == "" {
		order = implied
	}
	if order == "" {
		order = nowOrder
	}
	return style + ", " + order, nil
}

// checkTimeZone is check_timezone: a name, hours east of Greenwich, or an interval.
func checkTimeZone(_ *settings, g *guc, value string) (string, error) {
	if len(value) > 8 && strings.EqualFold(value[:8], "interval") && g.name == "TimeZone" {
		return zoneOfInterval(g, value)
	}
	if hours, rest, ok := parseCFloat(value); ok && rest == "" && g.name == "TimeZone" {
		if hours > 167 || hours < -167 {
			return "", badValue(g, value, "UTC timezone offset is out of range.")
		}
		return posixZone(int(hours * 3600)), nil
	}
	loc, err := loadZone(value)
	if err != nil {
		return "", badValue(g, value, "")
	}
	return loc.String(), nil
}

func zoneOfInterval(g *guc, value string) (string, error) {
	_, text, _ := strings.Cut(value, "'")
	text, rest, ok := strings.Cut(text, "'")
	if !ok || rest != "" {
		return "", badValue(g, value, "")
	}
	iv, err := sqltype.ParseText(sqltype.Of(sqltype.OIDInterval), text, nil)
	switch {
	case err != nil:
		return "", err
	case iv.Iv.Months != 0:
		return "", badValue(g, value, "Cannot specify months in time zone interval.")
	case iv.Iv.Days != 0:
		return "", badValue(g, value, "Cannot specify days in time zone interval.")
	case iv.Iv.Micros > 167*3600e6 || iv.Iv.Micros < -167*3600e6:
		return "", badValue(g, value, "UTC timezone offset is out of range.")
	}
	return posixZone(int(iv.Iv.Micros / 1e6)), nil
}

// posixZone writes an offset in seconds east of Greenwich as the POSIX zone that SHOW TIME ZONE prints: <+02>-02.
func posixZone(east int) string {
	sign, back := "+", "-"
	if east < 0 {
		sign, back, east = "-", "+", -east
	}
	text := fmt.Sprintf("%02d", east/3600)
	if rest := east % 3600; rest != 0 {
		text += fmt.Sprintf(":%02d", rest/60)
		if rest%60 != 0 {
			text += fmt.Sprintf(":%02d", rest%60)
		}
	}
	return "<" + sign + text + ">" + back + text
}

// loadZone finds a zone; PostgreSQL takes a POSIX zone with an empty name, too: -02:30 is two and a half hours east.
func loadZone(name string) (*time.Location, error) {
	loc, err := sqltype.LoadLocation(name)
	if err == nil || name == "" || strings.IndexByte("+-0123456789", name[0]) < 0 {
		return loc, err
	}
	parts := strings.Split(strings.TrimLeft(name, "+-"), ":")
	seconds, unit := 0, 3600
	for _, p := range parts {
		n, err2 := strconv.Atoi(p)
		if err2 != nil || unit == 0 || len(p) > 3 || unit == 3600 && n > 167 || unit < 3600 && n > 59 {
			return nil, err
		}
		seconds += n * unit
		unit /= 60
	}
	if name[0] != '-' {
		seconds = -seconds
	}
	return time.FixedZone(name, seconds), nil
}

// checkNameList is check_search_path and check_temp_tablespaces.
func checkNameList(_ *settings, g *guc, value string) (string, error) {
	if _, ok := splitIdentifiers(value); !ok {
		return "", badValue(g, value, "List syntax is invalid.")
	}
	return value, nil
}

func checkTextSearchConfig(_ *settings, g *guc, value string) (string, error) {
	if value == "" {
		return "", nil
	}
	name := strings.TrimPrefix(value, "pg_catalog.")
	if !inCatalog("pg_ts_config", "cfgname", name) {
		return "", badValue(g, value, "")
	}
	return "pg_catalog." + name, nil
}

func checkTablespace(_ *settings, g *guc, value string) (string, error) {
	if value != "" && value != "pg_default" && value != "pg_global" {
		return "", badValue(g, value, "Tablespace %q does not exist.", value)
	}
	return value, nil
}

func checkAccessMethod(_ *settings, g *guc, value string) (string, error) {
	if value == "" {
		return "", badValue(g, value, "%s cannot be empty.", g.name)
	}
	if value != "heap" {
		return "", badValue(g, value, "Table access method %q does not exist.", value)
	}
	return value, nil
}

func checkWithOids(_ *settings, g *guc, value string) (string, error) {
	b, ok := parseBool(value)
	if !ok {
		return "", pgerr.Newf(pgerr.InvalidParameterValue, "parameter %q requires a Boolean value", g.name)
	}
	if b {
		return "", pgerr.New(pgerr.FeatureNotSupported, "tables declared WITH OIDS are not supported")
	}
	return "off", nil
}

// inCatalog finds a name in a catalog that never changes.
func inCatalog(table, column, name string) bool {
	cols, rows, _ := builtin.StaticTable(table)
	for i, c := range cols {
		if c.Name != column {
			continue
		}
		for _, r := range rows {
			if r[i].Text == name {
				return true
			}
		}
	}
	return false
}
