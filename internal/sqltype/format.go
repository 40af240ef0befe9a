package sqltype

import "strconv"

// FormatType prints a type as PostgreSQL's format_type does. A typmod of -1 means none. It is for the types of the table;
// whoever knows row types prints them itself.
func FormatType(oid uint32, typmod int32) string {
	i, ok := Lookup(oid)
	if !ok {
		return "???"
	}
	if i.IsArray {
		return FormatType(i.Elem, typmod) + "[]"
	}
	if typmod < 0 {
		if oid == OIDBPChar || oid == OIDBit {
			return i.SQLName
		}
		return i.SQLName
	}
	n := func(v int32) string { return "(" + strconv.Itoa(int(v)) + ")" }
	switch oid {
	case OIDBPChar:
		if typmod > 4 {
			return "character" + n(typmod-4)
		}
		return "character"
	case OIDVarChar:
		if typmod > 4 {
			return "character varying" + n(typmod-4)
		}
		return "character varying"
	case OIDBit:
		return "bit" + n(typmod)
	case OIDVarBit:
		return "bit varying" + n(typmod)
	case OIDNumeric:
		return "numeric" + numericTypmodOut(typmod)
	case OIDTime:
		return "time" + n(typmod) + " without time zone"
	case OIDTimeTZ:
		return "time" + n(typmod) + " with time zone"
	case OIDTimestamp:
		return "timestamp" + n(typmod) + " without time zone"
	case OIDTimestampTZ:
		return "timestamp" + n(typmod) + " with time zone"
	case OIDInterval:
		return "interval" + intervalTypmodOut(typmod)
	}
	if i.ModOut == "-" {
		// format_type prints the modifier of types that take none all the same.
		return i.SQLName + n(typmod)
	}
	return i.SQLName
}

// String prints the type as format_type does.
func (t Type) String() string { return FormatType(t.OID, t.Typmod) }

// numericScale splits a numeric typmod; scales from -1000 are kept in eleven bits.
func numericTypmod(typmod int32) (precision, scale int) {
	t := typmod - 4
	return int(t>>16) & 0xffff, int((t&0x7ff)^1024) - 1024
}

func numericTypmodOut(typmod int32) string {
	if typmod < 4 {
		return ""
	}
	p, s := numericTypmod(typmod)
	return "(" + strconv.Itoa(p) + "," + strconv.Itoa(s) + ")"
}

// Interval field masks in the upper half of an interval typmod, and the words that intervaltypmodout prints for them.
const (
	intervalMonth     = 1 << 1
	intervalYear      = 1 << 2
	intervalDay       = 1 << 3
	intervalHour      = 1 << 10
	intervalMinute    = 1 << 11
	intervalSecond    = 1 << 12
	intervalFullRange = 0x7fff
	intervalFullPrec  = 0xffff
)

var intervalFieldNames = map[int]string{
	intervalYear: " year", intervalMonth: " month", intervalDay: " day", intervalHour: " hour",
	intervalMinute: " minute", intervalSecond: " second",
	intervalYear | intervalMonth:                                 " year to month",
	intervalDay | intervalHour:                                   " day to hour",
	intervalDay | intervalHour | intervalMinute:                  " day to minute",
	intervalDay | intervalHour | intervalMinute | intervalSecond: " day to second",
	intervalHour | intervalMinute:                                " hour to minute",
	intervalHour | intervalMinute | intervalSecond:               " hour to second",
	intervalMinute | intervalSecond:                              " minute to second",
}

func intervalTypmodOut(typmod int32) string {
	if typmod < 0 {
		return ""
	}
	s := intervalFieldNames[int(typmod>>16)&intervalFullRange]
	if p := int(typmod) & 0xffff; p != intervalFullPrec {
		s += "(" + strconv.Itoa(p) + ")"
	}
	return s
}
