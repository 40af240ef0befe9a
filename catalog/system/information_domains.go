package system

import (
	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/catalog/builtin"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// domain is a domain with its base type. Everybody may use every type, so everybody sees every domain.
type domain struct{ typ *catalog.NamedType }

func (d domain) facts(c *call) typeFacts {
	f := factsOf(c, d.typ.Base, 0)
	// A domain keeps the collation that it was made with.
	types := dumpOf("pg_type")
	if row := types.first("oid", utoa(d.typ.OID)); row != nil {
		f.collation = types.oid(row, "typcollation")
	}
	return f
}

func domains(c *call, yield func(domain) error) error {
	return each(c.snap.Types(), func(t *catalog.NamedType) error {
		if t.Kind != 'd' {
			return nil
		}
		return yield(domain{t})
	})
}

func infoDomains() objects[domain] {
	return objects[domain]{
		all: domains,
		cols: typeColumns(columnsOf[domain]{
			"domain_catalog": inDatabase[domain],
			"domain_schema":  func(_ *call, d domain) sqltype.Value { return text(d.typ.Schema) },
			"domain_name":    func(_ *call, d domain) sqltype.Value { return text(d.typ.Name) },
			"domain_default": func(_ *call, d domain) sqltype.Value {
				types := dumpOf("pg_type")
				row := types.first("oid", utoa(d.typ.OID))
				if row == nil || types.field(row, "typdefault").Null {
					return null()
				}
				return text(types.text(row, "typdefault"))
			},
			"dtd_identifier": fixed[domain](text("1")),
		}),
	}
}

func infoDomainConstraints() objects[*catalog.Constraint] {
	type con = *catalog.Constraint
	return objects[con]{
		all: func(c *call, yield func(con) error) error {
			return each(c.snap.Constraints(), func(k con) error {
				if k.Domain == nil {
					return nil
				}
				return yield(k)
			})
		},
		cols: columnsOf[con]{
			"constraint_catalog": inDatabase[con],
			"constraint_schema":  func(_ *call, k con) sqltype.Value { return text(k.Schema.Name) },
			"constraint_name":    func(_ *call, k con) sqltype.Value { return text(k.Name) },
			"domain_catalog":     inDatabase[con],
			"domain_schema":      func(_ *call, k con) sqltype.Value { return text(k.Domain.Schema) },
			"domain_name":        func(_ *call, k con) sqltype.Value { return text(k.Domain.Name) },
			"is_deferrable":      fixed[con](text("NO")),
			"initially_deferred": fixed[con](text("NO")),
		},
	}
}

func infoDomainUDTUsage() objects[domain] {
	return objects[domain]{
		all: func(c *call, yield func(domain) error) error {
			if !owns(c) {
				return nil
			}
			return domains(c, yield)
		},
		cols: columnsOf[domain]{
			"udt_catalog":    inDatabase[domain],
			"udt_schema":     func(c *call, d domain) sqltype.Value { return text(d.facts(c).schema) },
			"udt_name":       func(c *call, d domain) sqltype.Value { return text(d.facts(c).name) },
			"domain_catalog": inDatabase[domain],
			"domain_schema":  func(_ *call, d domain) sqltype.Value { return text(d.typ.Schema) },
			"domain_name":    func(_ *call, d domain) sqltype.Value { return text(d.typ.Name) },
		},
	}
}

// typedObject is something whose type information_schema describes: a column, a domain, a parameter or a result.
type typedObject struct {
	schema, name, kind, dtd string
	typ                     uint32
	collation               uint32
}

// typedObjects yields all objects of information_schema.data_type_privileges.
func typedObjects(c *call, yield func(typedObject) error) error {
	columns := infoColumns()
	if err := columns.all(c, func(a attribute) error {
		t := a.col.Type.OID
		if a.col.Domain != 0 {
			t = a.col.Domain
		}
		return yield(typedObject{
			a.rel.Schema.Name, a.rel.Name, "TABLE", utoa(uint32(a.col.Attnum)), t, a.col.CollationOID(),
		})
	}); err != nil {
		return err
	}
	if err := domains(c, func(d domain) error {
		return yield(typedObject{d.typ.Schema, d.typ.Name, "DOMAIN", "1", d.typ.Base.OID, d.facts(c).collation})
	}); err != nil {
		return err
	}
	if err := parameters(c, func(p parameter) error {
		return yield(typedObject{schemaName(p.fn.Namespace), specificName(p.fn), "ROUTINE", utoa(uint32(p.pos + 1)), p.typ(), 0})
	}); err != nil {
		return err
	}
	return routines(c, func(f *builtin.Function) error {
		o := typedObject{schemaName(f.Namespace), specificName(f), "ROUTINE", "0", f.Result, 0}
		if f.Kind == 'p' {
			o.dtd = ""
		}
		return yield(o)
	})
}

func infoDataTypePrivileges() objects[typedObject] {
	return objects[typedObject]{
		all: typedObjects,
		cols: columnsOf[typedObject]{
			"object_catalog": inDatabase[typedObject],
			"object_schema":  func(_ *call, o typedObject) sqltype.Value { return text(o.schema) },
			"object_name":    func(_ *call, o typedObject) sqltype.Value { return text(o.name) },
			"object_type":    func(_ *call, o typedObject) sqltype.Value { return text(o.kind) },
			"dtd_identifier": func(_ *call, o typedObject) sqltype.Value { return textOrNull(o.dtd) },
		},
	}
}

// element is an object of an array type, described by its elements.
type element struct {
	typedObject
	elem uint32
}

func (e element) facts(c *call) typeFacts {
	f := factsOf(c, sqltype.Of(e.elem), 0)
	if f.schema == "pg_catalog" {
		f.dataType = c.snap.FormatType(catalogPath(), e.elem, -1)
	} else {
		f.dataType = "USER-DEFINED"
	}
	// Elements have no modifier here, hence no lengths and precisions either.
	f.exact = sqltype.Type{}
	f.collation = e.collation
	return f
}

func infoElementTypes() objects[element] {
	return objects[element]{
		all: func(c *call, yield func(element) error) error {
			return typedObjects(c, func(o typedObject) error {
				elem := uint32(0)
				if info, ok := sqltype.Lookup(o.typ); ok {
					if info.Len == -1 {
						elem = info.Elem
					}
				} else if n := c.snap.TypeByOID(o.typ); n != nil {
					elem = n.Elem
				}
				if elem == 0 || o.dtd == "" {
					return nil
				}
				return yield(element{o, elem})
			})
		},
		cols: typeColumns(columnsOf[element]{
			"object_catalog":             inDatabase[element],
			"object_schema":              func(_ *call, e element) sqltype.Value { return text(e.schema) },
			"object_name":                func(_ *call, e element) sqltype.Value { return text(e.name) },
			"object_type":                func(_ *call, e element) sqltype.Value { return text(e.kind) },
			"collection_type_identifier": func(_ *call, e element) sqltype.Value { return text(e.dtd) },
			"domain_default":             nullOf[element],
			"dtd_identifier":             func(_ *call, e element) sqltype.Value { return text("a" + e.dtd) },
		}),
	}
}
