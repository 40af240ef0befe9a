package difftest

import (
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/odatagres/odatagres/catalog/builtin"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// sampleSets is how many calls are made of each entry: over nulls, and over samples of two kinds.
const sampleSets = 3

// typeText is a type as a cast names it, pseudo-types being stood for by integers.
func typeText(oid uint32) string {
	i, ok := sqltype.Lookup(concreteType(oid))
	if !ok {
		return "unknown"
	}
	return "pg_catalog." + pgx.Identifier{i.Name}.Sanitize()
}

func concreteType(oid uint32) uint32 {
	switch oid {
	case sqltype.OIDAny, sqltype.OIDAnyElement, sqltype.OIDAnyNonArray, sqltype.OIDAnyCompatible, sqltype.OIDAnyCompatibleNonArray:
		return sqltype.OIDInt4
	case sqltype.OIDAnyArray, sqltype.OIDAnyCompatibleArray:
		return sqltype.OIDInt4Array
	}
	return oid
}

// sampleTexts are two plain values of each type. Those of arrays are made of them.
func sampleTexts() map[string][2]string {
	return map[string][2]string{
		"bool": {"t", "f"}, "int2": {"2", "-7"}, "int4": {"3", "12"}, "int8": {"4", "-123456789012"}, "float4": {"1.5", "-0.25"},
		"float8": {"0.5", "-2.75"}, "numeric": {"2.50", "-13.125"}, "text": {"abc", "a b"}, "varchar": {"abc", "Zz"}, "bpchar": {"abc", "x "},
		"name": {"abc", "pg_class"}, "char": {"a", "z"}, "bytea": {`\x616263`, `\x00ff`},
		"uuid": {"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "00000000-0000-0000-0000-000000000000"}, "date": {"2024-02-29", "1999-12-31"},
		"time": {"12:34:56.5", "00:00:00"}, "timetz": {"12:34:56+02", "01:00:00-08"}, "timestamp": {"2024-02-29 12:34:56", "1999-12-31 23:59:59.5"},
		"timestamptz": {"2024-02-29 12:34:56+00", "1999-12-31 23:59:59.5+00"}, "interval": {"1 mon 2 days 03:00", "-1 day"},
		"json": {`{"a": 1, "b": [1, 2]}`, "[1, null]"}, "jsonb": {`{"a": 1, "b": [1, 2]}`, "[1, null]"}, "oid": {"23", "1259"},
		"regproc": {"pg_catalog.lower", "0"}, "regprocedure": {"lower(text)", "0"}, "regoper": {"pg_catalog.||/", "0"}, "regoperator": {"+(integer,integer)", "0"},
		"regclass": {"pg_class", "1247"}, "regtype": {"integer", "text"}, "regrole": {"pg_monitor", "0"}, "regnamespace": {"pg_catalog", "11"},
		"regcollation": {`"C"`, "0"}, "int2vector": {"1 2", "3"}, "oidvector": {"23 25", "1"},
	}
}

// sampleArg writes an argument: a null in the first set of calls, a sample in the others. turn varies what stands beside each other.
func sampleArg(oid uint32, set, turn int, special string) string {
	oid = concreteType(oid)
	i, ok := sqltype.Lookup(oid)
	if !ok {
		return "null"
	}
	quote := func(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
	switch {
	case oid == sqltype.OIDRecord:
		return [sampleSets]string{"null::record", "row(1, 'a'::text)", "row(2, null::text)"}[set]
	case oid == sqltype.OIDRecordArray:
		return [sampleSets]string{"null::record[]", "array[row(1)]", "array[row(2), row(1)]"}[set]
	case set == 0:
		return "null::" + typeText(oid)
	case special != "":
		return quote(special) + "::" + typeText(oid)
	case oid == sqltype.OIDUnknown:
		return "'abc'::unknown"
	case i.IsArray:
		elem, _ := sqltype.Lookup(sqltype.ElemOf(oid))
		texts := sampleTexts()[elem.Name]
		var cells []string
		for _, s := range texts[:set] {
			cells = append(cells, `"`+strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s)+`"`)
		}
		return quote("{"+strings.Join(cells, ",")+"}") + "::" + typeText(oid)
	}
	return quote(sampleTexts()[i.Name][(set+turn+1)%2]) + "::" + typeText(oid)
}

// specialArgs are arguments that must be one of a few words for the call to mean something.
func specialArgs(name string, at int) string {
	switch name {
	case "encode", "decode":
		return []string{"", "hex"}[min(at, 1)]
	case "convert_from", "convert_to", "length", "convert":
		return []string{"", "utf8", "utf8"}[min(at, 2)]
	case "date_part", "date_trunc", "extract":
		return []string{"day", ""}[min(at, 1)]
	case "timezone":
		return []string{"utc", ""}[min(at, 1)]
	case "normalize", "is_normalized":
		return []string{"", "NFC"}[min(at, 1)]
	case "to_ascii":
		return []string{"", "latin1"}[min(at, 1)]
	}
	return ""
}

// serversOwn names functions whose values are those of a server: of its program, processes, files and counters.
func serversOwn(name string) bool {
	switch name {
	case "version", "pg_config", "pg_available_extensions", "pg_available_extension_versions", "pg_extension_update_paths", "pg_timezone_names",
		"pg_backend_pid", "inet_client_port", "inet_server_port", "txid_current", "pg_postmaster_start_time", "pg_conf_load_time",
		"pg_relation_filenode", "pg_relation_filepath", "pg_tablespace_location",
		"pg_relation_is_updatable", "pg_column_is_updatable", // nothing can be written to here
		"pg_describe_object", "pg_identify_object": // XX000 for classes and parts that there are not
		return true
	}
	return strings.HasPrefix(name, "pg_stat_get_")
}

// functionCall writes the set-th call of a function.
func functionCall(f *builtin.Function, set int) string {
	var args []string
	for i, a := range f.Args {
		special := ""
		if s := specialArgs(f.Name, i); s != "" && (a == sqltype.OIDText || a == sqltype.OIDName) {
			special = s
		}
		args = append(args, sampleArg(a, set, i, special))
	}
	if n := len(args); n > 0 && f.Variadic != 0 && f.Variadic != sqltype.OIDAny {
		args[n-1] = "variadic " + args[n-1]
	}
	call := "pg_catalog." + pgx.Identifier{f.Name}.Sanitize()
	switch agg := builtin.Load().Aggregate(f.OID); {
	case agg != nil && agg.Kind == 'h':
		return "select " + call + "(" + args[0] + ") within group (order by " + args[0] + ")"
	case agg != nil && agg.Kind == 'o':
		return "select " + call + "(" + strings.Join(args[:agg.DirectArgs], ", ") + ") within group (order by " + strings.Join(args[agg.DirectArgs:], ", ") + ")"
	case agg != nil && len(args) == 0:
		return "select " + call + "(*)"
	case f.Kind == 'w':
		return "select " + call + "(" + strings.Join(args, ", ") + ") over ()"
	}
	call += "(" + strings.Join(args, ", ") + ")"
	limit := ""
	if f.RetSet {
		limit = " limit 5" // a series may be long
	}
	if f.Result == sqltype.OIDRecord && f.ArgModes == "" {
		return "select * from " + call + " as t(a integer, b text)" + limit
	}
	if strings.HasSuffix(f.Name, "cmp") || f.Name == "gin_compare_jsonb" { // a comparison promises no more than a sign
		call = "sign(" + call + ")"
	}
	return "select " + call + limit
}
