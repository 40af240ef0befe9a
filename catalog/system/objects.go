package system

import (
	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/catalog/builtin"
)

// Objects answers what catalog functions (pg_*_is_visible, obj_description, has_*_privilege …) ask about objects, for a
// user's snapshot and search_path. Kinds of objects are named by the catalog that holds them, such as pg_class.
type Objects struct {
	Snap *catalog.Snapshot
	Path catalog.Path
	// Implied says that the path's first schema is searched although the setting does not name it.
	Implied bool
}

// objectKind says where the objects of a kind are found in the dumps.
type objectKind struct{ name, namespace string }

// dumpedKinds are the kinds whose objects are all made by initdb.
func dumpedKinds() map[string]objectKind {
	return map[string]objectKind{
		"pg_operator":    {"oprname", "oprnamespace"},
		"pg_opclass":     {"opcname", "opcnamespace"},
		"pg_opfamily":    {"opfname", "opfnamespace"},
		"pg_collation":   {"collname", "collnamespace"},
		"pg_conversion":  {"conname", "connamespace"},
		"pg_ts_config":   {"cfgname", "cfgnamespace"},
		"pg_ts_dict":     {"dictname", "dictnamespace"},
		"pg_ts_parser":   {"prsname", "prsnamespace"},
		"pg_ts_template": {"tmplname", "tmplnamespace"},
		"pg_language":    {"lanname", ""},
		"pg_tablespace":  {"spcname", ""},
		"pg_am":          {"amname", ""},
		"pg_extension":   {"extname", ""},
	}
}

// Name gives an object's schema ("" for kinds without one) and name.
func (o Objects) Name(kind string, oid uint32) (schema, name string, ok bool) {
	switch kind {
	case "pg_class":
		if r := o.Snap.RelationByOID(oid); r != nil {
			return r.Schema.Name, r.Name, true
		}
	case "pg_type":
		return o.Snap.TypeName(oid)
	case "pg_proc":
		if f := builtin.Load().FunctionByOID(oid); f != nil {
			return schemaName(f.Namespace), f.Name, true
		}
	case "pg_namespace":
		if sc := o.Snap.SchemaByOID(oid); sc != nil {
			return "", sc.Name, true
		}
	case "pg_database":
		if oid == o.Snap.DatabaseOID {
			return "", o.Snap.Database, true
		}
	case "pg_authid":
		if r := o.Snap.RoleByOID(oid); r != nil {
			return "", r.Name, true
		}
	case "pg_constraint":
		if c := o.Snap.ConstraintByOID(oid); c != nil {
			return c.Schema.Name, c.Name, true
		}
	}
	k, dumped := dumpedKinds()[kind]
	if !dumped {
		return "", "", false
	}
	d := dumpOf(kind)
	row := d.first("oid", utoa(oid))
	if row == nil {
		return "", "", false
	}
	if k.namespace != "" {
		schema = schemaName(d.oid(row, k.namespace))
	}
	return schema, d.text(row, k.name), true
}

// Visible reports whether an object is found by its bare name on the path; exists is false for an unknown OID.
func (o Objects) Visible(kind string, oid uint32) (visible, exists bool) {
	schema, _, exists := o.Name(kind, oid)
	if !exists {
		return false, false
	}
	switch kind {
	case "pg_class":
		return o.Snap.RelationVisible(o.Path, o.Snap.RelationByOID(oid)), true
	case "pg_type":
		return o.Snap.TypeVisible(o.Path, oid), true
	case "pg_proc":
		return FunctionVisible(o.Path, oid), true
	}
	// No schema but pg_catalog has objects of the other kinds, so nothing hides them.
	return schema == "" || onPath(o.Path, schema), true
}

// OID finds an object of a kind without schema by its exact name.
func (o Objects) OID(kind, name string) (uint32, bool) {
	switch kind {
	case "pg_namespace":
		if sc := o.Snap.Schema(name); sc != nil {
			return sc.OID, true
		}
	case "pg_database":
		return o.Snap.DatabaseOID, name == o.Snap.Database
	case "pg_authid":
		if r := o.Snap.RoleByName(name); r != nil {
			return r.OID, true
		}
	}
	k, dumped := dumpedKinds()[kind]
	if !dumped {
		return 0, false
	}
	d := dumpOf(kind)
	if row := d.first(k.name, name); row != nil {
		return d.oid(row, "oid"), true
	}
	return 0, false
}

// Comment is the comment on an object of a catalog (class is the catalog's OID) or on a column of it.
func (o Objects) Comment(class, oid uint32, sub int32) (string, bool) {
	return Description(o.Snap, oid, class, sub)
}

// SharedComment is the comment on a role, database or tablespace: there are none.
func (o Objects) SharedComment(_, _ uint32) (string, bool) { return "", false }

// ConstraintDef is pg_get_constraintdef.
func (o Objects) ConstraintDef(oid uint32) (string, bool) {
	c := o.Snap.ConstraintByOID(oid)
	if c == nil {
		return "", false
	}
	return o.Snap.ConstraintDefinition(o.Path, c), true
}

// IndexDef is pg_get_indexdef: of the whole index for column 0, else of the column.
func (o Objects) IndexDef(oid uint32, column int) (string, bool) {
	r := o.Snap.RelationByOID(oid)
	if r == nil || r.Index == nil {
		return "", false
	}
	if column == 0 {
		return o.Snap.IndexDefinition(o.Path, r.Index, false), true
	}
	return o.Snap.IndexColumn(r.Index, column), true
}

// PrettyIndexDef is pg_get_indexdef of the whole index with pretty set.
func (o Objects) PrettyIndexDef(oid uint32) (string, bool) {
	r := o.Snap.RelationByOID(oid)
	if r == nil || r.Index == nil {
		return "", false
	}
	return o.Snap.IndexDefinition(o.Path, r.Index, true), true
}

// ViewDef is pg_get_viewdef.
func (o Objects) ViewDef(oid uint32) (string, bool) {
	if r := o.Snap.RelationByOID(oid); r != nil && r.Kind == catalog.RelView {
		return r.Definition, true
	}
	return "", false
}

// PrettyViewDef is pg_get_viewdef with pretty set.
func (o Objects) PrettyViewDef(oid uint32) (string, bool) {
	if r := o.Snap.RelationByOID(oid); r != nil && r.Kind == catalog.RelView {
		return r.PrettyDefinition, true
	}
	return "", false
}

// Relkind is pg_class.relkind.
func (o Objects) Relkind(oid uint32) (byte, bool) {
	r := o.Snap.RelationByOID(oid)
	if r == nil {
		return 0, false
	}
	return byte(r.Kind), true
}

// Attnum finds a column of a relation by its exact name.
func (o Objects) Attnum(relation uint32, column string) (int16, bool) {
	r := o.Snap.RelationByOID(relation)
	if r == nil {
		return 0, false
	}
	place := r.Column(column)
	if place < 0 {
		return 0, false
	}
	return r.Columns[place].Attnum, true
}

// Column gives the name of a column.
func (o Objects) Column(relation uint32, attnum int16) (string, bool) {
	r := o.Snap.RelationByOID(relation)
	if r == nil {
		return "", false
	}
	place := r.ColumnByNumber(attnum)
	if place < 0 {
		return "", false
	}
	return r.Columns[place].Name, true
}

// HasPrivilege reports whether a role has a right on an object: SELECT, USAGE … in capitals, with WITH GRANT OPTION behind it
// where that is asked. attnum 0 is the whole object, -1 any of its columns. exists is false for an unknown object.
func (o Objects) HasPrivilege(role uint32, kind string, oid uint32, attnum int16, privilege string) (has, exists bool) {
	r := o.Snap.RoleByOID(role)
	if _, _, ok := o.Name(kind, oid); !ok || r == nil {
		return false, false
	}
	asked := func(on catalog.ObjectKind) []catalog.PrivilegeTest {
		// A name that the kind of object does not know is refused by the functions before they come here.
		ts, err := catalog.ParsePrivileges(on, privilege)
		if err != nil {
			return nil
		}
		return ts
	}
	switch kind {
	case "pg_class":
		return o.hasOnRelation(r, oid, attnum, asked)
	case "pg_namespace":
		return o.Snap.HasSchema(r, o.Snap.SchemaByOID(oid), asked(catalog.OnSchema)), true
	case "pg_database":
		return o.Snap.HasDatabase(r, asked(catalog.OnDatabase)), true
	case "pg_proc":
		return o.Snap.HasByACL(r, catalog.RoleBootstrap, FunctionACL(oid), catalog.PrivExecute, catalog.PrivExecute,
			asked(catalog.OnFunction)), true
	case "pg_type":
		return o.Snap.HasByACL(r, catalog.RoleBootstrap, nil, catalog.PrivUsage, catalog.PrivUsage, asked(catalog.OnUsage)), true
	case "pg_language":
		return o.Snap.HasByACL(r, catalog.RoleBootstrap, languageACL(oid), catalog.PrivUsage, catalog.PrivUsage,
			asked(catalog.OnUsage)), true
	case "pg_tablespace":
		return o.Snap.HasByACL(r, catalog.RoleBootstrap, nil, 0, catalog.PrivCreate, asked(catalog.OnTablespace)), true
	}
	return false, false
}

func (o Objects) hasOnRelation(role *catalog.Role, oid uint32, attnum int16, asked func(catalog.ObjectKind) []catalog.PrivilegeTest) (has, exists bool) {
	rel := o.Snap.RelationByOID(oid)
	switch attnum {
	case 0:
		return o.Snap.HasRelation(role, rel, asked(catalog.OnTable)), true
	case -1:
		return o.Snap.HasAnyColumn(role, rel, asked(catalog.OnColumn)), true
	}
	place := rel.ColumnByNumber(attnum)
	if place < 0 {
		return false, false
	}
	return o.Snap.HasColumn(role, rel, &rel.Columns[place], asked(catalog.OnColumn)), true
}

func languageACL(language uint32) []catalog.ACLItem {
	d := dumpOf("pg_language")
	if row := d.first("oid", utoa(language)); row != nil {
		return dumpedACL(d.field(row, "lanacl"))
	}
	return nil
}

// IsMember reports whether a role has another's privileges.
func (o Objects) IsMember(role, of uint32) bool {
	return o.Snap.Inherits(o.Snap.RoleByOID(role), o.Snap.RoleByOID(of))
}

// IsSuperuser reports rolsuper.
func (o Objects) IsSuperuser(role uint32) bool {
	r := o.Snap.RoleByOID(role)
	return r != nil && r.Superuser
}

// RelationSize is the size of a relation's storage, which there is none of.
func (o Objects) RelationSize(oid uint32) (int64, bool) { return 0, o.Snap.RelationByOID(oid) != nil }

// DatabaseSize is the size of the database's storage.
func (o Objects) DatabaseSize(oid uint32) (int64, bool) { return 0, oid == o.Snap.DatabaseOID }

// SearchPath lists the schemas of the search_path that exist, with pg_catalog where it is implied if implicit is set.
func (o Objects) SearchPath(implicit bool) []string {
	if o.Implied && !implicit && len(o.Path) > 0 {
		return o.Path[1:]
	}
	return o.Path
}
