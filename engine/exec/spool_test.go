package exec_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/odatagres/odatagres/engine/exec"
	"github.com/odatagres/odatagres/engine/spill"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// kept are statements whose operators keep rows that are read several times.
var kept = map[string]string{
	"cte read twice":       "with c as materialized (select g, g * 7 % 1009 as k, repeat('x', g % 30) as t from generate_series(1, 30000) g) select (select sum(g * length(t)) from c), (select count(*) from c where k = 5), (select max(g) from c)",
	"cte joined":           "with c as materialized (select g, g % 12000 as k from generate_series(1, 48000) g) select count(*), sum(a.g::int8 * b.g) from c a join c b on a.k = b.k",
	"cte read in part":     "with c as materialized (select g from generate_series(1, 90000) g) select * from (select g from c limit 3) x union all select * from (select g from c offset 89998) y union all select * from (select g from c limit 2) z",
	"correlated":           "with c as materialized (select g % 500 as k, g from generate_series(1, 20000) g) select sum(x) from (select (select sum(h.v) from (select i % 900 as k, i as v, repeat('y', 20) as t from generate_series(1, 20000) i offset 0) h where h.k = o.g and length(h.t) = 20) as x from generate_series(1, 1000) o(g)) s",
	"correlated one key":   "select sum(x) from (select (select sum(h.v) from (select 7 as k, i as v, repeat('y', 20) as t from generate_series(1, 50000) i offset 0) h where h.k = o.g % 8) as x from generate_series(1, 16) o(g)) s",
	"lateral":              "select count(*), sum(v) from generate_series(1, 40) o, lateral (select h.v from (select i as v, repeat('y', 30) as t from generate_series(1, 15000) i offset 0) h where h.v > o * 100 and h.t > 'y' offset 0) x",
	"recursion all":        "with recursive t(n, s) as (select g, repeat('x', 20) from generate_series(1, 8000) g union all select n + 8000, s from t where n < 40000) select count(*), sum(n), min(s) from t",
	"recursion set":        "with recursive t(n) as (select g from generate_series(1, 60000) g union select (n * 7) % 90011 from t where n < 60000) select count(*), sum(n) from t",
	"recursion text":       "with recursive t(n) as (select g::text || 'padding of a row' from generate_series(1, 9000) g union select (length(n) * 7)::text || 'q' || n from t where n like '%row' and n not like '%q%') select count(*), min(n), max(n) from t",
	"recursion one by one": "with recursive t(n, s) as (select 1, repeat('x', 60) union select n % 30000 + 1, 'y' || md5(n::text) from t) select count(*), sum(n), max(s) from t",
	"recursion walk":       "with recursive t(n) as (select 1 union select v.g from t, lateral (values (n * 2 % 70001), (n / 2 + 1), (n + n % 3)) v(g) where v.g < 70001) select count(*), sum(n) from t",
	"recursion graph":      "with recursive t(n, s) as (select 1::bigint, '' union select m, md5(m::text) || repeat('z', 30) from t, lateral (values (n * 5 % 20011), (n * 7 % 20011), (n + 1)) v(m) where m <= 20011) select count(*), sum(n), max(s) from t",
	"not in":               "select count(*), sum(x) from generate_series(1, 30000) x where x * 3 not in (select g * 2 from generate_series(1, 60000) g)",
	"not in text":          "select count(*), sum(x) from generate_series(1, 6000) x where md5(x::text) not in (select md5(g::text) from generate_series(3000, 15000) g)",
	"in or":                "select count(*), count(b), sum(b::int) from (select x in (select case when g % 1000 > 0 then g * 2 end from generate_series(1, 40000) g) as b from generate_series(1, 9000) x) s",
	"row not in":           "select count(*), count(b), sum(b::int) from (select (x, x % 7) not in (select case when g % 12000 > 0 then g * 2 end, g % 7 from generate_series(1, 25000) g) as b from generate_series(1, 6000) x) s",
	"row with nulls in":    "select count(*), count(b), sum(b::int) from (select (nullif(x % 3000, 7), x % 7) in (select g * 2, g % 7 from generate_series(1, 25000) g) as b from generate_series(1, 6000) x) s",
	"shared work":          "with recursive t(n) as (select g from generate_series(1, 90000) g union all select a.n + 90000 from t a where a.n <= 200000 and a.n % 2 = 0) select count(*), sum(n) from t",
}

// TestKeptRowsSpill runs statements that keep rows in so little memory that they go to files, and compares with the same in memory.
func TestKeptRowsSpill(t *testing.T) {
	t.Parallel()
	w := newBench(t)
	for name, sql := range kept {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := spill.NewDir(t.TempDir(), 1<<30)
			want, got := w.answer(t, sql), w.spilling(t, sql, 512<<10, dir)
			if !slices.Equal(got, want) || len(want) == 0 || strings.HasPrefix(want[0], "ERROR") {
				t.Errorf("%s\nspilled:\n%s\nin memory:\n%s", sql, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			if dir.Peak() == 0 {
				t.Errorf("%s\nno file was written", sql)
			}
		})
	}
}

// TestSpoolReadersKeepTheirPlace reads with several readers while the spool grows out of its memory.
func TestSpoolReadersKeepTheirPlace(t *testing.T) {
	t.Parallel()
	types := []sqltype.Type{sqltype.Of(sqltype.OIDInt8), sqltype.Of(sqltype.OIDText)}
	budget, dir := vector.NewBudget(nil, "query", 200<<10), spill.NewDir(t.TempDir(), 1<<30)
	s := exec.NewSpool(types, budget, dir)
	readers := []*exec.SpoolReader{s.Reader(), s.Reader(), s.Reader()}
	next := make([]int64, len(readers))
	rows := int64(0)
	check := func(r int, most int) {
		for ; most != 0; most-- {
			b, err := readers[r].Next()
			if err != nil {
				t.Fatal(err)
			}
			if b == nil {
				return
			}
			for i := range b.Rows() {
				at := b.Row(i)
				if b.Cols[0].I64[at] != next[r] || !strings.HasPrefix(string(b.Cols[1].Bytes(at)), "row ") {
					t.Fatalf("reader %d: row %d holds %d", r, next[r], b.Cols[0].I64[at])
				}
				next[r]++
			}
		}
	}
	moved := false
	for round := range 300 {
		b := &vector.Batch{N: 10 + round%50, Cols: []*vector.Vector{vector.New(types[0]), vector.New(types[1])}}
		for range b.N {
			b.Cols[0].Append(sqltype.Int(rows))
			b.Cols[1].Append(sqltype.Text("row " + strings.Repeat("r", int(rows%40))))
			rows++
		}
		if err := s.Append(b); err != nil {
			t.Fatal(err)
		}
		moved = moved || dir.Open() > 0
		check(0, -1)
		if round%7 == 0 {
			check(1, 1)
		}
	}
	check(1, -1)
	check(2, -1)
	for r, n := range next {
		if n != rows || s.Rows() != rows {
			t.Errorf("reader %d saw %d of %d rows", r, n, rows)
		}
	}
	next[2] = rows - 1234
	readers[2].SeekRow(next[2])
	check(2, -1)
	if !moved || next[2] != rows {
		t.Errorf("moved: %v, %d of %d rows", moved, next[2], rows)
	}
	for _, r := range readers {
		r.Close()
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if budget.Used() != 0 || dir.Open() != 0 {
		t.Errorf("%d bytes and %d files are left", budget.Used(), dir.Open())
	}
}
