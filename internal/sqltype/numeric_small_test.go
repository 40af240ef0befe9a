package sqltype_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/odatagres/odatagres/internal/sqltype"
)

// TestSmallNumbers compares the functions for loops with computations over big integers, at the bounds of int64 above all.
func TestSmallNumbers(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(7, 7))
	coef := func() int64 {
		switch rnd.IntN(5) {
		case 0:
			return []int64{0, 1, -1, 5, -5, math.MaxInt64, math.MinInt64, math.MaxInt64 - 1, 1e18, -1e18, 999999999999999999, 1 << 53}[rnd.IntN(12)]
		case 1:
			return int64(rnd.Uint64())
		}
		return rnd.Int64N(2_000_001) - 1_000_000
	}
	scale := func() uint8 { return []uint8{0, 0, 1, 2, 2, 3, 6, 17, 18, 19, 30, 251}[rnd.IntN(12)] }
	pow := func(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }
	ok := map[string]int{}
	same := func(what string, c int64, s uint8, good bool, want *big.Int, wantScale int) {
		t.Helper()
		if !good {
			return
		}
		ok[what]++
		if int(s) != wantScale || want.Cmp(big.NewInt(c)) != 0 {
			t.Fatalf("%s: %d/%d, want %s/%d", what, c, s, want, wantScale)
		}
	}
	for range 200_000 {
		a, as, b, bs := coef(), scale(), coef(), scale()
		top := int(max(as, bs))
		x := new(big.Int).Mul(big.NewInt(a), pow(top-int(as)))
		y := new(big.Int).Mul(big.NewInt(b), pow(top-int(bs)))
		c, s, good := sqltype.AddSmall(a, as, b, bs)
		same("add", c, s, good, new(big.Int).Add(x, y), top)
		c, s, good = sqltype.MulSmall(a, as, b, bs)
		same("mul", c, s, good, new(big.Int).Mul(big.NewInt(a), big.NewInt(b)), int(as)+int(bs))
		if order, good := sqltype.CmpSmall(a, as, b, bs); !good || order != x.Cmp(y) {
			t.Fatalf("compare %d/%d with %d/%d: %d", a, as, b, bs, order)
		}
		n := sqltype.Numeric{Coef: a, Scale: as}
		if c, s, good = sqltype.RoundSmall(a, as, int(bs), true); good {
			want, err := n.Round(int(bs))
			if err != nil || want != (sqltype.Numeric{Coef: c, Scale: s}) {
				t.Fatalf("round %v to %d: %d/%d, want %v %v", n, bs, c, s, want, err)
			}
			ok["round"]++
		}
		typmod := int32(1+rnd.IntN(20))<<16 | int32(rnd.IntN(6)) + 4
		if c, s, good = sqltype.FitSmall(a, as, typmod); good {
			want, err := sqltype.FitNumeric(n, typmod)
			if err != nil || want != (sqltype.Numeric{Coef: c, Scale: s}) {
				t.Fatalf("fit %v to %d: %d/%d, want %v %v", n, typmod, c, s, want, err)
			}
			ok["fit"]++
		}
		if f, good := sqltype.FloatOfSmall(a, as); good {
			want, err := sqltype.ParseFloat(n.String(), 64)
			if err != nil || f != want {
				t.Fatalf("float of %v: %v, want %v", n, f, want)
			}
			ok["float"]++
		}
		if h, good := sqltype.HashSmall(a, as); !good || h != n.Hash() {
			t.Fatalf("hash of %v", n)
		}
	}
	for _, what := range []string{"add", "mul", "round", "fit", "float"} {
		if ok[what] < 10_000 {
			t.Errorf("%s was computed %d times only", what, ok[what])
		}
	}
	for _, special := range []uint8{sqltype.ScaleOverflow, sqltype.ScaleNaN, sqltype.ScaleInfinity, sqltype.ScaleNegInfinity} {
		if _, _, good := sqltype.AddSmall(1, special, 1, 0); good {
			t.Error("a special number is added")
		}
		if _, _, good := sqltype.MulSmall(1, 0, 1, special); good {
			t.Error("a special number is multiplied")
		}
		if _, good := sqltype.CmpSmall(1, special, 1, special); good {
			t.Error("special numbers are compared")
		}
	}
}
