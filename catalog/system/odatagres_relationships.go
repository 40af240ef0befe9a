package system

import (
	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// ownRelations are the relations of the schema odatagres.
func ownRelations() []catalog.SystemRelation {
	return []catalog.SystemRelation{
		ownRelation("relationships", "How services say that their tables are related, by references that need not lead to a key",
			ownColumn{"name", sqltype.OIDName, true, "Name of the foreign key, navigation property or property"},
			ownColumn{"table_schema", sqltype.OIDName, true, "Schema of both tables"},
			ownColumn{"table_name", sqltype.OIDName, true, "Table that refers"},
			ownColumn{"column_names", sqltype.OIDNameArray, false, "Columns that refer; null where the service does not tell them"},
			ownColumn{"referenced_table", sqltype.OIDName, true, "Table that is referred to"},
			ownColumn{"referenced_columns", sqltype.OIDNameArray, false, "Columns that are referred to, in the order of column_names"},
			ownColumn{"cardinality", sqltype.OIDText, true, "one: a row refers to at most one row by the service's word; many: to several"},
			ownColumn{"is_foreign_key", sqltype.OIDBool, true, "Leads to a declared key or a column declared unique, and so stands in pg_constraint"},
			ownColumn{"source", sqltype.OIDText, true, "navigation or annotation: the service's metadata; profile: the service's documentation"}),
		ownRelation("services", "The services behind the schemas",
			ownColumn{"table_schema", sqltype.OIDName, true, "Schema of the service's tables"},
			ownColumn{"tables", sqltype.OIDInt4, true, "Number of tables"},
			ownColumn{"problem", sqltype.OIDText, false, "Why the service's metadata is not known"}),
		capabilitiesRelation(),
	}
}

type ownColumn struct {
	name    string
	typ     uint32
	notNull bool
	comment string
}

func ownRelation(name, comment string, cols ...ownColumn) catalog.SystemRelation {
	r := catalog.SystemRelation{
		Schema: catalog.OwnSchema, Name: name, Kind: catalog.RelTable, Comment: comment,
		ACL: []catalog.ACLItem{
			{Grantee: catalog.RoleBootstrap, Grantor: catalog.RoleBootstrap, Privs: catalog.AllTablePrivileges},
			{Grantor: catalog.RoleBootstrap, Privs: catalog.PrivSelect},
		},
	}
	for i, c := range cols {
		r.Columns = append(r.Columns, catalog.Column{
			Name: c.name, Attnum: int16(i + 1), Type: sqltype.Of(c.typ), NotNull: c.notNull, Comment: c.comment,
		})
	}
	return r
}

func odatagresRelationships() objects[*catalog.FKey] {
	type rel = *catalog.FKey
	names := func(t *catalog.Relation, cols []int) sqltype.Value {
		if len(cols) == 0 {
			return null()
		}
		ss := make([]string, len(cols))
		for i, c := range cols {
			ss[i] = t.Columns[c].Name
		}
		return stringArray(sqltype.OIDName, ss)
	}
	return objects[rel]{
		all: func(c *call, yield func(rel) error) error { return each(c.snap.Relationships(), yield) },
		cols: map[string]func(*call, rel) sqltype.Value{
			"name":               func(_ *call, k rel) sqltype.Value { return text(k.Name) },
			"table_schema":       func(_ *call, k rel) sqltype.Value { return text(k.From.Schema.Name) },
			"table_name":         func(_ *call, k rel) sqltype.Value { return text(k.From.Name) },
			"column_names":       func(_ *call, k rel) sqltype.Value { return names(k.From, k.FromCols) },
			"referenced_table":   func(_ *call, k rel) sqltype.Value { return text(k.To.Name) },
			"referenced_columns": func(_ *call, k rel) sqltype.Value { return names(k.To, k.ToCols) },
			"cardinality": func(_ *call, k rel) sqltype.Value {
				if k.Many {
					return text("many")
				}
				return text("one")
			},
			"is_foreign_key": func(_ *call, k rel) sqltype.Value { return boolean(k.Declared) },
			"source":         func(_ *call, k rel) sqltype.Value { return text(k.Origin) },
		},
	}
}

func odatagresServices() objects[*catalog.Schema] {
	return objects[*catalog.Schema]{
		all: func(c *call, yield func(*catalog.Schema) error) error {
			return each(c.snap.Schemas(), func(s *catalog.Schema) error {
				if s.Service == "" {
					return nil
				}
				return yield(s)
			})
		},
		cols: map[string]func(*call, *catalog.Schema) sqltype.Value{
			"table_schema": func(_ *call, s *catalog.Schema) sqltype.Value { return text(s.Name) },
			"tables": func(c *call, s *catalog.Schema) sqltype.Value {
				n := 0
				for _, r := range users(c.snap).relations {
					if r.Schema == s && r.UserTable() {
						n++
					}
				}
				return number(n)
			},
			"problem": func(c *call, s *catalog.Schema) sqltype.Value {
				reason, missing := c.snap.Missing[s.Service]
				if !missing {
					return null()
				}
				return text(reason)
			},
		},
	}
}
