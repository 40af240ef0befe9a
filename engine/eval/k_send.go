package eval

import (
	"github.com/odatagres/odatagres/internal/sqltype"
)

// sendKernels are the functions that give a value's binary form, as the extended protocol sends it (pg_type.typsend).
func sendKernels() []Kernel {
	names := []string{
		"anyarray_send", "anycompatiblearray_send", "array_send", "boolsend", "bpcharsend", "byteasend", "charsend", "cidsend", "date_send", "float4send",
		"float8send", "int2send", "int2vectorsend", "int4send", "int8send", "interval_send", "json_send", "jsonb_send", "namesend",
		"numeric_send", "oidsend", "oidvectorsend", "record_send", "regclasssend", "regcollationsend", "regconfigsend", "regdictionarysend",
		"regnamespacesend", "regoperatorsend", "regopersend", "regproceduresend", "regprocsend", "regrolesend", "regtypesend", "textsend", "tidsend",
		"time_send", "timestamp_send", "timestamptz_send", "timetz_send", "unknownsend", "uuid_send", "varcharsend", "xid8send", "xidsend",
	}
	ks := make([]Kernel, 0, len(names))
	for _, n := range names {
		ks = append(ks, scalar(n, func(c *Call, a []sqltype.Value) (sqltype.Value, error) {
			b, err := sqltype.AppendBinary(nil, c.ArgTypes[0], a[0], c.Env())
			return sqltype.Text(string(b)), err
		}))
	}
	return ks
}
