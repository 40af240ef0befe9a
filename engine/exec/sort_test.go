package exec

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/odatagres/odatagres/engine/spill"
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// sortKind makes values of a type; spread 0 gives few distinct ones.
type sortKind struct {
	name string
	oid  uint32
	make func(r *rand.Rand, spread int) sqltype.Value
}

func within(r *rand.Rand, spread int) int64 {
	switch spread {
	case 0:
		return r.Int64N(5)
	case 1:
		return r.Int64N(100_000) - 50_000
	}
	return int64(r.Uint64()) >> r.IntN(64)
}

func number(t testing.TB, text string) sqltype.Value {
	t.Helper()
	n, err := sqltype.ParseNumeric(text)
	if err != nil {
		t.Fatal(err)
	}
	return sqltype.Num(n)
}

func sortKinds(t testing.TB) []sortKind {
	odd := []sqltype.Value{
		number(t, "NaN"), number(t, "Infinity"), number(t, "-Infinity"), number(t, "123456789012345678901234567890"), number(t, "-1e40"),
		number(t, "1.0000000000000000000000000000000001"), number(t, "9223372036854775807"), number(t, "-9223372036854775808.5"), number(t, "0.00000000000000000000000001"),
	}
	floats := []float64{0, math.Copysign(0, -1), math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64}
	words := []string{"", "a", "ab", "abc", "state 1 of a device", "state 12 of a device", "state 1 of b device", "zzzzzzzzzzzzzzzz", "é"}
	text := func(r *rand.Rand, spread int) string {
		switch spread {
		case 0:
			return words[r.IntN(len(words))]
		case 1:
			return fmt.Sprintf("DESKTOP-%d", r.IntN(5000))
		}
		b := make([]byte, r.IntN(100))
		for i := range b {
			b[i] = "abcdefgh"[r.IntN(3)]
		}
		return string(b)
	}
	return []sortKind{
		{"bool", sqltype.OIDBool, func(r *rand.Rand, _ int) sqltype.Value { return sqltype.Bool(r.IntN(2) == 0) }},
		{"int2", sqltype.OIDInt2, func(r *rand.Rand, s int) sqltype.Value { return sqltype.Int(int64(int16(within(r, s)))) }},
		{"int4", sqltype.OIDInt4, func(r *rand.Rand, s int) sqltype.Value { return sqltype.Int(int64(int32(within(r, s)))) }},
		{"int8", sqltype.OIDInt8, func(r *rand.Rand, s int) sqltype.Value { return sqltype.Int(within(r, s)) }},
		{"xid8", sqltype.OIDXID8, func(r *rand.Rand, s int) sqltype.Value { return sqltype.Int(within(r, s)) }},
		{"timestamp", sqltype.OIDTimestamp, func(r *rand.Rand, s int) sqltype.Value { return sqltype.Int(within(r, s)) }},
		{"date", sqltype.OIDDate, func(r *rand.Rand, s int) sqltype.Value { return sqltype.Int(int64(int32(within(r, s)))) }},
		{"float4", sqltype.OIDFloat4, func(r *rand.Rand, s int) sqltype.Value {
			if s == 0 {
				return sqltype.Float(float64(float32(floats[r.IntN(len(floats))])))
			}
			return sqltype.Float(float64(float32(r.NormFloat64())))
		}},
		{"float8", sqltype.OIDFloat8, func(r *rand.Rand, s int) sqltype.Value {
			if s == 0 {
				return sqltype.Float(floats[r.IntN(len(floats))])
			}
			return sqltype.Float(r.NormFloat64() * math.Pow(10, float64(r.IntN(20))))
		}},
		{"numeric", sqltype.OIDNumeric, func(r *rand.Rand, s int) sqltype.Value {
			if s > 1 && r.IntN(4) == 0 {
				return odd[r.IntN(len(odd))]
			}
			return sqltype.Num(sqltype.Numeric{Coef: within(r, s), Scale: uint8(r.IntN(1 + 8*s))})
		}},
		{"interval", sqltype.OIDInterval, func(r *rand.Rand, s int) sqltype.Value {
			return sqltype.Value{Iv: sqltype.Interval{Micros: within(r, s), Days: int32(within(r, min(s, 1))), Months: int32(within(r, s))}}
		}},
		{"timetz", sqltype.OIDTimeTZ, func(r *rand.Rand, s int) sqltype.Value {
			return sqltype.Value{Iv: sqltype.Interval{Micros: r.Int64N(86_400) * 1_000_000, Months: int32(3600 * within(r, 0))}}
		}},
		{"uuid", sqltype.OIDUUID, func(r *rand.Rand, s int) sqltype.Value {
			var b [16]byte
			for i := range b {
				if s > 0 || i > 13 {
					b[i] = byte(within(r, s))
				}
			}
			return sqltype.Text(string(b[:]))
		}},
		{"text", sqltype.OIDText, func(r *rand.Rand, s int) sqltype.Value { return sqltype.Text(text(r, s)) }},
		{"bpchar", sqltype.OIDBPChar, func(r *rand.Rand, s int) sqltype.Value {
			return sqltype.Text(text(r, s) + strings.Repeat(" ", r.IntN(12)))
		}},
		{"bytea", sqltype.OIDBytea, func(r *rand.Rand, s int) sqltype.Value {
			return sqltype.Text(strings.Repeat("\x00", r.IntN(3)) + text(r, s) + strings.Repeat("\x00", r.IntN(10)))
		}},
		{"jsonb", sqltype.OIDJSONB, func(r *rand.Rand, s int) sqltype.Value { return sqltype.Text(fmt.Sprint(within(r, min(s, 1)))) }},
	}
}

// sortCase is rows of two random columns and their number.
type sortCase struct {
	types []sqltype.Type
	keys  []sortColumn
	rows  *rowStore
	want  []int64 // numbers in order
}

func newSortCase(r *rand.Rand, kinds []sortKind, n int) (*sortCase, string) {
	a, b := kinds[r.IntN(len(kinds))], kinds[r.IntN(len(kinds))]
	spreads := [2]int{r.IntN(3), r.IntN(3)}
	c := &sortCase{types: []sqltype.Type{sqltype.Of(a.oid), sqltype.Of(b.oid), sqltype.Of(sqltype.OIDInt8), sqltype.Of(sqltype.OIDText)}}
	nulls := [2]int{r.IntN(3) * 5, r.IntN(3) * 5}
	c.rows = newRowStore(c.types, nil)
	order := r.IntN(3) // 0: random, 1: the second key is a rising number
	for i := range n {
		v := []sqltype.Value{a.make(r, spreads[0]), b.make(r, spreads[1]), sqltype.Int(int64(i)), sqltype.Text(strings.Repeat("x", r.IntN(40)))}
		for k := range 2 {
			if nulls[k] > 0 && r.IntN(100) < nulls[k] {
				v[k] = sqltype.NullValue()
			}
		}
		c.rows.addValues(v)
	}
	c.keys = []sortColumn{{col: 0, typ: c.types[0], desc: r.IntN(2) == 0, first: r.IntN(2) == 0}}
	switch order {
	case 1:
		c.keys = append(c.keys, sortColumn{col: 2, typ: c.types[2]})
	case 2:
		c.keys = append(c.keys, sortColumn{col: 1, typ: c.types[1], desc: r.IntN(2) == 0, first: r.IntN(2) == 0})
	}
	places := identity(n)
	slices.SortStableFunc(places, compareRows(c.rows, c.keys))
	for _, p := range places {
		c.want = append(c.want, int64(p))
	}
	return c, fmt.Sprintf("%s/%d, %s/%d by %+v of %d rows", a.name, spreads[0], b.name, spreads[1], c.keys, n)
}

// testMemory is an operator's memory with files.
func testMemory(t testing.TB, limit int64) (*memory, *spill.Dir) {
	dir := spill.NewDir(t.TempDir(), 1<<30)
	return &memory{Budget: vector.NewBudget(nil, "query", limit), dir: dir, floor: limit / 4}, dir
}

// feed adds all rows, some of them through selections.
func (c *sortCase) feed(ctx context.Context, s *sorter, r *rand.Rand) error {
	for _, chunk := range c.rows.chunks {
		b := *chunk
		if r.IntN(2) == 0 { // every row twice over is chosen once
			cut := r.IntN(b.N + 1)
			if cut > 0 {
				if err := s.add(ctx, b.Head(cut)); err != nil {
					return err
				}
			}
			if cut < b.N {
				if err := s.add(ctx, b.Slice(cut, b.N)); err != nil {
					return err
				}
			}
			continue
		}
		if err := s.add(ctx, &b); err != nil {
			return err
		}
	}
	return nil
}

func (c *sortCase) read(ctx context.Context, s *sorter, limit int) ([]int64, error) {
	var out []int64
	for len(out) < limit {
		b, err := s.read(ctx, 3)
		if err != nil || b == nil {
			return out, err
		}
		for i := range b.N {
			at := b.Cols[2].I64[i]
			out = append(out, at)
			ch, p := c.rows.at(int(at))
			for k := range 2 {
				if b.Cols[k].IsNull(i) != ch.Cols[k].IsNull(p) || !b.Cols[k].IsNull(i) && b.Cols[k].Value(i) != ch.Cols[k].Value(p) && c.types[k].Kind() != sqltype.KindFloat64 && c.types[k].Kind() != sqltype.KindFloat32 {
					return nil, fmt.Errorf("row %d came with another value in column %d", at, k)
				}
			}
		}
	}
	return out, nil
}

// TestSorter compares with a sort that compares values, for all types, in memory and through files.
func TestSorter(t *testing.T) {
	t.Parallel()
	kinds := sortKinds(t)
	r := rand.New(rand.NewPCG(1, 2))
	spilled := 0
	for i := range 120 {
		n := []int{0, 1, 30, 900, 5000, 30000}[r.IntN(6)]
		if testing.Short() {
			n = min(n, 5000)
		}
		c, name := newSortCase(r, kinds, n)
		for _, limit := range []int64{0, 512 << 10, 128 << 10} {
			mem, dir := testMemory(t, limit)
			s := newSorter(mem, c.types, c.keys)
			if i%5 == 0 && n > 0 {
				s.limit = 1 + r.Int64N(int64(n))
			}
			err := c.feed(t.Context(), s, r)
			if err == nil {
				err = s.finish(t.Context())
			}
			var got []int64
			if err == nil {
				got, err = c.read(t.Context(), s, n+1)
			}
			if err != nil {
				t.Fatalf("%s in %d bytes: %v", name, limit, err)
			}
			want := c.want
			if s.limit > 0 {
				want = want[:s.limit]
			}
			if !slices.Equal(got, want) {
				t.Fatalf("%s in %d bytes: row %d differs", name, limit, firstDifference(got, want))
			}
			if !s.inMemory() {
				spilled++
			}
			if limit > 0 && mem.Peak() > limit {
				t.Errorf("%s: %d bytes of %d", name, mem.Peak(), limit)
			}
			nothingLeft(t, name, s, mem, dir)
		}
	}
	if spilled < 20 {
		t.Errorf("only %d sorts went through files", spilled)
	}
}

func firstDifference(a, b []int64) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

func nothingLeft(t *testing.T, name string, s *sorter, mem *memory, dir *spill.Dir) {
	t.Helper()
	for range 2 {
		if err := s.release(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if mem.Used() != 0 || dir.Open() != 0 || dir.Used() != 0 {
		t.Fatalf("%s: %d bytes, %d files and %d bytes in them are left", name, mem.Used(), dir.Open(), dir.Used())
	}
}

// TestSorterEnds stops a spilled sort at many places: by a cancelled context, after a few rows, and where no file may be made.
func TestSorterEnds(t *testing.T) {
	t.Parallel()
	kinds := sortKinds(t)
	r := rand.New(rand.NewPCG(3, 4))
	c, name := newSortCase(r, kinds, 20000)
	mem, dir := testMemory(t, 256<<10)
	s := newSorter(mem, c.types, c.keys)
	for range 3 { // it can be used again
		if err := c.feed(t.Context(), s, r); err != nil {
			t.Fatal(err)
		}
		if err := s.finish(t.Context()); err != nil {
			t.Fatal(err)
		}
		got, err := c.read(t.Context(), s, 100)
		if err != nil || !slices.Equal(got[:100], c.want[:100]) {
			t.Fatalf("%s: %v", name, err)
		}
		nothingLeft(t, name, s, mem, dir)
	}
	for _, stop := range []int{0, 3, 10, 25, 60} {
		ctx, cancel := context.WithCancel(t.Context())
		s := newSorter(mem, c.types, c.keys)
		err := c.feed(&countedContext{Context: ctx, cancel: cancel, left: stop}, s, r)
		if err == nil {
			err = s.finish(ctx)
		}
		if err == nil {
			cancel()
			_, err = c.read(ctx, s, 20000)
		}
		if !errors.Is(err, context.Canceled) {
			t.Errorf("after %d looks: %v", stop, err)
		}
		cancel()
		nothingLeft(t, name, s, mem, dir)
	}
	mem.dir = spill.NewDir(t.TempDir(), 0)
	s = newSorter(mem, c.types, c.keys)
	if err := c.feed(t.Context(), s, r); pgerr.CodeOf(err) != pgerr.OutOfMemory {
		t.Errorf("without files: %v", err)
	}
	nothingLeft(t, name, s, mem, dir)
	mem.dir = spill.NewDir(t.TempDir(), 50000)
	s = newSorter(mem, c.types, c.keys)
	if err := c.feed(t.Context(), s, r); pgerr.CodeOf(err) != pgerr.ConfigurationLimitExceeded {
		t.Errorf("with files that are too small: %v", err)
	}
	nothingLeft(t, name, s, mem, mem.dir)
}

// countedContext is cancelled after it was looked at some times.
type countedContext struct {
	context.Context
	cancel func()
	left   int
}

func (c *countedContext) Err() error {
	if c.left--; c.left < 0 {
		c.cancel()
	}
	return c.Context.Err()
}

// BenchmarkSorter sorts ten million rows in memory.
func BenchmarkSorter(b *testing.B) {
	const n = 10_000_000
	for _, kind := range []string{"int4, number", "int8", "text", "words", "float8"} {
		b.Run(kind, func(b *testing.B) {
			types := map[string][]uint32{
				"int4, number": {sqltype.OIDInt4, sqltype.OIDInt8}, "int8": {sqltype.OIDInt8, sqltype.OIDInt8}, "text": {sqltype.OIDText, sqltype.OIDInt8},
				"words": {sqltype.OIDText, sqltype.OIDInt8}, "float8": {sqltype.OIDFloat8, sqltype.OIDInt8},
			}[kind]
			r := rand.New(rand.NewPCG(1, 2))
			ts := []sqltype.Type{sqltype.Of(types[0]), sqltype.Of(types[1])}
			var chunks []*vector.Batch
			for at := 0; at < n; at += vector.BatchRows {
				c := newOutput(ts)
				for i := range vector.BatchRows {
					switch kind {
					case "text":
						c.Cols[0].Append(sqltype.Text(fmt.Sprintf("DESKTOP-%06d", r.IntN(100_000))))
					case "words":
						c.Cols[0].Append(sqltype.Text(fmt.Sprintf("state %d of a device", r.IntN(20))))
					case "float8":
						c.Cols[0].Append(sqltype.Float(r.NormFloat64()))
					case "int8":
						c.Cols[0].Append(sqltype.Int(int64(r.Uint64())))
					default:
						c.Cols[0].Append(sqltype.Int(r.Int64N(1_000_000)))
					}
					c.Cols[1].Append(sqltype.Int(int64(at + i)))
					c.N++
				}
				chunks = append(chunks, c)
			}
			keys := []sortColumn{{col: 0, typ: ts[0]}}
			if kind == "int4, number" {
				keys = append(keys, sortColumn{col: 1, typ: ts[1]})
			}
			mem, _ := testMemory(b, 0)
			for b.Loop() {
				s := newSorter(mem, ts, keys)
				for _, c := range chunks {
					if err := s.add(b.Context(), c); err != nil {
						b.Fatal(err)
					}
				}
				if err := s.finish(b.Context()); err != nil {
					b.Fatal(err)
				}
				for {
					out, err := s.read(b.Context(), 2)
					if err != nil {
						b.Fatal(err)
					}
					if out == nil {
						break
					}
				}
				if err := s.release(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestParallelRadix sorts enough rows for several goroutines, whatever GOMAXPROCS is, and stops one in the middle.
func TestParallelRadix(t *testing.T) {
	t.Parallel()
	const n = 3 * parallelRows
	r := rand.New(rand.NewPCG(5, 6))
	a, packed := make([]pair, n), make([]uint64, n)
	for i := range a {
		key := r.Uint64() >> (20 * r.IntN(3))
		a[i] = pair{key: key, row: uint32(i)}
		packed[i] = key<<24>>4 | uint64(i)
	}
	want := slices.Clone(a)
	slices.SortFunc(want, comparePairs)
	wantPacked := slices.Clone(packed)
	slices.Sort(wantPacked)
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	one := radix{ctx: stopped, goroutines: 3}
	if err := one.sortPairs(slices.Clone(a), make([]pair, n), 64, 0, false); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	two := radix{ctx: t.Context(), goroutines: 3}
	if err := two.sortPairs(a, make([]pair, n), 64, 0, false); err != nil || !slices.Equal(a, want) {
		t.Errorf("pairs: %v", err)
	}
	if err := two.sortPacked(packed, make([]uint64, n), 60, 20, false); err != nil || !slices.Equal(packed, wantPacked) {
		t.Errorf("packed: %v", err)
	}
	late := &countedContext{Context: t.Context(), left: 4}
	late.Context, late.cancel = context.WithCancel(t.Context())
	three := radix{ctx: late, goroutines: 1}
	for i := range a {
		a[i].key = r.Uint64()
	}
	if err := three.sortPairs(a, make([]pair, n), 64, 0, false); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled in the middle: %v", err)
	}
}
