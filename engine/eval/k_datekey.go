package eval

import "math"

// dateKeyKernels turn dates and times into the type that they are compared in by =, for hashes: unlike the casts they never fail. A value that the
// other type has no room for equals none of its values, and so becomes one that is no timestamp.
func dateKeyKernels() []Kernel {
	local := func(d int32) int64 {
		ts, ok := dateTimestamp(d)
		if !ok {
			return nowhere(int64(d))
		}
		return ts
	}
	zoned := func(clock *zoneClock, ts int64) int64 {
		utc, err := clock.fromLocal(ts)
		if err != nil {
			return nowhere(ts)
		}
		return utc
	}
	return []Kernel{
		one("date_timestamp_key", local),
		inSession("date_timestamptz_key", func(clock *zoneClock, d int32) (int64, error) {
			ts := local(d)
			if ts == nowhere(int64(d)) {
				return ts, nil
			}
			return zoned(clock, ts), nil
		}),
		inSession("timestamp_timestamptz_key", func(clock *zoneClock, ts int64) (int64, error) { return zoned(clock, ts), nil }),
	}
}

// nowhere is beyond all timestamps and next to infinity, on the side of the value's sign.
func nowhere(v int64) int64 {
	if v < 0 {
		return math.MinInt64 + 1
	}
	return math.MaxInt64 - 1
}
