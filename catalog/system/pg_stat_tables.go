package system

import (
	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// The statistics views list every table and index; nothing is counted, so all counters are 0 and all times null.

func isSystemSchema(r *catalog.Relation) bool {
	switch r.Schema.OID {
	case catalog.SchemaCatalog, catalog.SchemaInformation, catalog.SchemaToast:
		return true
	}
	return false
}

func anyRelation(*catalog.Relation) bool { return true }

func notSystem(r *catalog.Relation) bool { return !isSystemSchema(r) }

func storesRows(r *catalog.Relation) bool {
	return r.Kind == catalog.RelTable || r.Kind == catalog.RelToast
}

func statTables(schemas func(*catalog.Relation) bool) objects[*catalog.Relation] {
	o := relationsOf("relname", func(r *catalog.Relation) bool { return storesRows(r) && schemas(r) },
		map[string]func(*call, *catalog.Relation) sqltype.Value{"relid": relID, "schemaname": relSchema, "relname": relName})
	o.rest = zero
	return o
}

func statIndexes(schemas func(*catalog.Relation) bool) objects[*catalog.Relation] {
	o := relationsOf("indexrelname", func(r *catalog.Relation) bool { return isIndex(r) && storesRows(r.Index.Table) && schemas(r) },
		map[string]func(*call, *catalog.Relation) sqltype.Value{
			"relid":        func(_ *call, r *catalog.Relation) sqltype.Value { return oid(r.Index.Table.OID) },
			"indexrelid":   relID,
			"schemaname":   relSchema,
			"relname":      func(_ *call, r *catalog.Relation) sqltype.Value { return text(r.Index.Table.Name) },
			"indexrelname": relName,
		})
	// relid is the table's here, not the relation's own.
	delete(o.by, "relid")
	o.rest = zero
	return o
}

func pgStatDatabase() objects[*catalog.Snapshot] {
	return objects[*catalog.Snapshot]{
		all: func(c *call, yield func(*catalog.Snapshot) error) error { return yield(c.snap) },
		cols: map[string]func(*call, *catalog.Snapshot) sqltype.Value{
			"datid":       func(_ *call, s *catalog.Snapshot) sqltype.Value { return oid(s.DatabaseOID) },
			"datname":     func(_ *call, s *catalog.Snapshot) sqltype.Value { return text(s.Database) },
			"numbackends": func(c *call, _ *catalog.Snapshot) sqltype.Value { return number(len(c.live.Activity())) },
			// Checksums are those of storage, which there is none of.
			"checksum_failures": nullOf[*catalog.Snapshot],
		},
		rest: zero,
	}
}
