package exec_test

import (
	"slices"
	"testing"

	"github.com/odatagres/odatagres/engine/spill"
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
