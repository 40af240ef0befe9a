package difftest

import (
	"regexp"
	"slices"
	"strings"

	"github.com/odatagres/odatagres/catalog/builtin"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// callable is a function, an operator or an aggregate that generated expressions use.
type callable struct {
	name     string
	operator bool
	args     []uint32
	variadic bool
	result   uint32
	direct   int // arguments of an ordered-set aggregate that stand before WITHIN GROUP
	ordered  bool
}

// unasked are functions whose answers depend on more than their arguments, or that name objects by number.
func unasked() *regexp.Regexp {
	return regexp.MustCompile(`^(_?pg_.*|has_.*|row_security.*|inet_.*|txid.*|current_.*|to_reg.*|obj_desc.*|shobj.*|col_desc.*|version|getdatabase.*|` +
		`bt(text|bpchar|name).*cmp|bpcharcmp|bttext_pattern_cmp|byteacmp|uuid_cmp|varchar|bpchar|session_user|getpgusername|format_type|acl.*|similar_.*|.*hash.*|xid.*|tid.*|regclass|oidvector.*|cideq|in_range|.*_statefunc|now|` +
		`statement_timestamp|transaction_timestamp|.*inc|dround|dtrunc|array_larger|array_smaller|.*_larger|.*larger|.*smaller|.*_accum.*|.*_avg|.*_sum|float8_.*|interval_(avg|sum).*|.*populate_record.*|.*_combine|.*serialize|mode_final|gin_.*|to_ascii|.*equalimage|.*_final.*)$`)
}

// byLetters tells of what looks for letters in a name, whose collation PostgreSQL takes from what the name is made of.
func byLetters() *regexp.Regexp { return regexp.MustCompile(`^name(regex|ic).*`) }

// inexact are functions whose last digits PostgreSQL leaves to the C library.
func inexact() []string {
	return []string{
		"exp", "ln", "log", "log10", "pow", "power", "^", "dexp", "dlog1", "dlog10", "dpow", "cbrt", "dcbrt", "||/", "sin", "cos", "tan", "cot", "asin",
		"acos", "atan", "atan2", "sind", "cosd", "tand", "cotd", "asind", "acosd", "atand", "atan2d", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh",
		"degrees", "radians", "date_part",
	}
}

// universe are the types of which expressions are made.
func universe() map[uint32]bool {
	out := map[uint32]bool{}
	for _, t := range scalars() {
		out[t] = true
	}
	for _, e := range elements() {
		out[arrayOf(e)] = true
	}
	return out
}

func pseudo(oid uint32) bool {
	switch oid {
	case sqltype.OIDAny, sqltype.OIDAnyArray, sqltype.OIDAnyElement, sqltype.OIDAnyNonArray, sqltype.OIDAnyCompatible, sqltype.OIDAnyCompatibleArray, sqltype.OIDAnyCompatibleNonArray:
		return true
	}
	return false
}

// callables reads PostgreSQL's own tables of what the product can compute: functions and operators by the type of their result and
// then by name, so that a name with many forms is not asked more often than others, and aggregates by result.
func callables() (calls map[uint32][][]*callable, totals map[uint32][]*callable) {
	reg, known, skip, letters := builtin.Load(), universe(), unasked(), byLetters()
	byName := map[uint32]map[string][]*callable{}
	totals = map[uint32][]*callable{}
	fit := func(args []uint32) bool {
		return !slices.ContainsFunc(args, func(a uint32) bool { return !known[a] && !pseudo(a) })
	}
	results := func(oid uint32) []uint32 {
		var out []uint32
		switch oid {
		case sqltype.OIDAnyElement, sqltype.OIDAnyNonArray, sqltype.OIDAnyCompatible, sqltype.OIDAnyCompatibleNonArray:
			out = slices.Compact(slices.Sorted(slices.Values(elements())))
		case sqltype.OIDAnyArray, sqltype.OIDAnyCompatibleArray:
			for _, e := range slices.Compact(slices.Sorted(slices.Values(elements()))) {
				out = append(out, arrayOf(e))
			}
		default:
			if known[oid] {
				out = []uint32{oid}
			}
		}
		return out
	}
	add := func(c *callable) {
		for _, r := range results(c.result) {
			if byName[r] == nil {
				byName[r] = map[string][]*callable{}
			}
			byName[r][c.name] = append(byName[r][c.name], c)
		}
	}
	for _, f := range reg.AllFunctions() {
		if f.Kernel == "" || f.RetSet || f.Volatile == 'v' || f.Namespace != builtin.PgCatalog || skip.MatchString(f.Name) || letters.MatchString(f.Name) || !fit(f.Args) {
			continue
		}
		c := &callable{name: f.Name, args: f.Args, variadic: f.Variadic != 0, result: f.Result}
		switch f.Kind {
		case 'a':
			a := reg.Aggregate(f.OID)
			c.ordered, c.direct = a.Kind == 'o', a.DirectArgs
			for _, r := range results(f.Result) {
				totals[r] = append(totals[r], c)
			}
		case 'f':
			if f.Language == "sql" && f.Name == "substring" {
				continue // its body is a construct of its own, which is refused
			}
			add(c)
		}
	}
	for _, o := range reg.AllOperators() {
		f := reg.FunctionByOID(o.Function)
		args := []uint32{o.Left, o.Right}
		if o.Kind == 'l' {
			args = args[1:]
		}
		if f == nil || f.Kernel == "" || letters.MatchString(f.Name) || !fit(args) {
			continue
		}
		add(&callable{name: o.Name, operator: true, args: args, result: o.Result})
	}
	calls = map[uint32][][]*callable{}
	for oid, names := range byName {
		var sorted []string
		for n := range names {
			sorted = append(sorted, n)
		}
		slices.Sort(sorted)
		for _, n := range sorted {
			calls[oid] = append(calls[oid], names[n])
		}
	}
	return calls, totals
}

// constants are what stands for arguments that would do nothing, or fail, with values by chance: by function, then by position; an
// empty text leaves the argument to chance.
func constants() map[string][]string {
	units := `'day'|'month'|'year'|'hour'|'week'|'quarter'|'minute'|'second'|'decade'|'century'|'millennium'|'dow'|'isodow'|'doy'|'epoch'|'isoyear'|'microseconds'|'milliseconds'|'julian'`
	trunc := `'day'|'month'|'year'|'hour'|'week'|'quarter'|'minute'|'second'|'decade'|'century'|'millennium'|'milliseconds'|'microseconds'`
	zones := `'UTC'|'Europe/Berlin'|'America/New_York'|'Asia/Kolkata'|'EST'|'+03:30'`
	pattern := `'a'|'[a-c]+'|'^a'|'(a|b)(.)'|'\d+'|'\w'|'x*'|'^.*$'|'e.*?a'|'\y'|'[^a-z]'|'(?i)A'|'a{1,2}'`
	like := `'a%'|'%a%'|'_'|'%e_%'|'a\_b'|'%'|''|'A%'`
	flags := `'g'|'i'|''|'n'|'gi'`
	small := `0|1|2|3|-1|5`
	position := `1|2|3|0|-1`
	key := `'a'|'b'|'n'|'c'`
	path := `'{a}'|'{b,0}'|'{a,b}'|'{0}'|'{-1}'|'{}'`
	format := `'%s'|'%s-%s'|'%I'|'%L'|'%%'|'%2$s|%1$s'|'%10s|'|'%-5s|'`
	form := `'NFC'|'NFD'|'NFKC'|'NFKD'`
	fill := `'{2}'::int4[]|'{2,2}'::int4[]|'{0}'::int4[]`
	return map[string][]string{
		"repeat": {"", small}, "lpad": {"", "0|3|8|12", ""}, "rpad": {"", "0|3|8|12", ""}, "left": {"", small}, "right": {"", small},
		"substr": {"", position, "0|1|2|5"}, "substring": {"", position, "0|1|2|5"}, "overlay": {"", "'Z'", "1|2", "0|1"},
		"split_part": {"", `' '|'a'|','|'-'`, `1|2|-1|3`}, "translate": {"", "'abc'|'ae'", "'xy'|''"}, "replace": {"", "'a'|' '|'ab'", "'b'|''|'xyz'"},
		"chr": {"65|228|8364|128512|97"}, "encode": {"", `'hex'|'base64'|'escape'`}, "decode": {`'6162'|'YWJj'|'00ff'|''`, `'hex'|'base64'|'escape'`},
		"convert_from": {`'\x616263'::bytea|'\xc3a4'::bytea`, `'UTF8'`}, "convert_to": {"", `'UTF8'`},
		"date_trunc": {trunc, "", zones}, "date_part": {units, ""}, "extract": {units, ""}, "timezone": {zones + `|'2 hours'::interval`, ""},
		"date_bin": {`'15 minutes'::interval|'3 days'::interval|'1 second'::interval`, "", ""},
		"to_date":  {`'20261120'|'2026-324'`, `'YYYYMMDD'|'YYYY-DDD'`}, "to_timestamp": {`'2026-11-20 09:30'|'20 Nov 2026'`, `'YYYY-MM-DD HH24:MI'|'DD Mon YYYY'`},
		"to_number": {`'12,454.8-'|'1234'|'-5.25'`, `'99G999D9S'|'9999'|'S99D99'`},
		"make_date": {"2026|2024|-44|1", "1|2|12", "1|28|29"}, "make_time": {"0|23|24", "0|59", "0|59.5"}, "make_timestamp": {"2026|2024", "1|2|12", "1|28", "0|23", "0|59", "0|59.5"},
		"make_timestamptz": {"2026|2024", "1|2|12", "1|28", "0|23", "0|59", "0|59.5", zones}, "make_interval": {small, small, small, small, small, small, "0|1.5"},
		"format": {format}, "concat_ws": {`','|''|'-'`}, "factorial": {"0|5|20|30"}, "width_bucket": {"", "0|1", "100|10", "5|1"},
		"set_bit": {"", "0|1", "0|1"}, "get_bit": {"", "0|1"}, "set_byte": {"", "0", "65"}, "get_byte": {"", "0"},
		"array_length": {"", "1|2|0"}, "array_upper": {"", "1|2"}, "array_lower": {"", "1|2"}, "trim_array": {"", "0|1"}, "array_fill": {"", fill, ""},
		"string_to_array": {"", `','|' '|''|null`, `'a'|''`}, "array_to_string": {"", `','|''|', '`, `'*'|'?'`},
		"regexp_match": {"", pattern, flags}, "regexp_like": {"", pattern, `'i'|''|'n'`}, "regexp_count": {"", pattern, "1|2", `'i'|''`},
		"regexp_instr": {"", pattern, "1|2", "1|2", "0|1", `'i'|''`, "0|1"}, "regexp_substr": {"", pattern, "1|2", "1|2", `'i'|''`, "0|1"},
		"regexp_replace": {"", pattern, `'<\&>'|'x'|'\1\2'|''`, flags + "|1|2", "0|1|2", `'i'|''`}, "regexp_split_to_array": {"", pattern, `'i'|''`},
		"textregexeq": {"", pattern}, "texticregexeq": {"", pattern}, "~": {"", pattern}, "~*": {"", pattern}, "!~": {"", pattern}, "!~*": {"", pattern},
		"~~": {"", like}, "!~~": {"", like}, "~~*": {"", like}, "!~~*": {"", like}, "like": {"", like}, "notlike": {"", like}, "textlike": {"", like}, "texticlike": {"", like},
		"like_escape": {like, `'\'|'#'|''`}, "round": {"", `0|1|-1|3|20`}, "trunc": {"", `0|1|-1|3`}, "power": {"", "'2'|'0.5'|'-1'|'0'|'3'"}, "pow": {"", "'2'|'0.5'|'-1'|'0'|'3'"}, "^": {"", "'2'|'0.5'|'-1'|'0'|'3'"},
		"dpow": {"", "2|0.5|-1"}, "numeric_power": {"", "2|0.5|-1|0"}, "<<": {"", "1|3|33"}, ">>": {"", "1|3|33"}, "/": {"", "'2'|'3'|'10'|'-7'"}, "%": {"", "'2'|'3'|'10'|'-7'"},
		"div": {"", "'2'|'3'|'-7'"}, "mod": {"", "'2'|'3'|'-7'"}, "->": {"", key + "|0|1|-1"}, "->>": {"", key + "|0|1|-1"}, "#>": {"", path}, "#>>": {"", path}, "?": {"", key},
		"?|": {"", `'{a,x}'::text[]|'{n}'::text[]`}, "?&": {"", `'{a,b}'::text[]|'{a}'::text[]`}, "#-": {"", path}, "jsonb_set": {"", path, `'"new"'::jsonb|'5'::jsonb`, "true|false"},
		"jsonb_insert": {"", path, `'"new"'::jsonb|'5'::jsonb`, "true|false"}, "jsonb_set_lax": {"", path, `'"new"'::jsonb|null::jsonb`, "true|false", `'use_json_null'|'delete_key'|'return_target'`},
		"jsonb_extract_path": {"", key}, "jsonb_extract_path_text": {"", key}, "json_extract_path": {"", key}, "json_extract_path_text": {"", key},
		"jsonb_object": {`'{a,1,b,2}'::text[]|'{{a,x},{b,y}}'::text[]|'{k,v}'::text[]`, `'{1,NULL}'::text[]|'{x,y}'::text[]`}, "json_object": {`'{a,1,b,2}'::text[]|'{{a,x},{b,y}}'::text[]`, `'{1,NULL,3,4}'::text[]`},
		"parse_ident": {`'a.b'|'"X y".z'`, "true|false"}, "unistr": {`'d\0061t\+000061'|'x'`}, "normalize": {"", form}, "is_normalized": {"", form}, "setseed": {"0"},
		"jsonb_delete": {"", key}, "jsonb_delete_path": {"", path}, "starts_with": {"", "'a'|''|'H'"}, "position": {"'a'|' '|''", ""}, "exp": {"'0'|'1'|'-2.5'|'20'|'0.5'"}, "numeric_exp": {"0|1|-2.5|20"},
		"dexp": {"1|-2.5"}, "interval_div": {"", "2|0.5"}, "trim_scale": {""}, "generate_subscripts": {"", "1"}, "bpchar": {"", "3|8", "true"}, "varchar": {"", "7|9", "true"},
		"numeric": {"", "655366|-1"}, "timestamp": {"", "0|3"}, "timestamptz": {"", "0|3"}, "time": {"", "0|3"}, "timetz": {"", "0|3"}, "interval": {"", "2147418112"},
	}
}

// formats of to_char, by the type of its first argument.
func charFormats(oid uint32) []string {
	switch oid {
	case tInt4, tInt8, tNum, tFloat4, tFloat8:
		return []string{"999", "9999.99", "FM9990.0", "S999", "L99", "RN", "FMRN", "9.99EEEE", "000000", "99,999", "PL99", "999MI", "999PR", "SG99", "99V99", "th99", "999th", "FM999.099", "B99"}
	case tIval:
		return []string{"HH24:MI:SS", "DD", "YYYY-MM-DD", "MS", "SSSS", "HH12 AM", "DDD"}
	}
	return []string{"YYYY-MM-DD", "HH24:MI:SS.US", "Day, DD Mon YYYY", "FMMonth FMDDth", "IYYY-IW-ID", "Q CC J", "YYYY AD", "HH12:MI am", "DDD WW W", "TZ OF", `"text" YY`, "RM rm", "SSSS MS FF3", "Dy DY dy", "Y,YYY", "TMMonth", "YYYYth"}
}

// quotedNames are functions whose names are words of the grammar.
func quotedNames() []string {
	return strings.Fields("overlaps position overlay extract substring char timestamp timestamptz time timetz interval numeric bool bpchar varchar text name date like notlike normalize is_normalized float4 float8 int2 int4 int8 oid")
}
