package bind

import (
	"strconv"
	"strings"

	pg_query "github.com/pganalyze/pg_query_go/v5"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// typeNamed resolves a type name (typenameTypeIdAndMod).
func (b *binder) typeNamed(t *pg_query.TypeName) sqltype.Type {
	names := stringsOf(t.Names)
	loc := int(t.Location)
	if t.Setof {
		b.failf(pgerr.DatatypeMismatch, loc, "cannot cast to setof")
	}
	if t.PctType {
		b.unsupported(loc, "Write the column's type.", "%%TYPE references are not supported")
	}
	base, ok := b.lookupType(names, loc)
	if !ok {
		b.failf(pgerr.UndefinedObject, loc, `type "%s" does not exist`, typeNameString(t))
	}
	elem := base.OID
	if len(t.ArrayBounds) > 0 {
		a := b.arrayOf(base.OID)
		if a == 0 {
			b.failf(pgerr.UndefinedObject, loc, `type "%s[]" does not exist`, strings.TrimSuffix(typeNameString(t), "[]"))
		}
		base.OID = a
	}
	if len(t.Typmods) > 0 {
		base.Typmod = b.typmod(elem, t)
	} else if t.Typemod >= 0 {
		base.Typmod = t.Typemod
	}
	return base
}

// lookupType finds a type by its dotted name.
func (b *binder) lookupType(names []string, loc int) (sqltype.Type, bool) {
	none := sqltype.Type{}
	switch len(names) {
	case 1:
		for _, sc := range b.searchPath() {
			if t, ok := b.typeIn(sc, names[0]); ok {
				return t, true
			}
		}
		return none, false
	case 2:
		if names[0] != "pg_catalog" && b.env.Snapshot != nil && b.findSchema(names[0], true) == nil && names[0] != "information_schema" {
			b.failf(pgerr.InvalidSchemaName, loc, `schema "%s" does not exist`, names[0])
		}
		return b.typeIn(names[0], names[1])
	case 3:
		if names[0] != b.env.Database {
			b.failf(pgerr.FeatureNotSupported, loc, "cross-database references are not implemented: %s", joinNames(names))
		}
		return b.lookupType(names[1:], loc)
	}
	b.failf(pgerr.SyntaxError, loc, "improper qualified name (too many dotted names): %s", joinNames(names))
	return none, false
}

// typeIn finds a type of one schema. A domain is its base type: it shows as that in results, and its checks hold for every
// value that the base type's length admits here.
func (b *binder) typeIn(schema, name string) (sqltype.Type, bool) {
	if schema == "pg_catalog" {
		if i, ok := sqltype.ByName(name); ok {
			return sqltype.Of(i.OID), true
		}
	}
	if b.env.Snapshot == nil {
		return sqltype.Type{}, false
	}
	t := b.env.Snapshot.TypeByName(schema, name)
	switch {
	case t == nil:
		return sqltype.Type{}, false
	case t.Kind == 'd':
		return t.Base, true
	default:
		return sqltype.Of(t.OID), true
	}
}

// typeNameString is TypeNameToString.
func typeNameString(t *pg_query.TypeName) string {
	s := joinNames(stringsOf(t.Names))
	if t.PctType {
		s += "%TYPE"
	}
	if len(t.ArrayBounds) > 0 {
		s += "[]"
	}
	return s
}

// typmod reads the modifiers of a type (typenameTypeMod and the types' typmodin functions).
func (b *binder) typmod(oid uint32, t *pg_query.TypeName) int32 {
	loc := int(t.Location)
	info, _ := sqltype.Lookup(oid)
	if info == nil || info.ModIn == "-" {
		b.failf(pgerr.SyntaxError, loc, `type modifier is not allowed for type "%s"`, typeNameString(t))
	}
	var mods []int
	for _, m := range t.Typmods {
		c := m.GetAConst()
		switch {
		case c != nil && c.GetIval() != nil:
			mods = append(mods, int(c.GetIval().Ival))
		case c != nil && c.Val == nil && !c.Isnull:
			mods = append(mods, 0)
		case c != nil && (c.GetFval() != nil || c.GetSval() != nil):
			s := c.GetSval().GetSval()
			if c.GetFval() != nil {
				s = c.GetFval().Fval
			}
			n, err := strconv.Atoi(s)
			if err != nil {
				b.failf(pgerr.InvalidTextRepresentation, -1, `invalid input syntax for type %s: "%s"`, "integer", s)
			}
			mods = append(mods, n)
		case m.GetColumnRef() != nil && len(m.GetColumnRef().Fields) == 1 && m.GetColumnRef().Fields[0].GetString_() != nil:
			b.failf(pgerr.InvalidTextRepresentation, -1, `invalid input syntax for type %s: "%s"`, "integer", m.GetColumnRef().Fields[0].GetString_().Sval)
		default:
			b.failf(pgerr.SyntaxError, loc, "type modifiers must be simple constants or identifiers")
		}
	}
	return b.typmodOf(oid, mods, loc)
}

func (b *binder) typmodOf(oid uint32, mods []int, loc int) int32 {
	const maxLength = 10 * 1024 * 1024
	bad := func(format string, args ...any) { b.failf(pgerr.InvalidParameterValue, loc, format, args...) }
	switch oid {
	case sqltype.OIDBPChar, sqltype.OIDVarChar:
		name := "char"
		if oid == sqltype.OIDVarChar {
			name = "varchar"
		}
		if len(mods) != 1 {
			bad("invalid type modifier")
		}
		if mods[0] < 1 {
			bad("length for type %s must be at least 1", name)
		}
		if mods[0] > maxLength {
			bad("length for type %s cannot exceed %d", name, maxLength)
		}
		return int32(mods[0] + 4)
	case sqltype.OIDBit, sqltype.OIDVarBit:
		if len(mods) != 1 {
			bad("invalid type modifier")
		}
		return int32(mods[0])
	case sqltype.OIDNumeric:
		scale := 0
		switch len(mods) {
		case 1:
		case 2:
			scale = mods[1]
		default:
			bad("invalid NUMERIC type modifier")
		}
		if mods[0] < 1 || mods[0] > 1000 {
			bad("NUMERIC precision %d must be between 1 and 1000", mods[0])
		}
		if scale < -1000 || scale > 1000 {
			bad("NUMERIC scale %d must be between %d and %d", scale, -1000, 1000)
		}
		return int32(mods[0]<<16|scale&0x7ff) + 4
	case sqltype.OIDTime, sqltype.OIDTimeTZ, sqltype.OIDTimestamp, sqltype.OIDTimestampTZ:
		if len(mods) != 1 {
			bad("invalid type modifier")
		}
		name, tz := "TIME", ""
		if oid == sqltype.OIDTimestamp || oid == sqltype.OIDTimestampTZ {
			name = "TIMESTAMP"
		}
		if oid == sqltype.OIDTimeTZ || oid == sqltype.OIDTimestampTZ {
			tz = " WITH TIME ZONE"
		}
		if mods[0] < 0 {
			bad("%s(%d)%s precision must not be negative", name, mods[0], tz)
		}
		return int32(min(mods[0], 6))
	case sqltype.OIDInterval:
		const fullRange, fullPrecision = 0x7fff, 0xffff
		switch len(mods) {
		case 1:
			if mods[0] == fullRange {
				return -1
			}
			return int32(fullPrecision | mods[0]<<16)
		case 2:
			if mods[1] < 0 {
				bad("INTERVAL(%d) precision must not be negative", mods[1])
			}
			return int32(min(mods[1], 6) | mods[0]<<16)
		}
		bad("invalid INTERVAL type modifier")
	}
	b.unsupported(loc, "Leave the modifier out.", "modifiers of type %s are not supported", b.typeName(oid))
	return -1
}
