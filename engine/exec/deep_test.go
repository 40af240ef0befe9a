package exec_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestPlanningDoesNotGrowWithTheSquare plans large statements of every shape that nests or chains.
func TestPlanningDoesNotGrowWithTheSquare(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.trust = true
	repeat := func(n int, sep string, f func(i int) string) string {
		parts := make([]string, n)
		for i := range parts {
			parts[i] = f(i)
		}
		return strings.Join(parts, sep)
	}
	for name, sql := range map[string]string{
		"nested": strings.Repeat("select x + 1 as x from (", 200) + "select 1 as x" + strings.Repeat(") s where x > 0", 200),
		"union":  repeat(2000, " union all ", func(i int) string { return fmt.Sprint("select ", i) }),
		"and":    "select 1 from generate_series(1, 2) g where " + repeat(8000, " and ", func(i int) string { return fmt.Sprint("g <> ", i+5) }),
		"or":     "select 1 from generate_series(1, 2) g where " + repeat(8000, " or ", func(i int) string { return fmt.Sprint("g = ", i) }),
		"in":     "select 1 from generate_series(1, 2) g where g in (" + repeat(20000, ", ", func(i int) string { return fmt.Sprint(i) }) + ")",
		"values": "values " + repeat(20000, ", ", func(i int) string { return fmt.Sprintf("(%d, 'x')", i) }),
		"comma":  "select 1 from " + repeat(40, ", ", func(i int) string { return fmt.Sprintf("(values (1)) t%d(a%d)", i, i) }) + " where " + repeat(39, " and ", func(i int) string { return fmt.Sprintf("a%d = a%d", i, i+1) }),
		"left": "select 1 from (values (1)) t0(a0)" + repeat(100, "", func(i int) string {
			return fmt.Sprintf(" left join (values (1)) t%d(a%d) on a%d = a%d", i+1, i+1, i, i+1)
		}),
		"ctes":     "with t0 as (select 1 as a)" + repeat(300, "", func(i int) string { return fmt.Sprintf(", t%d as (select a + 1 as a from t%d)", i+1, i) }) + " select a from t300",
		"exists":   strings.Repeat("select 1 where exists (", 150) + "select 1" + strings.Repeat(")", 150),
		"scalars":  "select " + strings.Repeat("(select 1 + ", 200) + "1" + strings.Repeat(")", 200),
		"columns":  "select " + repeat(1600, ", ", func(i int) string { return fmt.Sprintf("g + %d as c%d", i, i) }) + " from generate_series(1, 100) g order by 1",
		"case":     "select case g " + repeat(4000, " ", func(i int) string { return fmt.Sprintf("when %d then %d", i, i) }) + " end from generate_series(1, 100) g",
		"laterals": "select 1 from (values (1)) t0(a0)" + repeat(60, "", func(i int) string { return fmt.Sprintf(", lateral (select a%d + 1 as a%d offset 0) t%d", i, i+1, i+1) }),
	} {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			r, err := b.start(t.Context(), sql, 0, false)
			if err != nil {
				t.Fatal(err)
			}
			planned := time.Since(began)
			if _, err := r.openAndRead(t.Context(), 0); err != nil {
				t.Fatal(err)
			}
			r.close(t, sql)
			t.Logf("planned in %s, run in %s", planned, time.Since(began)-planned)
			if all := time.Since(began); all > 10*time.Second {
				t.Errorf("%s", all)
			}
		})
	}
}
