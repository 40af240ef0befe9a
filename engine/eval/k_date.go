package eval

import (
	"cmp"
	"math"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
)

const (
	microsPerDay    = sqltype.MicrosPerDay
	microsPerSecond = sqltype.MicrosPerSecond
)

// dateTimestamp is midnight of a date; ok is false outside of a timestamp's range.
func dateTimestamp(d int32) (int64, bool) {
	switch int64(d) {
	case sqltype.DateInfinity:
		return sqltype.TimestampInfinity, true
	case sqltype.DateNegInfinity:
		return sqltype.TimestampNegInfinity, true
	}
	if int64(d) >= sqltype.EndTimestamp/microsPerDay {
		return 0, false
	}
	return int64(d) * microsPerDay, true
}

func errDateTimestampRange() error {
	return pgerr.New(pgerr.DatetimeFieldOverflow, "date out of range for timestamp")
}

// dateTZ is midnight of a date in the session's zone.
func dateTZ(c *Call, d int32) (int64, bool) {
	ts, ok := dateTimestamp(d)
	if !ok || infinite(ts) {
		return ts, ok
	}
	return sqltype.LocalToUTC(c.Env().Location(), ts)
}

// zoned reads a local timestamp in the session's zone.
func zoned(c *Call, ts int64) (int64, error) {
	if infinite(ts) {
		return ts, nil
	}
	utc, ok := sqltype.LocalToUTC(c.Env().Location(), ts)
	if !ok {
		return 0, errTimestampRange()
	}
	return utc, nil
}

// local is what the session's clocks show at a timestamptz.
func local(c *Call, ts int64) (int64, error) {
	if infinite(ts) {
		return ts, nil
	}
	l, ok := sqltype.UTCToLocal(c.Env().Location(), ts)
	if !ok {
		return 0, errTimestampRange()
	}
	return l, nil
}

// crossComparisons makes the six comparisons over two types that order converts; a value past the other type's range is beyond
// everything finite there.
func crossComparisons[A, B fixed](prefix, suffix string, order func(c *Call, a A, b B) (int, error)) []Kernel {
	var out []Kernel
	for _, k := range comparisons {
		out = append(out, env2(prefix+string(k)+suffix, func(c *Call, a A, b B) (bool, error) {
			o, err := order(c, a, b)
			return k.holds(o), err
		}))
	}
	return out
}

// beyond compares a value that the other type has no room for, early or late by its sign, with one of that type.
func beyond(v, other int64) int {
	switch {
	case v < 0 && other == sqltype.TimestampNegInfinity:
		return 1
	case v < 0 || other == sqltype.TimestampInfinity:
		return -1
	}
	return 1
}

func dateComparisons() []Kernel {
	dateTS := func(_ *Call, d int32, ts int64) (int, error) {
		x, ok := dateTimestamp(d)
		if !ok {
			return beyond(int64(d), ts), nil
		}
		return cmp.Compare(x, ts), nil
	}
	dateZ := func(c *Call, d int32, ts int64) (int, error) {
		x, ok := dateTZ(c, d)
		if !ok {
			return beyond(int64(d), ts), nil
		}
		return cmp.Compare(x, ts), nil
	}
	tsTZ := func(c *Call, ts, tz int64) (int, error) {
		if infinite(ts) {
			return cmp.Compare(ts, tz), nil
		}
		x, ok := sqltype.LocalToUTC(c.Env().Location(), ts)
		if !ok {
			return beyond(ts, tz), nil
		}
		return cmp.Compare(x, tz), nil
	}
	var ks []Kernel
	ks = append(ks, crossComparisons("date_", "_timestamp", dateTS)...)
	ks = append(ks, crossComparisons("date_", "_timestamptz", dateZ)...)
	ks = append(ks, crossComparisons("timestamp_", "_date", flip(dateTS))...)
	ks = append(ks, crossComparisons("timestamptz_", "_date", flip(dateZ))...)
	ks = append(ks, crossComparisons("timestamp_", "_timestamptz", tsTZ)...)
	ks = append(ks, crossComparisons("timestamptz_", "_timestamp", flip(tsTZ))...)
	three := func(name string, order func(*Call, int64, int64) (int, error)) Kernel {
		return scalar(name, func(c *Call, a []sqltype.Value) (sqltype.Value, error) {
			o, err := order(c, a[0].I, a[1].I)
			return sqltype.Int(int64(o)), err
		})
	}
	narrow := func(f func(*Call, int32, int64) (int, error)) func(*Call, int64, int64) (int, error) {
		return func(c *Call, a, b int64) (int, error) { return f(c, int32(a), b) }
	}
	swap := func(f func(*Call, int64, int64) (int, error)) func(*Call, int64, int64) (int, error) {
		return func(c *Call, a, b int64) (int, error) {
			o, err := f(c, b, a)
			return -o, err
		}
	}
	return append(ks,
		three("date_cmp_timestamp", narrow(dateTS)), three("timestamp_cmp_date", swap(narrow(dateTS))),
		three("date_cmp_timestamptz", narrow(dateZ)), three("timestamptz_cmp_date", swap(narrow(dateZ))),
		three("timestamp_cmp_timestamptz", tsTZ), three("timestamptz_cmp_timestamp", swap(tsTZ)))
}

func flip[A, B fixed](f func(*Call, A, B) (int, error)) func(*Call, B, A) (int, error) {
	return func(c *Call, b B, a A) (int, error) {
		o, err := f(c, a, b)
		return -o, err
	}
}

// timestampDate is the date of a timestamp.
func timestampDate(ts int64) int32 {
	switch ts {
	case sqltype.TimestampInfinity:
		return int32(sqltype.DateInfinity)
	case sqltype.TimestampNegInfinity:
		return int32(math.MinInt32)
	}
	days, _ := sqltype.SplitTimestamp(ts)
	return int32(days)
}

func addDays(d int32, n int64) (int32, error) {
	if infiniteDate(d) {
		return d, nil
	}
	r := int64(d) + n
	if !sqltype.ValidDate(r) {
		return 0, errDateRange()
	}
	return int32(r), nil
}

func toTimestamp(d int32) (int64, error) {
	ts, ok := dateTimestamp(d)
	if !ok {
		return 0, errDateTimestampRange()
	}
	return ts, nil
}

func makeDate(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
	y, m, d := a[0].I, a[1].I, a[2].I
	days, ok := civilDays(y, m, d)
	if y < 0 {
		y++ // as PostgreSQL counts years from here on, in its messages too
	}
	if !ok {
		return sqltype.Value{}, pgerr.Newf(pgerr.DatetimeFieldOverflow, "date field value out of range: %d-%02d-%02d", y, m, d)
	}
	if !sqltype.ValidDate(days) {
		return sqltype.Value{}, pgerr.Newf(pgerr.DatetimeFieldOverflow, "date out of range: %d-%02d-%02d", y, m, d)
	}
	return sqltype.Int(days), nil
}

// civilDays checks the fields of a date whose negative years are BC.
func civilDays(y, m, d int64) (int64, bool) {
	if y < 0 {
		y = -y
		y = 1 - y
	} else if y == 0 {
		return 0, false
	}
	if m < 1 || m > 12 || d < 1 || y > 5874898 || y < -4800 || d > int64(sqltype.DaysInMonth(int(y), int(m))) {
		return 0, false
	}
	return sqltype.DaysFromCivil(int(y), int(m), int(d)), true
}

// clockMicros checks the fields of a time of day.
func clockMicros(h, m int64, s float64) (int64, error) {
	fail := func() error {
		return pgerr.Newf(pgerr.DatetimeFieldOverflow, "time field value out of range: %d:%02d:%s", h, m, secondsText(s))
	}
	if h < 0 || m < 0 || m > 59 || h > 24 || !(s >= 0 && s <= 60) || h == 24 && (m > 0 || s > 0) {
		return 0, fail()
	}
	return (h*60+m)*60*microsPerSecond + int64(math.RoundToEven(s*1e6)), nil
}

func makeTime(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
	t, err := clockMicros(a[0].I, a[1].I, a[2].F)
	return sqltype.Int(t), err
}

// makeTimestampFields is the local timestamp of make_timestamp and make_timestamptz.
func makeTimestampFields(a []sqltype.Value) (int64, error) {
	y, m, d := a[0].I, a[1].I, a[2].I
	days, ok := civilDays(y, m, d)
	if !ok {
		return 0, pgerr.Newf(pgerr.DatetimeFieldOverflow, "date field value out of range: %d-%02d-%02d", y, m, d)
	}
	t, err := clockMicros(a[3].I, a[4].I, a[5].F)
	if err != nil {
		return 0, err
	}
	ts, ok := sqltype.JoinTimestamp(days, t)
	if !ok {
		return 0, pgerr.Newf(pgerr.DatetimeFieldOverflow, "timestamp out of range: %d-%02d-%02d %d:%02d:%s", y, m, d, a[3].I, a[4].I, secondsText(a[5].F))
	}
	return ts, nil
}

func dateKernels() []Kernel {
	return append(dateComparisons(),
		try2("date_mi", func(a, b int32) (int32, error) {
			if infiniteDate(a) || infiniteDate(b) {
				return 0, pgerr.New(pgerr.DatetimeFieldOverflow, "cannot subtract infinite dates")
			}
			return a - b, nil
		}),
		try2("date_pli", func(a, n int32) (int32, error) { return addDays(a, int64(n)) }),
		try2("date_mii", func(a, n int32) (int32, error) { return addDays(a, -int64(n)) }),
		try2("integer_pl_date_int4_date", func(n, a int32) (int32, error) { return addDays(a, int64(n)) }),
		try1("date_timestamp", toTimestamp),
		inSession("date_timestamptz", func(clock *zoneClock, d int32) (int64, error) {
			ts, err := toTimestamp(d)
			if err != nil {
				return 0, err
			}
			if ts, err = clock.fromLocal(ts); err != nil {
				return 0, errDateTimestampRange()
			}
			return ts, nil
		}),
		one("timestamp_date", timestampDate),
		inSession("timestamptz_date", func(clock *zoneClock, ts int64) (int32, error) {
			l, err := clock.toLocal(ts)
			return timestampDate(l), err
		}),
		one("date_finite", func(d int32) bool { return !infiniteDate(d) }),
		one("timestamp_finite", func(ts int64) bool { return !infinite(ts) }),
		one("interval_finite", func(sqltype.Interval) bool { return true }),
		try2("datetime_timestamp", datePlusTime),
		try2("timedate_pl_time_date", func(t int64, d int32) (int64, error) { return datePlusTime(d, t) }),
		env2("timestamptz_date_time", func(c *Call, d int32, t int64) (int64, error) {
			ts, err := datePlusTime(d, t)
			if err != nil {
				return 0, err
			}
			return zoned(c, ts)
		}),
		try2("datetimetz_timestamptz", datePlusTimeTZ),
		try2("timetzdate_pl_timetz_date", func(t sqltype.Interval, d int32) (int64, error) { return datePlusTimeTZ(d, t) }),
		inSession("timestamp_timestamptz", (*zoneClock).fromLocal),
		inSession("timestamptz_timestamp", (*zoneClock).toLocal),
		scalar("make_date", makeDate),
		scalar("make_time", makeTime),
		scalar("make_timestamp", func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			ts, err := makeTimestampFields(a)
			return sqltype.Int(ts), err
		}),
		scalar("make_timestamptz", func(c *Call, a []sqltype.Value) (sqltype.Value, error) {
			ts, err := makeTimestampFields(a)
			if err == nil {
				ts, err = zoned(c, ts)
			}
			return sqltype.Int(ts), err
		}),
		scalar("make_timestamptz_at_timezone", func(c *Call, a []sqltype.Value) (sqltype.Value, error) {
			ts, err := makeTimestampFields(a)
			if err != nil {
				return sqltype.Value{}, err
			}
			east, ok, err := numericZone(a[6].S)
			switch {
			case err != nil:
			case ok:
				ts, err = inRange(ts - east*microsPerSecond)
			default:
				ts, err = fromZone(a[6].S, ts)
			}
			return sqltype.Int(ts), err
		}),
		try1("float8_timestamptz", floatTimestamp),
	)
}

func datePlusTime(d int32, t int64) (int64, error) {
	ts, err := toTimestamp(d)
	if err != nil || infinite(ts) {
		return ts, err
	}
	if ts += t; !sqltype.ValidTimestamp(ts) {
		return 0, errTimestampRange()
	}
	return ts, nil
}

func datePlusTimeTZ(d int32, t sqltype.Interval) (int64, error) {
	ts, ok := dateTimestamp(d)
	switch {
	case !ok:
		return 0, errDateTimestampRange()
	case infinite(ts):
		return ts, nil
	}
	if ts += t.Micros + int64(t.Months)*microsPerSecond; !sqltype.ValidTimestamp(ts) {
		return 0, errTimestampRange()
	}
	return ts, nil
}

// floatTimestamp is to_timestamp(double precision): seconds since 1970.
func floatTimestamp(s float64) (int64, error) {
	const unixToPG = 946684800
	switch {
	case s != s:
		return 0, pgerr.New(pgerr.DatetimeFieldOverflow, "timestamp cannot be NaN")
	case math.IsInf(s, 1):
		return sqltype.TimestampInfinity, nil
	case math.IsInf(s, -1):
		return sqltype.TimestampNegInfinity, nil
	}
	fail := pgerr.Newf(pgerr.DatetimeFieldOverflow, "timestamp out of range: \"%s\"", floatText(s))
	if s < -210866803200 || s >= 9224318016000 {
		return 0, fail
	}
	ts := math.RoundToEven((s - unixToPG) * 1e6)
	if !sqltype.ValidTimestamp(int64(ts)) {
		return 0, fail
	}
	return int64(ts), nil
}
