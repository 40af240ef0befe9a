package eval

import (
	"math"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
)

func errWindowOffset() error {
	return pgerr.New(pgerr.InvalidPrecedingOrFollowingSize, "invalid preceding or following size in window function")
}

// inRange2 makes in_range(value, base, offset, subtract, less), the test that RANGE frames with an offset are made of: whether value lies
// before (less) or behind the end base ± offset.
func inRange2(name string, test func(c *Call, val, base, offset sqltype.Value, sub, less bool) (bool, error)) Kernel {
	return scalar(name, func(c *Call, a []sqltype.Value) (sqltype.Value, error) {
		ok, err := test(c, a[0], a[1], a[2], a[3].I != 0, a[4].I != 0)
		return sqltype.Bool(ok), err
	})
}

// side compares with the end: c is the order of value and end.
func side(c int, less bool) bool {
	if less {
		return c <= 0
	}
	return c >= 0
}

func inRangeInt(lo, hi int64) func(*Call, sqltype.Value, sqltype.Value, sqltype.Value, bool, bool) (bool, error) {
	return func(_ *Call, val, base, offset sqltype.Value, sub, less bool) (bool, error) {
		if offset.I < 0 {
			return false, errWindowOffset()
		}
		off := offset.I
		if sub {
			off = -off
		}
		sum, ok := addInt(base.I, off)
		if !ok || sum < lo || sum > hi { // the end lies beyond every value
			return sub != less, nil
		}
		return less && val.I <= sum || !less && val.I >= sum, nil
	}
}

func inRangeFloat(_ *Call, val, base, offset sqltype.Value, sub, less bool) (bool, error) {
	v, b, o := val.F, base.F, offset.F
	switch {
	case o != o || o < 0:
		return false, errWindowOffset()
	case v != v:
		return b != b || !less, nil
	case b != b:
		return less, nil
	case math.IsInf(o, 0) && math.IsInf(b, 0) && (sub && b > 0 || !sub && b < 0):
		return true, nil
	}
	if sub {
		o = -o
	}
	return less && v <= b+o || !less && v >= b+o, nil
}

func inRangeNumeric(_ *Call, val, base, offset sqltype.Value, sub, less bool) (bool, error) {
	v, b, o := val.Num, base.Num, offset.Num
	switch {
	case o.IsNaN() || o.Sign() < 0:
		return false, errWindowOffset()
	case v.IsNaN():
		return b.IsNaN() || !less, nil
	case b.IsNaN():
		return less, nil
	case o.IsInf(1) && (sub && b.IsInf(1) || !sub && b.IsInf(-1)):
		return true, nil
	}
	var sum sqltype.Numeric
	var err error
	if sub {
		sum, err = b.Sub(o)
	} else {
		sum, err = b.Add(o)
	}
	return side(v.Cmp(sum), less), err
}

func positiveInterval(iv interval) bool { return sqltype.CompareInterval(iv, interval{}) >= 0 }

func inRangeTimestamp(_ *Call, val, base, offset sqltype.Value, sub, less bool) (bool, error) {
	return timestampInRange(val.I, base.I, offset.Iv, sub, less, timestampPlus)
}

func timestampInRange(val, base int64, offset interval, sub, less bool, plus func(int64, interval) (int64, error)) (bool, error) {
	if !positiveInterval(offset) {
		return false, errWindowOffset()
	}
	var err error
	if sub {
		if offset, err = negInterval(offset); err != nil {
			return false, err
		}
	}
	sum, err := plus(base, offset)
	return less && val <= sum || !less && val >= sum, err
}

func inRangeTime(val, base, offset int64, sub, less bool) (bool, error) {
	if offset < 0 {
		return false, errWindowOffset()
	}
	if sub {
		offset = -offset
	}
	sum, ok := addInt(base, offset)
	if !ok {
		return sub != less, nil
	}
	return less && val <= sum || !less && val >= sum, nil
}

func inRangeKernels() []Kernel {
	ints, bigints := inRangeInt(math.MinInt32, math.MaxInt32), inRangeInt(math.MinInt64, math.MaxInt64)
	return []Kernel{
		// Over int2, PostgreSQL computes the end in the offset's type, or in int4.
		inRange2("in_range_int2_int2", ints), inRange2("in_range_int2_int4", ints), inRange2("in_range_int2_int8", bigints),
		inRange2("in_range_int4_int2", ints), inRange2("in_range_int4_int4", ints), inRange2("in_range_int4_int8", bigints),
		inRange2("in_range_int8_int8", bigints),
		inRange2("in_range_float8_float8", inRangeFloat), inRange2("in_range_float4_float8", inRangeFloat),
		inRange2("in_range_numeric_numeric", inRangeNumeric),
		inRange2("in_range_timestamp_interval", inRangeTimestamp),
		inRange2("in_range_timestamptz_interval", func(c *Call, val, base, offset sqltype.Value, sub, less bool) (bool, error) {
			return timestampInRange(val.I, base.I, offset.Iv, sub, less, func(ts int64, iv interval) (int64, error) { return timestamptzPlus(c, ts, iv) })
		}),
		inRange2("in_range_date_interval", func(c *Call, val, base, offset sqltype.Value, sub, less bool) (bool, error) {
			v, err := toTimestamp(int32(val.I))
			if err != nil {
				return false, err
			}
			b, err := toTimestamp(int32(base.I))
			if err != nil {
				return false, err
			}
			return timestampInRange(v, b, offset.Iv, sub, less, timestampPlus)
		}),
		inRange2("in_range_interval_interval", func(_ *Call, val, base, offset sqltype.Value, sub, less bool) (bool, error) {
			if !positiveInterval(offset.Iv) {
				return false, errWindowOffset()
			}
			op := addInterval
			if sub {
				op = subInterval
			}
			sum, err := op(base.Iv, offset.Iv)
			return side(sqltype.CompareInterval(val.Iv, sum), less), err
		}),
		inRange2("in_range_time_interval", func(_ *Call, val, base, offset sqltype.Value, sub, less bool) (bool, error) {
			return inRangeTime(val.I, base.I, offset.Iv.Micros, sub, less)
		}),
		inRange2("in_range_timetz_interval", func(_ *Call, val, base, offset sqltype.Value, sub, less bool) (bool, error) {
			if offset.Iv.Micros < 0 {
				return false, errWindowOffset()
			}
			off := offset.Iv.Micros
			if sub {
				off = -off
			}
			return side(sqltype.CompareTimeTZ(val.Iv, interval{Micros: base.Iv.Micros + off, Months: base.Iv.Months}), less), nil
		}),
	}
}
