package system

import (
	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/internal/sqltype"
)

func infoCatalogName() objects[*catalog.Snapshot] {
	return objects[*catalog.Snapshot]{
		all:  func(c *call, yield func(*catalog.Snapshot) error) error { return yield(c.snap) },
		cols: columnsOf[*catalog.Snapshot]{"catalog_name": inDatabase[*catalog.Snapshot]},
	}
}

func infoSchemata() objects[*catalog.Schema] {
	type schema = *catalog.Schema
	return objects[schema]{
		all: func(c *call, yield func(schema) error) error {
			return each(c.snap.Schemas(), func(s schema) error {
				owner := c.snap.Inherits(c.role, c.snap.RoleByOID(s.Owner))
				if !owner && !c.snap.HasSchema(c.role, s, tests(catalog.PrivCreate, catalog.PrivUsage)) {
					return nil
				}
				return yield(s)
			})
		},
		cols: columnsOf[schema]{
			"catalog_name":                  inDatabase[schema],
			"schema_name":                   func(_ *call, s schema) sqltype.Value { return text(s.Name) },
			"schema_owner":                  func(c *call, s schema) sqltype.Value { return text(c.snap.RoleByOID(s.Owner).Name) },
			"default_character_set_catalog": nullOf[schema],
			"default_character_set_schema":  nullOf[schema],
			"default_character_set_name":    nullOf[schema],
			"sql_path":                      nullOf[schema],
		},
	}
}

// infoRelations yields tables and views that the user sees.
func infoRelations(keep func(*catalog.Relation) bool, cols columnsOf[*catalog.Relation]) objects[*catalog.Relation] {
	type rel = *catalog.Relation
	yieldIf := func(c *call, yield func(rel) error) func(rel) error {
		return func(r rel) error {
			if !keep(r) || !seesRelation(c, r) {
				return nil
			}
			return yield(r)
		}
	}
	return objects[rel]{
		all: func(c *call, yield func(rel) error) error { return each(c.snap.Relations(), yieldIf(c, yield)) },
		by: map[string]byRelation{
			"table_name": func(c *call, v sqltype.Value, yield func(rel) error) error {
				return each(namedRelations(c.snap, v.S), yieldIf(c, yield))
			},
		},
		cols: cols,
	}
}

func infoTables() objects[*catalog.Relation] {
	type rel = *catalog.Relation
	return infoRelations(tableOrView, columnsOf[rel]{
		"table_catalog": inDatabase[rel],
		"table_schema":  relSchema,
		"table_name":    relName,
		"table_type": func(_ *call, r rel) sqltype.Value {
			if isView(r) {
				return text("VIEW")
			}
			return text("BASE TABLE")
		},
		"self_referencing_column_name": nullOf[rel],
		"reference_generation":         nullOf[rel],
		"user_defined_type_catalog":    nullOf[rel],
		"user_defined_type_schema":     nullOf[rel],
		"user_defined_type_name":       nullOf[rel],
		"is_insertable_into":           func(_ *call, r rel) sqltype.Value { return yesNo(RelationUpdatable(r)&8 != 0) },
		"is_typed":                     fixed[rel](text("NO")),
		"commit_action":                nullOf[rel],
	})
}

func infoViews() objects[*catalog.Relation] {
	type rel = *catalog.Relation
	return infoRelations(isView, columnsOf[rel]{
		"table_catalog": inDatabase[rel],
		"table_schema":  relSchema,
		"table_name":    relName,
		"view_definition": func(c *call, r rel) sqltype.Value {
			if !owns(c) {
				return null()
			}
			return text(r.Definition)
		},
		"check_option":               fixed[rel](text("NONE")),
		"is_updatable":               func(_ *call, r rel) sqltype.Value { return yesNo(RelationUpdatable(r)&20 == 20) },
		"is_insertable_into":         func(_ *call, r rel) sqltype.Value { return yesNo(RelationUpdatable(r)&8 == 8) },
		"is_trigger_updatable":       fixed[rel](text("NO")),
		"is_trigger_deletable":       fixed[rel](text("NO")),
		"is_trigger_insertable_into": fixed[rel](text("NO")),
	})
}

// viewUse says that a view reads a relation, or with a column that it reads the column.
type viewUse struct {
	view, table *catalog.Relation
	column      *catalog.Column
}

// viewUses follows pg_depend from the rules of views; each pair is given once.
func viewUses(columns bool) func(*call, func(viewUse) error) error {
	return func(c *call, yield func(viewUse) error) error {
		if !owns(c) {
			return nil
		}
		d, rules := dumpOf("pg_depend"), dumpOf("pg_rewrite")
		seen := make(map[viewUse]bool)
		for _, rule := range rules.rows {
			view := c.snap.RelationByOID(rules.oid(rule, "ev_class"))
			if view == nil || !isView(view) {
				continue
			}
			for _, at := range d.find("objid", rules.text(rule, "oid")) {
				row := d.rows[at]
				u := viewUse{view: view, table: c.snap.RelationByOID(d.oid(row, "refobjid"))}
				if d.oid(row, "refclassid") != classRelation || u.table == nil || u.table == view || !tableOrView(u.table) {
					continue
				}
				if columns {
					place := u.table.ColumnByNumber(int16(d.int(row, "refobjsubid")))
					if place < 0 {
						continue
					}
					u.column = &u.table.Columns[place]
				}
				if seen[u] {
					continue
				}
				seen[u] = true
				if err := yield(u); err != nil {
					return err
				}
			}
		}
		return nil
	}
}

func viewUseColumns() columnsOf[viewUse] {
	return columnsOf[viewUse]{
		"view_catalog":  inDatabase[viewUse],
		"view_schema":   func(_ *call, u viewUse) sqltype.Value { return text(u.view.Schema.Name) },
		"view_name":     func(_ *call, u viewUse) sqltype.Value { return text(u.view.Name) },
		"table_catalog": inDatabase[viewUse],
		"table_schema":  func(_ *call, u viewUse) sqltype.Value { return text(u.table.Schema.Name) },
		"table_name":    func(_ *call, u viewUse) sqltype.Value { return text(u.table.Name) },
		"column_name":   func(_ *call, u viewUse) sqltype.Value { return text(u.column.Name) },
	}
}

func infoViewTableUsage() objects[viewUse] {
	return objects[viewUse]{all: viewUses(false), cols: viewUseColumns()}
}

func infoViewColumnUsage() objects[viewUse] {
	return objects[viewUse]{all: viewUses(true), cols: viewUseColumns()}
}
