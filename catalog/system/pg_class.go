package system

import (
	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/catalog/builtin"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// Access methods (pg_am.dat).
const (
	amHeap  uint32 = 2
	amBTree uint32 = 403
)

func classRows(name string) rowsOf {
	return rowsOf{
		name: name, by: []string{"oid", "relname"},
		cols: map[string]func(*call, *dump, []builtin.Field) sqltype.Value{
			oidsColumn: func(*call, *dump, []builtin.Field) sqltype.Value { return boolean(false) },
		},
	}
}

// oidsColumn is a column that pg_class had until PostgreSQL 11. Tableau's ODBC queries still name it, so it can be named, but
// it is no part of *.
const oidsColumn = "relhasoids"

func pgClass() objects[*catalog.Relation] {
	type rel = *catalog.Relation
	index := func(r rel) bool { return r.Kind == catalog.RelIndex }
	no := func(*call, rel) sqltype.Value { return boolean(false) }
	none := func(*call, rel) sqltype.Value { return oid(0) }
	return objects[rel]{
		all: userRelations,
		by:  map[string]byRelation{"oid": relationByOID, "relname": relationByName},
		cols: map[string]func(*call, rel) sqltype.Value{
			"oid":          func(_ *call, r rel) sqltype.Value { return oid(r.OID) },
			"relname":      func(_ *call, r rel) sqltype.Value { return text(r.Name) },
			"relnamespace": func(_ *call, r rel) sqltype.Value { return oid(r.Schema.OID) },
			"reltype":      func(_ *call, r rel) sqltype.Value { return oid(r.RowType) },
			"reloftype":    none,
			"relowner":     func(*call, rel) sqltype.Value { return oid(catalog.RoleBootstrap) },
			"relam": func(_ *call, r rel) sqltype.Value {
				if index(r) {
					return oid(amBTree)
				}
				return oid(amHeap)
			},
			"relfilenode":   func(_ *call, r rel) sqltype.Value { return oid(r.OID) },
			"reltablespace": none,
			"relpages": func(_ *call, r rel) sqltype.Value {
				if index(r) {
					return number(1)
				}
				return number(0)
			},
			// -1 says that nobody has counted, as in a table that was never analyzed.
			"reltuples": func(_ *call, r rel) sqltype.Value {
				if index(r) {
					return sqltype.Float(0)
				}
				return sqltype.Float(-1)
			},
			"relallvisible":  func(*call, rel) sqltype.Value { return number(0) },
			"reltoastrelid":  none,
			"relhasindex":    func(_ *call, r rel) sqltype.Value { return boolean(len(r.Indexes) > 0) },
			"relisshared":    no,
			"relpersistence": func(*call, rel) sqltype.Value { return char('p') },
			"relkind":        func(_ *call, r rel) sqltype.Value { return char(byte(r.Kind)) },
			"relnatts":       func(_ *call, r rel) sqltype.Value { return number(lastAttnum(r)) },
			"relchecks":      func(*call, rel) sqltype.Value { return number(0) },
			"relhasrules":    no,
			// PostgreSQL keeps foreign keys by triggers on both tables, and psql looks for foreign keys only where there are any.
			"relhastriggers": func(c *call, r rel) sqltype.Value {
				u := users(c.snap)
				return boolean(len(u.fkeysOf[r.OID])+len(u.fkeysTo[r.OID]) > 0)
			},
			oidsColumn:            no,
			"relhassubclass":      no,
			"relrowsecurity":      no,
			"relforcerowsecurity": no,
			"relispopulated":      func(*call, rel) sqltype.Value { return boolean(true) },
			"relreplident": func(_ *call, r rel) sqltype.Value {
				if index(r) {
					return char('n')
				}
				return char('d')
			},
			"relispartition": no,
			"relrewrite":     none,
			"relfrozenxid":   firstTransaction,
			"relminmxid":     firstMultixact,
			"relacl":         func(c *call, r rel) sqltype.Value { return aclArray(c.snap, r.ACL) },
			"reloptions":     nullOf[rel],
			"relpartbound":   nullOf[rel],
		},
	}
}

func nullOf[T any](*call, T) sqltype.Value { return null() }

// firstTransaction and firstMultixact are the least ids there can be: nothing here is ever written.
func firstTransaction(_ *call, r *catalog.Relation) sqltype.Value {
	if r.Kind == catalog.RelIndex {
		return oid(0)
	}
	return oid(3)
}

func firstMultixact(_ *call, r *catalog.Relation) sqltype.Value {
	if r.Kind == catalog.RelIndex {
		return oid(0)
	}
	return oid(1)
}

func lastAttnum(r *catalog.Relation) int16 {
	var last int16
	for i := range r.Columns {
		last = max(last, r.Columns[i].Attnum)
	}
	return last
}
