package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"github.com/odatagres/odatagres/engine"
)

// TestCursorsSpill moves to and fro in cursors whose rows do not fit the memory of a query.
func TestCursorsSpill(t *testing.T) {
	t.Parallel()
	const rows = 40_000
	g := serve(t, engine.Options{
		Logger: zerolog.Nop(), Limits: engine.Limits{QueryMemory: 1 << 20, SpillBytes: 1 << 30, SpillDir: t.TempDir()},
	}).ready(t)
	c := connect(t, g.dsn("analyst", ""))
	expect := func(sql string, want ...int) {
		t.Helper()
		got := strings.FieldsFunc(must(t, c, sql), func(r rune) bool { return r == '\n' })
		if len(got) != len(want) {
			t.Fatalf("%s: %d rows, not %d", sql, len(got), len(want))
		}
		for i, n := range want {
			if line := fmt.Sprintf("%d|row %d of many that are kept", n, n); got[i] != line {
				t.Fatalf("%s: row %d is %q, not %q", sql, i, got[i], line)
			}
		}
	}
	to := func(from, end int) (out []int) {
		step := 1
		if end < from {
			step = -1
		}
		for n := from; n != end+step; n += step {
			out = append(out, n)
		}
		return out
	}
	const declare = `declare c scroll cursor with hold for select g, 'row ' || g || ' of many that are kept' from generate_series(1, 40000) g`
	expect(declare)
	if _, _, files := g.engine.Temporary(); files == 0 {
		t.Error("no file holds the cursor's rows")
	}
	expect("fetch 3 from c", 1, 2, 3)
	expect("fetch absolute 30001 from c", 30001)
	expect("fetch backward 5000 from c", to(30000, 25001)...)
	expect("fetch forward 3000 from c", to(25002, 28001)...)
	expect("fetch last from c", rows)
	expect("fetch next from c")
	expect("fetch backward all from c", to(rows, 1)...)
	expect("fetch prior from c")
	expect("fetch all from c", to(1, rows)...)
	expect("fetch relative -7 from c", rows-6)
	expect("fetch absolute -40000 from c", 1)
	expect("close c")
	if used, _, files := g.engine.Temporary(); files != 0 || used != 0 {
		t.Errorf("%d files with %d bytes are left", files, used)
	}
	// Declared with neither SCROLL nor NO SCROLL: it looks back as far as memory reaches, and reads on without files.
	expect("begin; " + strings.Replace(declare, "scroll cursor with hold", "cursor", 1))
	expect("fetch 3 from c", 1, 2, 3)
	expect("fetch backward 1 from c", 2)
	expect("fetch absolute 1500 from c", 1500)
	expect("fetch relative -499 from c", 1001)
	expect("fetch absolute 39999 from c", 39_999)
	if _, _, files := g.engine.Temporary(); files != 0 {
		t.Errorf("%d files hold the rows of a cursor that nobody declared to scroll", files)
	}
	expect("fetch all from c", rows)
	_ = wantCode(t, c, "fetch prior from c", "55000")
}
