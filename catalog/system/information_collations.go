package system

import (
	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/catalog/builtin"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// infoCharacterSets is the one character set. The default collation is the one whose locale is the database's, if there is
// one.
func infoCharacterSets() objects[*catalog.Snapshot] {
	type db = *catalog.Snapshot
	utf8 := fixed[db](text("UTF8"))
	return objects[db]{
		all: func(c *call, yield func(db) error) error { return yield(c.snap) },
		cols: columnsOf[db]{
			"character_set_catalog":   nullOf[db],
			"character_set_schema":    nullOf[db],
			"character_set_name":      utf8,
			"character_repertoire":    fixed[db](text("UCS")),
			"form_of_use":             utf8,
			"default_collate_catalog": inDatabase[db],
			"default_collate_schema":  nullOf[db],
			"default_collate_name":    nullOf[db],
		},
	}
}

// collations is a source over the collations that the database's encoding can use.
func collations(cols map[string]func(*call, *dump, []builtin.Field) sqltype.Value) rowsOf {
	return rowsOf{
		name: "pg_collation",
		keep: func(d *dump, row []builtin.Field) bool {
			e := d.int(row, "collencoding")
			return e == -1 || e == encodingUTF8
		},
		cols: cols,
	}
}

func infoCollations() rowsOf {
	cols := collationColumns()
	cols["pad_attribute"] = func(*call, *dump, []builtin.Field) sqltype.Value { return text("NO PAD") }
	return collations(cols)
}

func infoCollationCharacterSets() rowsOf {
	cols := collationColumns()
	cols["character_set_name"] = func(*call, *dump, []builtin.Field) sqltype.Value { return text("UTF8") }
	return collations(cols)
}

func collationColumns() map[string]func(*call, *dump, []builtin.Field) sqltype.Value {
	return map[string]func(*call, *dump, []builtin.Field) sqltype.Value{
		"collation_catalog": func(c *call, _ *dump, _ []builtin.Field) sqltype.Value { return text(c.snap.Database) },
		"collation_schema": func(_ *call, d *dump, row []builtin.Field) sqltype.Value {
			return text(schemaName(d.oid(row, "collnamespace")))
		},
		"collation_name": func(_ *call, d *dump, row []builtin.Field) sqltype.Value { return text(d.text(row, "collname")) },
	}
}
