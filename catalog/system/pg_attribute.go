package system

import (
	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// attribute is a column of a relation.
type attribute struct {
	rel *catalog.Relation
	col *catalog.Column
}

func attributeRows(dump string) rowsOf {
	return rowsOf{name: dump, by: []string{"attrelid", "attname"}}
}

// pgAttribute gives the columns of relations that initdb does not make; pgAttributeHidden the system columns of those that
// it does, which are not dumped because they are always the same.
func pgAttribute() objects[attribute] {
	return attributes(func(r *catalog.Relation, c *catalog.Column) bool { return !r.Initdb() })
}

func pgAttributeHidden() objects[attribute] {
	return attributes(func(r *catalog.Relation, c *catalog.Column) bool { return r.Initdb() && c.Attnum < 0 })
}

func attributes(keep func(*catalog.Relation, *catalog.Column) bool) objects[attribute] {
	of := func(r *catalog.Relation, yield func(attribute) error) error {
		for i := range r.Columns {
			if !keep(r, &r.Columns[i]) {
				continue
			}
			if err := yield(attribute{r, &r.Columns[i]}); err != nil {
				return err
			}
		}
		return nil
	}
	all := func(c *call, yield func(attribute) error) error {
		return each(c.snap.Relations(), func(r *catalog.Relation) error { return of(r, yield) })
	}
	return objects[attribute]{
		all: all,
		by: map[string]func(*call, sqltype.Value, func(attribute) error) error{
			"attrelid": func(c *call, v sqltype.Value, yield func(attribute) error) error {
				return one(c.snap.RelationByOID(key(v)), func(r *catalog.Relation) error { return of(r, yield) })
			},
		},
		cols: attributeColumns(),
	}
}

func attributeColumns() map[string]func(*call, attribute) sqltype.Value {
	no := func(*call, attribute) sqltype.Value { return boolean(false) }
	empty := func(*call, attribute) sqltype.Value { return char(0) }
	info := func(f func(*sqltype.Info) sqltype.Value) func(*call, attribute) sqltype.Value {
		return func(_ *call, a attribute) sqltype.Value { return f(a.col.Type.Info()) }
	}
	return map[string]func(*call, attribute) sqltype.Value{
		"attrelid": func(_ *call, a attribute) sqltype.Value { return oid(a.rel.OID) },
		"attname":  func(_ *call, a attribute) sqltype.Value { return text(a.col.Name) },
		"atttypid": func(_ *call, a attribute) sqltype.Value { return oid(a.col.Type.OID) },
		"attstattarget": func(_ *call, a attribute) sqltype.Value {
			if a.col.Attnum < 0 {
				return number(0)
			}
			return number(-1)
		},
		"attlen": info(func(i *sqltype.Info) sqltype.Value { return number(i.Len) }),
		"attnum": func(_ *call, a attribute) sqltype.Value { return number(a.col.Attnum) },
		"attndims": func(_ *call, a attribute) sqltype.Value {
			if a.col.Type.Info().IsArray {
				return number(1)
			}
			return number(0)
		},
		"attcacheoff":    func(*call, attribute) sqltype.Value { return number(-1) },
		"atttypmod":      func(_ *call, a attribute) sqltype.Value { return number(a.col.Type.Typmod) },
		"attbyval":       info(func(i *sqltype.Info) sqltype.Value { return boolean(i.ByVal) }),
		"attalign":       info(func(i *sqltype.Info) sqltype.Value { return char(i.Align) }),
		"attstorage":     info(func(i *sqltype.Info) sqltype.Value { return char(i.Storage) }),
		"attcompression": empty,
		"attnotnull":     func(_ *call, a attribute) sqltype.Value { return boolean(a.col.NotNull) },
		"atthasdef":      no,
		"atthasmissing":  no,
		"attidentity":    empty,
		"attgenerated":   empty,
		"attisdropped":   no,
		"attislocal":     func(*call, attribute) sqltype.Value { return boolean(true) },
		"attinhcount":    func(*call, attribute) sqltype.Value { return number(0) },
		"attcollation":   func(_ *call, a attribute) sqltype.Value { return oid(a.col.CollationOID()) },
		"attacl":         func(c *call, a attribute) sqltype.Value { return aclArray(c.snap, a.col.ACL) },
		"attoptions":     nullOf[attribute],
		"attfdwoptions":  nullOf[attribute],
		"attmissingval":  nullOf[attribute],
	}
}
