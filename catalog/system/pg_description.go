package system

import (
	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// OIDs of catalogs that class columns name.
const (
	classType       uint32 = 1247
	classProc       uint32 = 1255
	classRelation   uint32 = 1259
	classDatabase   uint32 = 1262
	classConstraint uint32 = 2606
	classNamespace  uint32 = 2615
)

// comment is a comment on an object or, with a number, on a column.
type comment struct {
	object, class uint32
	column        int16
	text          string
}

func descriptionRows() rowsOf { return rowsOf{name: "pg_description", by: []string{"objoid"}} }

// pgDescription gives the comments that come from services' descriptions, and the server's own.
func pgDescription() objects[comment] {
	relation := func(r *catalog.Relation, yield func(comment) error) error {
		if r.Comment != "" {
			if err := yield(comment{object: r.OID, class: classRelation, text: r.Comment}); err != nil {
				return err
			}
		}
		for i := range r.Columns {
			if col := &r.Columns[i]; col.Comment != "" {
				if err := yield(comment{object: r.OID, class: classRelation, column: col.Attnum, text: col.Comment}); err != nil {
					return err
				}
			}
		}
		return nil
	}
	schema := func(s *catalog.Schema, yield func(comment) error) error {
		if s.OID < catalog.FirstUserOID || s.Comment == "" {
			return nil
		}
		return yield(comment{object: s.OID, class: classNamespace, text: s.Comment})
	}
	return objects[comment]{
		all: func(c *call, yield func(comment) error) error {
			if err := each(c.snap.Schemas(), func(s *catalog.Schema) error { return schema(s, yield) }); err != nil {
				return err
			}
			return userRelations(c, func(r *catalog.Relation) error { return relation(r, yield) })
		},
		by: map[string]func(*call, sqltype.Value, func(comment) error) error{
			"objoid": func(c *call, v sqltype.Value, yield func(comment) error) error {
				if r := userRelation(c.snap, key(v)); r != nil {
					return relation(r, yield)
				}
				return one(c.snap.SchemaByOID(key(v)), func(s *catalog.Schema) error { return schema(s, yield) })
			},
		},
		cols: map[string]func(*call, comment) sqltype.Value{
			"objoid":      func(_ *call, d comment) sqltype.Value { return oid(d.object) },
			"classoid":    func(_ *call, d comment) sqltype.Value { return oid(d.class) },
			"objsubid":    func(_ *call, d comment) sqltype.Value { return number(d.column) },
			"description": func(_ *call, d comment) sqltype.Value { return text(d.text) },
		},
	}
}

// Description is obj_description and col_description: the comment on an object of a catalog, or on the column of a relation.
func Description(s *catalog.Snapshot, object, class uint32, column int32) (string, bool) {
	found, ok := "", false
	take := func(d comment) error {
		if d.object == object && d.class == class && int32(d.column) == column {
			found, ok = d.text, true
		}
		return nil
	}
	// Neither yields an error of its own.
	_ = pgDescription().by["objoid"](&call{snap: s}, oid(object), take)
	if ok {
		return found, true
	}
	d := dumpOf("pg_description")
	for _, at := range d.find("objoid", utoa(object)) {
		row := d.rows[at]
		if d.oid(row, "classoid") == class && int32(d.int(row, "objsubid")) == column {
			return d.text(row, "description"), true
		}
	}
	return "", false
}
