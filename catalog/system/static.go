package system

import (
	"github.com/odatagres/odatagres/catalog/builtin"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// static is the source of a catalog that is as initdb made it.
func static(name string, by ...string) rowsOf { return rowsOf{name: name, by: by} }

// onlyOne is the source of a statistics view of one row, in which nothing is counted.
func onlyOne() objects[struct{}] {
	return objects[struct{}]{
		all:  func(_ *call, yield func(struct{}) error) error { return yield(struct{}{}) },
		rest: zero,
	}
}

// pgRewrite shows the rules behind views. Their trees are not kept: nobody can read them but PostgreSQL itself, and
// pg_get_viewdef gives the text.
func pgRewrite() rowsOf {
	empty := func(*call, *dump, []builtin.Field) sqltype.Value { return text("<>") }
	return rowsOf{
		name: "pg_rewrite", by: []string{"oid", "ev_class"},
		cols: map[string]func(*call, *dump, []builtin.Field) sqltype.Value{"ev_qual": empty, "ev_action": empty},
	}
}

// pgAvailableExtensions lists what is installed: nothing can be added.
func pgAvailableExtensions() rowsOf {
	version := func(_ *call, d *dump, row []builtin.Field) sqltype.Value { return text(d.text(row, "extversion")) }
	yes := func(*call, *dump, []builtin.Field) sqltype.Value { return boolean(true) }
	no := func(*call, *dump, []builtin.Field) sqltype.Value { return boolean(false) }
	return rowsOf{
		name: "pg_extension",
		cols: map[string]func(*call, *dump, []builtin.Field) sqltype.Value{
			"name":              func(_ *call, d *dump, row []builtin.Field) sqltype.Value { return text(d.text(row, "extname")) },
			"default_version":   version,
			"installed_version": version,
			"version":           version,
			"installed":         yes,
			"superuser":         yes,
			"trusted":           yes,
			"relocatable":       no,
			"schema":            func(*call, *dump, []builtin.Field) sqltype.Value { return text("pg_catalog") },
			"requires":          func(*call, *dump, []builtin.Field) sqltype.Value { return null() },
			"comment":           func(*call, *dump, []builtin.Field) sqltype.Value { return text("PL/pgSQL procedural language") },
		},
	}
}

type slru string

// pgStatSLRU lists the caches that PostgreSQL counts; none is used.
func pgStatSLRU() objects[slru] {
	names := []slru{"CommitTs", "MultiXactMember", "MultiXactOffset", "Notify", "Serial", "Subtrans", "Xact", "other"}
	return objects[slru]{
		all:  func(_ *call, yield func(slru) error) error { return each(names, yield) },
		cols: map[string]func(*call, slru) sqltype.Value{"name": func(_ *call, s slru) sqltype.Value { return text(string(s)) }},
		rest: zero,
	}
}
