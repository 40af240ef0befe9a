package system_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/catalog/system"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// column asks PostgreSQL for a list of texts with their names.
func column(t *testing.T, c *pgx.Conn, sql string) map[string]string {
	t.Helper()
	res, err := c.PgConn().Exec(context.Background(), sql).ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	m := make(map[string]string)
	for _, row := range res[0].Rows {
		m[string(row[0])] = string(row[1])
	}
	if len(m) == 0 {
		t.Fatalf("%s gives nothing", sql)
	}
	return m
}

func TestDefinitionsAreThoseOfPostgreSQL(t *testing.T) {
	t.Parallel()
	s := snapshot(t)
	c := twin(t, s)
	ctx := context.Background()
	for _, setting := range []string{"intune, public", "odd, pg_catalog", "pg_catalog", `"$user", odd, intune`} {
		if _, err := c.Exec(ctx, "set search_path = "+setting); err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, n := range strings.Split(setting, ", ") {
			names = append(names, strings.Trim(n, `"`))
		}
		path := s.SearchPath(names, "postgres")
		o := system.Objects{Snap: s, Path: path, Implied: !strings.Contains(setting, "pg_catalog")}
		theirPath := column(t, c, "select 'all', array_to_string(current_schemas(true), ' ') union select 'own', array_to_string(current_schemas(false), ' ')")
		if got := strings.Join(o.SearchPath(true), " "); got != theirPath["all"] {
			t.Errorf("%s: current_schemas(true) is %s, not %s", setting, got, theirPath["all"])
		}
		if got := strings.Join(o.SearchPath(false), " "); got != theirPath["own"] {
			t.Errorf("%s: current_schemas(false) is %s, not %s", setting, got, theirPath["own"])
		}
		compare := func(what string, ours, theirs map[string]string) {
			t.Helper()
			bad := 0
			for k, v := range theirs {
				if ours[k] != v {
					if bad++; bad < 5 {
						t.Errorf("%s, search_path %s: of %s it is %q, PostgreSQL says %q", what, setting, k, ours[k], v)
					}
				}
			}
		}
		notToast := "where c.oid < 16384 or relnamespace <> 99"
		rel := func(f func(r *catalog.Relation) string) map[string]string {
			m := make(map[string]string)
			for _, r := range s.Relations() {
				m[r.Schema.Name+"."+r.Name] = f(r)
			}
			return m
		}
		compare("regclass", rel(func(r *catalog.Relation) string {
			name, _ := system.RegOut(s, path, sqltype.OIDRegClass, r.OID)
			return name
		}), column(t, c, "select nspname || '.' || relname, c.oid::regclass from pg_class c join pg_namespace n on n.oid = relnamespace "+notToast))
		compare("pg_table_is_visible", rel(func(r *catalog.Relation) string {
			v, _ := o.Visible("pg_class", r.OID)
			return fmt.Sprint(v)[:1]
		}), column(t, c, "select nspname || '.' || relname, pg_table_is_visible(c.oid) from pg_class c join pg_namespace n on n.oid = relnamespace "+notToast))
		compare("pg_get_indexdef", rel(func(r *catalog.Relation) string { d, _ := o.IndexDef(r.OID, 0); return d }),
			column(t, c, "select nspname || '.' || relname, pg_get_indexdef(c.oid) from pg_class c join pg_namespace n on n.oid = relnamespace "+notToast+" and relkind = 'i'"))
		compare("pg_get_indexdef pretty", rel(func(r *catalog.Relation) string { d, _ := o.PrettyIndexDef(r.OID); return d }),
			column(t, c, "select nspname || '.' || relname, pg_get_indexdef(c.oid, 0, true) from pg_class c join pg_namespace n on n.oid = relnamespace "+notToast+" and relkind = 'i'"))
		compare("pg_get_indexdef of a column", rel(func(r *catalog.Relation) string { d, _ := o.IndexDef(r.OID, 2); return d }),
			column(t, c, "select nspname || '.' || relname, pg_get_indexdef(c.oid, 2, true) from pg_class c join pg_namespace n on n.oid = relnamespace "+notToast+" and relkind = 'i'"))
		cons := make(map[string]string)
		for _, k := range s.Constraints() {
			cons[k.Schema.Name+"."+conOwner(k)+"."+k.Name], _ = o.ConstraintDef(k.OID)
		}
		compare("pg_get_constraintdef", cons, column(t, c, `select nspname || '.' || coalesce(relname::text, '') || '.' || conname, pg_get_constraintdef(k.oid)
			from pg_constraint k join pg_namespace n on n.oid = connamespace left join pg_class c on c.oid = conrelid`))
		types := make(map[string]string)
		visible := make(map[string]string)
		type typ struct {
			schema, name string
			oid          uint32
		}
		var all []typ
		for _, i := range sqltype.All() {
			all = append(all, typ{"pg_catalog", i.Name, i.OID})
		}
		for _, x := range s.Types() {
			all = append(all, typ{x.Schema, x.Name, x.OID})
		}
		for _, x := range all {
			types[x.schema+"."+x.name], _ = system.RegOut(s, path, sqltype.OIDRegType, x.oid)
			v, _ := o.Visible("pg_type", x.oid)
			visible[x.schema+"."+x.name] = fmt.Sprint(v)[:1]
		}
		compare("regtype", types, column(t, c, "select nspname || '.' || typname, t.oid::regtype from pg_type t join pg_namespace n on n.oid = typnamespace"))
		compare("pg_type_is_visible", visible, column(t, c, "select nspname || '.' || typname, pg_type_is_visible(t.oid) from pg_type t join pg_namespace n on n.oid = typnamespace"))
	}
	if _, err := c.Exec(ctx, "reset search_path"); err != nil {
		t.Fatal(err)
	}
	path := s.SearchPath([]string{"public"}, "postgres")
	for typ, sql := range map[uint32]string{
		sqltype.OIDRegProc:       "select oid, oid::regproc from pg_proc where oid < 16384",
		sqltype.OIDRegProcedure:  "select oid, oid::regprocedure from pg_proc where oid < 16384",
		sqltype.OIDRegOper:       "select oid, oid::regoper from pg_operator",
		sqltype.OIDRegOperator:   "select oid, oid::regoperator from pg_operator",
		sqltype.OIDRegCollation:  "select oid, oid::regcollation from pg_collation where oid in (100, 950, 951)",
		sqltype.OIDRegConfig:     "select oid, oid::regconfig from pg_ts_config",
		sqltype.OIDRegDictionary: "select oid, oid::regdictionary from pg_ts_dict",
	} {
		bad := 0
		for k, v := range column(t, c, sql) {
			var oid uint32
			_, _ = fmt.Sscan(k, &oid)
			got, ok := system.RegOut(s, path, typ, oid)
			if !ok || got != v {
				if bad++; bad < 5 {
					t.Errorf("%s of %d is %q, PostgreSQL says %q", sqltype.FormatType(typ, -1), oid, got, v)
				}
			}
			// What is printed reads as the same object.
			if back, err := system.RegIn(s, path, typ, v); err != nil || back != oid {
				if typ == sqltype.OIDRegProc || typ == sqltype.OIDRegOper {
					continue // names of several functions or operators print alike
				}
				if bad++; bad < 5 {
					t.Errorf("%s reads %q as %d, %v", sqltype.FormatType(typ, -1), v, back, err)
				}
			}
		}
	}
}

// TestNamesAreReadAsPostgreSQLReadsThem compares what reg* input makes of texts: the object's printed name, or the error.
func TestNamesAreReadAsPostgreSQLReadsThem(t *testing.T) {
	t.Parallel()
	s := snapshot(t)
	c := twin(t, s)
	ctx := context.Background()
	if _, err := c.Exec(ctx, "set search_path = intune, odd"); err != nil {
		t.Fatal(err)
	}
	path := s.SearchPath([]string{"intune", "odd"}, "postgres")
	for typ, texts := range map[string][]string{
		"regclass": {
			"devices", `"devices"`, "intune.devices", `intune."devices"`, "pg_class", "PG_CLASS", `"PG_CLASS"`, "pg_catalog.pg_class", "nope",
			"nope.devices", "warehouse.intune.devices", "other.intune.devices", "a.b.c.d", "", " devices ", `"`, "intune.", ".devices", "devices x",
			`"Orders"`, `odd."Orders"`, `"Orders_pkey1"`, "devices_pkey", "information_schema.tables", "pg_toast.pg_toast_1255",
		},
		"regtype": {
			"integer", "INT4", "int", "_int4", "integer[]", "int4[][]", "integer array", "integer array[3]", "double precision", "double", "text",
			"varchar(10)", "character varying", "char", `"char"`, "character(3)", "bpchar", "numeric(10,2)", "decimal", "float", "float(10)", "float(30)",
			"timestamp", "timestamp with time zone", "timestamp(3) without time zone", "timestamptz", "time with time zone", "interval",
			"interval day to second", "bit", "bit varying(3)", "pg_catalog.int4", "pg_catalog.integer", `"integer"`, "name", "information_schema.sql_identifier",
			"information_schema.sql_identifier[]", "devices", `"Orders"`, `odd."Orders"[]`, "nope", "nope.x", "", "regclass", "national character varying(3)",
			"pg_class", "_devices", "uuid[]", "jsonb", "bool", "boolean", "real", "smallint", "bigint", "unknown", "record", "void",
		},
		"regproc":      {"array_in", "pg_catalog.array_in", "version", "abs", "nope", "information_schema._pg_truetypid"},
		"regprocedure": {"array_in(cstring,oid,integer)", "abs(numeric)", "version()", "abs(text)", "nope()", "abs", "abs(", "information_schema._pg_truetypid(pg_attribute,pg_type)"},
		"regnamespace": {"intune", "INTUNE", `"INTUNE"`, "nope", "a.b"},
		"regrole":      {"analyst", `"Guest User"`, "nobody_here"},
	} {
		info, _ := sqltype.ByName(typ)
		for _, text := range texts {
			var theirs, ours string
			res, err := c.PgConn().ExecParams(ctx, "select $1::text::"+typ+"::text", [][]byte{[]byte(text)}, nil, nil, nil).Read(), error(nil)
			if err = res.Err; err != nil {
				pg, _ := err.(*pgconn.PgError) //nolint:errorlint // it is one
				theirs = pg.Code
			} else {
				theirs = string(res.Rows[0][0])
			}
			oid, err := system.RegIn(s, path, info.OID, text)
			if err != nil {
				ours = string(pgerr.CodeOf(err))
			} else {
				ours, _ = system.RegOut(s, path, info.OID, oid)
			}
			if ours != theirs {
				t.Errorf("%s '%s' is %s (%v), PostgreSQL says %s", typ, text, ours, err, theirs)
			}
		}
	}
	// Names from a service match without regard to case, where PostgreSQL would not find them; quoted they do not.
	for text, want := range map[string]string{
		"ORDERS": `"Orders"`, "odd.orders": `"Orders"`, `"orders"`: "", "DEVICES": "devices", "deviceTypes": `"deviceTypes"`, `"pg_CLASS"`: "",
	} {
		got := ""
		if r, err := s.RelationFromText(path, text); err == nil {
			got = s.RelationName(path, r)
		}
		if got != want {
			t.Errorf("regclass '%s' is %s, want %s", text, got, want)
		}
	}
}

func TestPrivilegesAreThoseOfPostgreSQL(t *testing.T) {
	t.Parallel()
	s := snapshot(t)
	c := twin(t, s)
	o := system.Objects{Snap: s}
	for _, role := range []string{"analyst", "Guest User", "postgres", "pg_read_all_data"} {
		r := s.RoleByName(role)
		ask := func(kind string, on map[string]uint32, sql string) {
			t.Helper()
			theirs := column(t, c, strings.ReplaceAll(sql, "$role", "'"+role+"'"))
			bad := 0
			for k, v := range theirs {
				name, priv, _ := strings.Cut(k, "|")
				has, exists := o.HasPrivilege(r.OID, kind, on[name], 0, priv)
				if (!exists || fmt.Sprint(has)[:1] != v) && on[name] != 0 {
					if bad++; bad < 5 {
						t.Errorf("%s: %s on %s %s is %v, PostgreSQL says %s", role, priv, kind, name, has, v)
					}
				}
			}
		}
		rels := make(map[string]uint32)
		for _, x := range s.Relations() {
			if x.Kind != catalog.RelIndex && x.Kind != catalog.RelToast {
				rels[x.Schema.Name+"."+x.Name] = x.OID
			}
		}
		ask("pg_class", rels, `select nspname || '.' || relname || '|' || p, has_table_privilege($role, c.oid, p)
			from pg_class c join pg_namespace n on n.oid = relnamespace, unnest('{SELECT,INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER}'::text[]) p
			where relkind in ('r', 'v')`)
		schemas := make(map[string]uint32)
		for _, x := range s.Schemas() {
			schemas[x.Name] = x.OID
		}
		ask("pg_namespace", schemas, `select nspname || '|' || p, has_schema_privilege($role, oid, p) from pg_namespace, unnest('{USAGE,CREATE}'::text[]) p`)
		ask("pg_database", map[string]uint32{"warehouse": s.DatabaseOID}, `select datname || '|' || p, has_database_privilege($role, oid, p)
			from pg_database, unnest('{CREATE,CONNECT,TEMP}'::text[]) p where datname = 'warehouse'`)
		members := column(t, c, "select rolname, pg_has_role('"+role+"', oid, 'USAGE') from pg_roles")
		for name, v := range members {
			if got := fmt.Sprint(o.IsMember(r.OID, s.RoleByName(name).OID))[:1]; got != v {
				t.Errorf("pg_has_role(%s, %s) is %s, PostgreSQL says %s", role, name, got, v)
			}
		}
		cols := column(t, c, `select nspname || '.' || relname, has_any_column_privilege('`+role+`', c.oid, 'SELECT')
			from pg_class c join pg_namespace n on n.oid = relnamespace where relkind in ('r', 'v')`)
		for name, v := range cols {
			if has, _ := o.HasPrivilege(r.OID, "pg_class", rels[name], -1, "SELECT"); fmt.Sprint(has)[:1] != v {
				t.Errorf("has_any_column_privilege(%s, %s) is %v, PostgreSQL says %s", role, name, has, v)
			}
		}
	}
}
