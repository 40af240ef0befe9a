package system_test

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/odatagres/odatagres/catalog"
	"github.com/odatagres/odatagres/catalog/system"
	"github.com/odatagres/odatagres/internal/oracle"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// TestEveryRelationIsThere compares names, OIDs, kinds and columns of pg_catalog and information_schema with PostgreSQL's.
func TestEveryRelationIsThere(t *testing.T) {
	t.Parallel()
	res, err := oracle.Start(t).Query(context.Background(), `
		select c.oid, n.nspname || '.' || relname, relkind, reltype, typarray,
			(select string_agg(format('%s %s %s %s %s', attnum, attname, coalesce(nullif(b.typbasetype, 0), b.oid),
				case when b.typtype = 'd' then b.typtypmod else atttypmod end, attnotnull), ', ' order by attnum)
			 from pg_attribute a join pg_type b on b.oid = atttypid where attrelid = c.oid and attnum > 0)
		from pg_class c join pg_namespace n on n.oid = relnamespace left join pg_type t on t.oid = reltype
		where nspname in ('pg_catalog', 'information_schema') and relkind in ('r', 'v')`)
	if err != nil {
		t.Fatal(err)
	}
	var theirs, ours []string
	for _, row := range res[0].Rows {
		var cells []string
		for _, c := range row {
			if c == nil {
				cells = append(cells, "")
				continue
			}
			cells = append(cells, *c)
		}
		theirs = append(theirs, strings.Join(cells, " | "))
	}
	for _, r := range system.Definitions().Relations {
		if r.Schema != "pg_catalog" && r.Schema != "information_schema" || r.Kind != catalog.RelTable && r.Kind != catalog.RelView {
			continue
		}
		if r.Table == nil {
			t.Errorf("%s.%s computes nothing", r.Schema, r.Name)
		}
		var cols []string
		for _, c := range r.Columns {
			if c.Hidden {
				continue
			}
			cols = append(cols, fmt.Sprintf("%d %s %d %d %s", c.Attnum, c.Name, c.Type.OID, c.Type.Typmod, string(fmt.Sprint(c.NotNull)[0])))
		}
		ours = append(ours, fmt.Sprintf("%d | %s.%s | %c | %d | %d | %s", r.OID, r.Schema, r.Name, r.Kind, r.RowType, r.ArrayType,
			strings.Join(cols, ", ")))
	}
	if d := difference(ours, theirs); d != "" || len(ours) < 190 {
		t.Errorf("%d relations, PostgreSQL has %d\n%s", len(ours), len(theirs), d)
	}
}

// TestEveryColumnIsComputed reads every column of every relation, so that a value of another type than its column's, or a
// dump that does not parse, shows.
func TestEveryColumnIsComputed(t *testing.T) {
	t.Parallel()
	s := snapshot(t)
	for _, r := range s.Relations() {
		if r.System == nil {
			continue
		}
		var want []int
		for i := range r.Columns {
			want = append(want, i)
		}
		for _, row := range rows(t, env{s, "postgres", busy{}}, r, want, nil) {
			for i, c := range r.Columns {
				if c.NotNull && row[i] == nil {
					t.Fatalf("%s.%s.%s is null", r.Schema.Name, r.Name, c.Name)
				}
			}
		}
	}
}

// TestLookups compares every look-up that a relation offers with a scan: for each value of the column, asked twice and beside
// null, the look-up gives the scan's rows of that value, once, and no others.
func TestLookups(t *testing.T) {
	t.Parallel()
	s := snapshot(t)
	fast := 0
	for _, r := range s.Relations() {
		if r.System == nil {
			continue
		}
		for _, col := range r.System.Indexed() {
			fast++
			var want []int
			for i := range r.Columns {
				if r.Columns[i].Attnum > 0 {
					want = append(want, i)
				}
			}
			values := make(map[string]sqltype.Value)
			e := env{s, "postgres", busy{}}
			scan := func(lookup *catalog.Lookup) map[string][]string {
				m := make(map[string][]string)
				err := r.System.Scan(context.Background(), e, want, lookup, func(row []sqltype.Value) error {
					if row[col].Null {
						return nil
					}
					var cells []string
					for _, w := range want {
						cells = append(cells, fmt.Sprint(row[w]))
					}
					k := string(sqltype.AppendText(nil, r.Columns[col].Type, row[col], nil))
					values[k] = row[col]
					m[k] = append(m[k], strings.Join(cells, "|"))
					return nil
				})
				if err != nil {
					t.Fatal(err)
				}
				return m
			}
			byValue := scan(nil)
			// The values of most rows first: 0 and the like are where look-ups go wrong.
			keys := slices.SortedFunc(maps.Keys(byValue), func(a, b string) int {
				return cmp.Or(len(byValue[b])-len(byValue[a]), strings.Compare(a, b))
			})
			for _, k := range keys[:min(len(keys), 40)] {
				rows := byValue[k]
				all := scan(&catalog.Lookup{Column: col, Values: []sqltype.Value{values[k], values[k], sqltype.NullValue()}})
				got := all[k]
				if len(all) > 1 {
					t.Errorf("%s.%s by %s = %s gives rows of other values", r.Schema.Name, r.Name, r.Columns[col].Name, k)
				}
				slices.Sort(got)
				slices.Sort(rows)
				if !slices.Equal(got, rows) {
					t.Errorf("%s.%s by %s = %s: %d rows, a scan gives %d", r.Schema.Name, r.Name, r.Columns[col].Name, k, len(got), len(rows))
				}
			}
		}
	}
	if fast < 60 {
		t.Errorf("only %d columns can be looked up", fast)
	}
}

// TestIndexedColumns names the look-ups that clients' queries need.
func TestIndexedColumns(t *testing.T) {
	t.Parallel()
	s := snapshot(t)
	for relation, columns := range map[string]string{
		"pg_attribute":   "attrelid",
		"pg_class":       "oid relname",
		"pg_type":        "oid typname typrelid",
		"pg_proc":        "oid proname",
		"pg_description": "objoid",
		"pg_constraint":  "oid conrelid conname",
		"pg_index":       "indrelid indexrelid",
		"pg_namespace":   "oid nspname",
		"pg_depend":      "objid refobjid",
		"pg_roles":       "oid rolname",
		"pg_settings":    "name",
		"pg_database":    "oid datname",
		"pg_collation":   "oid",
		"pg_am":          "oid",
	} {
		r := s.Relation("pg_catalog", relation)
		for _, c := range strings.Fields(columns) {
			if !slices.Contains(r.System.Indexed(), r.Column(c)) {
				t.Errorf("%s cannot be looked up by %s", relation, c)
			}
		}
	}
}
