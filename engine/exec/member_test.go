package exec_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/odatagres/odatagres/engine/spill"
	"github.com/odatagres/odatagres/internal/oracle"
)

// TestMembershipSpills looks rows up in files: with little memory the answer is the same. Some amounts are too little for
// what is kept beside the table (53200), but not all.
func TestMembershipSpills(t *testing.T) {
	t.Parallel()
	w := newBench(t)
	for _, sql := range []string{
		"select count(*) from generate_series(1, 300) g where ((md5(g::text) || repeat('x', 500)) in (select md5(h::text) || repeat('x', 500) from generate_series(1, 2000) h where h % 2 = 0)) is not true",
		"select count(*) from generate_series(1, 300) g where (('b' || g % 2) <> all (select md5(h::text) || repeat('x', 500) from generate_series(1, 2000) h)) is true",
		"select count(*) from generate_series(1, 5000) g where (g::text in (select h::text from generate_series(1, 9000) h where h % 2 = 0)) is not true",
		"select count(*) from generate_series(1, 3000) g where ((g % 900)::text || repeat('y', 300) not in (select (h % 3000)::text || repeat('y', 300) from generate_series(1, 5000) h where h % 3 = 0)) is true",
		"select count(*) from generate_series(1, 200) g where (('b' || g % 2, 'a') <> all (select md5(h::text) || repeat('x', 500), 'a-b' from generate_series(1, 900) h)) is true",
		"select count(*) from generate_series(1, 200) g where ((md5(g::text) || repeat('x', 300), g % 7) in (select md5(h::text) || repeat('x', 300), h % 7 from generate_series(1, 900) h where h % 2 = 0)) is not true",
	} {
		want, answered := w.answer(t, sql), 0
		for _, memory := range []int64{160 << 10, 192 << 10, 300 << 10, 600 << 10, 900 << 10} {
			got := w.spilling(t, sql, memory, spill.NewDir(t.TempDir(), 1<<30))
			switch {
			case slices.Equal(got, want):
				answered++
			case !slices.Equal(got, []string{"ERROR 53200: out of memory"}):
				t.Errorf("%s\nin %d bytes %s, in memory %s", sql, memory, got, want)
			}
		}
		if answered == 0 {
			t.Errorf("%s is never answered", sql)
		}
	}
}

// nullRows tests rows with nulls in some columns on both sides.
func nullRows(test string, n int) string {
	return fmt.Sprintf(`select count(*) filter (where r) as yes, count(*) filter (where not r) as no, count(*) filter (where r is null) as unknown from (select (nullif(g %% 17, 3), nullif(g %% 101, 7), %s from generate_series(1, %d) g) s`,
		fmt.Sprintf(test, n), n)
}

// TestMembershipOfRowsWithNulls compares rows of which some columns are null with rows of which some are, in more rows than could be compared
// one by one.
func TestMembershipOfRowsWithNulls(t *testing.T) {
	s := oracle.Start(t)
	b := newBench(t)
	for _, test := range []string{
		"g) in (select nullif(h %% 19, 5), nullif(h %% 103, 9), nullif(h * 3, 30) from generate_series(1, %d) h) as r",
		"(g %% 7)::text) not in (select nullif(h %% 19, 5), nullif(h %% 103, 9), nullif('x' || h, 'x5') from generate_series(1, %d) h) as r",
		"g %% 7) <> all (select h %% 3 + 10, nullif(h %% 103, 9), h %% 7 from generate_series(1, %d) h) as r",
		"nullif(g %% 7, 2)) = any (select h + 20, h %% 50, h %% 7 from generate_series(1, %d) h) as r",
		"nullif(g, g / 4 * 4)) in (select 100 + h %% 3, nullif(h %% 103, h %% 11), null::int from generate_series(1, %d) h) as r",
		"nullif(g, g / 4 * 4)) in (select null::int, null::int, null::int from generate_series(1, %d) h where h = 1) as r",
	} {
		sql := nullRows(test, 400)
		got, want := b.answer(t, sql), ask(t, s, sql)
		if !slices.Equal(got, want) {
			t.Errorf("%s\n%s, not %s", sql, got, want)
		}
		small := b.spilling(t, sql, 192<<10, spill.NewDir(t.TempDir(), 1<<30))
		if !slices.Equal(small, want) && !slices.Equal(small, []string{"ERROR 53200: out of memory"}) {
			t.Errorf("%s\nwith little memory %s, not %s", sql, small, want)
		}
		if got := b.spilling(t, nullRows(test, 12000), 64<<20, spill.NewDir(t.TempDir(), 1<<30)); len(got) != 1 || strings.HasPrefix(got[0], "ERROR") {
			t.Errorf("%s\n%s", sql, got)
		}
	}
}
