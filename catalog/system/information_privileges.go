package system

import (
	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/catalog/builtin"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// grant is one privilege of one role on one object.
type grant struct {
	schema, name, column string
	kind                 string // object_type of usage_privileges
	specific             string // of a routine
	item                 catalog.ACLItem
	priv                 catalog.Privilege
}

func (g grant) grantable(c *call) bool {
	if g.item.Options&g.priv != 0 {
		return true
	}
	grantee := c.snap.RoleByOID(g.item.Grantee)
	return grantee != nil && c.snap.Inherits(grantee, c.snap.RoleByOID(catalog.RoleBootstrap))
}

// explode yields the privileges of an access list among those wanted, to those who may see them: the grantor, the grantee
// and their members; what PUBLIC has everybody sees. In the role_* views only enabled roles count.
func explode(c *call, acl []catalog.ACLItem, byDefault []catalog.ACLItem, wanted catalog.Privilege, enabled bool, g grant, yield func(grant) error) error {
	if acl == nil {
		acl = byDefault
	}
	for _, it := range acl {
		mine := c.snap.Inherits(c.role, c.snap.RoleByOID(it.Grantor)) || it.Grantee != 0 && c.snap.Inherits(c.role, c.snap.RoleByOID(it.Grantee))
		if !mine && (enabled || it.Grantee != 0) {
			continue
		}
		for bit := catalog.Privilege(1); bit != 0; bit <<= 1 {
			if it.Privs&wanted&bit == 0 {
				continue
			}
			g.item, g.priv = it, bit
			if err := yield(g); err != nil {
				return err
			}
		}
	}
	return nil
}

func ownerHas(privs catalog.Privilege) []catalog.ACLItem {
	return []catalog.ACLItem{{Grantee: catalog.RoleBootstrap, Grantor: catalog.RoleBootstrap, Privs: privs}}
}

// andPublic is the default access list of functions and types: PUBLIC first, then the owner.
func andPublic(priv catalog.Privilege) []catalog.ACLItem {
	return append([]catalog.ACLItem{{Grantor: catalog.RoleBootstrap, Privs: priv}}, ownerHas(priv)...)
}

func grantColumns(cols columnsOf[grant]) columnsOf[grant] {
	all := columnsOf[grant]{
		"grantor": func(c *call, g grant) sqltype.Value { return text(c.snap.RoleByOID(g.item.Grantor).Name) },
		"grantee": func(c *call, g grant) sqltype.Value {
			if g.item.Grantee == 0 {
				return text("PUBLIC")
			}
			return text(c.snap.RoleByOID(g.item.Grantee).Name)
		},
		"privilege_type": func(_ *call, g grant) sqltype.Value { return text(g.priv.Names()[0]) },
		"is_grantable":   func(c *call, g grant) sqltype.Value { return yesNo(g.grantable(c)) },
	}
	for name, f := range cols {
		all[name] = f
	}
	return all
}

func tableGrantColumns() columnsOf[grant] {
	return columnsOf[grant]{
		"table_catalog": inDatabase[grant],
		"table_schema":  func(_ *call, g grant) sqltype.Value { return text(g.schema) },
		"table_name":    func(_ *call, g grant) sqltype.Value { return text(g.name) },
	}
}

type byGrant = map[string]func(*call, sqltype.Value, func(grant) error) error

func infoTablePrivileges(enabled bool) objects[grant] {
	of := func(c *call, r *catalog.Relation, yield func(grant) error) error {
		if !tableOrView(r) {
			return nil
		}
		return explode(c, r.ACL, ownerHas(catalog.AllTablePrivileges), catalog.AllTablePrivileges, enabled,
			grant{schema: r.Schema.Name, name: r.Name}, yield)
	}
	cols := tableGrantColumns()
	cols["with_hierarchy"] = func(_ *call, g grant) sqltype.Value { return yesNo(g.priv == catalog.PrivSelect) }
	return objects[grant]{
		all: func(c *call, yield func(grant) error) error {
			return each(c.snap.Relations(), func(r *catalog.Relation) error { return of(c, r, yield) })
		},
		by: byGrant{
			"table_name": func(c *call, v sqltype.Value, yield func(grant) error) error {
				return each(namedRelations(c.snap, v.S), func(r *catalog.Relation) error { return of(c, r, yield) })
			},
		},
		cols: grantColumns(cols),
	}
}

func infoColumnPrivileges(enabled bool) objects[grant] {
	const wanted = catalog.PrivSelect | catalog.PrivInsert | catalog.PrivUpdate | catalog.PrivReferences
	of := func(c *call, r *catalog.Relation, yield func(grant) error) error {
		if !tableOrView(r) {
			return nil
		}
		for i := range r.Columns {
			col := &r.Columns[i]
			if col.Attnum < 1 {
				continue
			}
			// A privilege that the table and the column give alike is shown once.
			seen := make(map[catalog.ACLItem]bool)
			once := func(g grant) error {
				id := catalog.ACLItem{Grantee: g.item.Grantee, Grantor: g.item.Grantor, Privs: g.priv, Options: g.item.Options & g.priv}
				if seen[id] {
					return nil
				}
				seen[id] = true
				return yield(g)
			}
			g := grant{schema: r.Schema.Name, name: r.Name, column: col.Name}
			if err := explode(c, r.ACL, ownerHas(catalog.AllTablePrivileges), wanted, enabled, g, once); err != nil {
				return err
			}
			if err := explode(c, col.ACL, nil, wanted, enabled, g, once); err != nil {
				return err
			}
		}
		return nil
	}
	cols := tableGrantColumns()
	cols["column_name"] = func(_ *call, g grant) sqltype.Value { return text(g.column) }
	return objects[grant]{
		all: func(c *call, yield func(grant) error) error {
			return each(c.snap.Relations(), func(r *catalog.Relation) error { return of(c, r, yield) })
		},
		by: byGrant{
			"table_name": func(c *call, v sqltype.Value, yield func(grant) error) error {
				return each(namedRelations(c.snap, v.S), func(r *catalog.Relation) error { return of(c, r, yield) })
			},
		},
		cols: grantColumns(cols),
	}
}

func infoRoutinePrivileges(enabled bool) objects[grant] {
	routine := func(_ *call, g grant) sqltype.Value { return text(g.name) }
	schema := func(_ *call, g grant) sqltype.Value { return text(g.schema) }
	return objects[grant]{
		all: func(c *call, yield func(grant) error) error {
			return each(builtin.Load().AllFunctions(), func(f *builtin.Function) error {
				g := grant{schema: schemaName(f.Namespace), name: f.Name, specific: specificName(f)}
				return explode(c, FunctionACL(f.OID), andPublic(catalog.PrivExecute), catalog.PrivExecute, enabled, g, yield)
			})
		},
		cols: grantColumns(columnsOf[grant]{
			"specific_catalog": inDatabase[grant],
			"specific_schema":  schema,
			"specific_name":    func(_ *call, g grant) sqltype.Value { return text(g.specific) },
			"routine_catalog":  inDatabase[grant],
			"routine_schema":   schema,
			"routine_name":     routine,
		}),
	}
}

// infoUsagePrivileges shows collations, which everybody may use, and domains.
func infoUsagePrivileges(enabled bool) objects[grant] {
	return objects[grant]{
		all: func(c *call, yield func(grant) error) error {
			d := dumpOf("pg_collation")
			for _, row := range d.rows {
				if e := d.int(row, "collencoding"); e != -1 && e != encodingUTF8 {
					continue
				}
				if enabled && !owns(c) {
					continue
				}
				err := yield(grant{
					schema: schemaName(d.oid(row, "collnamespace")), name: d.text(row, "collname"), kind: "COLLATION",
					item: catalog.ACLItem{Grantor: catalog.RoleBootstrap}, priv: catalog.PrivUsage,
				})
				if err != nil {
					return err
				}
			}
			return domains(c, func(t domain) error {
				g := grant{schema: t.typ.Schema, name: t.typ.Name, kind: "DOMAIN"}
				return explode(c, nil, andPublic(catalog.PrivUsage), catalog.PrivUsage, enabled, g, yield)
			})
		},
		cols: grantColumns(columnsOf[grant]{
			"object_catalog": inDatabase[grant],
			"object_schema":  func(_ *call, g grant) sqltype.Value { return text(g.schema) },
			"object_name":    func(_ *call, g grant) sqltype.Value { return text(g.name) },
			"object_type":    func(_ *call, g grant) sqltype.Value { return text(g.kind) },
		}),
	}
}

// infoUDTPrivileges shows row types, which everybody may use.
func infoUDTPrivileges(enabled bool) objects[grant] {
	return objects[grant]{
		all: func(c *call, yield func(grant) error) error {
			return each(c.snap.Types(), func(t *catalog.NamedType) error {
				if t.Kind != 'c' {
					return nil
				}
				return explode(c, nil, andPublic(catalog.PrivUsage), catalog.PrivUsage, enabled, grant{schema: t.Schema, name: t.Name}, yield)
			})
		},
		cols: grantColumns(columnsOf[grant]{
			"udt_catalog":    inDatabase[grant],
			"udt_schema":     func(_ *call, g grant) sqltype.Value { return text(g.schema) },
			"udt_name":       func(_ *call, g grant) sqltype.Value { return text(g.name) },
			"privilege_type": fixed[grant](text("TYPE USAGE")),
		}),
	}
}

// FunctionACL is the access list of a function; nil: everybody may call it.
func FunctionACL(function uint32) []catalog.ACLItem {
	d := dumpOf("pg_proc")
	if row := d.first("oid", utoa(function)); row != nil {
		return dumpedACL(d.field(row, "proacl"))
	}
	return nil
}
