package difftest

import "strings"

// sample is a type of the matrix with values in its input syntax, telling ones first.
type sample struct {
	name   string // as in casts
	values []string
}

// scalarSamples are the types of which everything else is made. Extremes and the values that are special to a type are among its values.
func scalarSamples() []sample {
	return []sample{
		{"boolean", []string{"t", "f"}},
		{"smallint", []string{"7", "-8", "0", "1", "32767", "-32768"}},
		{"integer", []string{"65", "-3", "0", "1", "100000", "2147483647", "-2147483648"}},
		{"bigint", []string{"42", "-9", "0", "1", "4294967296", "9223372036854775807", "-9223372036854775808"}},
		{"real", []string{"1.5", "-2.5", "0", "0.1", "3.4028235e+38", "1e-45", "NaN", "Infinity", "-Infinity", "32767.5", "2147483648"}},
		{"double precision", []string{"2.5", "-1.5", "0", "-0", "0.1", "1.7976931348623157e+308", "5e-324", "NaN", "Infinity", "-Infinity", "2147483647.5", "9.3e18", "1e40"}},
		{"numeric", []string{"3.25", "-2.50", "0", "0.00", "123456789012345678901234567890.123456789", "1e-20", "NaN", "Infinity", "-Infinity", "2147483647.5", "9223372036854775807.5", "99999.995"}},
		{"text", []string{"abc", "", "Ünï Çödé", "12", " 12 ", "-3.5", "true", "2024-02-29", "12:34:56", "1 day", "{1,2}", `{"a": 1}`, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", `\x6162`, "pg_class", "it's"}},
		{"character varying", []string{"abc", "", "a b  ", "7"}},
		{"character", []string{"a", "b", "Z"}},
		{"bpchar", []string{"abc  ", "", "12", "Ünï "}},
		{"name", []string{"pg_class", "abc", "12", "x"}},
		{`"char"`, []string{"a", "1", "z"}},
		{"bytea", []string{`\x6162`, `\x`, `\xff00`, `\x5c`, `\x00112233445566778899aabbccddeeff`}},
		{"uuid", []string{"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "00000000-0000-0000-0000-000000000000"}},
		{"date", []string{"2024-02-29", "1999-12-31", "infinity", "-infinity", "0044-03-15 BC", "5874897-12-31", "4713-01-01 BC"}},
		{"time", []string{"12:34:56.789", "00:00:00", "24:00:00", "23:59:59.999999"}},
		{"time with time zone", []string{"12:34:56.789+05:30", "00:00:00+00", "24:00:00-08"}},
		{"timestamp", []string{"2024-02-29 23:59:59.999999", "1999-12-31 12:30:45.5", "infinity", "-infinity", "0044-03-15 10:00:00 BC", "294276-12-31 23:59:59.999999", "2026-03-29 02:30:00"}},
		{"timestamp with time zone", []string{"2024-02-29 23:59:59.999999+00", "1999-12-31 12:30:45.5+03", "infinity", "-infinity", "2026-03-29 01:30:00+00"}},
		{"interval", []string{"1 year 2 mons 3 days 04:05:06.789", "-1 day", "0", "33 days", "100:00:00", "-1 year -2 mons +3 days -04:05:06", "178956970 years"}},
		{"json", []string{`{"a": 1, "b": [1, 2], "a": 2}`, "null", "1", `"x"`, "[]", `[1,"x",null]`}},
		{"jsonb", []string{`{"a": 1, "b": [1, 2], "c": {"d": null}}`, "null", "1.50", `"x"`, "[]", "true", "1e400", "-32769", `[1,"x",null]`}},
		{"oid", []string{"1259", "0", "4294967295", "23", "21"}},
		{"regclass", []string{"pg_class", "pg_type", "0", "4294967295"}},
		{"regtype", []string{"integer", "text", "0"}},
		{"regproc", []string{"now", "1", "0"}},
		{"regprocedure", []string{"lower(text)", "0"}},
		{"regoper", []string{"||/", "0"}},
		{"regoperator", []string{"+(integer,integer)", "0"}},
		{"regrole", []string{"pg_monitor", "0"}},
		{"regnamespace", []string{"pg_catalog", "0"}},
		{"regcollation", []string{`"C"`, "0"}},
		{"int2vector", []string{"1 2 3", "7"}},
		{"oidvector", []string{"23 25", "0"}},
	}
}

// arraySamples are the arrays of the matrix.
func arraySamples() []sample {
	return []sample{
		{"boolean[]", []string{"{t,f}", "{}", "{NULL}"}},
		{"smallint[]", []string{"{1,2,3}", "{}"}},
		{"integer[]", []string{"{1,2,3}", "{3,NULL,1}", "{}", "{{1,2},{3,4}}", "[0:1]={5,6}"}},
		{"bigint[]", []string{"{1,2,9}", "{}", "{9223372036854775807}"}},
		{"real[]", []string{"{1.5,NaN}", "{}"}},
		{"double precision[]", []string{"{1,2.5,NaN}", "{}", "{1e300}"}},
		{"numeric[]", []string{"{1,2.50}", "{}", "{12345.678,NULL}"}},
		{"text[]", []string{"{a,b,c}", "{a,NULL,c}", "{}", "{{a,b},{c,d}}", `{"a b","c,d"}`, "{1,2}"}},
		{"varchar[]", []string{"{abc,de}", "{}"}},
		{"bpchar[]", []string{"{abc,de}", "{}"}},
		{"name[]", []string{"{a,b}", "{}"}},
		{`"char"[]`, []string{"{a,b}", "{}"}},
		{"bytea[]", []string{`{"\\x6162"}`, "{}"}},
		{"uuid[]", []string{"{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}", "{}"}},
		{"date[]", []string{"{2024-02-29,infinity}", "{}"}},
		{"time[]", []string{"{12:34:56}", "{}"}},
		{"timestamp[]", []string{`{"2024-02-29 12:00:00"}`, "{}"}},
		{"timestamptz[]", []string{`{"2024-02-29 12:00:00+00"}`, "{}"}},
		{"interval[]", []string{`{"1 day"}`, "{}"}},
		{"json[]", []string{`{"{\"a\": 1}"}`, "{}"}},
		{"jsonb[]", []string{`{"{\"a\": 1}",2}`, "{}"}},
		{"oid[]", []string{"{1,2}", "{}"}},
		{"regclass[]", []string{"{pg_class}", "{}"}},
	}
}

// samplesOfAll are all types that have an input syntax.
func samplesOfAll() []sample { return append(scalarSamples(), arraySamples()...) }

// literal writes a value as a cast of its text.
func literal(typ, value string) string { return matrixQuote(value) + "::" + typ }

func matrixQuote(s string) string {
	s = strings.ReplaceAll(s, "'", "''")
	if strings.Contains(s, `\`) {
		return " E'" + strings.ReplaceAll(s, `\`, `\\`) + "'"
	}
	return "'" + s + "'"
}

// expressions are the values of a type as expressions: of the types with an input syntax, of literals whose type is left open, and
// of rows.
type expressions struct {
	name   string
	values []string
}

func allExpressions() []expressions {
	var out []expressions
	for _, s := range samplesOfAll() {
		e := expressions{name: s.name}
		for _, v := range s.values {
			e.values = append(e.values, literal(s.name, v))
		}
		out = append(out, e)
	}
	return append(out,
		expressions{"record", []string{"row(1, 'a'::text)", "row(null, 2)", "row(1.5)"}},
		expressions{"unknown", unknownLiterals()},
	)
}

// unknownLiterals are the first two values of every type as bare literals.
func unknownLiterals() []string {
	seen := map[string]bool{}
	var out []string
	for _, s := range samplesOfAll() {
		for _, v := range s.values[:min(2, len(s.values))] {
			if q := matrixQuote(v); !seen[q] {
				seen[q] = true
				out = append(out, q)
			}
		}
	}
	return out
}
