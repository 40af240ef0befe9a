package system

import (
	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/internal/sqltype"
)

const (
	encodingUTF8      = 6
	tablespaceDefault = 1663
)

// pgDatabase is the one database that there is. The databases that initdb makes are not shown: nobody could connect to them.
func pgDatabase() objects[*catalog.Snapshot] {
	type db = *catalog.Snapshot
	constant := func(v sqltype.Value) func(*call, db) sqltype.Value {
		return func(*call, db) sqltype.Value { return v }
	}
	return objects[db]{
		all: func(c *call, yield func(db) error) error { return yield(c.snap) },
		by: map[string]func(*call, sqltype.Value, func(db) error) error{
			"oid": func(c *call, v sqltype.Value, yield func(db) error) error {
				if c.snap.DatabaseOID != key(v) {
					return nil
				}
				return yield(c.snap)
			},
			"datname": func(c *call, v sqltype.Value, yield func(db) error) error {
				if c.snap.Database != v.S {
					return nil
				}
				return yield(c.snap)
			},
		},
		cols: map[string]func(*call, db) sqltype.Value{
			"oid":            func(_ *call, s db) sqltype.Value { return oid(s.DatabaseOID) },
			"datname":        func(_ *call, s db) sqltype.Value { return text(s.Database) },
			"datdba":         constant(oid(catalog.RoleBootstrap)),
			"encoding":       constant(number(encodingUTF8)),
			"datlocprovider": constant(char('c')),
			"datistemplate":  constant(boolean(false)),
			"datallowconn":   constant(boolean(true)),
			"datconnlimit":   constant(number(-1)),
			"datfrozenxid":   constant(number(3)),
			"datminmxid":     constant(number(1)),
			"dattablespace":  constant(number(tablespaceDefault)),
			"datcollate":     constant(text("C.UTF-8")),
			"datctype":       constant(text("C.UTF-8")),
			"daticulocale":   nullOf[db],
			"datcollversion": nullOf[db],
			"datacl":         func(c *call, s db) sqltype.Value { return aclArray(s, s.DatabaseACL()) },
		},
	}
}
