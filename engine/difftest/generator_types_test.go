package difftest

import (
	"strings"

	"github.com/odatagres/odatagres/internal/sqltype"
)

// Types of generated expressions go by their OIDs; the names are for reading.
const (
	tBool   = sqltype.OIDBool
	tInt2   = sqltype.OIDInt2
	tInt4   = sqltype.OIDInt4
	tInt8   = sqltype.OIDInt8
	tFloat4 = sqltype.OIDFloat4
	tFloat8 = sqltype.OIDFloat8
	tNum    = sqltype.OIDNumeric
	tText   = sqltype.OIDText
	tVar    = sqltype.OIDVarChar
	tBlank  = sqltype.OIDBPChar
	tName   = sqltype.OIDName
	tChar   = sqltype.OIDChar
	tBytes  = sqltype.OIDBytea
	tUUID   = sqltype.OIDUUID
	tDate   = sqltype.OIDDate
	tTime   = sqltype.OIDTime
	tTimeTZ = sqltype.OIDTimeTZ
	tStamp  = sqltype.OIDTimestamp
	tStampZ = sqltype.OIDTimestampTZ
	tIval   = sqltype.OIDInterval
	tJSON   = sqltype.OIDJSON
	tJSONB  = sqltype.OIDJSONB
	tOID    = sqltype.OIDOID
)

// scalars are the types without arrays, the commoner ones several times.
func scalars() []uint32 {
	return []uint32{
		tBool, tBool, tInt2, tInt4, tInt4, tInt4, tInt8, tInt8, tFloat4, tFloat8, tFloat8, tNum, tNum, tNum, tText, tText, tText, tText, tVar,
		tBlank, tName, tChar, tBytes, tUUID, tDate, tDate, tTime, tTimeTZ, tStamp, tStamp, tStampZ, tStampZ, tIval, tIval, tJSON, tJSONB, tJSONB, tOID,
	}
}

// elements are the types of which there are arrays.
func elements() []uint32 {
	return []uint32{tInt4, tInt4, tInt8, tInt2, tText, tText, tNum, tFloat8, tBool, tDate, tStampZ, tStamp, tIval, tUUID, tJSONB, tBytes, tTime, tVar}
}

func arrayOf(oid uint32) uint32 { return sqltype.ArrayOf(oid) }
func elemOf(oid uint32) uint32  { return sqltype.ElemOf(oid) }

func typeName(oid uint32) string { return sqltype.FormatType(oid, -1) }

// sortable says that a type has an order.
func sortable(oid uint32) bool {
	if e := elemOf(oid); e != 0 {
		return sortable(e)
	}
	return oid != tJSON
}

// sharp says that equal values of a type look alike. 1.5 and 1.50, 0 and -0, '1 mon' and '30 days', 'a' and 'a ' are equal and do not:
// which one stands for a group is left open by SQL.
func sharp(oid uint32) bool {
	switch oid {
	case tFloat4, tFloat8, tNum, tIval, tBlank, tJSONB, tJSON:
		return false
	}
	if e := elemOf(oid); e != 0 {
		return sharp(e)
	}
	return true
}

// family are the types that compare with each other.
func family(oid uint32) int {
	switch oid {
	case tInt2, tInt4, tInt8, tNum, tFloat4, tFloat8:
		return 1
	case tText, tVar, tBlank, tName:
		return 2
	case tDate, tStamp, tStampZ:
		return 3
	}
	return int(oid)
}

// literals are texts of values of a type: first the tame ones, with which most functions do something, then extremes.
func literals(oid uint32) (tame, wild []string) {
	w := func(s string) []string { return strings.Split(s, "|") }
	switch oid {
	case tBool:
		return w("true|false"), nil
	case tInt2:
		return w("0|1|2|3|7|-1|10"), w("32767|-32768")
	case tInt4:
		return w("0|1|2|3|5|10|42|-1|-7|100"), w("2147483647|-2147483648")
	case tInt8:
		return w("0|1|2|4|11|-3|1000|86400"), w("9223372036854775807|-9223372036854775808|9007199254740993")
	case tNum:
		return w("0|1|1.5|1.50|-2.25|10|0.001|100.00|3.14159"), w("NaN|Infinity|-Infinity|1e30|123456789012345678901234567890.123456789|-0.0000000000000001|0.00")
	case tFloat4:
		return w("0|1|1.5|-2.25|100|0.1"), w("NaN|Infinity|-Infinity|-0|3.4028235e38|1e-45|16777216")
	case tFloat8:
		return w("0|1|1.5|-2.25|0.1|12.125|1000"), w("NaN|Infinity|-Infinity|-0|1.7976931348623157e308|5e-324|1e21|123456789.123456789")
	case tText:
		return w("a|b|abc|x y|Hello|a-b-c|12|none|AbC"), w("| |ä€ß|it's|%|_|\\|100%|\U0001F600|a\tb")
	case tVar:
		return w("a|b|abc|x y|Hello|7"), w("| |ÄÖ|zz ")
	case tBlank:
		return w("a|b|abc|x y|Hello"), w("| |a  |ß")
	case tName:
		return w("a|b|abc|pg_class|Hello"), w("|€") // letters beyond ASCII are none under name's collation
	case tChar:
		return w("a|b|x|Z"), w("")
	case tBytes:
		return w(`\x00|\x616263|\xff|\x0102`), w(`\x|\xfffefdfcfbfaf9`)
	case tUUID:
		return w("00000000-0000-0000-0000-000000000001|a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"), w("ffffffff-ffff-ffff-ffff-ffffffffffff")
	case tDate:
		return w("2026-11-20|2026-01-31|2024-02-29|2025-12-28|2000-01-01"), w("infinity|-infinity|0044-03-15 BC|5874897-12-31|1582-10-15|epoch")
	case tTime:
		return w("00:00:00|12:00:00|23:59:59.999999|09:30:15.5"), w("24:00:00")
	case tTimeTZ:
		return w("00:00:00+00|12:00:00+02|12:00:00-05:30|10:00:00+00"), w("24:00:00+00|23:59:59.999999+15:59")
	case tStamp:
		return w("2026-11-20 09:30:00|2026-02-28 23:59:59.5|2024-02-29 12:00:00|2025-12-31 00:00:00"), w("infinity|-infinity|4713-01-01 BC|294276-12-31 23:59:59.999999|1999-12-31 23:59:59.999999")
	case tStampZ:
		return w("2026-11-20 09:30:00+00|2026-03-29 01:30:00+01|2024-02-29 12:00:00+00|2025-06-30 23:00:00-04"), w("infinity|-infinity|0001-01-01 00:00:00+00 BC|294276-12-31 23:59:59.999999+00")
	case tIval:
		return w("1 day|1 hour|30 days|1 mon|1 year 2 mons 3 days 04:05:06.789|-1 day +02:03:04|15 minutes|00:00:00"), w("24:00:00|-3 mons|178000000 years|12 mons|360 days|-00:00:00.000001")
	case tJSON:
		return w(`{"a": 1, "b": [1, 2, null]}|[1, "a", true]|{"a": {"b": "x"}, "n": 1.50}|"text"|12|null`), w(`{"a":1,"a":2}|[]|{}|1e3|[[1],[2,[3]]]|"ä\u00e9\n"`)
	case tJSONB:
		return w(`{"a": 1, "b": [1, 2, null]}|[1, "a", true]|{"a": {"b": "x"}, "n": 1.50}|"text"|12|null`), w(`{"a":1,"a":2}|[]|{}|1e3|[[1],[2,[3]]]|-0.0|1.0`)
	case tOID:
		return w("0|1|25|1259"), w("4294967295")
	}
	e := elemOf(oid)
	if e == 0 {
		return []string{"a"}, nil
	}
	t, x := literals(e)
	quoted := func(list ...string) string {
		var b strings.Builder
		for i, s := range list {
			if i > 0 {
				b.WriteByte(',')
			}
			if s == "NULL" {
				b.WriteString(s)
				continue
			}
			b.WriteString(`"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`)
		}
		return "{" + b.String() + "}"
	}
	tame = []string{quoted(t[0]), quoted(t[0], t[1]), quoted(t[1], t[0], t[0]), quoted(t[:min(4, len(t))]...), quoted(t[1], "NULL", t[0])}
	wild = []string{"{}", "{NULL}", "{" + quoted(t[0], t[1]) + "," + quoted(t[1], "NULL") + "}", "[2:3]=" + quoted(t[1], t[0])}
	if len(x) > 0 {
		wild = append(wild, quoted(x...))
	}
	return tame, wild
}

// quoteText writes a string constant.
func quoteText(s string) string {
	q := "'" + strings.ReplaceAll(s, "'", "''") + "'"
	if strings.Contains(s, `\`) {
		return " E" + strings.ReplaceAll(q, `\`, `\\`)
	}
	return q
}
