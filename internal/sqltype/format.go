package sqltype

import (
	"strconv"
	"strings"
)

// FormatType prints a type as PostgreSQL's format_type does when its second argument is null or a real modifier; a typmod
// of -1 means none. It is for the types of the table; whoever knows row types prints them itself.
func FormatType(oid uint32, typmod int32) string { return formatType(oid, typmod, false) }

// FormatTypeModified prints a type as format_type does when its second argument is not null: a modifier of -1 then shows
// character and bit, which without one mean a length of 1, under their internal names.
func FormatTypeModified(oid uint32, typmod int32) string { return formatType(oid, typmod, true) }

func formatType(oid uint32, typmod int32, given bool) string {
	i, ok := Lookup(oid)
	if !ok {
		if oid == 0 {
			return "-"
		}
		return "???"
	}
	if i.IsArray {
		return formatType(i.Elem, typmod, given) + "[]"
	}
	if typmod < 0 {
		switch {
		case given && oid == OIDBPChar:
			return "bpchar"
		case given && oid == OIDBit:
			return `"bit"`
		}
		return i.SQLName
	}
	n := func(v int32) string { return "(" + strconv.Itoa(int(v)) + ")" }
	switch oid {
	case OIDBool, OIDInt2, OIDInt4, OIDInt8, OIDFloat4, OIDFloat8:
		return i.SQLName
	case OIDBPChar, OIDVarChar:
		if typmod > 4 {
			return i.SQLName + n(typmod-4)
		}
		return i.SQLName
	case OIDBit, OIDVarBit:
		return i.SQLName + n(typmod)
	case OIDNumeric:
		return "numeric" + numericTypmodOut(typmod)
	case OIDTime, OIDTimeTZ, OIDTimestamp, OIDTimestampTZ:
		word, rest, _ := strings.Cut(i.SQLName, " ")
		return word + n(typmod) + " " + rest
	case OIDInterval:
		return "interval" + intervalTypmodOut(typmod)
	}
	return i.SQLName + n(typmod)
}

// String prints the type as format_type does.
func (t Type) String() string { return FormatType(t.OID, t.Typmod) }

// numericTypmod splits a numeric typmod; scales from -1000 are kept in eleven bits.
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
