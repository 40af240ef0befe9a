package system

import (
	"strings"

	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// typeFacts is what information_schema says about a type: of a domain, about its base type.
type typeFacts struct {
	schema, name string // of the type, not of the domain
	dataType     string
	domain       *catalog.NamedType
	exact        sqltype.Type
	collation    uint32
}

// factsOf describes a type as declared; where it is a domain, domain is its OID and t its base type.
func factsOf(c *call, t sqltype.Type, domain uint32) typeFacts {
	f := typeFacts{schema: "pg_catalog", exact: t, collation: t.Info().Collation}
	if domain != 0 {
		f.domain = c.snap.TypeByOID(domain)
	}
	if info, ok := sqltype.Lookup(t.OID); ok {
		f.name = info.Name
		// int2vector and oidvector count as arrays too.
		if info.Elem != 0 && info.Len == -1 {
			f.dataType = "ARRAY"
		} else {
			f.dataType = sqltype.FormatType(t.OID, -1)
		}
		return f
	}
	f.dataType = "USER-DEFINED"
	if n := c.snap.TypeByOID(t.OID); n != nil {
		f.schema, f.name = n.Schema, n.Name
		switch {
		case n.Elem != 0:
			f.dataType = "ARRAY"
		case n.Schema == "pg_catalog":
			f.dataType = c.snap.FormatType(catalogPath(), n.OID, -1)
		}
	}
	return f
}

// catalogPath is the path on which pg_catalog's types need no schema.
func catalogPath() catalog.Path { return catalog.Path{"pg_catalog"} }

// described is anything that has a type in information_schema.
type described interface{ facts(c *call) typeFacts }

// typeColumns are the columns that describe a type's values. Lengths and precisions come from the functions
// information_schema._pg_char_max_length and so on.
func typeColumns[T described](cols columnsOf[T]) columnsOf[T] {
	of := func(f func(c *call, t typeFacts) sqltype.Value) func(*call, T) sqltype.Value {
		return func(c *call, o T) sqltype.Value { return f(c, o.facts(c)) }
	}
	number := func(f func(t sqltype.Type) (int64, bool)) func(*call, T) sqltype.Value {
		return of(func(_ *call, t typeFacts) sqltype.Value {
			n, ok := f(t.exact)
			if !ok {
				return null()
			}
			return sqltype.Int(n)
		})
	}
	add := columnsOf[T]{
		"data_type":                of(func(_ *call, t typeFacts) sqltype.Value { return text(t.dataType) }),
		"character_maximum_length": number(charMaxLength),
		"character_octet_length":   number(charOctetLength),
		"numeric_precision":        number(numericPrecision),
		"numeric_precision_radix":  number(numericRadix),
		"numeric_scale":            number(numericScale),
		"datetime_precision":       number(datetimePrecision),
		"interval_type":            of(func(_ *call, t typeFacts) sqltype.Value { return textOrNull(intervalType(t.exact)) }),
		"collation_catalog": of(func(c *call, t typeFacts) sqltype.Value {
			if collationName(t.collation) == "" {
				return null()
			}
			return text(c.snap.Database)
		}),
		"collation_schema": of(func(_ *call, t typeFacts) sqltype.Value {
			if collationName(t.collation) == "" {
				return null()
			}
			return text("pg_catalog")
		}),
		"collation_name": of(func(_ *call, t typeFacts) sqltype.Value { return textOrNull(collationName(t.collation)) }),
		"udt_catalog":    inDatabase[T],
		"udt_schema":     of(func(_ *call, t typeFacts) sqltype.Value { return text(t.schema) }),
		"udt_name":       of(func(_ *call, t typeFacts) sqltype.Value { return text(t.name) }),
	}
	for _, name := range []string{
		"interval_precision", "character_set_catalog", "character_set_schema", "character_set_name", "scope_catalog", "scope_schema",
		"scope_name", "maximum_cardinality",
	} {
		add[name] = nullOf[T]
	}
	for name, f := range cols {
		add[name] = f
	}
	return add
}

// collationName is the name of a collation that is not the default one.
func collationName(oid uint32) string {
	d := dumpOf("pg_collation")
	row := d.first("oid", utoa(oid))
	if row == nil {
		return ""
	}
	if name := d.text(row, "collname"); name != "default" {
		return name
	}
	return ""
}

func charMaxLength(t sqltype.Type) (int64, bool) {
	switch {
	case t.Typmod == -1:
	case t.OID == sqltype.OIDBPChar, t.OID == sqltype.OIDVarChar:
		return int64(t.Typmod) - 4, true
	case t.OID == sqltype.OIDBit, t.OID == sqltype.OIDVarBit:
		return int64(t.Typmod), true
	}
	return 0, false
}

func charOctetLength(t sqltype.Type) (int64, bool) {
	const utf8MaxLength = 4
	switch t.OID {
	case sqltype.OIDText, sqltype.OIDBPChar, sqltype.OIDVarChar:
		if t.Typmod == -1 {
			return 1 << 30, true
		}
		n, ok := charMaxLength(t)
		return n * utf8MaxLength, ok
	}
	return 0, false
}

func numericPrecision(t sqltype.Type) (int64, bool) {
	switch t.OID {
	case sqltype.OIDInt2:
		return 16, true
	case sqltype.OIDInt4:
		return 32, true
	case sqltype.OIDInt8:
		return 64, true
	case sqltype.OIDFloat4:
		return 24, true
	case sqltype.OIDFloat8:
		return 53, true
	case sqltype.OIDNumeric:
		return int64((t.Typmod-4)>>16) & 0xffff, t.Typmod != -1
	}
	return 0, false
}

func numericRadix(t sqltype.Type) (int64, bool) {
	switch t.OID {
	case sqltype.OIDInt2, sqltype.OIDInt4, sqltype.OIDInt8, sqltype.OIDFloat4, sqltype.OIDFloat8:
		return 2, true
	case sqltype.OIDNumeric:
		return 10, true
	}
	return 0, false
}

func numericScale(t sqltype.Type) (int64, bool) {
	switch t.OID {
	case sqltype.OIDInt2, sqltype.OIDInt4, sqltype.OIDInt8:
		return 0, true
	case sqltype.OIDNumeric:
		return int64(t.Typmod-4) & 0xffff, t.Typmod != -1
	}
	return 0, false
}

func datetimePrecision(t sqltype.Type) (int64, bool) {
	switch t.OID {
	case sqltype.OIDDate:
		return 0, true
	case sqltype.OIDTime, sqltype.OIDTimeTZ, sqltype.OIDTimestamp, sqltype.OIDTimestampTZ:
		if t.Typmod < 0 {
			return 6, true
		}
		return int64(t.Typmod), true
	case sqltype.OIDInterval:
		if p := int64(t.Typmod) & 0xffff; t.Typmod >= 0 && p != 0xffff {
			return p, true
		}
		return 6, true
	}
	return 0, false
}

// intervalType is the fields that an interval is limited to, in capitals.
func intervalType(t sqltype.Type) string {
	if t.OID != sqltype.OIDInterval {
		return ""
	}
	rest := strings.TrimLeft(strings.TrimPrefix(sqltype.FormatType(t.OID, t.Typmod), "interval"), "()0123456789")
	return strings.ToUpper(strings.TrimPrefix(rest, " "))
}
