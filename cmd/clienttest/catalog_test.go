package clienttest

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/odatagres/odatagres/catalog/catalogtest"
	"github.com/odatagres/odatagres/internal/oracle"
)

// catalogServer is one of the two servers, with the names of what has OIDs of its own.
type catalogServer struct {
	conn  *pgconn.PgConn
	names map[string]string
}

// oidNames lists everything that a client sees by OID and that initdb did not make.
const oidNames = `select oid::text, 'class ' || oid::regclass from pg_catalog.pg_class where oid >= 16384
union all select oid::text, 'type ' || oid::regtype from pg_catalog.pg_type where oid >= 16384
union all select oid::text, 'schema ' || nspname from pg_catalog.pg_namespace where oid >= 16384
union all select oid::text, 'role ' || rolname from pg_catalog.pg_roles where oid >= 16384
union all select oid::text, 'database ' || datname from pg_catalog.pg_database
union all select oid::text, 'constraint ' || conname from pg_catalog.pg_constraint where oid >= 16384`

func openCatalog(t *testing.T, address string) *catalogServer {
	t.Helper()
	c, err := pgconn.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close(t.Context()) })
	s := &catalogServer{conn: c, names: map[string]string{}}
	r, err := oracle.QueryOn(t.Context(), c, oidNames)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range r[0].Rows {
		s.names[*row[0]] = *row[1]
	}
	return s
}

// run gives the results of a case as text: names, types, and rows with OIDs as names.
func (s *catalogServer) run(t *testing.T, sql string) (head string, rows []string) {
	t.Helper()
	sql, err := catalogtest.Expand(sql, func(relation string) (string, error) {
		r, err := oracle.QueryOn(t.Context(), s.conn, "select '"+strings.ReplaceAll(relation, "'", "''")+"'::regclass::oid")
		if err != nil {
			return "", err
		}
		return *r[0].Rows[0][0], nil
	})
	if err != nil {
		return err.Error(), nil
	}
	results, err := oracle.QueryOn(t.Context(), s.conn, sql)
	var b strings.Builder
	for _, r := range results {
		for _, c := range r.Columns {
			name := s.typeName(c.OID)
			b.WriteString(c.Name + " " + name + ", ")
		}
		if len(r.Columns) == 0 {
			b.WriteString(r.Tag)
		}
		for _, row := range r.Rows {
			cells := make([]string, len(row))
			for i, v := range row {
				switch {
				case v == nil:
					cells[i] = null
				case r.Columns[i].OID == pgtype.OIDOID && s.names[*v] != "":
					cells[i] = s.names[*v]
				default:
					cells[i] = *v
				}
			}
			rows = append(rows, strings.Join(cells, " | "))
		}
	}
	if err != nil {
		b.WriteString(err.Error())
	}
	return b.String(), rows
}

func (s *catalogServer) typeName(oid uint32) string {
	if typ, ok := pgtype.NewMap().TypeForOID(oid); ok {
		return typ.Name
	}
	for _, prefix := range []string{"type "} {
		if name, ok := s.names[uitoa(oid)]; ok && strings.HasPrefix(name, prefix) {
			return name
		}
	}
	return uitoa(oid)
}

func uitoa(n uint32) string {
	var digits []byte
	for {
		digits = append(digits, byte('0'+n%10))
		if n /= 10; n == 0 {
			slices.Reverse(digits)
			return string(digits)
		}
	}
}

// excusedCases say why a client's query may be answered otherwise than by PostgreSQL. An entry that excuses nothing fails.
func excusedCases() map[string]string {
	excused := map[string]string{}
	for reason, cases := range map[string][]string{
		"no storage behind it: sizes, files, toast tables and transaction ids": {
			`dbeaver.txt database`,
			`dbeaver.txt databases`,
			`dbeaver.txt tables of a schema`,
			`dbeaver.txt indexes of a table`,
			`pgcli.txt \dt+ intune.* 1`,
			`psql.txt \dt+ 1`,
			`psql.txt \di+ intune.* 1`,
			`psql.txt \l+ 1`,
			`psql.txt \db+ 1`,
			`pgjdbc.txt getTables 1`,
			`pgjdbc.txt catalog types 1`,
			`asyncpg.txt catalog types 2`,
		},
		"service's nature: there is one database": {
			`pgcli.txt databases 1`,
			`pgcli.txt full_databases 1`,
			`pgcli.txt \l 1`,
			`psql.txt \l 1`,
			`psql_completion.txt complete: \c 1`,
			`sqlalchemy.txt Superset database list 1`,
		},
		"service's nature: PostgreSQL's tables are empty here": {
			`asyncpg.txt row type 4`,
			`pgjdbc.txt ResultSetMetaData 1`,
			`pgjdbc.txt updatable 1`,
			`psqlodbc.txt query 1`,
		},
		"service's nature: the server has a name and a version of its own": {
			`dbeaver.txt version`,
			`npgsql.txt several statements in one string`,
			`sqlalchemy.txt connect 4`,
		},
		"no storage behind it: settings of the oracle, and of a compiler that is not there": {
			`psql.txt \dconfig 1`,
			`asyncpg.txt row type 1`,
		},
		"an aggregate over rows in no stated order": {
			`psql.txt \dAf btree 1`,
		},
		"the case holds an OID of the server that it was captured on": {
			`asyncpg.txt row type 2`,
			`pgjdbc.txt row type 2`,
		},
		"check constraints of domains print with all their parentheses": {
			`psql.txt \dD information_schema.* 1`,
			`sqlalchemy.txt get_domains 1`,
		},
		"bodies of rules are left out": {
			`dbeaver.txt rules of a view`,
		},
	} {
		for _, c := range cases {
			excused[c] = reason
		}
	}
	return excused
}

func TestCatalogCases(t *testing.T) {
	t.Parallel()
	ourAddress, theirAddress := besidePostgres(t)
	files, err := filepath.Glob(filepath.Join(root, "testdata/catalog/*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		cases, err := catalogtest.ReadCases(file)
		if err != nil {
			t.Fatal(err)
		}
		// A case may set something for those after it, so each file has connections of its own.
		ours, theirs := openCatalog(t, ourAddress), openCatalog(t, theirAddress)
		for _, c := range cases {
			name := filepath.Base(file) + " " + c.Name
			wantHead, want := theirs.run(t, c.SQL)
			gotHead, got := ours.run(t, c.SQL)
			_, excused := excusedCases()[name]
			switch {
			case gotHead != wantHead:
				if !excused {
					t.Errorf("%s (line %d): ours is\n  %s\nand theirs\n  %s", name, c.Line, gotHead, wantHead)
				}
			case slices.Equal(got, want):
				if excused {
					t.Errorf("%s needs no excuse", name)
				}
			default:
				slices.Sort(got)
				slices.Sort(want)
				if slices.Equal(got, want) && excused {
					t.Errorf("%s needs no excuse", name)
				}
				if !slices.Equal(got, want) && !excused {
					t.Errorf("%s (line %d)\n%s", name, c.Line, difference(strings.Join(got, "\n")+"\n", strings.Join(want, "\n")+"\n"))
				}
			}
		}
	}
}
