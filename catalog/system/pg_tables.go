package system

import (
	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// relationsOf is the source of a view over all relations of a kind, those of initdb included; name is the column with the
// relation's name.
func relationsOf(name string, keep func(*catalog.Relation) bool, cols map[string]func(*call, *catalog.Relation) sqltype.Value) objects[*catalog.Relation] {
	yieldIf := func(yield func(*catalog.Relation) error) func(*catalog.Relation) error {
		return func(r *catalog.Relation) error {
			if !keep(r) {
				return nil
			}
			return yield(r)
		}
	}
	return objects[*catalog.Relation]{
		all: func(c *call, yield func(*catalog.Relation) error) error {
			return each(c.snap.Relations(), yieldIf(yield))
		},
		by: map[string]byRelation{
			name: func(c *call, v sqltype.Value, yield func(*catalog.Relation) error) error {
				return each(namedRelations(c.snap, v.S), yieldIf(yield))
			},
			"relid": func(c *call, v sqltype.Value, yield func(*catalog.Relation) error) error {
				return one(c.snap.RelationByOID(key(v)), yieldIf(yield))
			},
		},
		cols: cols,
	}
}

func isTable(r *catalog.Relation) bool { return r.Kind == catalog.RelTable }
func isView(r *catalog.Relation) bool  { return r.Kind == catalog.RelView }
func isIndex(r *catalog.Relation) bool { return r.Kind == catalog.RelIndex }

func relSchema(_ *call, r *catalog.Relation) sqltype.Value { return text(r.Schema.Name) }
func relName(_ *call, r *catalog.Relation) sqltype.Value   { return text(r.Name) }
func relID(_ *call, r *catalog.Relation) sqltype.Value     { return oid(r.OID) }

func relOwner(c *call, _ *catalog.Relation) sqltype.Value { return text(ownerName(c.snap)) }

func ownerName(s *catalog.Snapshot) string { return s.RoleByOID(catalog.RoleBootstrap).Name }

// dumpedClass is a relation's row in the dumped pg_class, or nil for a relation that initdb does not make.
func dumpedFlag(r *catalog.Relation, column string) bool {
	for _, name := range []string{"pg_class", "toast_class"} {
		d := dumpOf(name)
		if row := d.first("oid", utoa(r.OID)); row != nil {
			return d.bool(row, column)
		}
	}
	return false
}

// relTablespace is null for the database's own tablespace and pg_global for shared catalogs.
func relTablespace(_ *call, r *catalog.Relation) sqltype.Value {
	if dumpedFlag(r, "relisshared") {
		return text("pg_global")
	}
	return null()
}

func pgTables() objects[*catalog.Relation] {
	return relationsOf("tablename", isTable, map[string]func(*call, *catalog.Relation) sqltype.Value{
		"schemaname": relSchema, "tablename": relName, "tableowner": relOwner, "tablespace": relTablespace,
		"hasindexes": func(_ *call, r *catalog.Relation) sqltype.Value { return boolean(len(r.Indexes) > 0) },
		"hasrules":   func(*call, *catalog.Relation) sqltype.Value { return boolean(false) },
		"hastriggers": func(c *call, r *catalog.Relation) sqltype.Value {
			u := users(c.snap)
			return boolean(len(u.fkeysOf[r.OID])+len(u.fkeysTo[r.OID]) > 0)
		},
		"rowsecurity": func(*call, *catalog.Relation) sqltype.Value { return boolean(false) },
	})
}

func pgViews() objects[*catalog.Relation] {
	return relationsOf("viewname", isView, map[string]func(*call, *catalog.Relation) sqltype.Value{
		"schemaname": relSchema, "viewname": relName, "viewowner": relOwner,
		"definition": func(_ *call, r *catalog.Relation) sqltype.Value { return text(r.Definition) },
	})
}

// pgIndexes shows the indexes of tables; those of TOAST tables are left out, as in PostgreSQL's view.
func pgIndexes() objects[*catalog.Relation] {
	keep := func(r *catalog.Relation) bool { return isIndex(r) && r.Index.Table.Kind == catalog.RelTable }
	return relationsOf("indexname", keep, map[string]func(*call, *catalog.Relation) sqltype.Value{
		"schemaname": relSchema, "indexname": relName,
		"tablename":  func(_ *call, r *catalog.Relation) sqltype.Value { return text(r.Index.Table.Name) },
		"tablespace": relTablespace,
		"indexdef": func(c *call, r *catalog.Relation) sqltype.Value {
			return text(c.snap.IndexDefinition(nil, r.Index, false))
		},
	})
}
