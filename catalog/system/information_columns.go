package system

import (
	"strconv"

	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/internal/sqltype"
)

func (a attribute) facts(c *call) typeFacts {
	f := factsOf(c, a.col.Type, a.col.Domain)
	f.collation = a.col.CollationOID()
	return f
}

// visibleColumns yields the columns of tables and views, of one relation where name is not nil.
func visibleColumns(keep func(*call, attribute) bool) objects[attribute] {
	of := func(c *call, r *catalog.Relation, yield func(attribute) error) error {
		if !tableOrView(r) {
			return nil
		}
		for i := range r.Columns {
			a := attribute{r, &r.Columns[i]}
			if a.col.Attnum < 1 || !keep(c, a) {
				continue
			}
			if err := yield(a); err != nil {
				return err
			}
		}
		return nil
	}
	return objects[attribute]{
		all: func(c *call, yield func(attribute) error) error {
			return each(c.snap.Relations(), func(r *catalog.Relation) error { return of(c, r, yield) })
		},
		by: map[string]func(*call, sqltype.Value, func(attribute) error) error{
			"table_name": func(c *call, v sqltype.Value, yield func(attribute) error) error {
				return each(namedRelations(c.snap, v.S), func(r *catalog.Relation) error { return of(c, r, yield) })
			},
			"table_schema": func(c *call, v sqltype.Value, yield func(attribute) error) error {
				return each(c.snap.Relations(), func(r *catalog.Relation) error {
					if r.Schema.Name != v.S {
						return nil
					}
					return of(c, r, yield)
				})
			},
		},
	}
}

func attTable(_ *call, a attribute) sqltype.Value  { return text(a.rel.Name) }
func attSchema(_ *call, a attribute) sqltype.Value { return text(a.rel.Schema.Name) }
func attName(_ *call, a attribute) sqltype.Value   { return text(a.col.Name) }
func attNumber(_ *call, a attribute) sqltype.Value { return number(a.col.Attnum) }

func infoColumns() objects[attribute] {
	o := visibleColumns(func(c *call, a attribute) bool { return seesColumn(c, a.rel, a.col) })
	domain := func(f func(c *call, d *catalog.NamedType) string) func(*call, attribute) sqltype.Value {
		return func(c *call, a attribute) sqltype.Value {
			d := a.facts(c).domain
			if d == nil {
				return null()
			}
			return text(f(c, d))
		}
	}
	o.cols = typeColumns(columnsOf[attribute]{
		"table_catalog":    inDatabase[attribute],
		"table_schema":     attSchema,
		"table_name":       attTable,
		"column_name":      attName,
		"ordinal_position": attNumber,
		"column_default":   nullOf[attribute],
		"is_nullable":      func(_ *call, a attribute) sqltype.Value { return yesNo(!a.col.NotNull) },
		"domain_catalog":   domain(func(c *call, _ *catalog.NamedType) string { return c.snap.Database }),
		"domain_schema":    domain(func(_ *call, d *catalog.NamedType) string { return d.Schema }),
		"domain_name":      domain(func(_ *call, d *catalog.NamedType) string { return d.Name }),
		"dtd_identifier": func(_ *call, a attribute) sqltype.Value {
			return text(strconv.Itoa(int(a.col.Attnum)))
		},
		"is_self_referencing":   fixed[attribute](text("NO")),
		"is_identity":           fixed[attribute](text("NO")),
		"identity_generation":   nullOf[attribute],
		"identity_start":        nullOf[attribute],
		"identity_increment":    nullOf[attribute],
		"identity_maximum":      nullOf[attribute],
		"identity_minimum":      nullOf[attribute],
		"identity_cycle":        fixed[attribute](text("NO")),
		"is_generated":          fixed[attribute](text("NEVER")),
		"generation_expression": nullOf[attribute],
		"is_updatable":          func(_ *call, a attribute) sqltype.Value { return yesNo(ColumnUpdatable(a.rel, a.col.Attnum)) },
	})
	return o
}

// ColumnUpdatable is pg_column_is_updatable without triggers: columns of tables, and of views that PostgreSQL can write
// through.
func ColumnUpdatable(r *catalog.Relation, attnum int16) bool {
	if attnum < 1 {
		return false
	}
	if r.Kind != catalog.RelView {
		return r.Kind == catalog.RelTable
	}
	d := dumpOf("view_column_updatable")
	for _, at := range d.find("attrelid", utoa(r.OID)) {
		if int16(d.int(d.rows[at], "attnum")) == attnum {
			return true
		}
	}
	return false
}

// RelationUpdatable is pg_relation_is_updatable without triggers: a bit for each of INSERT (8), UPDATE (4) and DELETE (16).
func RelationUpdatable(r *catalog.Relation) int32 {
	if r.Kind == catalog.RelTable {
		return 4 | 8 | 16
	}
	d := dumpOf("view_updatable")
	if row := d.first("oid", utoa(r.OID)); row != nil {
		return int32(d.int(row, "events"))
	}
	return 0
}

func infoColumnDomainUsage() objects[attribute] {
	o := visibleColumns(func(c *call, a attribute) bool { return a.col.Domain != 0 && owns(c) })
	o.cols = columnsOf[attribute]{
		"domain_catalog": inDatabase[attribute],
		"domain_schema":  func(c *call, a attribute) sqltype.Value { return text(a.facts(c).domain.Schema) },
		"domain_name":    func(c *call, a attribute) sqltype.Value { return text(a.facts(c).domain.Name) },
		"table_catalog":  inDatabase[attribute],
		"table_schema":   attSchema,
		"table_name":     attTable,
		"column_name":    attName,
	}
	return o
}

func infoColumnUDTUsage() objects[attribute] {
	o := visibleColumns(func(c *call, _ attribute) bool { return owns(c) })
	o.cols = columnsOf[attribute]{
		"udt_catalog":   inDatabase[attribute],
		"udt_schema":    func(c *call, a attribute) sqltype.Value { return text(a.facts(c).schema) },
		"udt_name":      func(c *call, a attribute) sqltype.Value { return text(a.facts(c).name) },
		"table_catalog": inDatabase[attribute],
		"table_schema":  attSchema,
		"table_name":    attTable,
		"column_name":   attName,
	}
	return o
}
