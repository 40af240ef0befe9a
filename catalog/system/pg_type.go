package system

import (
	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// Functions that every row type and every array type has (pg_proc.dat).
const (
	procArrayIn        uint32 = 750
	procArrayOut       uint32 = 751
	procRecordIn       uint32 = 2290
	procRecordOut      uint32 = 2291
	procArrayRecv      uint32 = 2400
	procArraySend      uint32 = 2401
	procRecordRecv     uint32 = 2402
	procRecordSend     uint32 = 2403
	procArrayAnalyze   uint32 = 3816
	procArraySubscript uint32 = 6179
)

func typeRows() rowsOf { return rowsOf{name: "pg_type", by: []string{"oid", "typname", "typrelid"}} }

// pgType gives the row types of relations that initdb does not make, and their arrays.
func pgType() objects[*catalog.NamedType] {
	type typ = *catalog.NamedType
	user := func(t typ, yield func(typ) error) error {
		if t == nil || t.OID < catalog.FirstUserOID {
			return nil
		}
		return yield(t)
	}
	no := func(*call, typ) sqltype.Value { return boolean(false) }
	none := func(*call, typ) sqltype.Value { return oid(0) }
	// either gives one function to row types and another to their arrays.
	either := func(row, array uint32) func(*call, typ) sqltype.Value {
		return func(_ *call, t typ) sqltype.Value {
			if t.Elem != 0 {
				return oid(array)
			}
			return oid(row)
		}
	}
	letter := func(row, array byte) func(*call, typ) sqltype.Value {
		return func(_ *call, t typ) sqltype.Value {
			if t.Elem != 0 {
				return char(array)
			}
			return char(row)
		}
	}
	return objects[typ]{
		all: func(c *call, yield func(typ) error) error {
			return each(c.snap.Types(), func(t typ) error { return user(t, yield) })
		},
		by: map[string]func(*call, sqltype.Value, func(typ) error) error{
			"oid": func(c *call, v sqltype.Value, yield func(typ) error) error {
				return user(c.snap.TypeByOID(key(v)), yield)
			},
			"typname": func(c *call, v sqltype.Value, yield func(typ) error) error {
				return each(c.snap.Schemas(), func(s *catalog.Schema) error { return user(c.snap.TypeByName(s.Name, v.S), yield) })
			},
			"typrelid": func(c *call, v sqltype.Value, yield func(typ) error) error {
				if key(v) == 0 { // the arrays
					return each(c.snap.Types(), func(t typ) error {
						if t.Relation != nil {
							return nil
						}
						return user(t, yield)
					})
				}
				return one(userRelation(c.snap, key(v)), func(r *catalog.Relation) error {
					return user(c.snap.TypeByOID(r.RowType), yield)
				})
			},
		},
		cols: map[string]func(*call, typ) sqltype.Value{
			"oid":            func(_ *call, t typ) sqltype.Value { return oid(t.OID) },
			"typname":        func(_ *call, t typ) sqltype.Value { return text(t.Name) },
			"typnamespace":   func(c *call, t typ) sqltype.Value { return oid(c.snap.Schema(t.Schema).OID) },
			"typowner":       func(*call, typ) sqltype.Value { return oid(catalog.RoleBootstrap) },
			"typlen":         func(*call, typ) sqltype.Value { return number(-1) },
			"typbyval":       no,
			"typtype":        letter('c', 'b'),
			"typcategory":    letter('C', 'A'),
			"typispreferred": no,
			"typisdefined":   func(*call, typ) sqltype.Value { return boolean(true) },
			"typdelim":       func(*call, typ) sqltype.Value { return char(',') },
			"typrelid": func(_ *call, t typ) sqltype.Value {
				if t.Relation == nil {
					return oid(0)
				}
				return oid(t.Relation.OID)
			},
			"typsubscript":  either(0, procArraySubscript),
			"typelem":       func(_ *call, t typ) sqltype.Value { return oid(t.Elem) },
			"typarray":      func(_ *call, t typ) sqltype.Value { return oid(t.Array) },
			"typinput":      either(procRecordIn, procArrayIn),
			"typoutput":     either(procRecordOut, procArrayOut),
			"typreceive":    either(procRecordRecv, procArrayRecv),
			"typsend":       either(procRecordSend, procArraySend),
			"typmodin":      none,
			"typmodout":     none,
			"typanalyze":    either(0, procArrayAnalyze),
			"typalign":      func(*call, typ) sqltype.Value { return char('d') },
			"typstorage":    func(*call, typ) sqltype.Value { return char('x') },
			"typnotnull":    no,
			"typbasetype":   none,
			"typtypmod":     func(*call, typ) sqltype.Value { return number(-1) },
			"typndims":      func(*call, typ) sqltype.Value { return number(0) },
			"typcollation":  none,
			"typdefaultbin": nullOf[typ],
			"typdefault":    nullOf[typ],
			"typacl":        nullOf[typ],
		},
	}
}
