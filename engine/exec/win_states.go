package exec

import (
	"math/bits"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// winCount is count(*) and count(x).
type winCount struct {
	args []int
	n    int64
}

func (s *winCount) reset() { s.n = 0 }

func (s *winCount) count(b *rowBlock, rows []int32) int64 {
	if len(s.args) == 0 || !b.cols[s.args[0]].MayHaveNulls() {
		return int64(len(rows))
	}
	n, v := int64(0), b.cols[s.args[0]]
	for _, r := range rows {
		if !v.IsNull(int(r)) {
			n++
		}
	}
	return n
}

func (s *winCount) add(b *rowBlock, rows []int32) error {
	s.n += s.count(b, rows)
	return nil
}
func (s *winCount) remove(b *rowBlock, rows []int32) { s.n -= s.count(b, rows) }

func (s *winCount) result(out *vector.Vector, at int) error {
	out.I64[at] = s.n
	return nil
}

// winSumInt is sum and avg of integers, exact in 128 bits.
type winSumInt struct {
	arg int
	s   wideSum
	out sqltype.Kind
	avg bool
}

func (s *winSumInt) reset() { s.s = wideSum{} }

func (s *winSumInt) add(b *rowBlock, rows []int32) error {
	v := b.cols[s.arg]
	if v.Valid == nil && v.Form == vector.Flat {
		switch v.Kind {
		case sqltype.KindInt32:
			for _, r := range rows {
				s.s.add(int64(v.I32[r]))
			}
			return nil
		case sqltype.KindInt64:
			for _, r := range rows {
				s.s.add(v.I64[r])
			}
			return nil
		}
	}
	for _, r := range rows {
		if !v.IsNull(int(r)) {
			s.s.add(intAt(v, int(r)))
		}
	}
	return nil
}

func (s *winSumInt) remove(b *rowBlock, rows []int32) {
	v := b.cols[s.arg]
	for _, r := range rows {
		if !v.IsNull(int(r)) {
			x := intAt(v, int(r))
			lo, borrow := bits.Sub64(s.s.lo, uint64(x), 0)
			s.s.lo = lo
			s.s.hi -= x>>63 + int64(borrow)
			s.s.n--
		}
	}
}

func (s *winSumInt) result(out *vector.Vector, at int) error {
	switch {
	case s.s.n == 0:
		out.SetNull(at)
		return nil
	case s.out == sqltype.KindInt64:
		if !s.s.fits() {
			return pgerr.New(pgerr.NumericValueOutOfRange, "bigint out of range")
		}
		out.I64[at] = int64(s.s.lo)
		return nil
	}
	n, err := s.s.numeric(0)
	if err == nil && s.avg {
		n, err = n.Div(sqltype.NumericInt(s.s.n))
	}
	if err != nil {
		return err
	}
	out.SetNumeric(at, n)
	return nil
}

// winSumNumeric is sum and avg of numeric. The sum's display scale is the largest of the numbers in the frame, so their scales are counted,
// and so are numbers that cannot be taken away from a sum (numeric_accum_inv).
type winSumNumeric struct {
	arg    int
	avg    bool
	sum    sqltype.Numeric
	n      int64
	scales map[int]int64
	scale  int // the largest in scales, where small holds
	nan    int64
	inf    [2]int64 // infinity, -infinity
}

func (s *winSumNumeric) reset() { *s = winSumNumeric{arg: s.arg, avg: s.avg} }

func (s *winSumNumeric) add(b *rowBlock, rows []int32) error {
	v := b.cols[s.arg]
	for _, r := range rows {
		if v.IsNull(int(r)) {
			continue
		}
		s.n++
		n := v.Numeric(int(r))
		if s.special(n, 1) {
			continue
		}
		if s.scales == nil {
			s.scales = map[int]int64{}
		}
		s.scales[n.Dscale()]++
		s.scale = max(s.scale, n.Dscale())
		sum, err := s.sum.Add(n)
		if err != nil {
			return err
		}
		s.sum = sum
	}
	return nil
}

func (s *winSumNumeric) special(n sqltype.Numeric, by int64) bool {
	switch {
	case n.IsNaN():
		s.nan += by
	case n.IsInf(1):
		s.inf[0] += by
	case n.IsInf(-1):
		s.inf[1] += by
	default:
		return false
	}
	return true
}

func (s *winSumNumeric) remove(b *rowBlock, rows []int32) {
	v := b.cols[s.arg]
	for _, r := range rows {
		if v.IsNull(int(r)) {
			continue
		}
		s.n--
		n := v.Numeric(int(r))
		if s.special(n, -1) {
			continue
		}
		// A difference of numbers that were summed up is no larger than they are.
		s.sum, _ = s.sum.Sub(n)
		sc := n.Dscale()
		if s.scales[sc]--; s.scales[sc] > 0 {
			continue
		}
		delete(s.scales, sc)
		if sc == s.scale {
			s.scale = 0
			for k := range s.scales {
				s.scale = max(s.scale, k)
			}
		}
	}
}

func (s *winSumNumeric) result(out *vector.Vector, at int) error {
	sum := s.sum
	switch {
	case s.n == 0:
		out.SetNull(at)
		return nil
	case s.nan > 0 || s.inf[0] > 0 && s.inf[1] > 0:
		sum = sqltype.NumericNaN()
	case s.inf[0] > 0 || s.inf[1] > 0:
		sum = sqltype.NumericInf(s.inf[1] > 0)
	case sum.Dscale() > s.scale:
		sum = sum.Trunc(s.scale) // what goes are zeros
	}
	if s.avg {
		var err error
		if sum, err = sum.Div(sqltype.NumericInt(s.n)); err != nil {
			return err
		}
	}
	out.SetNumeric(at, sum)
	return nil
}

// winSumInterval is sum and avg of intervals.
type winSumInterval struct {
	arg int
	avg bool
	sum sqltype.Interval
	n   int64
}

func (s *winSumInterval) reset() { s.sum, s.n = sqltype.Interval{}, 0 }

func (s *winSumInterval) add(b *rowBlock, rows []int32) error {
	v := b.cols[s.arg]
	for _, r := range rows {
		if v.IsNull(int(r)) {
			continue
		}
		x := v.Physical().Intervals[v.Index(int(r))]
		months, days, micros := int64(s.sum.Months)+int64(x.Months), int64(s.sum.Days)+int64(x.Days), s.sum.Micros+x.Micros
		if months != int64(int32(months)) || days != int64(int32(days)) || (micros > s.sum.Micros) != (x.Micros > 0) && x.Micros != 0 {
			return pgerr.New(pgerr.DatetimeFieldOverflow, "interval out of range")
		}
		s.sum = sqltype.Interval{Micros: micros, Days: int32(days), Months: int32(months)}
		s.n++
	}
	return nil
}

func (s *winSumInterval) remove(b *rowBlock, rows []int32) {
	v := b.cols[s.arg]
	for _, r := range rows {
		if v.IsNull(int(r)) {
			continue
		}
		x := v.Physical().Intervals[v.Index(int(r))]
		s.sum.Micros -= x.Micros
		s.sum.Days -= x.Days
		s.sum.Months -= x.Months
		s.n--
	}
}

func (s *winSumInterval) result(out *vector.Vector, at int) error {
	switch {
	case s.n == 0:
		out.SetNull(at)
	case s.avg:
		out.Intervals[at] = divideInterval(s.sum, float64(s.n))
	default:
		out.Intervals[at] = s.sum
	}
	return nil
}
