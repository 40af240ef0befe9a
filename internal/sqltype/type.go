package sqltype

// Type is a type with its modifier. Typmod is -1 where there is none, otherwise as in pg_attribute.atttypmod:
// ((p<<16)|s)+4 for numeric, n+4 for varchar and bpchar, p for time, timestamp and interval types.
type Type struct {
	OID    uint32
	Typmod int32
}

// Of returns the type without a modifier.
func Of(oid uint32) Type { return Type{OID: oid, Typmod: -1} }

// Kind is the physical representation of a type's values: which field of Value and which buffer of a vector holds them.
type Kind uint8

// The physical kinds.
const (
	KindInvalid  Kind = iota
	KindBool          // Value.I is 0 or 1
	KindInt16         // int2
	KindInt32         // int4; date as days since 2000-01-01, minimum and maximum int32 are -infinity and infinity
	KindInt64         // int8; oid, xid, cid and the reg types as unsigned 32 bit; time in µs; timestamp and timestamptz in µs since 2000-01-01 (UTC), minimum and maximum int64 are -infinity and infinity
	KindFloat32       // float4, in Value.F
	KindFloat64       // float8, in Value.F
	KindNumeric       // Value.Num
	KindInterval      // Value.Iv: interval; timetz with Micros as local time of day and Months as zone in seconds west of Greenwich
	KindUUID          // 16 bytes; in a Value they are the 16 bytes of S
	KindBytes         // Value.S: text, varchar, bpchar, name, "char", bytea, unknown, cstring, json, jsonb (as normalized text), arrays, int2vector, oidvector and record (as PostgreSQL's binary format), void (empty)
)
