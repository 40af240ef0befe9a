package system_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/odatagres/odatagres/catalog/catalogtest"
)

// TestClientsQueriesAreValid runs every case on PostgreSQL as a user of the services: a case that fails there proves nothing
// about another server. Statements of one file share a session, as the client's do.
func TestClientsQueriesAreValid(t *testing.T) {
	t.Parallel()
	s := snapshot(t)
	c := twin(t, s)
	ctx := context.Background()
	oids := column(t, c, "select quote_ident(nspname) || '.' || quote_ident(relname), c.oid from pg_class c join pg_namespace n on n.oid = relnamespace")
	files, err := filepath.Glob("../../testdata/catalog/*.txt")
	if err != nil || len(files) < 10 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		cases, err := catalogtest.ReadCases(file)
		if err != nil {
			t.Fatal(err)
		}
		run := func(sql string) {
			if _, err := c.PgConn().Exec(ctx, sql).ReadAll(); err != nil {
				t.Fatal(err)
			}
		}
		run("rollback")
		run("discard all")
		run("set search_path = intune, public; set role analyst")
		empty := 0
		for _, k := range cases {
			sql, err := catalogtest.Expand(k.SQL, func(relation string) (string, error) {
				if oids[relation] == "" {
					t.Errorf("%s:%d: no relation %s", file, k.Line, relation)
				}
				return oids[relation], nil
			})
			if err != nil {
				t.Fatal(err)
			}
			results, err := c.PgConn().Exec(ctx, sql).ReadAll()
			if err != nil {
				t.Errorf("%s:%d: %s: %v", file, k.Line, k.Name, err)
				run("rollback")
				continue
			}
			rows := 0
			for _, r := range results {
				rows += len(r.Rows)
			}
			if rows == 0 {
				empty++
			}
			if strings.Contains(k.SQL, "SET SESSION AUTHORIZATION") || strings.EqualFold(k.SQL, "DISCARD ALL") {
				run("set search_path = intune, public; set role analyst")
			}
		}
		if 2*empty > len(cases)+10 {
			t.Errorf("%s: %d of %d cases give no rows", file, empty, len(cases))
		}
	}
}
