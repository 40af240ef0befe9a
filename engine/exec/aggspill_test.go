package exec_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/odatagres/odatagres/engine/spill"
)

// grouped are aggregations whose groups do not fit some hundred KiB.
var grouped = []string{
	"select g % 20000, count(*), sum(g), avg(g), min(g), max(g) from generate_series(1, 60000) g group by 1",
	"select (g * 7919::int8) % 15000, count(*), sum(g::int8), avg(g::float8), bit_xor(g), every(g > 5) from generate_series(1, 60000) g group by 1",
	"select case when g % 7 = 0 then null else 'key ' || g % 9000 end, count(*), min('v' || g), max('v' || g) from generate_series(1, 40000) g group by 1",
	"select g % 300, g % 70, count(*), sum(g * 0.01), avg(g * 0.01), stddev(g) from generate_series(1, 40000) g group by 1, 2",
	"select (g % 6000) * 0.10, count(*), sum((g % 3) * 1.500) from generate_series(1, 30000) g group by 1",
	"select 'k' || g % 5000, g % 3, count(g) filter (where g % 2 = 0), sum(g) filter (where g % 3 = 1), max(g / 2.0) from generate_series(1, 30000) g group by 1, 2",
	"select g % 4000, string_agg(g::text, ','), array_agg(g % 11) from generate_series(1, 20000) g group by 1",
	"select g % 4000, string_agg(g::text, ',' order by g % 17 desc, g), array_agg(distinct g % 3), json_agg(g % 5) filter (where g % 2 = 1) from generate_series(1, 20000) g group by 1",
	"select g % 9, string_agg(g::text, ',') from generate_series(1, 30000) g group by 1",
	"select g % 3000, count(distinct g % 7), sum(distinct g % 5), count(distinct 'x' || g % 4), max(distinct g) from generate_series(1, 30000) g group by 1",
	"select g % 3000, count(distinct (g % 7) * 1.0), sum(distinct (g % 5) * 1.5) from generate_series(1, 20000) g group by 1",
	"select g % 2000, g % 3, grouping(1, 2), count(*), sum(g) from generate_series(1, 30000) g group by rollup (1, 2)",
	"select a, b, c, grouping(a, b, c), count(*) from (select g % 50 a, g % 60 b, 'x' || g % 70 c from generate_series(1, 20000) g) s group by cube (a, b, c)",
	"select g % 5000, percentile_cont(0.5) within group (order by g), mode() within group (order by g % 3) from generate_series(1, 20000) g group by 1",
	"select g % 2, percentile_disc(array[0, 0.25, null, 0.9]) within group (order by md5((g % 1000)::text) || repeat('x', 100)), mode() within group (order by g::text), percentile_cont(array[0.1, 0.5]) within group (order by g), percentile_disc(0.5) within group (order by nullif(g, 17) desc) from generate_series(1, 20000) g group by 1",
	"select mode() within group (order by md5((g % 7000)::text)), percentile_disc(0.3) within group (order by md5(g::text)), string_agg('x', '') from generate_series(1, 20000) g",
	"select g % 8000, count(*) from generate_series(1, 30000) g group by 1 having count(*) > 3",
	"select g % 5, count(distinct g % 30000 * 1003), count(distinct g::int8 << 20), max(distinct (g % 40 - 20)::int2) from generate_series(1, 60000) g group by 1",
	"select count(distinct g % 30000 * 1003 - 15000000), sum(distinct case when g % 3 = 0 then g % 7000 * 900719925474 end) from generate_series(1, 60000) g",
	"select g % 3000, count(distinct g % 900 * 1003), bit_xor(distinct g) from generate_series(1, 40000) g group by 1",
	"select count(distinct g % 30000), sum(distinct g % 100), count(distinct g::text) from generate_series(1, 60000) g",
	"select max(x), min(x), count(x) from (select repeat('x', g % 100) x from generate_series(1, 20000) g) s",
	"select jsonb_build_object('k', g % 9000), count(*) from generate_series(1, 20000) g group by 1",
}

func sorted(rows []string) []string {
	out := slices.Clone(rows)
	slices.Sort(out)
	return out
}

// TestAggregatesSpill aggregates in so little memory that groups go to files, some of them several times, and compares with the same in memory.
func TestAggregatesSpill(t *testing.T) {
	t.Parallel()
	w := newBench(t)
	for _, sql := range grouped {
		want := sorted(w.answer(t, sql))
		least := int64(640 << 10)
		if strings.Contains(sql, "array_agg") {
			least = 1536 << 10
		}
		for _, memory := range []int64{least, 3 << 20} {
			dir := spill.NewDir(t.TempDir(), 1<<30)
			got := sorted(w.spilling(t, sql, memory, dir))
			if !slices.Equal(got, want) {
				t.Errorf("%s\nin %d bytes: %d rows, in memory %d:\n%s\n%s", sql, memory, len(got), len(want), differing(got, want), differing(want, got))
			}
			if memory == least && dir.Peak() == 0 && len(want) > 100 {
				t.Errorf("%s\nwrote no file in %d bytes", sql, memory)
			}
		}
	}
}

// differing are the first rows of a that are not in b.
func differing(a, b []string) string {
	var out []string
	for _, row := range a {
		if !slices.Contains(b, row) {
			if out = append(out, row); len(out) == 3 {
				break
			}
		}
	}
	return strings.Join(out, "\n")
}

// TestAggregatesThatCannotSpill names what is kept whole: the list of one group.
func TestAggregatesThatCannotSpill(t *testing.T) {
	t.Parallel()
	w := newBench(t)
	for _, sql := range []string{
		"select array_agg(g) from generate_series(1, 200000) g",
		"select g % 2, string_agg(g::text, ',' order by g desc) from generate_series(1, 400000) g group by 1",
		"select json_agg(g) from generate_series(1, 200000) g",
	} {
		got := w.spilling(t, sql, 1<<20, spill.NewDir(t.TempDir(), 1<<30))
		if len(got) != 1 || !strings.HasPrefix(got[0], "ERROR 53200") {
			t.Errorf("%s\ngave %q", sql, got)
		}
	}
}

// TestSpillingAggregatesEnd ends aggregations by an error and by cancel while they have files.
func TestSpillingAggregatesEnd(t *testing.T) {
	t.Parallel()
	w := newBench(t)
	for _, sql := range []string{
		"select g, sum(1 / (g - 50000)) from generate_series(1, 60000) g group by 1",
		"select g, string_agg((1 / (g - 50000))::text, ',' order by g) from generate_series(1, 60000) g group by 1",
	} {
		dir := spill.NewDir(t.TempDir(), 1<<30)
		got := w.spilling(t, sql, 512<<10, dir)
		if len(got) != 1 || got[0] != "ERROR 22012: division by zero" || dir.Peak() == 0 {
			t.Errorf("%s\ngave %q with files of %d bytes", sql, got, dir.Peak())
		}
	}
	for _, rows := range []int{0, 1, 2000, 20000} {
		c := *w
		c.spill = spill.NewDir(t.TempDir(), 1<<30)
		sql := "select g, count(distinct g % 3), array_agg(g) from generate_series(1, 60000) g group by 1"
		ctx, cancel := context.WithCancel(t.Context())
		r, err := c.start(ctx, sql, 512<<10, false)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.openAndRead(ctx, rows); err != nil {
			t.Fatal(err)
		}
		cancel()
		if _, err := r.op.Next(ctx); err == nil && rows > 0 && rows < 20000 {
			if _, err = r.rows(ctx, 0); err == nil {
				t.Errorf("an ended context is not noticed behind %d rows", rows)
			}
		}
		r.close(t, sql)
		if c.spill.Open() != 0 || c.spill.Used() != 0 || rows > 0 && c.spill.Peak() == 0 {
			t.Errorf("behind %d rows %d files are left", rows, c.spill.Open())
		}
	}
}

// TestSpillingIsCounted looks at what EXPLAIN ANALYZE is told: passes over parts, memory within the budget, bytes in files.
func TestSpillingIsCounted(t *testing.T) {
	t.Parallel()
	w := newBench(t)
	for _, sql := range []string{
		"select g, count(*) from generate_series(1, 60000) g group by 1",
		"select distinct g * 1003 from generate_series(1, 60000) g",
		"select g from generate_series(1, 60000) g except select g from generate_series(1, 9) g",
	} {
		c := *w
		c.spill = spill.NewDir(t.TempDir(), 1<<30)
		r, err := c.start(t.Context(), sql, 768<<10, true)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.openAndRead(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
		found := false
		for _, st := range r.stats.Nodes {
			found = found || st.Batches > 1 && st.Disk > 0 && st.Peak > 0 && st.Peak <= 768<<10
		}
		if !found {
			t.Errorf("%s\nno node counted its files", sql)
		}
		r.close(t, sql)
	}
}
