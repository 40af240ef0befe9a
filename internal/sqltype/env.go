package sqltype

import "time"

// Env is what input and output of values need to know of the session. A nil Env means UTC, ISO MDY, postgres interval
// style, hex bytea and shortest floats, and reg* values as numbers.
type Env interface {
	Location() *time.Location                      // TimeZone
	DateOrder() string                             // "MDY", "DMY" or "YMD", the second part of DateStyle
	DateStyle() string                             // "ISO", "SQL", "Postgres" or "German"
	IntervalStyle() string                         // "postgres", "postgres_verbose", "sql_standard" or "iso_8601"
	ExtraFloatDigits() int                         // extra_float_digits
	ByteaOutput() string                           // "hex" or "escape"
	Now() time.Time                                // the transaction's start, for 'now', 'today' …
	RegOut(typ uint32, oid uint32) (string, bool)  // the name that a reg* type prints for an OID; false: print the number
	RegIn(typ uint32, name string) (uint32, error) // the OID that a reg* type reads for a name; *pgerr.Error when there is none
}
