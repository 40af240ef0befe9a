package exec

import (
	"math/big"
	"math/bits"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

type intSum struct{ sum, n int64 }

// sumIntAgg is sum and avg of int2 and int4, whose sums are int8.
type sumIntAgg[T int16 | int32] struct {
	flatStates[intSum]
	buffer func(*vector.Vector) []T
	avg    bool
	picked scratch[T]
}

func (a *sumIntAgg[T]) addBatch(f *feed) error {
	vals, groups := a.picked.pick(f, f.args[0], a.buffer(f.args[0].Physical()))
	var over int64
	if groups == nil {
		var sum int64 // of at most some thousand small numbers
		for _, x := range vals {
			sum += int64(x)
		}
		s := &a.s[f.group]
		t := s.sum + sum
		over = (s.sum ^ t) & (sum ^ t)
		s.sum, s.n = t, s.n+int64(len(vals))
	} else {
		states := a.s
		for i, g := range groups[:len(vals)] {
			s, x := &states[g], int64(vals[i])
			t := s.sum + x
			over |= (s.sum ^ t) & (x ^ t)
			s.sum, s.n = t, s.n+1
		}
	}
	if over < 0 {
		return pgerr.New(pgerr.NumericValueOutOfRange, "bigint out of range")
	}
	return nil
}

func (a *sumIntAgg[T]) results(dst *vector.Vector, from, n int) error {
	for i, s := range a.s[from : from+n] {
		switch {
		case s.n == 0:
			dst.SetNull(i)
		case !a.avg:
			dst.I64[i] = s.sum
		default:
			q, err := sqltype.NumericInt(s.sum).Div(sqltype.NumericInt(s.n))
			if err != nil {
				return err
			}
			dst.SetNumeric(i, q)
		}
	}
	return nil
}

// wideSum is a sum of int64 in 128 bits, with the number of its terms.
type wideSum struct {
	lo uint64
	hi int64
	n  int64
}

// add adds a term. Sums of terms that fit int64 do not leave 128 bits.
func (s *wideSum) add(x int64) {
	lo, carry := bits.Add64(s.lo, uint64(x), 0)
	s.lo = lo
	s.hi += x>>63 + int64(carry)
	s.n++
}

// addAll adds terms.
func (s *wideSum) addAll(vals []int64) {
	lo, hi := s.lo, s.hi
	for _, x := range vals {
		sum, carry := bits.Add64(lo, uint64(x), 0)
		lo = sum
		hi += x>>63 + int64(carry)
	}
	s.lo, s.hi, s.n = lo, hi, s.n+int64(len(vals))
}

func (s *wideSum) fits() bool { return s.hi == int64(s.lo)>>63 }

// numeric is the sum divided by 10^scale.
func (s *wideSum) numeric(scale uint8) (sqltype.Numeric, error) {
	if s.fits() {
		return sqltype.Numeric{Coef: int64(s.lo), Scale: scale}, nil
	}
	b := new(big.Int).Lsh(big.NewInt(s.hi), 64)
	return sqltype.NumericFromBig(b.Add(b, new(big.Int).SetUint64(s.lo)), int(scale))
}

// sumLongAgg is sum and avg of int8, whose sums are numeric.
type sumLongAgg struct {
	flatStates[wideSum]
	avg    bool
	picked scratch[int64]
}

func (a *sumLongAgg) addBatch(f *feed) error {
	vals, groups := a.picked.pick(f, f.args[0], f.args[0].Physical().I64)
	if groups == nil {
		a.s[f.group].addAll(vals)
		return nil
	}
	states := a.s
	for i, g := range groups[:len(vals)] {
		states[g].add(vals[i])
	}
	return nil
}

func (a *sumLongAgg) results(dst *vector.Vector, from, n int) error {
	for i := range n {
		s := &a.s[from+i]
		if s.n == 0 {
			dst.SetNull(i)
			continue
		}
		x, err := s.numeric(0)
		if err == nil && a.avg {
			x, err = x.Div(sqltype.NumericInt(s.n))
		}
		if err != nil {
			return err
		}
		dst.SetNumeric(i, x)
	}
	return nil
}
