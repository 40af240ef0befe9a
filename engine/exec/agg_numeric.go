package exec

import (
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// numericSum is a sum of numbers of one display scale: the largest so far. Where 128 bits or small scales do not do, the sum is exact[big-1].
type numericSum struct {
	wideSum
	scale uint8
	big   int32
}

// sumNumericAgg is sum and avg of numeric.
type sumNumericAgg struct {
	flatStates[numericSum]
	avg    bool
	exact  []sqltype.NumericSum
	size   int64 // of what exact has
	picked scratch[int64]
	scales scratch[uint8]
}

func (a *sumNumericAgg) addBatch(f *feed) error {
	v := f.args[0]
	p := v.Physical()
	vals, groups := a.picked.pick(f, v, p.I64)
	scales, _ := a.scales.pick(f, v, p.Scales)
	if len(vals) == 0 {
		return nil
	}
	if groups == nil {
		s := &a.s[f.group]
		if s.n == 0 && scales[0] <= sqltype.MaxSmallScale {
			s.scale = scales[0]
		}
		if s.big == 0 && s.hi>>62 == s.hi>>63 && allEqual(scales, s.scale) { // what remains of 128 bits holds any batch
			s.addAll(vals)
			return nil
		}
	}
	i := 0
	return f.present(v, func(g int32, row int) error {
		s := &a.s[g]
		coef, scale := vals[i], scales[i]
		i++
		if s.big == 0 && scale == s.scale && s.hi>>62 == s.hi>>63 {
			s.add(coef)
			return nil
		}
		return a.addOne(s, v, row)
	})
}

func allEqual(scales []uint8, x uint8) bool {
	var or uint8
	for _, s := range scales {
		or |= s ^ x
	}
	return or == 0
}

// addOne adds a number of another scale than the sum's, or one that has no small form.
func (a *sumNumericAgg) addOne(s *numericSum, v *vector.Vector, row int) error {
	x := v.Numeric(row)
	if s.big == 0 && x.Scale <= sqltype.MaxSmallScale && a.align(s, &x) {
		s.add(x.Coef)
		return nil
	}
	if s.big == 0 {
		a.exact = append(a.exact, sqltype.NumericSum{})
		s.big = int32(len(a.exact))
		if s.n > 0 {
			sum, err := s.numeric(s.scale)
			if err != nil {
				return err
			}
			a.exact[s.big-1].Add(sum)
		}
		a.size += a.exact[s.big-1].Bytes() - sqltype.NumericSumBytes
	}
	sum := &a.exact[s.big-1]
	before := sum.Bytes()
	sum.Add(x)
	a.size += sum.Bytes() - before
	s.n++
	return nil
}

// align gives the sum and x the larger of their scales, if neither leaves its bits by that.
func (a *sumNumericAgg) align(s *numericSum, x *sqltype.Numeric) bool {
	switch {
	case s.n == 0:
		s.scale = x.Scale
	case x.Scale > s.scale:
		if !s.fits() {
			return false
		}
		for sum := int64(s.lo); ; {
			if s.scale == x.Scale {
				s.lo, s.hi = uint64(sum), sum>>63
				break
			}
			next := sum * 10
			if next/10 != sum {
				s.lo, s.hi = uint64(sum), sum>>63
				return false
			}
			sum = next
			s.scale++
		}
	}
	for x.Scale < s.scale {
		next := x.Coef * 10
		if next/10 != x.Coef {
			return false
		}
		x.Coef = next
		x.Scale++
	}
	return s.hi>>62 == s.hi>>63
}

func (a *sumNumericAgg) bytes() int64 { return a.size + int64(cap(a.exact))*sqltype.NumericSumBytes }

func (a *sumNumericAgg) results(dst *vector.Vector, from, n int) error {
	for i := range n {
		s := &a.s[from+i]
		if s.n == 0 {
			dst.SetNull(i)
			continue
		}
		var x sqltype.Numeric
		var err error
		if s.big > 0 {
			x, err = a.exact[s.big-1].Numeric()
		} else {
			x, err = s.numeric(s.scale)
		}
		if err != nil {
			return err
		}
		if a.avg {
			if x, err = x.Div(sqltype.NumericInt(s.n)); err != nil {
				return err
			}
		}
		dst.SetNumeric(i, x)
	}
	return nil
}
