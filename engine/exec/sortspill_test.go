package exec_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/odatagres/odatagres/engine/spill"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/vector"
)

// sortStatements keep 40,000 rows of about 100 bytes, which is some sixteen times the memory that they are given.
var sortStatements = []string{
	"select g, repeat('x', 60) || g from generate_series(1, 40000) g order by (g::int8 * 7919) % 1009, -g",
	"select g, repeat('x', 60) || g as t from generate_series(1, 40000) g order by 2 desc",
	"select g, repeat('x', 60) || g from generate_series(1, 40000) g order by g % 7",
	"select g, repeat('x', 60) || g from generate_series(1, 40000) g order by (g::int8 * 7919) % 1009, g limit 9000 offset 2000",
	"select g, repeat('x', 60) || g from generate_series(1, 40000) g order by -g limit 20000",
	"select g, repeat('x', 60) || g from generate_series(1, 40000) g order by g % 10 fetch first 5000 rows with ties",
	"select g, repeat('x', 60) || g, row_number() over w, rank() over w, lag(g, 5000) over w, sum(g) over w, max(g % 777) over w, avg(g) over (partition by g % 3), ntile(7) over w from generate_series(1, 40000) g window w as (partition by g % 2 order by (g::int8 * 7919) % 10009)",
	"select g, repeat('x', 60) || g, cume_dist() over w, percent_rank() over w, first_value(g) over w, last_value(g) over w, lead(g) over w, dense_rank() over w, min(g) over w, count(*) over () from generate_series(1, 40000) g window w as (order by (g::int8 * 7919) % 10009)",
}

const sortMemory = 512 << 10

// TestSortsSpill compares sorts, first rows and windows through files with the same in memory.
func TestSortsSpill(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, sql := range sortStatements {
		dir := spill.NewDir(t.TempDir(), 1<<30)
		got, want := b.spilling(t, sql, sortMemory, dir), b.answer(t, sql)
		if !slices.Equal(got, want) {
			t.Errorf("%s\n%s", sql, differences(got, want))
		}
		if dir.Peak() == 0 {
			t.Errorf("%s\nwrote no file", sql)
		}
	}
}

// TestSpilledSortsEnd stops spilled statements after a few rows, and in the middle of their work, and runs them again.
func TestSpilledSortsEnd(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, sql := range sortStatements {
		c := *b
		c.spill = spill.NewDir(t.TempDir(), 1<<30)
		r, err := c.start(t.Context(), sql, sortMemory, false)
		if err != nil {
			t.Fatal(err)
		}
		gone := func(what string) {
			t.Helper()
			r.close(t, sql)
			if c.spill.Open() != 0 || c.spill.Used() != 0 {
				t.Fatalf("%s\n%s: %d files and %d bytes are left", sql, what, c.spill.Open(), c.spill.Used())
			}
		}
		first, err := r.openAndRead(t.Context(), 3)
		if err != nil {
			t.Fatalf("%s\n%v", sql, err)
		}
		gone("after three rows")
		for _, after := range []time.Duration{0, time.Millisecond, 10 * time.Millisecond, 50 * time.Millisecond} {
			ctx, cancel := context.WithTimeout(t.Context(), after)
			_, err := r.openAndRead(ctx, 0)
			cancel()
			if err != nil && !errors.Is(err, context.DeadlineExceeded) && pgerr.As(err).Code != pgerr.QueryCanceled {
				t.Errorf("%s\nafter %s: %v", sql, after, err)
			}
			gone("cancelled")
		}
		again, err := r.openAndRead(t.Context(), 3)
		if err != nil || !slices.Equal(first, again) {
			t.Errorf("%s\nagain: %v %v, not %v", sql, again, err, first)
		}
		gone("again")
	}
}

// TestLimitStopsAMerge reads one batch of a spilled sort: no more than the runs' first frames are read.
func TestLimitStopsAMerge(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := *b
	c.spill = spill.NewDir(t.TempDir(), 1<<30)
	c.disable = map[string]bool{"topN": true}
	sql := "select g from generate_series(1, 300000) g order by (g::int8 * 7919) % 100003, g limit 5"
	r, err := c.start(t.Context(), sql, 2<<20, true)
	if err != nil {
		t.Fatal(err)
	}
	got, err := r.openAndRead(t.Context(), 0)
	if err != nil || !slices.Equal(got, b.answer(t, sql)) {
		t.Errorf("%v %v", got, err)
	}
	for n, st := range r.stats.Nodes {
		if st.Disk > 0 && st.Rows > vector.BatchRows {
			t.Errorf("%T gave %d rows", n, st.Rows)
		}
	}
	r.close(t, sql)
}
