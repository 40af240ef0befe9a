package exec_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/odatagres/odatagres/engine/spill"
)

// distincts are rows told apart that do not fit some hundred KiB.
var distincts = []string{
	"select distinct g % 30000 * 1003 from generate_series(1, 90000) g",
	"select distinct case when g % 7 = 0 then null else (g % 20000 - 10000) * 900719925474099 end from generate_series(1, 60000) g",
	"select distinct (g * 7919 % 16384 - 8192)::int2 * 65521 + g % 3 from generate_series(1, 60000) g",
	"select distinct g % 300, g % 77, 'x' || g % 3 from generate_series(1, 60000) g",
	"select distinct (g % 9000) * 0.10 from generate_series(1, 30000) g",
	"select distinct case when g % 5 = 0 then null else g % 20000 end, jsonb_build_object('k', g % 20000) from generate_series(1, 40000) g",
	"select g % 25000 * 99 from generate_series(1, 40000) g union select g * 99 from generate_series(20000, 50000) g",
	"select g % 25000 from generate_series(1, 40000) g intersect select g from generate_series(20000, 50000) g",
	"select g % 25000 from generate_series(1, 60000) g intersect all select g % 30000 from generate_series(1, 50000) g",
	"select g % 25000 from generate_series(1, 60000) g except select g from generate_series(20000, 50000) g",
	"select g % 25000, 'a' || g % 25000 from generate_series(1, 60000) g except all select g, 'a' || g from generate_series(1, 30000) g",
	"select g from generate_series(1, 60000) g except select g from generate_series(1, 3) g",
	"select (g % 15000) * 0.10 from generate_series(1, 30000) g intersect all select g * 0.1 from generate_series(1, 20000) g",
	"select (g % 15000) * 0.10 from generate_series(1, 40000) g except all select g * 0.1 from generate_series(1, 12000) g",
	"select (g % 15000) * 0.10 from generate_series(1, 20000) g intersect select g * 0.1 from generate_series(1, 9000) g",
	"select (g % 15000) * 0.10 from generate_series(1, 20000) g except select g * 0.1 from generate_series(1, 9000) g",
}

// TestDistinctSpills tells rows apart in so little memory that they go to files, some of them several times, and compares with the same in memory.
func TestDistinctSpills(t *testing.T) {
	t.Parallel()
	w := newBench(t)
	for _, sql := range distincts {
		want := sorted(w.answer(t, sql))
		for _, memory := range []int64{384 << 10, 1 << 20} {
			dir := spill.NewDir(t.TempDir(), 1<<30)
			got := sorted(w.spilling(t, sql, memory, dir))
			if !slices.Equal(got, want) {
				t.Errorf("%s\nin %d bytes: %d rows, in memory %d:\n%s\n%s", sql, memory, len(got), len(want), differing(got, want), differing(want, got))
			}
			if memory < 1<<20 && dir.Peak() == 0 {
				t.Errorf("%s\nwrote no file in %d bytes", sql, memory)
			}
		}
	}
}

// TestDistinctStreams sees the first rows before the input has ended, also when others are in files already.
func TestDistinctStreams(t *testing.T) {
	t.Parallel()
	w := newBench(t)
	dir := spill.NewDir(t.TempDir(), 1<<30)
	got := w.spilling(t, "select distinct g * 1003 from (select 1 / (3000 - g) * 0 + g as g from generate_series(1, 100000) g) s limit 2000", 256<<10, dir)
	if len(got) != 2000 || got[1999] != "2006000" {
		t.Errorf("%d rows: %s", len(got), got[len(got)-1])
	}
	got = w.spilling(t, "select distinct 1 / (90000 - g) + g * 1003 from generate_series(1, 100000) g", 256<<10, dir)
	if last := got[len(got)-1]; last != "ERROR 22012: division by zero" || len(got) < 1000 {
		t.Errorf("%d rows, at the end %s", len(got), last)
	}
	if dir.Peak() == 0 {
		t.Error("no file was written")
	}
}

// TestSpillingSetOperationsEnd ends them by cancel while they have files.
func TestSpillingSetOperationsEnd(t *testing.T) {
	t.Parallel()
	w := newBench(t)
	for _, sql := range distincts {
		c := *w
		c.spill = spill.NewDir(t.TempDir(), 1<<30)
		ctx, cancel := context.WithCancel(t.Context())
		r, err := c.start(ctx, sql, 384<<10, false)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.openAndRead(ctx, 1); err != nil {
			t.Fatal(err)
		}
		cancel()
		if _, err := r.rows(ctx, 0); err == nil {
			t.Errorf("%s\nan ended context is not noticed", sql)
		}
		r.close(t, sql)
		if c.spill.Open() != 0 || c.spill.Used() != 0 {
			t.Errorf("%s\n%d files are left", sql, c.spill.Open())
		}
	}
}

// TestFormOfEqualRows compares with PostgreSQL which of equal values comes out.
func TestFormOfEqualRows(t *testing.T) {
	t.Parallel()
	w := newBench(t)
	for sql, want := range map[string]string{
		"values (1.5), (1.50), (1.5) except all values (1.500)":                                                 "1.5,1.5",
		"values (1.50), (1.5), (1.5) except all values (1.500)":                                                 "1.50,1.50",
		"values (1.50), (1.5), (1.5) intersect all values (1.500)":                                              "1.500",
		"values (1.50) intersect all values (1.500), (1.5), (2)":                                                "1.50",
		"values (1.5) intersect values (1.500), (1.5), (2)":                                                     "1.5",
		"values (1.500), (1.5), (2) intersect values (1.50)":                                                    "1.50",
		"values (1.50), (1.5), (2.0) intersect all values (1.500), (1.5), (2)":                                  "1.50,1.50,2.0",
		"select max(x) || ' ' || min(x) from (values (1.5), (1.50)) t(x)":                                       "1.50 1.50",
		"select max(x)::text || min(x) from (values (0::float8), ('-0')) t(x)":                                  "-0-0",
		"select distinct on (x) x, y from (values (1.0, 2), (1.00, 1), (2, 5), (2.0, 4)) t(x, y) order by x, y": "1.00|1,2.0|4",
	} {
		if got := strings.Join(w.answer(t, sql), ","); got != want {
			t.Errorf("%s\ngave %s, not %s", sql, got, want)
		}
	}
}
