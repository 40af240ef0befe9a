package eval

import (
	"math"

	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

func setFamilies() [][]SetKernel {
	return [][]SetKernel{
		seriesKernels(),
		jsonSets(),
		systemSets(),
		regexpSets(),
		jsonRecordSets(),
	}
}

// BlockIterator is a SetIterator of one column that can give many rows at once, and none of them an error.
type BlockIterator interface {
	SetIterator
	// NextBlock makes col flat and writes the next rows into it, at most limit; none at the end.
	NextBlock(col *vector.Vector, limit int)
}

// integers counts from cur to end; it ends rather than leave the type, whose least and greatest values are lo and hi.
type integers struct {
	cur, end, step, lo, hi int64
	done                   bool
}

func intSeries(lo, hi int64) func(*Call, []sqltype.Value) (SetIterator, error) {
	return func(_ *Call, a []sqltype.Value) (SetIterator, error) {
		s := &integers{cur: a[0].I, end: a[1].I, step: 1, lo: lo, hi: hi}
		if len(a) > 2 {
			s.step = a[2].I
		}
		if s.step == 0 {
			return nil, invalid("step size cannot equal zero")
		}
		return s, nil
	}
}

// left is the number of rows that are left, at most limit.
func (s *integers) left(limit int) int {
	if s.done || limit == 0 || s.step > 0 && s.cur > s.end || s.step < 0 && s.cur < s.end {
		return 0
	}
	// Differences of integers of 64 bits fit when they are taken without a sign.
	span, stride := uint64(s.end)-uint64(s.cur), uint64(s.step)
	if s.step < 0 {
		span, stride = -span, -stride
	}
	return int(min(span/stride, uint64(limit-1))) + 1
}

// skip goes on by n rows, which are left.
func (s *integers) skip(n int) {
	next, ok := addInt(s.cur+int64(n-1)*s.step, s.step)
	s.done = !ok || next < s.lo || next > s.hi
	s.cur = next
}

// Next implements SetIterator.
func (s *integers) Next(row []sqltype.Value) (bool, error) {
	if s.left(1) == 0 {
		return false, nil
	}
	row[0] = sqltype.Int(s.cur)
	s.skip(1)
	return true, nil
}

// NextBlock implements BlockIterator.
func (s *integers) NextBlock(col *vector.Vector, limit int) {
	n := s.left(limit)
	col.Reset(n)
	if n == 0 {
		return
	}
	cur := s.cur
	if col.Kind == sqltype.KindInt32 {
		for i := range col.I32[:n] {
			col.I32[i] = int32(cur)
			cur += s.step
		}
	} else {
		for i := range col.I64[:n] {
			col.I64[i] = cur
			cur += s.step
		}
	}
	s.skip(n)
}

func numericSeries(_ *Call, a []sqltype.Value) (SetIterator, error) {
	cur, end, step := a[0].Num, a[1].Num, sqltype.NumericInt(1)
	if len(a) > 2 {
		step = a[2].Num
	}
	for i, n := range []sqltype.Numeric{cur, end, step} {
		what := []string{"start value", "stop value", "step size"}[i]
		switch {
		case n.IsNaN():
			return nil, invalid("%s cannot be NaN", what)
		case n.IsInf(0):
			return nil, invalid("%s cannot be infinity", what)
		}
	}
	if step.Sign() == 0 {
		return nil, invalid("step size cannot equal zero")
	}
	done := false
	return setFunc(func(row []sqltype.Value) (bool, error) {
		if c := cur.Cmp(end); done || step.Sign() > 0 && c > 0 || step.Sign() < 0 && c < 0 {
			return false, nil
		}
		row[0] = sqltype.Num(cur)
		next, err := cur.Add(step)
		cur, done = next, err != nil // past the widest number there is nothing up to the end
		return true, nil
	}), nil
}

func timeSeries(plus func(*Call, int64, interval) (int64, error)) func(*Call, []sqltype.Value) (SetIterator, error) {
	return func(c *Call, a []sqltype.Value) (SetIterator, error) {
		cur, end, step := a[0].I, a[1].I, a[2].Iv
		sign := sqltype.CompareInterval(step, interval{})
		if sign == 0 {
			return nil, invalid("step size cannot equal zero")
		}
		return setFunc(func(row []sqltype.Value) (bool, error) {
			if sign > 0 && cur > end || sign < 0 && cur < end {
				return false, nil
			}
			row[0] = sqltype.Int(cur)
			var err error
			cur, err = plus(c, cur, step)
			return err == nil, err
		}), nil
	}
}

func unnest(_ *Call, a []sqltype.Value) (SetIterator, error) {
	vals, err := arrayValues(a[0].S)
	return listSet(vals), err
}

func subscripts(_ *Call, a []sqltype.Value) (SetIterator, error) {
	arr, err := sqltype.DecodeArray(a[0].S)
	if err != nil {
		return nil, err
	}
	d := a[1].I
	if d < 1 || d > int64(len(arr.Dims)) {
		return emptySet(), nil
	}
	lo := int64(arr.Dims[d-1].Lower)
	hi := lo + int64(arr.Dims[d-1].Len) - 1
	step := int64(1)
	if len(a) > 2 && a[2].I != 0 {
		lo, hi, step = hi, lo, -1
	}
	return intSeries(math.MinInt32, math.MaxInt32)(nil, []sqltype.Value{sqltype.Int(lo), sqltype.Int(hi), sqltype.Int(step)})
}

// expandArray is information_schema._pg_expandarray: elements with their place from 1.
func expandArray(_ *Call, a []sqltype.Value) (SetIterator, error) {
	vals, err := arrayValues(a[0].S)
	if err != nil {
		return nil, err
	}
	n := int64(0)
	return setFunc(func(row []sqltype.Value) (bool, error) {
		if n == int64(len(vals)) {
			return false, nil
		}
		row[0], row[1] = vals[n], sqltype.Int(n+1)
		n++
		return true, nil
	}), nil
}

func seriesKernels() []SetKernel {
	int4s, int8s := intSeries(math.MinInt32, math.MaxInt32), intSeries(math.MinInt64, math.MaxInt64)
	plain := timeSeries(func(_ *Call, ts int64, iv interval) (int64, error) { return timestampPlus(ts, iv) })
	zoned := timeSeries(timestamptzPlus)
	return []SetKernel{
		{"generate_series_int4", int4s},
		{"generate_series_step_int4", int4s},
		{"generate_series_int8", int8s},
		{"generate_series_step_int8", int8s},
		{"generate_series_numeric", numericSeries},
		{"generate_series_step_numeric", numericSeries},
		{"generate_series_timestamp", plain},
		{"generate_series_timestamptz", zoned},
		{"array_unnest", unnest},
		{"generate_subscripts", subscripts},
		{"generate_subscripts_nodir", subscripts},
		{"_pg_expandarray_anyarray", expandArray},
	}
}
