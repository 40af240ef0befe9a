package eval

import (
	"strings"

	"github.com/odatagres/odatagres/internal/sqltype"
)

// Places of the columns that _pg_truetypid and _pg_truetypmod read in the rows of pg_attribute and pg_type.
const (
	attributeTypeID  = 2
	attributeTypmod  = 8
	typeKind         = 6
	typeBaseType     = 25
	typeTypmod       = 26
	unlimitedOctets  = 1 << 30
	bytesPerChar     = 4
	intervalAllField = 0xffff
)

// trueType chooses a domain's base type (or typmod), else the column's own.
func trueType(own, base int) func(*Call, []sqltype.Value) (sqltype.Value, error) {
	return func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
		if a[0].Null || a[1].Null {
			return sqltype.NullValue(), nil
		}
		att, err := sqltype.DecodeRecord(a[0].S)
		if err != nil {
			return sqltype.Value{}, err
		}
		typ, err := sqltype.DecodeRecord(a[1].S)
		if err != nil || len(att.Fields) <= own || len(typ.Fields) <= base {
			return sqltype.NullValue(), err
		}
		if typ.Fields[typeKind].Value.S == "d" {
			return typ.Fields[base].Value, nil
		}
		return att.Fields[own].Value, nil
	}
}

func charMaxLength(oid uint32, typmod int64) (int64, bool) {
	switch {
	case typmod == -1:
	case oid == sqltype.OIDBPChar || oid == sqltype.OIDVarChar:
		return typmod - 4, true
	case oid == sqltype.OIDBit || oid == sqltype.OIDVarBit:
		return typmod, true
	}
	return 0, false
}

// infoSchemaKernels are the functions that the views of information_schema are written with.
func infoSchemaKernels() []Kernel {
	of := func(name string, op func(oid uint32, typmod int64) (int64, bool)) Kernel {
		return scalar(name, func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			n, ok := op(uint32(a[0].I), a[1].I)
			if !ok {
				return sqltype.NullValue(), nil
			}
			return sqltype.Int(n), nil
		})
	}
	return []Kernel{
		scalar("_pg_truetypid", trueType(attributeTypeID, typeBaseType)),
		scalar("_pg_truetypmod", trueType(attributeTypmod, typeTypmod)),
		of("_pg_char_max_length_oid_int4", charMaxLength),
		of("_pg_char_octet_length_oid_int4", func(oid uint32, typmod int64) (int64, bool) {
			switch oid {
			case sqltype.OIDText, sqltype.OIDBPChar, sqltype.OIDVarChar:
				if typmod == -1 {
					return unlimitedOctets, true
				}
				n, ok := charMaxLength(oid, typmod)
				return n * bytesPerChar, ok
			}
			return 0, false
		}),
		of("_pg_numeric_precision_oid_int4", func(oid uint32, typmod int64) (int64, bool) {
			switch oid {
			case sqltype.OIDInt2:
				return 16, true
			case sqltype.OIDInt4:
				return 32, true
			case sqltype.OIDInt8:
				return 64, true
			case sqltype.OIDNumeric:
				return (typmod - 4) >> 16 & 0xffff, typmod != -1
			case sqltype.OIDFloat4:
				return 24, true
			case sqltype.OIDFloat8:
				return 53, true
			}
			return 0, false
		}),
		of("_pg_numeric_precision_radix_oid_int4", func(oid uint32, _ int64) (int64, bool) {
			switch oid {
			case sqltype.OIDInt2, sqltype.OIDInt4, sqltype.OIDInt8, sqltype.OIDFloat4, sqltype.OIDFloat8:
				return 2, true
			case sqltype.OIDNumeric:
				return 10, true
			}
			return 0, false
		}),
		of("_pg_numeric_scale_oid_int4", func(oid uint32, typmod int64) (int64, bool) {
			switch oid {
			case sqltype.OIDInt2, sqltype.OIDInt4, sqltype.OIDInt8:
				return 0, true
			case sqltype.OIDNumeric:
				return (typmod - 4) & 0xffff, typmod != -1
			}
			return 0, false
		}),
		of("_pg_datetime_precision_oid_int4", func(oid uint32, typmod int64) (int64, bool) {
			switch oid {
			case sqltype.OIDDate:
				return 0, true
			case sqltype.OIDTime, sqltype.OIDTimeTZ, sqltype.OIDTimestamp, sqltype.OIDTimestampTZ:
				if typmod < 0 {
					return 6, true
				}
				return typmod, true
			case sqltype.OIDInterval:
				if typmod < 0 || typmod&intervalAllField == intervalAllField {
					return 6, true
				}
				return typmod & intervalAllField, true
			}
			return 0, false
		}),
		scalar("_pg_interval_type_oid_int4", func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			if uint32(a[0].I) != sqltype.OIDInterval {
				return sqltype.NullValue(), nil
			}
			s := strings.TrimPrefix(sqltype.FormatType(sqltype.OIDInterval, int32(a[1].I)), "interval")
			s = strings.TrimLeft(s, "()0123456789")
			if !strings.HasPrefix(s, " ") {
				return sqltype.NullValue(), nil
			}
			return sqltype.Text(strings.ToUpper(s[1:])), nil
		}),
	}
}
