package exec_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/odatagres/odatagres/engine/spill"
)

// wide are statements over rows of which a batch of a thousand does not fit the memory that the test gives, and their answers.
var wide = map[string]string{
	"select count(*), sum(length(r)) from (select repeat('x', 20000 + g) as r from generate_series(1, 2000) g offset 0) s":                                                    "2000|42001000",
	"select sum(length(repeat('x', 20000 + g))) from generate_series(1, 2000) g":                                                                                              "42001000",
	"select count(*) from generate_series(1, 2000) g where length(repeat('x', 20000 + g)) % 2 = 0":                                                                            "1000",
	"select max(g) from (select g from generate_series(1, 2000) g order by repeat(chr(97 + g % 26), 20000), g limit 30) s":                                                    "780",
	"select sum(n * length(r)) from (select row_number() over (order by repeat(chr(97 + g % 2), 20000), g) as n, repeat('y', 5000) as r from generate_series(1, 1000) g) s":   "2502500000",
	"select count(*) from (select distinct repeat(chr(97 + g % 26), 20000 + g % 4) from generate_series(1, 2000) g) s":                                                        "52",
	"select sum(length(string_agg)) from (select string_agg(repeat('x', 20000), ',' order by g) from generate_series(1, 1000) g group by g % 100) s":                          "20000900",
	"select sum(length(max)), min(length(max)) from (select max(repeat('x', 10000 + g)) from generate_series(1, 2000) g group by g % 7) s":                                    "83979|11994",
	"select sum(length(repeat('x', 20000 + g))) filter (where g % 3 = 0) from generate_series(1, 2000) g":                                                                     "13986333",
	"select count(*) from generate_series(1, 1000) g where repeat('ab', 20000 + g % 2) like '%b'":                                                                             "1000",
	"select count(*), sum(length(r)) from (select g, repeat('z', 100000) as r from generate_series(1, 500) g order by g % 7, g offset 0) s":                                   "500|50000000",
	"select count(*), sum(length(b.r)) from generate_series(1, 1500) g join (select i, repeat(i::text, 30000) as r from generate_series(1, 9) i offset 0) b on g % 9 = i - 1": "1500|45000000",
	"select count(*), sum(length(b.r)) from generate_series(1, 300) g right join (select i, repeat(i::text, 30000) as r from generate_series(1, 40) i offset 0) b on g < i":   "781|45750000",
	// The one row that cannot be had with others.
	"select length(repeat('x', 600000 * (g % 2))) + sum(g) over () from generate_series(1, 3) g order by 1": "6 600006 600006",
	// An error belongs to its row, in whatever part it is.
	"select length(repeat('x', 20000)) / (g - 1500) from generate_series(1, 2000) g offset 1499": "ERROR 22012: division by zero",
}

// TestWideRows evaluates what is too large for a batch by parts.
func TestWideRows(t *testing.T) {
	t.Parallel()
	w := newBench(t)
	for sql, want := range wide {
		got := fmt.Sprint(w.spilling(t, sql, 6<<20, spill.NewDir(t.TempDir(), 1<<30)))
		if got != "["+want+"]" {
			t.Errorf("%s\n%s, not %s", sql, got, want)
		}
	}
}

// TestBatchesOfWideRowsAreSmall looks at the batches of a projection, and that rows before an error come out.
func TestBatchesOfWideRowsAreSmall(t *testing.T) {
	t.Parallel()
	w := newBench(t)
	r, err := w.start(t.Context(), "select g, repeat('x', 30000), 1 / (g - 1800) from generate_series(1, 2000) g", 16<<20, false)
	if err != nil {
		t.Fatal(err)
	}
	defer r.close(t, "wide rows")
	if err := r.op.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	var keys []int32
	for {
		b, err := r.op.Next(t.Context())
		if err != nil {
			if len(keys) != 1799 {
				t.Errorf("%d rows, then %v", len(keys), err)
			}
			break
		}
		if b == nil {
			t.Fatal("no error")
		}
		for i := range b.Rows() {
			keys = append(keys, b.Cols[0].I32[b.Row(i)])
		}
		if size := len(b.Cols[1].Data); size > 2<<20 {
			t.Fatalf("a batch of %d rows has %d bytes", b.Rows(), size)
		}
	}
	for i, k := range keys {
		if int(k) != i+1 {
			t.Fatalf("row %d is %d", i+1, k)
		}
	}
	if !slices.IsSorted(keys) {
		t.Error("rows came out of order")
	}
}
