package builtin

import "github.com/odatagres/odatagres/internal/sqltype"

// KeyFunctions are functions that no catalog shows. They turn values of one type into the type in which = compares them with another, for
// hashes: unlike the casts they never fail, as the comparison does not.
func KeyFunctions() []*Function {
	key := func(kernel string, volatile byte, from, to uint32) *Function {
		return &Function{Name: kernel, Kind: 'f', Args: []uint32{from}, Result: to, Strict: true, Volatile: volatile, Language: "internal", Source: kernel, Kernel: kernel}
	}
	return []*Function{
		key("date_timestamp_key", 'i', sqltype.OIDDate, sqltype.OIDTimestamp),
		key("date_timestamptz_key", 's', sqltype.OIDDate, sqltype.OIDTimestampTZ),
		key("timestamp_timestamptz_key", 's', sqltype.OIDTimestamp, sqltype.OIDTimestampTZ),
	}
}
