package exec

import (
	"math"

	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

type floatSum[T float32 | float64] struct {
	sum T
	n   int64
}

// sumFloatAgg is sum of floats, added in their own precision and in the order of rows, as float4pl and float8pl do.
type sumFloatAgg[T float32 | float64] struct {
	flatStates[floatSum[T]]
	buffer func(*vector.Vector) []T
	picked scratch[T]
}

func (a *sumFloatAgg[T]) addBatch(f *feed) error {
	vals, groups := a.picked.pick(f, f.args[0], a.buffer(f.args[0].Physical()))
	if len(vals) == 0 {
		return nil
	}
	if groups == nil {
		s := &a.s[f.group]
		if s.n == 0 { // so that the sum of -0 alone is -0
			s.sum, vals, s.n = vals[0], vals[1:], 1
		}
		sum := s.sum
		for _, x := range vals {
			sum += x
		}
		if math.IsInf(float64(sum), 0) || math.IsNaN(float64(sum)) {
			return a.careful(s, vals)
		}
		s.sum, s.n = sum, s.n+int64(len(vals))
		return nil
	}
	states := a.s
	for i, g := range groups[:len(vals)] {
		s, x := &states[g], vals[i]
		if s.n == 0 {
			s.sum, s.n = x, 1
			continue
		}
		sum := s.sum + x
		if math.IsInf(float64(sum), 0) && !math.IsInf(float64(s.sum), 0) && !math.IsInf(float64(x), 0) {
			return floatOverflow()
		}
		s.sum, s.n = sum, s.n+1
	}
	return nil
}

// careful looks at every step of a sum that became infinite: it may only if a term is.
func (a *sumFloatAgg[T]) careful(s *floatSum[T], vals []T) error {
	for _, x := range vals {
		sum := s.sum + x
		if math.IsInf(float64(sum), 0) && !math.IsInf(float64(s.sum), 0) && !math.IsInf(float64(x), 0) {
			return floatOverflow()
		}
		s.sum, s.n = sum, s.n+1
	}
	return nil
}

func (a *sumFloatAgg[T]) results(dst *vector.Vector, from, n int) error {
	for i, s := range a.s[from : from+n] {
		if s.n == 0 {
			dst.SetNull(i)
			continue
		}
		setFloat(dst, i, float64(s.sum))
	}
	return nil
}

// avgFloatAgg is avg of floats. PostgreSQL's keeps the moments of the variance with the sum, and fails where they overflow; the second moment
// cannot while all values are moderate, and is kept only from the first other one on: what came before does not show in its digits.
type avgFloatAgg[T float32 | float64] struct {
	flatStates[floatMoments]
	buffer func(*vector.Vector) []T
	picked scratch[T]
}

// moderate is a magnitude whose squares, however many there are, add up without overflow, and beside which those of values near the limit
// leave nothing of it.
const moderate = 1e130

func (a *avgFloatAgg[T]) addBatch(f *feed) error {
	vals, groups := a.picked.pick(f, f.args[0], a.buffer(f.args[0].Physical()))
	if groups == nil {
		s := &a.s[f.group]
		for i, x := range vals {
			if v := float64(x); !(math.Abs(v) < moderate) || s.sxx != 0 {
				for _, x := range vals[i:] {
					if err := s.add(float64(x)); err != nil {
						return err
					}
				}
				return nil
			}
			s.n++
			s.sx += float64(x)
		}
		return nil
	}
	states := a.s
	for i, g := range groups[:len(vals)] {
		s, x := &states[g], float64(vals[i])
		if !(math.Abs(x) < moderate) || s.sxx != 0 {
			if err := s.add(x); err != nil {
				return err
			}
			continue
		}
		s.n++
		s.sx += x
	}
	return nil
}

func (a *avgFloatAgg[T]) results(dst *vector.Vector, from, n int) error {
	for i, s := range a.s[from : from+n] {
		if s.n == 0 {
			dst.SetNull(i)
			continue
		}
		setFloat(dst, i, s.sx/s.n)
	}
	return nil
}

func setFloat(dst *vector.Vector, row int, x float64) {
	if dst.Kind == sqltype.KindFloat32 {
		dst.F32[row] = float32(x)
		return
	}
	dst.F64[row] = x
}
