package exec_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/odatagres/odatagres/engine/spill"
	"github.com/odatagres/odatagres/internal/oracle"
	"github.com/odatagres/odatagres/internal/pgerr"
)

// frameClauses are all frames: modes, bounds in all pairs that PostgreSQL accepts, and exclusions.
func frameClauses() []string {
	bounds := func(offset string) []string {
		return []string{"unbounded preceding", offset + " preceding", "current row", offset + " following", "unbounded following"}
	}
	var out []string
	for mode, offsets := range map[string][2]string{"rows": {"2", "3"}, "groups": {"1", "2"}, "range": {"2", "4"}} {
		starts, ends := bounds(offsets[0]), bounds(offsets[1])
		for i, s := range starts {
			for j, e := range ends {
				if i == 4 || j == 0 || i > j { // i > j: with the same offset on both sides nothing would be left
					continue
				}
				for k, x := range []string{"", " exclude current row", " exclude group", " exclude ties"} {
					if k > 0 && (i+j+k)%3 != 0 && mode != "groups" { // some of each
						continue
					}
					out = append(out, mode+" between "+s+" and "+e+x)
				}
			}
		}
		out = append(out, mode+" between "+offsets[1]+" preceding and "+offsets[0]+" preceding", mode+" between "+offsets[0]+" following and "+offsets[1]+" following")
	}
	slices.Sort(out)
	return out
}

// windowRows is n rows: g numbers them, p and o are partition and order with ties and nulls, the rest are values.
func windowRows(n int) string {
	return fmt.Sprintf(`(select g, nullif(g * 7 %% 4, 3) as p, nullif(g * 13 %% 17, 5) as o, nullif(g * 31 %% 11 - 4, 2) as i, (g * 7919 %% 1009)::int8 * 10000000000 as l,
		case g %% 9 when 0 then null when 1 then 0.5 when 2 then 1.250 when 3 then -7.1 else (g %% 5)::numeric end as n,
		case g %% 23 when 3 then 'NaN'::numeric when 9 then 'Infinity' when 13 then '-Infinity' else 1.5 end as odd,
		case g %% 7 when 0 then null else g::float8 / 8 end as f, repeat(chr(97 + g %% 5), g %% 4) as t, (g %% 6) * interval '1 day 25 minutes' as v,
		g %% 3 = 0 as b from generate_series(1, %d) g) s`, n)
}

// windowCalls do not depend on the order of peers.
const windowCalls = `count(*) over w, count(i) over w, sum(i) over w, avg(i) over w, sum(l) over w, avg(l) over w, sum(n) over w, avg(n) over w, sum(odd) over w, avg(odd) over w,
	sum(f) over w, avg(f) over w, stddev(i) over w, sum(v) over w, avg(v) over w, min(i) over w, max(i) over w, min(l) over w, max(t) over w, min(t) over w, min(n) over w, max(n) over w,
	max(f) over w, min(v) over w, bool_and(b) over w, bool_or(b) over w, sum(i) filter (where b) over w, max(i) filter (where b) over w, count(*) filter (where i > 0) over w,
	rank() over w, dense_rank() over w, percent_rank() over w, cume_dist() over w`

// orderedCalls do.
const orderedCalls = windowCalls + `, row_number() over w, first_value(t) over w, last_value(n) over w, nth_value(g, 2) over w, lag(t) over w, lead(n, 2) over w, lag(i, 1, 99) over w,
	lead(g, g % 3) over w, lag(g, nullif(g % 4, 1), -g) over w, ntile(3) over w, array_agg(i) over w, string_agg(t, ',') over w, nth_value(t, g % 3 + 1) over w`

// windowStatements are all calls over all frames.
func windowStatements(n int) []string {
	var out []string
	for i, f := range frameClauses() {
		calls, order, by := windowCalls, []string{"o", "o desc", "o nulls first", "o desc nulls last"}[i%4], " order by g"
		switch {
		case strings.HasPrefix(f, "rows"):
			calls, order = orderedCalls, order+", g"
		case strings.HasPrefix(f, "groups") && i%2 == 0:
			calls, order = orderedCalls, order+", g / 2, g"
		}
		if i%3 == 0 {
			out = append(out, fmt.Sprintf("select g, %s from %s window w as (order by %s %s)%s", calls, windowRows(n), order, f, by))
		} else {
			out = append(out, fmt.Sprintf("select g, %s from %s window w as (partition by p order by %s %s)%s", calls, windowRows(n), order, f, by))
		}
	}
	return append(out,
		fmt.Sprintf("select g, %s from %s window w as (order by o, g) order by g", orderedCalls, windowRows(n)),
		fmt.Sprintf("select g, %s from %s window w as (partition by p order by o, g) order by g", orderedCalls, windowRows(n)),
		fmt.Sprintf("select g, %s from %s window w as (partition by p, g) order by g", orderedCalls, windowRows(n)),
		fmt.Sprintf("select g, count(*) over w, sum(n) over w, avg(l) over w, max(t) over w from %s window w as (partition by p) order by g", windowRows(n)),
		fmt.Sprintf("select g, count(*) over w, sum(n) over w, rank() over w from %s window w as () order by g", windowRows(n)),
		fmt.Sprintf("select g, sum(i) over w, max(l) over w from %s window w as (order by date '2026-01-01' + o range between '3 days' preceding and '1 day' following) order by g", windowRows(n)),
		fmt.Sprintf("select g, sum(i) over w, max(l) over w from %s window w as (order by f desc range between 1.5 preceding and 0.25 following exclude ties) order by g", windowRows(n)),
		fmt.Sprintf("select g, sum(i) over w from %s window w as (order by o range between 9223372036854775807 preceding and 9223372036854775807 following) order by g", windowRows(n)),
	)
}

// TestWindowFrames puts all calls over all frames to PostgreSQL.
func TestWindowFrames(t *testing.T) {
	s := oracle.Start(t)
	b := newBench(t)
	for _, sql := range windowStatements(60) {
		got, want := b.answer(t, sql), ask(t, s, sql)
		if len(want) != 60 {
			t.Fatalf("%s\nPostgreSQL: %s", sql, show(want))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s\n%s", sql, differences(got, want))
		}
	}
}

// differences shows the first few cells that differ.
func differences(got, want []string) string {
	if len(got) != len(want) {
		return fmt.Sprintf("%d rows, not %d: %s", len(got), len(want), show(got[:min(len(got), 3)]))
	}
	var out []string
	for i := range got {
		a, b := strings.Split(got[i], "|"), strings.Split(want[i], "|")
		for k := range min(len(a), len(b)) {
			if a[k] != b[k] && len(out) < 8 {
				out = append(out, fmt.Sprintf("row %d column %d: %s, not %s", i, k, a[k], b[k]))
			}
		}
	}
	return strings.Join(out, "\n")
}

// TestWindowsSpill computes windows whose rows, and partitions, are many times the memory, and compares with the same in memory.
func TestWindowsSpill(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	spilled := 0
	for i, sql := range windowStatements(6000) {
		if strings.Contains(sql, "unbounded following") && strings.Contains(sql, "array_agg") {
			continue // lists of all rows for each of them
		}
		sql = strings.NewReplacer(", array_agg(i) over w, string_agg(t, ',') over w", "", "stddev(i) over w, ", "", "sum(f) over w, avg(f) over w, ", "",
			"bool_and(b) over w, bool_or(b) over w, ", "", " order by g", "").Replace(sql)
		if strings.Contains(sql, "exclude") || strings.Contains(sql, "between unbounded") && strings.Contains(sql, "f desc") {
			continue // what PostgreSQL computes anew for each row, too
		}
		want := b.answer(t, sql)
		dir := spill.NewDir(t.TempDir(), 1<<30)
		c := *b
		c.spill = dir
		for _, memory := range []int64{768 << 10, 256 << 10}[i%2 : i%2+1] {
			r, err := c.start(t.Context(), sql, memory, false)
			if err != nil {
				t.Fatal(err)
			}
			got, err := r.openAndRead(t.Context(), 0)
			r.close(t, sql)
			if err != nil {
				t.Errorf("%s\nin %d bytes: %v %s", sql, memory, err, pgerr.As(err).Detail)
				continue
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s\nin %d bytes: %s", sql, memory, differences(got, want))
			}
			if dir.Open() != 0 || dir.Used() != 0 {
				t.Fatalf("%s\n%d files with %d bytes are left", sql, dir.Open(), dir.Used())
			}
		}
		if dir.Peak() > 0 {
			spilled++
		}
	}
	if spilled < 10 {
		t.Errorf("only %d statements wrote a file", spilled)
	}
}

// TestMovingExtremesAreAccountedFor has frames in which every text may still become the largest one: they are charged with their bytes. Where a
// later one is larger, those before it are given up.
func TestMovingExtremesAreAccountedFor(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	const sql = "select count(*), min(m), max(m) from (select max(t) over (order by g rows between 4000 preceding and current row) as m " +
		"from (select g, lpad((%s)::text, 6, '0') || repeat('x', 1000) as t from generate_series(1, 5000) g offset 0) s) w"
	for name, c := range map[string]struct {
		value  string
		memory int64
		fails  bool
	}{
		"falling":  {"9999 - g", 2 << 20, true},
		"enough":   {"9999 - g", 64 << 20, false},
		"rising":   {"g", 2 << 20, false},
		"all over": {"g * 7919 % 4999", 2 << 20, false},
	} {
		text := fmt.Sprintf(sql, c.value)
		got, want := b.spilling(t, text, c.memory, spill.NewDir(t.TempDir(), 1<<30)), b.answer(t, text)
		failed := strings.HasPrefix(got[0], "ERROR "+string(pgerr.OutOfMemory))
		if failed != c.fails || !failed && !slices.Equal(got, want) {
			t.Errorf("%s: %.200s, not %.200s", name, got, want)
		}
	}
}

// TestRunningListsAreCut has lists over frames that grow, of which a batch of results would be many times the memory. They are made in time
// that goes with their size.
func TestRunningListsAreCut(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for sql, want := range map[string]string{
		"select count(*), sum(cardinality(l)), max(l[cardinality(l)]) from (select array_agg(g) over (order by g) as l from generate_series(1, 3000) g) s":                     "3000|4501500|3000",
		"select count(*), sum(length(l)), max(right(l, 4)) from (select string_agg(lpad(g::text, 4, '0'), ',') over (order by g) as l from generate_series(1, 3000) g) s":      "3000|22504500|3000",
		"select count(*), sum(length(l::text)), min(l->>-1) from (select json_agg(lpad(g::text, 4, '0')) over (order by g) as l from generate_series(1, 2000) g) s":            "2000|16008000|0001",
		"select count(*), sum(length(l::text)), min(l->>-1) from (select jsonb_agg(lpad(g::text, 4, '0')) over (order by g) as l from generate_series(1, 2000) g) s":           "2000|16008000|0001",
		"select count(*), sum(length(l)) from (select string_agg(lpad(g::text, 4, '0'), ',') over () as l, row_number() over () as n from generate_series(1, 3000) g) s":       "3000|44997000",
		"select count(*), sum(length(l)) from (select string_agg(lpad(g::text, 4, '0'), ',') over (partition by g % 2) as l, g from generate_series(1, 3000) g) s where g > 9": "2991|22429509",
	} {
		if got := b.spilling(t, sql, 4<<20, spill.NewDir(t.TempDir(), 1<<30)); len(got) != 1 || got[0] != want {
			t.Errorf("%s\n%.300s, not %s", sql, got, want)
		}
	}
}
