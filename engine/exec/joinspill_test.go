package exec_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/odatagres/odatagres/engine/spill"
)

// sides are inputs of joins: k and t are the keys, v tells rows apart. Keys occur several times, are null, miss on the other side, or are
// mostly one.
var sides = map[string]string{
	"spread": "(select g as v, nullif(g % 7000, 13) as k, (g % 5000)::text || repeat('x', g % 9) as t from generate_series(1, 9000) g)",
	"few":    "(select g as v, g % 11000 as k, (g % 900)::text || repeat('x', g % 9) as t from generate_series(1, 2500) g)",
	"one":    "(select g as v, case when g % 3 = 0 then 5 else null::int end as k, case when g % 50 = 0 then '9' else g::text end as t from generate_series(1, 6000) g)",
	"empty":  "(select 1 as v, 1 as k, '' as t where false)",
}

// conditions of joins, on sides l and r.
var conditions = []string{
	"l.k = r.k",
	"l.t = r.t",
	"l.k = r.k and l.t = r.t",
	"l.k = r.k and (l.v + r.v) % 3 = 1",
	"l.k::numeric = r.k::numeric and l.v <> r.v",
}

// joins is every kind of join over some pairs of sides. Sums over all columns stand for the rows, whose order may be another.
func joins() []string {
	const sums = "count(*), sum(l.v::int8 * 3 + coalesce(r.v, -1)), count(l.v), count(r.v), count(r.t), sum(coalesce(l.v, -7)::int8 * coalesce(r.v, -3))"
	var out []string
	for _, pair := range [][2]string{{"spread", "spread"}, {"few", "spread"}, {"spread", "few"}, {"one", "spread"}, {"spread", "one"}, {"empty", "spread"}, {"few", "empty"}} {
		l, r := sides[pair[0]], sides[pair[1]]
		for i, on := range conditions {
			for _, kind := range []string{"join", "left join", "right join", "full join"} {
				if kind == "full join" && i > 2 {
					continue // PostgreSQL joins these only by keys
				}
				out = append(out, "select "+sums+" from "+l+" l "+kind+" "+r+" r on "+on)
			}
			out = append(out,
				"select count(*), sum(v) from "+l+" l where exists (select from "+r+" r where "+on+")",
				"select count(*), sum(v) from "+l+" l where not exists (select from "+r+" r where "+on+")")
		}
	}
	// without equal keys
	for _, on := range []string{"l.v + r.v = 3000", "l.v % 50 > r.v % 2000 and l.t <> r.t"} {
		for _, kind := range []string{"join", "left join", "right join"} {
			out = append(out, "select "+sums+" from "+sides["few"]+" l "+kind+" (select * from "+sides["few"]+" x where v % 5 = 0) r on "+on)
		}
		out = append(out,
			"select count(*), sum(v) from "+sides["few"]+" l where exists (select from "+sides["few"]+" r where "+on+")",
			"select count(*), sum(v) from "+sides["few"]+" l where not exists (select from "+sides["few"]+" r where "+on+")")
	}
	return out
}

// TestJoinsSpill joins in so little memory that sides go to files, some of them several times, and compares with the same joins in memory.
func TestJoinsSpill(t *testing.T) {
	t.Parallel()
	w := newBench(t)
	all := joins()
	wants := make([][]string, len(all))
	for i, sql := range all {
		wants[i] = w.answer(t, sql)
	}
	for _, memory := range []int64{256 << 10, 700 << 10} {
		spilled := 0
		for i, sql := range all {
			want := wants[i]
			dir := spill.NewDir(t.TempDir(), 1<<30)
			got := w.spilling(t, sql, memory, dir)
			if !slices.Equal(got, want) {
				t.Errorf("%s\nin %d bytes:\n%s\nin memory:\n%s", sql, memory, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			if dir.Peak() > 0 {
				spilled++
			}
		}
		if spilled < len(all)/3 {
			t.Errorf("of %d joins in %d bytes %d wrote a file", len(all), memory, spilled)
		}
	}
}

// spilling runs a statement in so much memory and looks that no file and no byte is left.
func (b *bench) spilling(t testing.TB, sql string, memory int64, dir *spill.Dir) []string {
	t.Helper()
	c := *b
	c.spill = dir
	r, err := c.start(t.Context(), sql, memory, false)
	if err != nil {
		return []string{failure(t, sql, err)}
	}
	out, err := r.openAndRead(t.Context(), 0)
	if err != nil {
		out = append(out, failure(t, sql, err))
	}
	r.close(t, sql)
	if n := dir.Open(); n != 0 || dir.Used() != 0 {
		t.Errorf("%s\n%d files with %d bytes are left", sql, n, dir.Used())
	}
	return out
}

// TestSpillingJoinsEnd looks that errors are those of the same join in memory, and that an error or a cancel in the middle leaves nothing.
func TestSpillingJoinsEnd(t *testing.T) {
	t.Parallel()
	w := newBench(t)
	l, r := sides["spread"], sides["spread"]
	for _, sql := range []string{
		"select count(*) from " + l + " l join " + r + " r on l.k = r.k and 1 / (l.v + r.v - 16000) = 7",
		"select count(*) from " + l + " l left join " + r + " r on l.k = r.k and 1 / (l.v + r.v - 16000) = 7",
		"select count(*) from " + l + " l join " + r + " r on 5000 / (l.v - 6000) = r.k",
	} {
		dir := spill.NewDir(t.TempDir(), 1<<30)
		got := w.spilling(t, sql, 256<<10, dir)
		if len(got) != 1 || got[0] != "ERROR 22012: division by zero" || dir.Peak() == 0 {
			t.Errorf("%s\n%d bytes of files\n%s", sql, dir.Peak(), strings.Join(got, "\n"))
		}
	}
	for _, sql := range joins() {
		dir := spill.NewDir(t.TempDir(), 1<<30)
		c := *w
		c.spill = dir
		run, err := c.start(t.Context(), sql, 256<<10, false)
		if err != nil {
			t.Fatal(err)
		}
		_, err = run.openAndRead(untilSpilled{t.Context(), dir}, 0)
		if (dir.Peak() > 0) != errors.Is(err, context.Canceled) {
			t.Errorf("%s\n%d bytes of files, error %v", sql, dir.Peak(), err)
		}
		run.close(t, sql)
		if dir.Open() != 0 || dir.Used() != 0 {
			t.Errorf("%s\n%d files are left", sql, dir.Open())
		}
	}
}

// untilSpilled is a context that is cancelled as soon as there is something in a file.
type untilSpilled struct {
	context.Context
	dir *spill.Dir
}

// Err implements context.Context.
func (c untilSpilled) Err() error {
	if c.dir.Used() > 0 {
		return context.Canceled
	}
	return c.Context.Err()
}
