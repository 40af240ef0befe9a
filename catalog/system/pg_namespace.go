package system

import (
	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/internal/sqltype"
)

func pgNamespace() objects[*catalog.Schema] {
	return objects[*catalog.Schema]{
		all: func(c *call, yield func(*catalog.Schema) error) error { return each(c.snap.Schemas(), yield) },
		by: map[string]func(*call, sqltype.Value, func(*catalog.Schema) error) error{
			"oid": func(c *call, v sqltype.Value, yield func(*catalog.Schema) error) error {
				return one(c.snap.SchemaByOID(key(v)), yield)
			},
			"nspname": func(c *call, v sqltype.Value, yield func(*catalog.Schema) error) error {
				return one(c.snap.Schema(v.S), yield)
			},
		},
		cols: map[string]func(*call, *catalog.Schema) sqltype.Value{
			"oid":      func(_ *call, s *catalog.Schema) sqltype.Value { return oid(s.OID) },
			"nspname":  func(_ *call, s *catalog.Schema) sqltype.Value { return text(s.Name) },
			"nspowner": func(_ *call, s *catalog.Schema) sqltype.Value { return oid(s.Owner) },
			"nspacl":   func(c *call, s *catalog.Schema) sqltype.Value { return aclArray(c.snap, s.ACL) },
		},
	}
}
