package eval

import (
	"math"

	"github.com/odatagres/odatagres/internal/sqltype"
)

func setFamilies() [][]SetKernel {
	return [][]SetKernel{
		seriesKernels(),
		jsonSets(),
		systemSets(),
		regexpSets(),
	}
}

// intSeries counts from a to b; it ends rather than overflow.
func intSeries(lo, hi int64) func(*Call, []sqltype.Value) (SetIterator, error) {
	return func(_ *Call, a []sqltype.Value) (SetIterator, error) {
		cur, end, step := a[0].I, a[1].I, int64(1)
		if len(a) > 2 {
			step = a[2].I
		}
		if step == 0 {
			return nil, invalid("step size cannot equal zero")
		}
		done := false
		return setFunc(func(row []sqltype.Value) (bool, error) {
			if done || step > 0 && cur > end || step < 0 && cur < end {
				return false, nil
			}
			row[0] = sqltype.Int(cur)
			next, ok := addInt(cur, step)
			if !ok || next < lo || next > hi {
				done = true
			}
			cur = next
			return true, nil
		}), nil
	}
}

func numericSeries(_ *Call, a []sqltype.Value) (SetIterator, error) {
	cur, end, step := a[0].Num, a[1].Num, sqltype.NumericInt(1)
	if len(a) > 2 {
		step = a[2].Num
	}
	for i, n := range []sqltype.Numeric{cur, end, step} {
		what := []string{"start", "stop", "step size"}[i]
		switch {
		case n.IsNaN():
			return nil, invalid("%s value cannot be NaN", what)
		case n.IsInf(0):
			return nil, invalid("%s value cannot be infinity", what)
		}
	}
	if step.Sign() == 0 {
		return nil, invalid("step size cannot equal zero")
	}
	return setFunc(func(row []sqltype.Value) (bool, error) {
		if c := cur.Cmp(end); step.Sign() > 0 && c > 0 || step.Sign() < 0 && c < 0 {
			return false, nil
		}
		row[0] = sqltype.Num(cur)
		var err error
		cur, err = cur.Add(step)
		return true, err
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
