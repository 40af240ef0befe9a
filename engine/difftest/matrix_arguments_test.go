package difftest

import "strings"

// wantedValues are the values of an argument whose type says too little of what its function takes, as expressions; nil where the
// type's own samples do.
func wantedValues(r *routine, types []string, arg int) []string {
	list := wantedTexts(r, types, arg)
	if list == nil {
		return nil
	}
	typ := types[arg]
	if typ == "character" {
		typ = "bpchar"
	}
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = literal(typ, v)
	}
	return out
}

func wantedTexts(r *routine, types []string, arg int) []string {
	name, typ := r.name, types[arg]
	last := arg == len(types)-1
	patterns := strings.Contains(name, "regex") || strings.HasPrefix(name, "regexp") || name == "substring" && len(types) == 2 && types[1] == "text"
	switch {
	case (name == "date_trunc" || name == "date_part" || name == "extract") && arg == 0:
		return []string{"year", "hour", "second", "quarter", "week", "epoch", "dow", "isoyear", "century", "microseconds", "julian", "timezone", "nonsense"}
	case name == "timezone" && arg == 0 && typ == "text", name == "date_trunc" && arg == 2, name == "make_timestamptz" && arg == 6:
		return []string{"Europe/Berlin", "UTC", "America/New_York", "+02", "UTC+3", "Nowhere/Land"}
	case strings.HasPrefix(name, "make_") && typ == "integer":
		return []string{"12", "1", "2", "0", "29", "2024", "-44", "24", "100000"}
	case strings.HasPrefix(name, "make_") && typ == "double precision":
		return []string{"1.5", "59.999999", "60", "-1", "NaN"}
	case name == "generate_series":
		switch typ {
		case "integer", "bigint", "numeric":
			return []string{"1", "5", "2", "-3", "0"}
		case "interval":
			return []string{"1 day", "36:00:00", "-1 day", "1 mon", "0"}
		case "timestamp without time zone", "timestamp with time zone":
			return []string{"2024-02-29 23:00:00", "2024-03-04 01:02:03.5", "2024-02-20"}
		}
	case name == "generate_subscripts" && typ == "integer":
		return []string{"1", "2", "3"}
	case (name == "lpad" || name == "rpad" || name == "repeat" || name == "left" || name == "right" || name == "substr" || name == "substring" || name == "overlay" || name == "bpchar" || name == "varchar" || name == "split_part") && typ == "integer":
		return []string{"2", "5", "1", "0", "-1", "20", "8"}
	case (name == "round" || name == "trunc") && arg == 1:
		return []string{"1", "2", "0", "-1", "5", "-30", "20"}
	case name == "sin" || name == "cos" || name == "tan" || name == "cot":
		return []string{"2.5", "-1.5", "0", "0.1", "1e15", "NaN", "Infinity"} // doubles beyond have no digits left to agree on
	case name == "factorial":
		return []string{"5", "0", "20", "-1", "100"}
	case (name == "encode" || name == "decode") && arg == 1:
		return []string{"hex", "base64", "escape", "HEX", "foo"}
	case name == "decode" && arg == 0:
		return []string{"616263", "YWJj", "ab cd", "zz", `a\000b`, `\`, ""}
	case strings.HasPrefix(name, "convert") && typ == "name", name == "length" && arg == 1:
		return []string{"utf8", "LATIN1", "nonsense"}
	case name == "format" && arg == 0:
		return []string{"%s", "%I", "%L", "x%1$sy", "%5s|", "%-5s|", "%x", "%", "%%", "%0$s"}
	case strings.Contains(name, "like") && arg == 1:
		return []string{"a%", "%c", "%b%", "a_c", "_", `a\_c`, `a\`, "ABC", "", "%Ü%"}
	case patterns && arg == 1:
		return []string{"b+", "^a", "(a)(b)?", "[[:alpha:]]+", `\d+`, "a|b", "x*", ".", "(", "a{2}", "h.*?o", "(?i)ABC", ""}
	case patterns && arg >= 2 && last && typ == "text" && name != "regexp_replace" || name == "regexp_replace" && arg >= 3 && last && typ == "text":
		return []string{"i", "g", "", "n", "z"}
	case patterns && arg == 2 && typ == "text":
		return []string{"X", `[\1]`, `\&\&`, "", `\2`}
	case patterns && typ == "integer":
		return []string{"1", "2", "0", "-1"}
	case name == "to_char" && arg == 1 && (strings.HasPrefix(types[0], "timestamp") || types[0] == "interval"):
		return []string{"YYYY-MM-DD HH24:MI:SS.US", "FMMonth FMDD, YYYY", "Day DY dy D DDD", "IYYY-IW-ID", "Q WW W CC J", "HH12:MI:SS AM", "TZ OF", "BC RM", "DDth \"x\"Y,YYY", "SSSS MS"}
	case name == "to_char" && arg == 1:
		return []string{"999.99", "FM999.00", "0000", "9G999D99", "S999", "999PR", "MI99", "RN", "9.99EEEE", "999V99", "99th", "L9", ""}
	case name == "to_number" && arg == 1:
		return []string{"999.99", "S999", "9,999.99", "999PR", "L999", "FM9", ""}
	case name == "to_number" && arg == 0:
		return []string{"12.5", "-12", "1,234.56", "<5>", "$12", "abc", ""}
	case (name == "to_date" || name == "to_timestamp" && len(types) == 2) && arg == 1:
		return []string{"YYYY-MM-DD", "YYYY-MM-DD HH24:MI:SS", "DD Mon YYYY", "MM/DD/YY", "YYYYMMDD", "YYYY-DDD", "IYYY-IW-ID", "J", "HH12 AM", ""}
	case (name == "to_date" || name == "to_timestamp" && len(types) == 2) && arg == 0:
		return []string{"2024-02-29", "2024-02-29 13:14:15", "29 Feb 2024", "02/29/24", "20240229", "2024-060", "2024-09-4", "2460370", "01 PM", "abc"}
	case name == "to_timestamp" && len(types) == 1:
		return []string{"1700000000.123456", "0", "-1e11", "1e15", "NaN", "Infinity"}
	case name == "array_fill" && typ == "integer[]":
		return []string{"{2}", "{2,3}", "{0}", "{-1}"}
	case (name == "array_length" || name == "array_lower" || name == "array_upper" || name == "trim_array") && typ == "integer":
		return []string{"1", "2", "0", "-1"}
	case name == "pg_size_bytes":
		return []string{"12", "1kB", "1.5 GB", "-3 MB", "x"}
	case name == "pg_encoding_to_char" || name == "pg_encoding_max_length":
		return []string{"6", "8", "-1"}
	case name == "pg_char_to_encoding":
		return []string{"utf8", "latin1", "x"}
	case strings.HasPrefix(name, "json") && typ == "text[]":
		return []string{"{a}", "{c,d}", "{b,1}", "{0}", "{1,x}", "{}"}
	case strings.HasPrefix(name, "json") && typ == "text":
		return []string{"a", "b", "c", "x", ""}
	case (name == "normalize" || name == "is_normalized") && arg == 1:
		return []string{"NFC", "NFD", "nfkc", "NFX"}
	case name == "parse_ident" && arg == 0:
		return []string{"a.b", `"A b".c`, "pg_class", "a b", ""}
	case name == "to_regclass" || name == "regclass":
		return []string{"pg_class", "pg_catalog.pg_type", "nothing"}
	case name == "to_regtype":
		return []string{"int4", "integer[]", "timestamp with time zone", "nothing"}
	case name == "to_regproc":
		return []string{"now", "pg_catalog.now", "lower", "nothing"}
	case name == "to_regprocedure":
		return []string{"lower(text)", "nothing(integer)", "abs(integer)"}
	case name == "to_regoperator":
		return []string{"+(integer,integer)", "-(none,integer)", "+(text,text)"}
	case name == "to_regoper":
		return []string{"||/", "+", "<>>"}
	case name == "to_regnamespace":
		return []string{"pg_catalog", "nothing"}
	case name == "to_regrole":
		return []string{"pg_monitor", "nothing"}
	case name == "to_regcollation":
		return []string{`"C"`, "nothing"}
	case name == "int4" && typ == "jsonb":
		return []string{"1.50", "null", `"x"`}
	}
	return nil
}
