package engine

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/engine/eval"
	"github.com/odatagres/odatagres/internal/sqltype"
)

func seededRandom(seed float64) *rand.Rand {
	return rand.New(rand.NewPCG(uint64(int64(seed*(1<<53))), 1)) //nolint:gosec // setseed is meant to be predictable
}

// lookups answers catalog functions from one snapshot (eval.Catalog). Objects of static catalogs are found in the system
// relations themselves.
type lookups struct {
	env  *sessionEnv
	snap *catalog.Snapshot
	path catalog.Path
}

// Catalog implements eval.Env.
func (e *sessionEnv) Catalog() eval.Catalog { return e.lookups() }

func (e *sessionEnv) lookups() *lookups {
	path := e.snap.SearchPath(e.s.settings.searchPath(), e.s.conn.User)
	if e.look == nil || !slices.Equal(e.look.path, path) {
		e.look = &lookups{env: e, snap: e.snap, path: path}
	}
	return e.look
}

// prefix is how the columns of a catalog begin: relname, relnamespace and so on.
func prefix(kind eval.ObjectKind) string {
	return map[eval.ObjectKind]string{
		eval.ObjRelation: "rel", eval.ObjType: "typ", eval.ObjFunction: "pro", eval.ObjOperator: "opr", eval.ObjOpclass: "opc", eval.ObjOpfamily: "opf",
		eval.ObjCollation: "coll", eval.ObjConversion: "con", eval.ObjSchema: "nsp", eval.ObjDatabase: "dat", eval.ObjRole: "rol", eval.ObjLanguage: "lan",
		eval.ObjTablespace: "spc", eval.ObjConstraint: "con", eval.ObjServer: "srv", eval.ObjWrapper: "fdw", eval.ObjTSConfig: "cfg", eval.ObjTSDict: "dict",
		eval.ObjTSParser: "prs", eval.ObjTSTemplate: "tmpl", eval.ObjStatistics: "stx",
	}[kind]
}

var errStop = errors.New("stop")

// scan looks rows of a system catalog up by one column.
func (l *lookups) scan(table, column string, value sqltype.Value, emit func(get func(string) sqltype.Value) error) {
	rel := l.snap.Relation("pg_catalog", table)
	if rel == nil || rel.System == nil {
		return
	}
	at := map[string]int{}
	want := make([]int, len(rel.Columns))
	for i, c := range rel.Columns {
		at[c.Name] = i
		want[i] = i
	}
	key, ok := at[column]
	if !ok {
		return
	}
	typ := rel.Columns[key].Type
	_ = rel.System.Scan(l.env.s.ctx, systemEnv{l.env.s, l.snap}, want, &catalog.Lookup{Column: key, Values: []sqltype.Value{value}},
		func(row []sqltype.Value) error {
			if row[key].Null || sqltype.Compare(typ, row[key], value) != 0 {
				return nil
			}
			return emit(func(name string) sqltype.Value {
				if i, ok := at[name]; ok {
					return row[i]
				}
				return sqltype.NullValue()
			})
		})
}

// Name implements eval.Catalog.
func (l *lookups) Name(kind eval.ObjectKind, oid uint32) (schema, name string, ok bool) {
	switch kind {
	case eval.ObjRelation:
		if r := l.snap.RelationByOID(oid); r != nil {
			return r.Schema.Name, r.Name, true
		}
		return "", "", false
	case eval.ObjType:
		return l.snap.TypeName(oid)
	case eval.ObjSchema:
		if s := l.snap.SchemaByOID(oid); s != nil {
			return "", s.Name, true
		}
		return "", "", false
	case eval.ObjRole:
		if r := l.snap.RoleByOID(oid); r != nil {
			return "", r.Name, true
		}
		return "", "", false
	}
	p := prefix(kind)
	l.scan(string(kind), "oid", sqltype.Int(int64(oid)), func(get func(string) sqltype.Value) error {
		name, ok = get(p+"name").S, true
		if ns := get(p + "namespace"); !ns.Null {
			if s := l.snap.SchemaByOID(uint32(ns.I)); s != nil {
				schema = s.Name
			}
		}
		return errStop
	})
	return schema, name, ok
}

// Visible implements eval.Catalog.
func (l *lookups) Visible(kind eval.ObjectKind, oid uint32) (visible, exists bool) {
	switch kind {
	case eval.ObjRelation:
		r := l.snap.RelationByOID(oid)
		return r != nil && l.snap.RelationVisible(l.path, r), r != nil
	case eval.ObjType:
		exists = l.snap.TypeExists(oid)
		return exists && l.snap.TypeVisible(l.path, oid), exists
	}
	schema, _, ok := l.Name(kind, oid)
	return ok && slices.Contains(l.path, schema), ok
}

// OID implements eval.Catalog.
func (l *lookups) OID(kind eval.ObjectKind, name string) (oid uint32, ok bool) {
	switch kind {
	case eval.ObjRole:
		if r := l.snap.RoleByName(name); r != nil {
			return r.OID, true
		}
		return 0, false
	case eval.ObjSchema:
		if s := l.snap.Schema(name); s != nil {
			return s.OID, true
		}
		return 0, false
	}
	l.scan(string(kind), prefix(kind)+"name", sqltype.Text(name), func(get func(string) sqltype.Value) error {
		oid, ok = uint32(get("oid").I), true
		return errStop
	})
	return oid, ok
}

// Comment implements eval.Catalog.
func (l *lookups) Comment(class, oid uint32, sub int32) (text string, ok bool) {
	l.scan("pg_description", "objoid", sqltype.Int(int64(oid)), func(get func(string) sqltype.Value) error {
		if class != 0 && uint32(get("classoid").I) != class || int32(get("objsubid").I) != sub {
			return nil
		}
		text, ok = get("description").S, true
		return errStop
	})
	return text, ok
}

// SharedComment implements eval.Catalog.
func (l *lookups) SharedComment(class, oid uint32) (text string, ok bool) {
	l.scan("pg_shdescription", "objoid", sqltype.Int(int64(oid)), func(get func(string) sqltype.Value) error {
		if uint32(get("classoid").I) != class {
			return nil
		}
		text, ok = get("description").S, true
		return errStop
	})
	return text, ok
}

// ConstraintDef implements eval.Catalog.
func (l *lookups) ConstraintDef(oid uint32) (string, bool) {
	c := l.snap.ConstraintByOID(oid)
	if c == nil {
		return "", false
	}
	return l.snap.ConstraintDefinition(l.path, c), true
}

// IndexDef implements eval.Catalog.
func (l *lookups) IndexDef(oid uint32, column int, pretty bool) (string, bool) {
	r := l.snap.RelationByOID(oid)
	if r == nil || r.Index == nil {
		return "", false
	}
	if column > 0 {
		return l.snap.IndexColumn(r.Index, column), true
	}
	return l.snap.IndexDefinition(l.path, r.Index, pretty), true
}

// ViewDef implements eval.Catalog.
func (l *lookups) ViewDef(oid uint32, pretty bool) (string, bool) {
	r := l.snap.RelationByOID(oid)
	if r == nil || r.Kind != catalog.RelView {
		return "", false
	}
	if pretty {
		return r.PrettyDefinition, true
	}
	return r.Definition, true
}

// Relkind implements eval.Catalog.
func (l *lookups) Relkind(oid uint32) (byte, bool) {
	r := l.snap.RelationByOID(oid)
	if r == nil {
		return 0, false
	}
	return byte(r.Kind), true
}

// Attnum implements eval.Catalog.
func (l *lookups) Attnum(relation uint32, column string) (int16, bool) {
	if r := l.snap.RelationByOID(relation); r != nil {
		for _, c := range r.Columns {
			if c.Name == column {
				return c.Attnum, true
			}
		}
	}
	return 0, false
}

// Column implements eval.Catalog.
func (l *lookups) Column(relation uint32, attnum int16) (string, bool) {
	if r := l.snap.RelationByOID(relation); r != nil {
		for _, c := range r.Columns {
			if c.Attnum == attnum {
				return c.Name, true
			}
		}
	}
	return "", false
}

// HasPrivilege implements eval.Catalog.
func (l *lookups) HasPrivilege(role uint32, kind eval.ObjectKind, oid uint32, attnum int16, privilege string) (has, exists bool) {
	r := l.snap.RoleByOID(role)
	on := map[eval.ObjectKind]catalog.ObjectKind{
		eval.ObjSchema: catalog.OnSchema, eval.ObjDatabase: catalog.OnDatabase, eval.ObjFunction: catalog.OnFunction, eval.ObjLanguage: catalog.OnUsage,
		eval.ObjType: catalog.OnUsage, eval.ObjServer: catalog.OnUsage, eval.ObjWrapper: catalog.OnUsage, eval.ObjTablespace: catalog.OnTablespace,
	}[kind]
	if kind == eval.ObjRelation && attnum != 0 {
		on = catalog.OnColumn
	}
	tests, err := catalog.ParsePrivileges(on, privilege)
	if err != nil || r == nil {
		return false, r != nil
	}
	switch kind {
	case eval.ObjRelation:
		return l.relationPrivilege(r, oid, attnum, tests)
	case eval.ObjSchema:
		s := l.snap.SchemaByOID(oid)
		return s != nil && l.snap.HasSchema(r, s, tests), s != nil
	case eval.ObjDatabase:
		return oid == l.snap.DatabaseOID && l.snap.HasDatabase(r, tests), l.databaseExists(oid)
	}
	_, _, ok := l.Name(kind, oid)
	usage := slices.ContainsFunc(tests, func(t catalog.PrivilegeTest) bool {
		return !t.Option && (t.Priv == catalog.PrivUsage || t.Priv == catalog.PrivExecute)
	})
	return ok && (r.Superuser || usage), ok
}

func (l *lookups) databaseExists(oid uint32) bool {
	_, _, ok := l.Name(eval.ObjDatabase, oid)
	return ok
}

func (l *lookups) relationPrivilege(r *catalog.Role, oid uint32, attnum int16, tests []catalog.PrivilegeTest) (has, exists bool) {
	rel := l.snap.RelationByOID(oid)
	switch {
	case rel == nil:
		return false, false
	case attnum == 0:
		return l.snap.HasRelation(r, rel, tests), true
	case attnum < 0:
		return l.snap.HasAnyColumn(r, rel, tests), true
	}
	for i := range rel.Columns {
		if rel.Columns[i].Attnum == attnum {
			return l.snap.HasColumn(r, rel, &rel.Columns[i], tests), true
		}
	}
	return false, false
}

// IsMember implements eval.Catalog.
func (l *lookups) IsMember(role, of uint32) bool {
	return l.snap.Inherits(l.snap.RoleByOID(role), l.snap.RoleByOID(of))
}

// IsSuperuser implements eval.Catalog.
func (l *lookups) IsSuperuser(role uint32) bool {
	r := l.snap.RoleByOID(role)
	return r != nil && r.Superuser
}

// RelationSize implements eval.Catalog: nothing is stored here.
func (l *lookups) RelationSize(oid uint32) (int64, bool) { return 0, l.snap.RelationByOID(oid) != nil }

// DatabaseSize implements eval.Catalog.
func (l *lookups) DatabaseSize(oid uint32) (int64, bool) { return 0, l.databaseExists(oid) }

// SearchPath implements eval.Catalog.
func (l *lookups) SearchPath(implicit bool) []string {
	if implicit {
		return l.path
	}
	return l.path.Explicit(l.env.s.settings.searchPath())
}

// qualified prints a name of an object of a system schema.
func (l *lookups) qualified(schema, name string, bare bool) string {
	if bare && slices.Contains(l.path, schema) {
		return catalog.QuoteIdent(name)
	}
	return catalog.QuoteQualified(schema, name)
}

func (l *lookups) argTypes(args []uint32) string {
	names := make([]string, len(args))
	for i, a := range args {
		names[i] = l.snap.FormatType(l.path, a, -1)
	}
	return strings.Join(names, ",")
}
