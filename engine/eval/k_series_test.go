package eval

import (
	"math"
	"math/big"
	"slices"
	"testing"

	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// TestIntegerSeries counts with numbers that cannot overflow, row by row and many rows at once.
func TestIntegerSeries(t *testing.T) {
	t.Parallel()
	const lo4, hi4, lo8, hi8 = math.MinInt32, math.MaxInt32, math.MinInt64, math.MaxInt64
	for _, c := range []struct{ lo, hi, from, to, step int64 }{
		{lo4, hi4, 1, 10, 1},
		{lo4, hi4, 1, 3000, 1},
		{lo4, hi4, 10, 1, -3},
		{lo4, hi4, 1, 0, 1},
		{lo4, hi4, 0, 1, -1},
		{lo4, hi4, 5, 5, 7},
		{lo4, hi4, 5, 5, -7},
		{lo4, hi4, hi4 - 2, hi4, 1},
		{lo4, hi4, hi4 - 3, hi4, 2},
		{lo4, hi4, lo4 + 2, lo4, -1},
		{lo4, hi4, lo4, hi4, hi4},
		{lo4, hi4, hi4, lo4, lo4},
		{lo8, hi8, hi8 - 2, hi8, 1},
		{lo8, hi8, lo8 + 2, lo8, -1},
		{lo8, hi8, lo8, hi8, hi8},
		{lo8, hi8, lo8, hi8, hi8 / 1024},
		{lo8, hi8, hi8, lo8, lo8},
		{lo8, hi8, hi8, lo8, lo8 / 512},
	} {
		var want []int64
		for n := big.NewInt(c.from); n.IsInt64(); n.Add(n, big.NewInt(c.step)) {
			v := n.Int64()
			if v < c.lo || v > c.hi || c.step > 0 && v > c.to || c.step < 0 && v < c.to {
				break
			}
			want = append(want, v)
		}
		start := func() *integers {
			it, err := intSeries(c.lo, c.hi)(nil, []sqltype.Value{sqltype.Int(c.from), sqltype.Int(c.to), sqltype.Int(c.step)})
			if err != nil {
				t.Fatal(err)
			}
			return it.(*integers)
		}
		var single []int64
		row := make([]sqltype.Value, 1)
		for it := start(); len(single) <= len(want); single = append(single, row[0].I) {
			if ok, err := it.Next(row); !ok {
				if err != nil {
					t.Error(err)
				}
				break
			}
		}
		if !slices.Equal(single, want) {
			t.Errorf("%+v: %d rows one by one, not %d", c, len(single), len(want))
		}
		typ := sqltype.Of(sqltype.OIDInt8)
		if c.hi == hi4 {
			typ = sqltype.Of(sqltype.OIDInt4)
		}
		for _, limit := range []int{1, 7, 1024} {
			var many []int64
			col := vector.New(typ)
			for it := start(); len(many) <= len(want); {
				if it.NextBlock(col, limit); col.N == 0 {
					break
				}
				for i := range col.N {
					many = append(many, col.Value(i).I)
				}
			}
			if !slices.Equal(many, want) {
				t.Errorf("%+v: %d rows by %d, not %d", c, len(many), limit, len(want))
			}
		}
	}
	if _, err := intSeries(lo4, hi4)(nil, []sqltype.Value{sqltype.Int(1), sqltype.Int(2), sqltype.Int(0)}); err == nil {
		t.Error("a step of zero was taken")
	}
}
