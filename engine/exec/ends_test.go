package exec_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/odatagres/odatagres/internal/pgerr"
)

func allStatements(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("no statements: %v", err)
	}
	var out []string
	for _, f := range files {
		out = append(out, readStatements(t, f)...)
	}
	return out
}

// eachPlan starts a statement with and without the rules that do away with operators. Statements that do not plan are left out.
func eachPlan(t *testing.T, f func(start func(memory int64) *running, sql string)) {
	t.Helper()
	b := newBench(t)
	plain := *b
	plain.disable = map[string]bool{"inlineCTEs": true, "decorrelate": true, "movePredicates": true, "topN": true}
	for _, sql := range allStatements(t) {
		for _, side := range []*bench{b, &plain} {
			if _, err := side.start(t.Context(), sql, 0, false); err != nil {
				continue
			}
			f(func(memory int64) *running {
				r, err := side.start(t.Context(), sql, memory, false)
				if err != nil {
					t.Fatalf("%s\n%v", sql, err)
				}
				return r
			}, sql)
		}
	}
}

func (r *running) openAndRead(ctx context.Context, limit int) ([]string, error) {
	if err := r.op.Open(ctx); err != nil {
		return nil, err
	}
	return r.rows(ctx, limit)
}

// TestEveryEndGivesTheMemoryBack closes before Open, after Open, after the first row and at the end, and opens again: the
// second run gives what the first gave.
func TestEveryEndGivesTheMemoryBack(t *testing.T) {
	t.Parallel()
	eachPlan(t, func(start func(int64) *running, sql string) {
		start(0).close(t, sql)
		r := start(0)
		if err := r.op.Open(t.Context()); err == nil {
			r.close(t, sql)
		}
		r = start(0)
		_, first := r.openAndRead(t.Context(), 1)
		r.close(t, sql)
		want, err := r.openAndRead(t.Context(), 0)
		r.close(t, sql)
		got, err2 := r.openAndRead(t.Context(), 0)
		r.close(t, sql)
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(want, got) || (err == nil) != (err2 == nil) {
			t.Errorf("%s\nopened again: %v %v\n first: %v %v", sql, got, err2, want, err)
		}
		if first != nil && err == nil {
			t.Errorf("%s\nan error before the first row, none without a limit: %v", sql, first)
		}
	})
}

// TestOutOfMemoryLeaksNothing runs every statement under every share of the memory that it needs.
func TestOutOfMemoryLeaksNothing(t *testing.T) {
	t.Parallel()
	failed := 0
	eachPlan(t, func(start func(int64) *running, sql string) {
		r := start(0)
		want, err := r.openAndRead(t.Context(), 0)
		r.close(t, sql)
		peak := r.budget.Peak()
		if err != nil || peak == 0 {
			return
		}
		slices.Sort(want)
		for _, share := range []int64{97, 75, 50, 25, 5} {
			r := start(max(1, peak*share/100))
			got, err := r.openAndRead(t.Context(), 0)
			r.close(t, sql)
			if err == nil {
				slices.Sort(got)
				if !slices.Equal(got, want) {
					t.Errorf("%s\nwith %d%% of the memory: %v, not %v", sql, share, got, want)
				}
				continue
			}
			failed++
			if pgerr.As(err).Code != pgerr.OutOfMemory {
				t.Errorf("%s\nwith %d%% of the memory: %v", sql, share, err)
			}
		}
	})
	if failed == 0 {
		t.Error("no statement ran out of memory")
	}
}

// TestCancelEnds cancels before the first call, and while long statements run: each loop over many rows must look.
func TestCancelEnds(t *testing.T) {
	t.Parallel()
	eachPlan(t, func(start func(int64) *running, sql string) {
		ctx, cancel := context.WithCancel(t.Context())
		r := start(0)
		err := r.op.Open(ctx)
		cancel()
		if err == nil {
			_, err = r.rows(ctx, 0)
		}
		if err != nil && !errors.Is(err, context.Canceled) && pgerr.As(err).Code == pgerr.InternalError {
			t.Errorf("%s\n%v", sql, err)
		}
		r.close(t, sql)
	})
	b := newBench(t)
	for name, sql := range map[string]string{
		"series":        "select count(*) from generate_series(1, 1000000000000)",
		"filter":        "select g from generate_series(1, 1000000000000) g where g < 0",
		"loop join":     "select count(*) from generate_series(1, 30000) a join generate_series(1, 3000000) b on a + b < 0",
		"hash join":     "select count(*) from (select 1 as k, a from generate_series(1, 30000) a) a join (select 1 as k, b from generate_series(1, 3000000) b) b using (k) where a.a + b.b < 0",
		"recursion":     "with recursive t(n) as (values (1) union all select 1 from t) select count(*) from t",
		"recursion set": "with recursive t(n) as (values (1) union select n + 1 from t) select count(*) from t",
		"apply":         "select count(*) from generate_series(1, 100000000) a, lateral (select a where a < 0 offset 0) b",
		"subquery":      "select count(*) from generate_series(1, 100000000) a where (select a + random() where a < 0) is not null",
		"set":           "select count(*) from generate_series(1, 100000000) a, lateral (select generate_series(1, 10) offset 0) b where a < 0",
		"project set":   "select count(*) from (select generate_series(1, a) from generate_series(-1000000000, 0) a) t",
		"sort":          "select g from (select (g::int8 * 7919) % 1000003 as g from generate_series(1, 100000000) g) t order by g",
		"top":           "select g from generate_series(1, 100000000000) g order by -g limit 10",
		"window":        "select sum(g) over (order by g rows between 1 following and unbounded following) from generate_series(1, 1000000) g",
		"aggregate":     "select g % 10, array_agg(distinct g) from generate_series(1, 100000000000) g group by 1",
		"except":        "select g % 7 from generate_series(1, 100000000000) g except all select g % 7 from generate_series(1, 100000000000) g",
		"distinct":      "select distinct g % 7 + 8 from generate_series(1, 100000000000) g",
		"ties":          "select g from generate_series(1, 100000000000) g order by g / 1000000000000 fetch first 1 row with ties",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			r, err := b.start(ctx, sql, 1<<30, false)
			if err != nil {
				t.Fatal(err)
			}
			// Planning takes its time on a loaded machine; the clock starts with the run.
			timer := time.AfterFunc(200*time.Millisecond, cancel)
			defer timer.Stop()
			began := time.Now()
			_, err = r.openAndRead(ctx, 0)
			if err == nil {
				t.Error("it ended by itself")
			} else if !errors.Is(err, context.Canceled) && pgerr.As(err).Code != pgerr.OutOfMemory && pgerr.As(err).Code != pgerr.QueryCanceled {
				t.Error(err)
			}
			if d := time.Since(began); d > 5*time.Second {
				t.Errorf("it went on for %s", d)
			}
			r.close(t, sql)
		})
	}
}

// TestErrorsBelongToRows asks for as many rows as come before the error, and no error may come.
func TestErrorsBelongToRows(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for sql, good := range map[string]int{
		"select 1 / (g - 3) from generate_series(1, 5) g":                                                                             2,
		"select g from generate_series(1, 5) g where 1 / (g - 3) <> 0":                                                                1,
		"select g from generate_series(1, 5) g where 1 / (g - 3) = 0":                                                                 1,
		"select a, b from (values (3), (2), (1)) a(a), (values (1), (2)) b(b) where 1 / (a - b) is not null":                          3,
		"select a from (values (3), (2), (1)) a(a) where exists (select 1 from (values (1), (2)) b(b) where 1 / (a - b) is not null)": 2,
		"select a, 1 / (a - 2) from (values (3), (2), (1)) a(a) left join (values (3)) b(b) on a = b":                                 1,
		"select a.a, b.x from (values (3), (2), (1)) a(a) left join lateral (select 1 / (a.a - 2) as x offset 0) b on true":           1,
		"select generate_series(1, 2) / (g - 2) from generate_series(1, 3) g":                                                         2,
		"select 1 / (g - 2) from generate_series(1, 3) g union all select 7":                                                          1,
		"select 7 union all select 1 / (g - 2) from generate_series(1, 3) g":                                                          2,
		"select distinct 1 / (g - 3) from generate_series(1, 5) g":                                                                    2,
		"values (1), (2), ((select 1 / (random() * 0)::int))":                                                                         2,
		"with recursive t(n) as (values (3) union all select n - 1 + 0 / (n - 2) from t) select * from t":                             2,
		"with c as materialized (select 1 / (g - 3) as x from generate_series(1, 5) g) select x from c":                               2,
	} {
		for _, limit := range []int{good, good + 1} {
			r, err := b.start(t.Context(), sql, 0, false)
			if err != nil {
				t.Fatalf("%s\n%v", sql, err)
			}
			var rows []string
			if err = r.op.Open(t.Context()); err == nil && limit > 0 {
				rows, err = r.rows(t.Context(), limit)
			}
			if limit == good && err != nil || len(rows) != good {
				t.Errorf("%s\n%d rows asked for: %v %v", sql, limit, rows, err)
			}
			if limit > good && (err == nil || pgerr.As(err).Code != pgerr.DivisionByZero) {
				t.Errorf("%s\nrow %d has no error: %v", sql, limit, err)
			}
			r.close(t, sql)
		}
	}
}
