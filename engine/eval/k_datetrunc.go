package eval

import (
	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// findTruncUnit is findUnit for date_trunc, which does not know the words that are no units of length.
func findTruncUnit(s string) (unit, string) {
	u, low := findUnit(s)
	switch u {
	case "epoch", "julian", "dow", "doy", "isodow", "isoyear", "other":
		u = ""
	}
	return u, low
}

// truncLocal is date_trunc of a local timestamp.
func truncLocal(name string, ts int64, t uint32) (int64, error) {
	u, low := findTruncUnit(name)
	if infinite(ts) {
		return ts, nil
	}
	ct := splitCivil(ts)
	clock := func(step int64) (int64, error) { return ct.days*microsPerDay + ct.ofDay - ct.ofDay%step, nil }
	date := func(y, m int) (int64, error) {
		r, ok := sqltype.JoinTimestamp(sqltype.DaysFromCivil(y, m, 1), 0)
		if !ok {
			return 0, errTimestampRange()
		}
		return r, nil
	}
	switch u {
	case "microseconds":
		return ts, nil
	case "milliseconds":
		return clock(1000)
	case "second":
		return clock(microsPerSecond)
	case "minute":
		return clock(60 * microsPerSecond)
	case "hour":
		return clock(3600 * microsPerSecond)
	case "day":
		return ct.days * microsPerDay, nil
	case "week":
		y, w := isoWeek(ct.days)
		r, ok := sqltype.JoinTimestamp(isoWeekStart(y, w), 0)
		if !ok {
			return 0, errTimestampRange()
		}
		return r, nil
	case "month":
		return date(ct.year, ct.mon)
	case "quarter":
		return date(ct.year, (ct.mon-1)/3*3+1)
	case "year":
		return date(ct.year, 1)
	case "decade":
		if ct.year > 0 {
			return date(ct.year/10*10, 1)
		}
		return date(-((8-(ct.year-1))/10)*10, 1)
	case "century":
		if ct.year > 0 {
			return date((ct.year+99)/100*100-99, 1)
		}
		return date(-((99-(ct.year-1))/100)*100+1, 1)
	case "millennium":
		if ct.year > 0 {
			return date((ct.year+999)/1000*1000-999, 1)
		}
		return date(-((999-(ct.year-1))/1000)*1000+1, 1)
	}
	return 0, errUnit(u, low, t)
}

// truncZoned is date_trunc of a timestamptz: units of a day and more begin at the zone's midnight, smaller ones keep the offset.
func truncZoned(name string, ts int64, z zone) (int64, error) {
	if infinite(ts) {
		return ts, nil
	}
	off := z.offsetAt(ts)
	l := ts + int64(off)*microsPerSecond
	r, err := truncLocal(name, l, sqltype.OIDTimestampTZ)
	if err != nil {
		return 0, err
	}
	switch u, _ := findUnit(name); u {
	case "microseconds", "milliseconds", "second", "minute", "hour":
		r -= int64(off) * microsPerSecond
	default:
		r -= int64(z.offsetOfLocal(r)) * microsPerSecond
	}
	if !sqltype.ValidTimestamp(r) {
		return 0, errTimestampRange()
	}
	return r, nil
}

func truncInterval(name string, iv sqltype.Interval) (sqltype.Interval, error) {
	u, low := findTruncUnit(name)
	months := func(step int32) (sqltype.Interval, error) {
		return sqltype.Interval{Months: iv.Months - iv.Months%step}, nil
	}
	clock := func(step int64) (sqltype.Interval, error) {
		iv.Micros -= iv.Micros % step
		return iv, nil
	}
	switch u {
	case "microseconds":
		return iv, nil
	case "milliseconds":
		return clock(1000)
	case "second":
		return clock(microsPerSecond)
	case "minute":
		return clock(60 * microsPerSecond)
	case "hour":
		return clock(3600 * microsPerSecond)
	case "day":
		iv.Micros = 0
		return iv, nil
	case "month":
		return months(1)
	case "quarter":
		return months(3)
	case "year":
		return months(12)
	case "decade":
		return months(120)
	case "century":
		return months(1200)
	case "millennium":
		return months(12000)
	case "week":
		return iv, errUnitUnsupported(low, sqltype.OIDInterval).WithDetail("Months usually have fractional weeks.")
	}
	return iv, errUnit(u, low, sqltype.OIDInterval)
}

// binKernel is date_bin(stride, source, origin).
func binKernel(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
	stride, src, origin := a[0].Iv, a[1].I, a[2].I
	switch {
	case infinite(src):
		return a[1], nil
	case infinite(origin):
		return sqltype.Value{}, pgerr.New(pgerr.DatetimeFieldOverflow, "origin out of range")
	case stride.Months != 0:
		return sqltype.Value{}, pgerr.New(pgerr.FeatureNotSupported, "timestamps cannot be binned into intervals containing months or years")
	}
	step, ok := mulInt(int64(stride.Days), microsPerDay)
	if ok {
		step, ok = addInt(step, stride.Micros)
	}
	if !ok {
		return sqltype.Value{}, errIntervalRange()
	}
	if step <= 0 {
		return sqltype.Value{}, pgerr.New(pgerr.DatetimeFieldOverflow, "stride must be greater than zero")
	}
	diff, ok := subInt(src, origin)
	if !ok {
		return sqltype.Value{}, errIntervalRange()
	}
	r := origin + floorDiv(diff, step)*step
	if !sqltype.ValidTimestamp(r) {
		return sqltype.Value{}, errTimestampRange()
	}
	return sqltype.Int(r), nil
}

// truncKernels are date_trunc and date_bin.
func truncKernels() []Kernel {
	return []Kernel{
		truncKernel("timestamp_trunc", nil, func(unit string, ts int64, _ zone) (int64, error) {
			return truncLocal(unit, ts, sqltype.OIDTimestamp)
		}),
		truncKernel("timestamptz_trunc", func(c *Call, st *truncState, _ []*vector.Vector, _ int32) (*zoneClock, error) {
			return st.session(c), nil
		}, truncZoned),
		truncKernel("timestamptz_trunc_zone", func(_ *Call, st *truncState, v []*vector.Vector, r int32) (*zoneClock, error) {
			return st.named(v[2].Bytes(int(r)))
		}, truncZoned),
		scalar("interval_trunc", func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			iv, err := truncInterval(a[0].S, a[1].Iv)
			return sqltype.Value{Iv: iv}, err
		}),
		scalar("timestamp_bin", binKernel), scalar("timestamptz_bin", binKernel),
	}
}
