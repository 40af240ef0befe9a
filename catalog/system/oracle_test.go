package system_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/catalog/catalogtest"
	"github.com/odatagres/odatagres/catalog/system"
	"github.com/odatagres/odatagres/internal/oracle"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/odata/edm"
	"github.com/odatagres/odatagres/odata/profile"
)

const modelDir = "../../testdata/catalog/models"

func model(t testing.TB, name string) *edm.Model {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(modelDir, name))
	if err != nil {
		t.Fatal(err)
	}
	m, err := edm.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// snapshot is two services and two users; the second user sees only one of them.
func snapshot(t testing.TB) *catalog.Snapshot {
	t.Helper()
	s, err := catalog.Build(catalog.Options{
		Version: 1, Database: "warehouse", System: system.Definitions(),
		Users: []catalog.User{
			{Name: "analyst", AllServices: true, MemberOf: []string{"pg_monitor"}},
			{Name: "Guest User", Services: []string{"intune"}},
		},
		Services: []catalog.Service{
			{Schema: "intune", Model: model(t, "intune.xml"), Profile: profile.Intune()},
			{
				Schema: "odd", Model: model(t, "odd.xml"), Profile: profile.Generic(),
				Columns: map[string]catalog.ColumnOverride{"SystemUsers.domain_name": {Unique: true}},
			},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// env is a session without a running server.
type env struct {
	snap *catalog.Snapshot
	user string
	live system.Live
}

func (e env) Snapshot() *catalog.Snapshot { return e.snap }
func (e env) Live() any                   { return e.live }
func (e env) User() string                { return e.user }
func (e env) Database() string            { return e.snap.Database }

// rows scans a relation; cells are text, nil for null.
func rows(t testing.TB, e env, r *catalog.Relation, want []int, lookup *catalog.Lookup) [][]*string {
	t.Helper()
	var out [][]*string
	err := r.System.Scan(context.Background(), e, want, lookup, func(row []sqltype.Value) error {
		cells := make([]*string, len(want))
		for i, w := range want {
			if !row[w].Null {
				t := r.Columns[w].Type
				if t.OID == sqltype.OIDRegProc {
					t = sqltype.Of(sqltype.OIDOID)
				}
				s := string(sqltype.AppendText(nil, t, row[w], nil))
				cells[i] = &s
			}
		}
		out = append(out, cells)
		return nil
	})
	if err != nil {
		t.Fatalf("%s.%s: %v", r.Schema.Name, r.Name, err)
	}
	return out
}

// twin starts PostgreSQL with the same tables.
func twin(t testing.TB, s *catalog.Snapshot) *pgx.Conn {
	t.Helper()
	ctx := context.Background()
	o, err := oracle.New(ctx, oracle.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = o.Close() })
	if err := o.CreateDatabase(ctx, "warehouse"); err != nil {
		t.Fatal(err)
	}
	c, err := o.Connect(ctx, "warehouse")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close(ctx) })
	if _, err := c.PgConn().Exec(ctx, catalogtest.DDL(s)).ReadAll(); err != nil {
		t.Fatal(err)
	}
	return c
}

// names maps the OIDs of user objects to what they are.
type names map[string]string

func ourNames(s *catalog.Snapshot) names {
	n := names{utoa(s.DatabaseOID): "db"}
	for _, x := range s.Schemas() {
		n[utoa(x.OID)] = "schema " + x.Name
	}
	for _, x := range s.Relations() {
		n[utoa(x.OID)] = "rel " + x.Schema.Name + "." + x.Name
	}
	for _, x := range s.Types() {
		n[utoa(x.OID)] = "type " + x.Schema + "." + x.Name
	}
	for _, x := range s.Constraints() {
		n[utoa(x.OID)] = "con " + x.Schema.Name + "." + x.Name + " of " + conOwner(x)
	}
	for _, x := range s.Roles() {
		n[utoa(x.OID)] = "role " + x.Name
	}
	return n
}

func conOwner(c *catalog.Constraint) string {
	if c.Table == nil {
		return ""
	}
	return c.Table.Name
}

func theirNames(t testing.TB, c *pgx.Conn) names {
	n := names{}
	r, err := c.PgConn().Exec(context.Background(), `
		select oid, 'db' from pg_database where datname = current_database()
		union all select oid, 'schema ' || nspname from pg_namespace
		union all select oid, 'rel ' || relnamespace::regnamespace::text || '.' || relname from pg_class
		union all select oid, 'type ' || typnamespace::regnamespace::text || '.' || typname from pg_type
		union all select c.oid, 'con ' || connamespace::regnamespace::text || '.' || conname || ' of ' || coalesce(r.relname::text, '')
			from pg_constraint c left join pg_class r on r.oid = conrelid
		union all select oid, 'role ' || rolname from pg_roles`).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range r[0].Rows {
		n[string(row[0])] = string(row[1])
	}
	return n
}

func utoa(u uint32) string { return strconv.FormatUint(uint64(u), 10) }

var digits = regexp.MustCompile(`\d+`)

// cell replaces the OIDs of user objects in a text.
func (n names) cell(s *string) string {
	if s == nil {
		return "∅"
	}
	return digits.ReplaceAllStringFunc(*s, func(d string) string {
		if u, err := strconv.ParseUint(d, 10, 32); err == nil && u >= uint64(catalog.FirstUserOID) && n[d] != "" {
			return "<" + n[d] + ">"
		}
		return d
	})
}

// compared is a relation whose rows must be those of PostgreSQL.
type compared struct {
	name  string
	skip  string // columns that are storage's own, or whose values are the server's
	where string // what PostgreSQL has more of
}

// comparedRelations are those with rows. The rest is empty, or the running server's.
func comparedRelations() []compared {
	userOnly := "oid < 16384 or relnamespace <> 99"
	return []compared{
		{name: "pg_catalog.pg_namespace"},
		{
			name:  "pg_catalog.pg_class",
			skip:  "relfilenode relpages reltuples relallvisible reltoastrelid relfrozenxid relminmxid",
			where: userOnly,
		},
		{name: "pg_catalog.pg_attribute", where: "attrelid in (select oid from pg_class where " + userOnly + ")"},
		{name: "pg_catalog.pg_type"},
		{name: "pg_catalog.pg_constraint"},
		{name: "pg_catalog.pg_index", where: "indexrelid in (select oid from pg_class where " + userOnly + ")"},
		{name: "pg_catalog.pg_description", where: "classoid <> 3456 or objoid in (100, 950, 951)"},
		{
			name:  "pg_catalog.pg_depend",
			where: "not (classid = 1259 and objid >= 16384 and objid in (select oid from pg_class where relnamespace = 99)) and classid <> 2620 and not (refclassid = 1259 and refobjid >= 16384 and refobjid in (select oid from pg_class where relnamespace = 99))",
		},
		{name: "pg_catalog.pg_tables"},
		{name: "pg_catalog.pg_views"},
		{name: "pg_catalog.pg_matviews"},
		{name: "pg_catalog.pg_indexes"},
		{name: "pg_catalog.pg_rules"},
		{name: "pg_catalog.pg_rewrite", skip: "ev_qual ev_action"},
		{name: "pg_catalog.pg_init_privs"},
		{name: "pg_catalog.pg_database", skip: "datfrozenxid datminmxid", where: "datname = 'warehouse'"},
		{name: "pg_catalog.pg_tablespace"},
		{name: "pg_catalog.pg_authid"},
		{name: "pg_catalog.pg_roles"},
		{name: "pg_catalog.pg_user"},
		{name: "pg_catalog.pg_shadow"},
		{name: "pg_catalog.pg_group"},
		{name: "pg_catalog.pg_auth_members"},
		{name: "pg_catalog.pg_proc"},
		{name: "pg_catalog.pg_operator"},
		{name: "pg_catalog.pg_cast"},
		{name: "pg_catalog.pg_aggregate"},
		{name: "pg_catalog.pg_am"},
		{name: "pg_catalog.pg_amop"},
		{name: "pg_catalog.pg_amproc"},
		{name: "pg_catalog.pg_opclass"},
		{name: "pg_catalog.pg_opfamily"},
		{name: "pg_catalog.pg_collation", where: "oid in (100, 950, 951) or collname in ('ucs_basic', 'C.utf8')"},
		{name: "pg_catalog.pg_conversion"},
		{name: "pg_catalog.pg_language"},
		{name: "pg_catalog.pg_range"},
		{name: "pg_catalog.pg_enum"},
		{name: "pg_catalog.pg_extension"},
		{name: "pg_catalog.pg_ts_config"},
		{name: "pg_catalog.pg_ts_config_map"},
		{name: "pg_catalog.pg_ts_dict"},
		{name: "pg_catalog.pg_ts_parser"},
		{name: "pg_catalog.pg_ts_template"},
		{name: "pg_catalog.pg_timezone_abbrevs"},
		{name: "pg_catalog.pg_available_extensions", where: "name = 'plpgsql'"},
		{name: "pg_catalog.pg_available_extension_versions", where: "name = 'plpgsql'"},
		{name: "pg_catalog.pg_settings", skip: "setting source sourcefile sourceline boot_val reset_val pending_restart context"},
		{name: "information_schema.information_schema_catalog_name"},
		{name: "information_schema.schemata"},
		{name: "information_schema.tables"},
		{name: "information_schema.views"},
		{name: "information_schema.view_table_usage"},
		{name: "information_schema.view_column_usage"},
		{name: "information_schema.columns"},
		{name: "information_schema.column_domain_usage"},
		{name: "information_schema.column_udt_usage"},
		{name: "information_schema.table_constraints"},
		{name: "information_schema.key_column_usage"},
		{name: "information_schema.referential_constraints"},
		{name: "information_schema.constraint_column_usage"},
		{name: "information_schema.constraint_table_usage"},
		{name: "information_schema.check_constraints"},
		{name: "information_schema.check_constraint_routine_usage"},
		{name: "information_schema.domains"},
		{name: "information_schema.domain_constraints"},
		{name: "information_schema.domain_udt_usage"},
		{name: "information_schema.data_type_privileges"},
		{name: "information_schema.element_types"},
		{name: "information_schema.character_sets"},
		{name: "information_schema.collations", where: "collation_name in ('default', 'C', 'POSIX', 'ucs_basic', 'C.utf8')"},
		{
			name:  "information_schema.collation_character_set_applicability",
			where: "collation_name in ('default', 'C', 'POSIX', 'ucs_basic', 'C.utf8')",
		},
		{name: "information_schema.table_privileges"},
		{name: "information_schema.role_table_grants"},
		{name: "information_schema.column_privileges"},
		{name: "information_schema.role_column_grants"},
		{name: "information_schema.routine_privileges"},
		{name: "information_schema.role_routine_grants"},
		{
			name:  "information_schema.usage_privileges",
			where: "object_type <> 'COLLATION' or object_name in ('default', 'C', 'POSIX', 'ucs_basic', 'C.utf8')",
		},
		{
			name:  "information_schema.role_usage_grants",
			where: "object_type <> 'COLLATION' or object_name in ('default', 'C', 'POSIX', 'ucs_basic', 'C.utf8')",
		},
		{name: "information_schema.enabled_roles"},
		{name: "information_schema.applicable_roles"},
		{name: "information_schema.administrable_role_authorizations"},
		{name: "information_schema.routines"},
		{name: "information_schema.parameters"},
		{name: "information_schema.attributes"},
		{name: "information_schema.user_defined_types"},
		{name: "information_schema.udt_privileges"},
		{name: "information_schema.role_udt_grants"},
		{name: "information_schema.triggers"},
		{name: "information_schema.sequences"},
		{name: "information_schema.routine_table_usage"},
		{name: "information_schema.routine_column_usage"},
		{name: "information_schema.routine_routine_usage"},
		{name: "information_schema.sql_features"},
		{name: "information_schema.sql_implementation_info"},
		{name: "information_schema.sql_parts"},
		{name: "information_schema.sql_sizing"},
	}
}

func TestRowsAreThoseOfPostgreSQL(t *testing.T) {
	t.Parallel()
	s := snapshot(t)
	c := twin(t, s)
	ctx := context.Background()
	ours, theirs := ourNames(s), theirNames(t, c)
	for _, user := range []string{"postgres", "analyst"} {
		if _, err := c.Exec(ctx, "set role "+user); err != nil {
			t.Fatal(err)
		}
		for _, cmp := range comparedRelations() {
			schema, name, _ := strings.Cut(cmp.name, ".")
			r := s.Relation(schema, name)
			if r == nil {
				t.Errorf("%s does not exist", cmp.name)
				continue
			}
			if user != "postgres" && !s.HasRelation(s.RoleByName(user), r, []catalog.PrivilegeTest{{Priv: catalog.PrivSelect}}) {
				continue
			}
			var want []int
			var list []string
			for i, col := range r.Columns {
				if col.Attnum > 0 && !slices.Contains(strings.Fields(cmp.skip), col.Name) {
					want = append(want, i)
					q := catalog.QuoteIdent(col.Name)
					if col.Type.OID == sqltype.OIDRegProc {
						q += "::oid"
					}
					if col.Type.OID == 2211 { // regtype[]
						q += "::oid[]"
					}
					list = append(list, q)
				}
			}
			sql := "select " + strings.Join(list, ", ") + " from " + cmp.name
			if cmp.where != "" {
				sql += " where " + cmp.where
			}
			res, err := c.PgConn().Exec(ctx, sql).ReadAll()
			if err != nil {
				t.Errorf("%s: %v", cmp.name, err)
				continue
			}
			var a, b []string
			for _, row := range rows(t, env{s, user, nil}, r, want, nil) {
				cells := make([]string, len(row))
				for i := range row {
					cells[i] = r.Columns[want[i]].Name + "=" + ours.cell(row[i])
				}
				a = append(a, strings.Join(cells, " | "))
			}
			for _, row := range res[0].Rows {
				cells := make([]string, len(row))
				for i := range row {
					var cell *string
					if row[i] != nil {
						x := string(row[i])
						cell = &x
					}
					cells[i] = r.Columns[want[i]].Name + "=" + theirs.cell(cell)
				}
				b = append(b, strings.Join(cells, " | "))
			}
			if d := difference(a, b); d != "" {
				t.Errorf("%s as %s: %d rows, PostgreSQL has %d\n%s", cmp.name, user, len(a), len(b), d)
			}
		}
	}
}

// difference shows the first lines that only one side has.
func difference(ours, theirs []string) string {
	count := make(map[string]int)
	for _, x := range ours {
		count[x]++
	}
	for _, x := range theirs {
		count[x]--
	}
	var out []string
	for x, n := range count {
		if n > 0 {
			out = append(out, x+" +ours")
		} else if n < 0 {
			out = append(out, x+" -theirs")
		}
	}
	slices.Sort(out)
	if len(out) > 8 {
		out = append(out[:8], fmt.Sprintf("… and %d more", len(out)-8))
	}
	return strings.Join(out, "\n")
}
