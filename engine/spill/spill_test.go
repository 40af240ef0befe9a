package spill_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/odatagres/odatagres/engine/spill"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

func types() []sqltype.Type {
	var out []sqltype.Type
	for _, oid := range []uint32{
		sqltype.OIDBool, sqltype.OIDInt2, sqltype.OIDInt4, sqltype.OIDInt8, sqltype.OIDFloat4, sqltype.OIDFloat8, sqltype.OIDNumeric,
		sqltype.OIDInterval, sqltype.OIDUUID, sqltype.OIDText,
	} {
		out = append(out, sqltype.Of(oid))
	}
	return out
}

// row is the i-th row: every third value or so is null.
func row(t *testing.T, i int, text int) []sqltype.Value {
	t.Helper()
	num, err := sqltype.ParseNumeric(fmt.Sprintf("%d.%03d", i, i%1000))
	if err != nil {
		t.Fatal(err)
	}
	if i%7 == 0 {
		if num, err = sqltype.ParseNumeric(fmt.Sprintf("98765432109876543210.%d", i)); err != nil {
			t.Fatal(err)
		}
	}
	uuid := make([]byte, 16)
	uuid[0], uuid[15] = byte(i), byte(i>>8)
	vals := []sqltype.Value{
		sqltype.Bool(i%2 == 0), sqltype.Int(int64(i % 30000)), sqltype.Int(int64(i)), sqltype.Int(int64(i) << 20),
		{F: float64(float32(i) / 2)},
		{F: float64(i) / 3},
		{Num: num},
		{Iv: sqltype.Interval{Months: int32(i), Days: 1, Micros: int64(i)}},
		{S: string(uuid)},
		{S: strings.Repeat("x", i%max(text, 1)) + fmt.Sprint(i)},
	}
	for k := range vals {
		if (i+k)%11 == 3 {
			vals[k] = sqltype.NullValue()
		}
	}
	return vals
}

func batch(t *testing.T, from, n, text int) *vector.Batch {
	t.Helper()
	b := &vector.Batch{N: n}
	for _, typ := range types() {
		b.Cols = append(b.Cols, vector.NewFlat(typ, 0))
	}
	for i := range n {
		for k, v := range row(t, from+i, text) {
			b.Cols[k].Append(v)
		}
	}
	return b
}

func check(t *testing.T, r *spill.Reader, from, to, text int) {
	t.Helper()
	for from < to {
		b, err := r.Next()
		if err != nil || b == nil {
			t.Fatalf("at row %d of %d: %v, %v", from, to, b, err)
		}
		for i := range b.Rows() {
			for k, want := range row(t, from, text) {
				if got := b.Cols[k].Value(b.Row(i)); got != want {
					t.Fatalf("row %d, column %d: %v, want %v", from, k, got, want)
				}
			}
			from++
		}
	}
	if b, err := r.Next(); b != nil || err != nil {
		t.Fatalf("after the last row: %v, %v", b, err)
	}
}

func TestRowsComeBackAsTheyWereWritten(t *testing.T) {
	t.Parallel()
	for _, text := range []int{0, 10, 5000} {
		path := t.TempDir()
		dir, budget := spill.NewDir(path, 1<<30), vector.NewBudget(nil, "query", 0)
		f, err := dir.Create(types(), budget)
		if err != nil {
			t.Fatal(err)
		}
		if left, err := os.ReadDir(path); err != nil || len(left) != 0 {
			t.Fatalf("the file has a name: %v, %v", left, err)
		}
		r, n := rand.New(rand.NewPCG(5, uint64(text))), 0
		for n < 6000 {
			k := 1 + r.IntN(1024)
			b := batch(t, n, k, text)
			if r.IntN(2) == 0 { // through a selection, and around rows that do not count
				wide := batch(t, n, k, text)
				sel := []int32{}
				for i := range k {
					sel = append(sel, int32(i))
				}
				b = &vector.Batch{Cols: wide.Cols, N: wide.N, Sel: sel}
			}
			if err := f.Write(b); err != nil {
				t.Fatal(err)
			}
			n += k
		}
		if f.Rows() != int64(n) {
			t.Fatalf("%d rows, want %d", f.Rows(), n)
		}
		if err := f.Flush(); err != nil {
			t.Fatal(err)
		}
		reader := f.Reader()
		check(t, reader, 0, n, text)
		for range 20 {
			at := r.IntN(n + 1)
			reader.SeekRow(int64(at))
			check(t, reader, at, n, text)
		}
		for range 20 { // within a frame that is held, and behind it
			at := r.IntN(n - 1)
			reader.SeekRow(int64(at))
			b, err := reader.Next()
			if err != nil || !reader.Holds(int64(at)) || reader.Holds(int64(at+b.Rows())) {
				t.Fatalf("row %d: the reader does not hold what it read (%v)", at, err)
			}
			again := at + r.IntN(b.Rows())
			reader.SeekRow(int64(again))
			check(t, reader, again, n, text)
		}
		if err := f.Write(batch(t, n, 10, text)); err != nil {
			t.Fatal(err)
		}
		if err := f.Rest(); err != nil {
			t.Fatal(err)
		}
		check(t, reader, n, n+10, text)
		if dir.Used() != f.Bytes() || dir.Open() != 1 || budget.Used() == 0 {
			t.Fatalf("%d bytes of %d, %d files, %d bytes of memory", dir.Used(), f.Bytes(), dir.Open(), budget.Used())
		}
		reader.Close()
		if reader.Holds(0) || reader.Holds(int64(n)) {
			t.Fatal("a closed reader holds a frame")
		}
		for range 2 {
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if dir.Used() != 0 || dir.Open() != 0 || budget.Used() != 0 {
			t.Fatalf("left: %d bytes, %d files, %d bytes of memory", dir.Used(), dir.Open(), budget.Used())
		}
	}
}

func TestTheLimitHoldsForAllFilesTogether(t *testing.T) {
	t.Parallel()
	dir := spill.NewDir(t.TempDir(), 100_000)
	var files []*spill.File
	for range 2 {
		f, err := dir.Create(types(), nil)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	var err error
	for i := 0; err == nil && i < 100; i++ {
		err = files[i%2].Write(batch(t, i*1024, 1024, 10))
	}
	if pgerr.CodeOf(err) != pgerr.ConfigurationLimitExceeded {
		t.Fatalf("error %v", err)
	}
	for _, f := range files {
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if dir.Used() != 0 || dir.Peak() == 0 || dir.Peak() > 100_000 {
		t.Fatalf("%d bytes are left, %d at the peak", dir.Used(), dir.Peak())
	}
	if _, err := spill.NewDir(t.TempDir(), 0).Create(types(), nil); pgerr.CodeOf(err) != pgerr.ConfigurationLimitExceeded {
		t.Fatalf("without leave: %v", err)
	}
	if _, err := spill.NewDir(t.TempDir()+"/none", 1).Create(types(), nil); pgerr.CodeOf(err) != pgerr.IOError {
		t.Fatalf("without a directory: %v", err)
	}
}

func TestABudgetThatRefusesLeavesTheFileUsable(t *testing.T) {
	t.Parallel()
	budget := vector.NewBudget(nil, "query", 1000)
	dir := spill.NewDir(t.TempDir(), 1<<30)
	f, err := dir.Create(types(), budget)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		if err := f.Write(batch(t, i*700, 700, 10)); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Rest(); err != nil {
		t.Fatal(err)
	}
	r := f.Reader()
	if _, err := r.Next(); pgerr.CodeOf(err) != pgerr.OutOfMemory {
		t.Fatalf("read without memory: %v", err)
	}
	r.Close()
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if budget.Used() != 0 {
		t.Fatalf("%d bytes are left", budget.Used())
	}
}
