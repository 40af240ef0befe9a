package system

import (
	"strconv"
	"strings"
	"sync"

	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/catalog/builtin"
	"github.com/odatagres/odatagres/internal/sqltype"
)

var definitions = sync.OnceValue(define)

// Definitions is what package catalog builds every snapshot from: all relations, types, indexes and constraints that initdb
// makes, and this server's own relations. It is made once per process.
func Definitions() catalog.System { return definitions() }

func define() catalog.System {
	var sys catalog.System
	domains := defineTypes(&sys)
	cols := defineColumns(domains)
	defs := dumpOf("view_definitions")
	sources := registry()
	for _, name := range []string{"pg_class", "toast_class"} {
		d := dumpOf(name)
		for _, row := range d.rows {
			r := catalog.SystemRelation{
				OID: d.oid(row, "oid"), Schema: schemaName(d.oid(row, "relnamespace")), Name: d.text(row, "relname"),
				Kind: catalog.Relkind(d.char(row, "relkind")), Columns: cols[d.oid(row, "oid")],
				RowType: d.oid(row, "reltype"), ArrayType: arrayOf(d.oid(row, "reltype")), ACL: dumpedACL(d.field(row, "relacl")),
			}
			if def := defs.first("oid", utoa(r.OID)); def != nil {
				r.Definition, r.PrettyDefinition = defs.text(def, "definition"), defs.text(def, "pretty")
			}
			if r.OID == classRelation {
				r.Columns = append(r.Columns, catalog.Column{Name: oidsColumn, Type: sqltype.Of(sqltype.OIDBool), NotNull: true, Hidden: true})
			}
			if r.Kind != catalog.RelIndex {
				r.Table = newRelation(r.OID, r.Columns, sources[r.Schema+"."+r.Name])
			}
			sys.Relations = append(sys.Relations, r)
		}
	}
	for _, own := range ownRelations() {
		own.Table = newRelation(0, own.Columns, sources[own.Schema+"."+own.Name])
		sys.Relations = append(sys.Relations, own)
	}
	defineIndexes(&sys)
	defineConstraints(&sys)
	return sys
}

// schemaName names the schemas of initdb.
func schemaName(oid uint32) string {
	switch oid {
	case catalog.SchemaCatalog:
		return "pg_catalog"
	case catalog.SchemaToast:
		return "pg_toast"
	case catalog.SchemaInformation:
		return "information_schema"
	}
	return ""
}

// arrayOf is the array type of a dumped type.
func arrayOf(typ uint32) uint32 {
	d := dumpOf("pg_type")
	if row := d.first("oid", utoa(typ)); row != nil {
		return d.oid(row, "typarray")
	}
	return 0
}

// defineTypes adds the domains of information_schema, with their arrays, and gives the base type of each. Row types are made
// by package catalog, and all others stand in sqltype's table.
func defineTypes(sys *catalog.System) map[uint32]sqltype.Type {
	base := make(map[uint32]sqltype.Type)
	d := dumpOf("pg_type")
	for _, row := range d.rows {
		if d.char(row, "typtype") != 'd' {
			continue
		}
		t := &catalog.NamedType{
			OID: d.oid(row, "oid"), Name: d.text(row, "typname"), Schema: schemaName(d.oid(row, "typnamespace")), Kind: 'd',
			Array: d.oid(row, "typarray"),
			Base:  sqltype.Type{OID: d.oid(row, "typbasetype"), Typmod: int32(d.int(row, "typtypmod"))},
		}
		base[t.OID] = t.Base
		sys.Types = append(sys.Types, t, &catalog.NamedType{OID: t.Array, Name: "_" + t.Name, Schema: t.Schema, Kind: 'b', Elem: t.OID})
	}
	return base
}

// defineColumns reads the columns of all relations. A column of a domain is a column of its base type to everybody but
// pg_attribute, as PostgreSQL too tells clients the base type.
func defineColumns(domains map[uint32]sqltype.Type) map[uint32][]catalog.Column {
	cols := make(map[uint32][]catalog.Column)
	for _, name := range []string{"pg_attribute", "toast_attribute"} {
		d := dumpOf(name)
		for _, row := range d.rows {
			t := sqltype.Type{OID: d.oid(row, "atttypid"), Typmod: int32(d.int(row, "atttypmod"))}
			domain := uint32(0)
			if b, ok := domains[t.OID]; ok {
				domain, t = t.OID, b
			}
			rel := d.oid(row, "attrelid")
			cols[rel] = append(cols[rel], catalog.Column{
				Name: d.text(row, "attname"), Attnum: int16(d.int(row, "attnum")), Type: t, NotNull: d.bool(row, "attnotnull"),
				ACL: dumpedACL(d.field(row, "attacl")), Domain: domain, Collation: d.oid(row, "attcollation"),
			})
		}
	}
	return cols
}

func dumpedACL(f builtin.Field) []catalog.ACLItem {
	if f.Null {
		return nil
	}
	acl := []catalog.ACLItem{}
	for _, item := range strings.Split(strings.Trim(f.Text, "{}"), ",") {
		it, err := catalog.ParseACLItem(item, predefinedRole)
		if err == nil {
			acl = append(acl, it)
		}
	}
	return acl
}

// predefinedRole finds a role of initdb by the name that it has in the dumps.
func predefinedRole(name string) (uint32, bool) {
	if name == catalog.BootstrapRole {
		return catalog.RoleBootstrap, true
	}
	d := dumpOf("pg_authid")
	if row := d.first("rolname", name); row != nil {
		return d.oid(row, "oid"), true
	}
	return 0, false
}

func defineIndexes(sys *catalog.System) {
	for _, name := range []string{"pg_index", "toast_index"} {
		d := dumpOf(name)
		for _, row := range d.rows {
			idx := catalog.SystemIndex{
				OID: d.oid(row, "indexrelid"), Table: d.oid(row, "indrelid"), Unique: d.bool(row, "indisunique"),
				Primary: d.bool(row, "indisprimary"),
			}
			for _, w := range strings.Fields(d.text(row, "indkey")) {
				n, _ := strconv.Atoi(w)
				idx.Attnums = append(idx.Attnums, int16(n))
			}
			sys.Indexes = append(sys.Indexes, idx)
		}
	}
}

func defineConstraints(sys *catalog.System) {
	d, checks := dumpOf("pg_constraint"), dumpOf("check_constraints")
	for _, row := range d.rows {
		c := catalog.SystemConstraint{
			OID: d.oid(row, "oid"), Schema: schemaName(d.oid(row, "connamespace")), Name: d.text(row, "conname"),
			Kind: d.char(row, "contype"), Table: d.oid(row, "conrelid"), Domain: d.oid(row, "contypid"), Index: d.oid(row, "conindid"),
		}
		if def := checks.first("oid", utoa(c.OID)); def != nil {
			c.Definition = checks.text(def, "definition")
		}
		sys.Constraints = append(sys.Constraints, c)
	}
}
