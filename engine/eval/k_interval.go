package eval

import (
	"math"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
)

type interval = sqltype.Interval

func addInt32(a, b int32) (int32, bool) {
	s := int64(a) + int64(b)
	return int32(s), s >= math.MinInt32 && s <= math.MaxInt32
}

func addInterval(a, b interval) (interval, error) {
	m, ok1 := addInt32(a.Months, b.Months)
	d, ok2 := addInt32(a.Days, b.Days)
	t, ok3 := addInt(a.Micros, b.Micros)
	if !ok1 || !ok2 || !ok3 {
		return interval{}, errIntervalRange()
	}
	return interval{Micros: t, Days: d, Months: m}, nil
}

func negInterval(a interval) (interval, error) {
	if a.Months == math.MinInt32 || a.Days == math.MinInt32 || a.Micros == math.MinInt64 {
		return interval{}, errIntervalRange()
	}
	return interval{Micros: -a.Micros, Days: -a.Days, Months: -a.Months}, nil
}

func subInterval(a, b interval) (interval, error) {
	m := int64(a.Months) - int64(b.Months)
	d := int64(a.Days) - int64(b.Days)
	t, ok := subInt(a.Micros, b.Micros)
	if !ok || m != int64(int32(m)) || d != int64(int32(d)) {
		return interval{}, errIntervalRange()
	}
	return interval{Micros: t, Days: int32(d), Months: int32(m)}, nil
}

// tsRound is TSROUND: to a microsecond, in seconds.
func tsRound(x float64) float64 { return math.RoundToEven(x*1e6) / 1e6 }

// scaleInterval multiplies (or divides) the parts of an interval; what a part loses in becoming whole goes down to the next
// (interval_mul and interval_div of timestamp.c).
func scaleInterval(a interval, scale func(float64) float64) (interval, error) {
	part := func(x int32) (int32, error) {
		y := scale(float64(x))
		if y != y || y > math.MaxInt32 || y < math.MinInt32 {
			return 0, errIntervalRange()
		}
		return int32(y), nil
	}
	var out interval
	var err error
	if out.Months, err = part(a.Months); err != nil {
		return out, err
	}
	if out.Days, err = part(a.Days); err != nil {
		return out, err
	}
	monthDays := tsRound((scale(float64(a.Months)) - float64(out.Months)) * 30)
	secs := tsRound((scale(float64(a.Days)) - float64(out.Days) + monthDays - math.Trunc(monthDays)) * 86400)
	days := int64(out.Days)
	if math.Abs(secs) >= 86400 {
		n := int64(secs / 86400)
		days += n
		secs -= float64(n) * 86400
	}
	days += int64(monthDays)
	out.Days = int32(days)
	t := math.RoundToEven(scale(float64(a.Micros)) + secs*1e6)
	if !(t >= math.MinInt64 && t < 1<<63) {
		return out, errIntervalRange()
	}
	out.Micros = int64(t)
	return out, nil
}

func mulInterval(a interval, f float64) (interval, error) {
	return scaleInterval(a, func(x float64) float64 { return x * f })
}

func divInterval(a interval, f float64) (interval, error) {
	if f == 0 {
		return interval{}, errDivisionByZero()
	}
	return scaleInterval(a, func(x float64) float64 { return x / f })
}

func justifyHours(a interval) (interval, error) {
	n := a.Micros / microsPerDay
	a.Micros -= n * microsPerDay
	d, ok := addInt32(a.Days, int32(n))
	if !ok {
		return a, errIntervalRange()
	}
	a.Days = d
	switch {
	case a.Days > 0 && a.Micros < 0:
		a.Micros += microsPerDay
		a.Days--
	case a.Days < 0 && a.Micros > 0:
		a.Micros -= microsPerDay
		a.Days++
	}
	return a, nil
}

func justifyDays(a interval) (interval, error) {
	n := a.Days / 30
	a.Days -= n * 30
	m, ok := addInt32(a.Months, n)
	if !ok {
		return a, errIntervalRange()
	}
	a.Months = m
	switch {
	case a.Months > 0 && a.Days < 0:
		a.Days += 30
		a.Months--
	case a.Months < 0 && a.Days > 0:
		a.Days -= 30
		a.Months++
	}
	return a, nil
}

func justifyInterval(a interval) (interval, error) {
	var ok bool
	if a.Days > 0 && a.Micros > 0 || a.Days < 0 && a.Micros < 0 {
		n := a.Days / 30
		a.Days -= n * 30
		if a.Months, ok = addInt32(a.Months, n); !ok {
			return a, errIntervalRange()
		}
	}
	n := a.Micros / microsPerDay
	a.Micros -= n * microsPerDay
	a.Days += int32(n)
	k := a.Days / 30
	a.Days -= k * 30
	if a.Months, ok = addInt32(a.Months, k); !ok {
		return a, errIntervalRange()
	}
	switch {
	case a.Months > 0 && (a.Days < 0 || a.Days == 0 && a.Micros < 0):
		a.Days += 30
		a.Months--
	case a.Months < 0 && (a.Days > 0 || a.Days == 0 && a.Micros > 0):
		a.Days -= 30
		a.Months++
	}
	switch {
	case a.Days > 0 && a.Micros < 0:
		a.Micros += microsPerDay
		a.Days--
	case a.Days < 0 && a.Micros > 0:
		a.Micros -= microsPerDay
		a.Days++
	}
	return a, nil
}

// addMonthsDays moves a local timestamp by months, where the day is cut to the month's last, and then by days.
func addMonthsDays(ts int64, months, days int32) (int64, error) {
	if months != 0 {
		ct := splitCivil(ts)
		m := int64(ct.year)*12 + int64(ct.mon-1) + int64(months)
		y, mon := floorDiv(m, 12), int(floorMod(m, 12))+1
		if y < -4800 || y > 300000 {
			return 0, errTimestampRange()
		}
		day := min(ct.day, sqltype.DaysInMonth(int(y), mon))
		var ok bool
		if ts, ok = sqltype.JoinTimestamp(sqltype.DaysFromCivil(int(y), mon, day), ct.ofDay); !ok {
			return 0, errTimestampRange()
		}
	}
	if days != 0 {
		d, ofDay := sqltype.SplitTimestamp(ts)
		var ok bool
		if ts, ok = sqltype.JoinTimestamp(d+int64(days), ofDay); !ok {
			return 0, errTimestampRange()
		}
	}
	return ts, nil
}

func addMicros(ts, micros int64) (int64, error) {
	r, ok := addInt(ts, micros)
	if !ok {
		return 0, errTimestampRange()
	}
	return inRange(r)
}

func timestampPlus(ts int64, iv interval) (int64, error) {
	if infinite(ts) {
		return ts, nil
	}
	ts, err := addMonthsDays(ts, iv.Months, iv.Days)
	if err != nil {
		return 0, err
	}
	return addMicros(ts, iv.Micros)
}

// timestamptzPlus moves by months and days on the session's calendar, and then by the exact time.
func timestamptzPlus(c *Call, ts int64, iv interval) (int64, error) {
	if infinite(ts) {
		return ts, nil
	}
	if iv.Months != 0 || iv.Days != 0 {
		loc := c.Env().Location()
		for _, step := range [2]interval{{Months: iv.Months}, {Days: iv.Days}} {
			if step == (interval{}) {
				continue
			}
			l, ok := sqltype.UTCToLocal(loc, ts)
			if !ok {
				return 0, errTimestampRange()
			}
			l, err := addMonthsDays(l, step.Months, step.Days)
			if err != nil {
				return 0, err
			}
			if ts, ok = sqltype.LocalToUTC(loc, l); !ok {
				return 0, errTimestampRange()
			}
		}
	}
	return addMicros(ts, iv.Micros)
}

func timestampMinus(a, b int64) (interval, error) {
	if infinite(a) || infinite(b) {
		return interval{}, pgerr.New(pgerr.DatetimeFieldOverflow, "cannot subtract infinite timestamps")
	}
	return justifyHours(interval{Micros: a - b}) // PostgreSQL 15 lets a difference past int64 wrap around
}

// ageOf is the difference of two local timestamps in years, months, days and time.
func ageOf(a, b int64, offA, offB int) interval {
	x, y := splitCivilAt(a, offA), splitCivilAt(b, offB)
	years, mons, days, t := int64(x.year-y.year), int64(x.mon-y.mon), int64(x.day-y.day), x.ofDay-y.ofDay
	neg := a < b
	if neg {
		years, mons, days, t = -years, -mons, -days, -t
	}
	for t < 0 {
		t += microsPerDay
		days--
	}
	for days < 0 {
		if neg {
			days += int64(sqltype.DaysInMonth(x.year, x.mon))
		} else {
			days += int64(sqltype.DaysInMonth(y.year, y.mon))
		}
		mons--
	}
	for mons < 0 {
		mons += 12
		years--
	}
	if neg {
		years, mons, days, t = -years, -mons, -days, -t
	}
	return interval{Micros: t, Days: int32(days), Months: int32(years*12 + mons)}
}

// Infinity is computed with as if it were the largest timestamp, as PostgreSQL 15 does; -infinity lies before its calendar.
func timestampAge(a, b int64) (interval, error) {
	if a == sqltype.TimestampNegInfinity || b == sqltype.TimestampNegInfinity {
		return interval{}, errTimestampRange()
	}
	return ageOf(a, b, 0, 0), nil
}

func timestamptzAge(c *Call, a, b int64) (interval, error) {
	if a == sqltype.TimestampNegInfinity || b == sqltype.TimestampNegInfinity {
		return interval{}, errTimestampRange()
	}
	loc := c.Env().Location()
	x, _ := sqltype.ZoneOffset(loc, a)
	y, _ := sqltype.ZoneOffset(loc, b)
	return ageOf(a, b, x, y), nil
}

// splitCivilAt takes a timestamp apart as the clock shows it at an offset east of Greenwich.
func splitCivilAt(ts int64, off int) civilTime {
	days, ofDay := sqltype.SplitTimestamp(ts)
	ofDay += int64(off) * microsPerSecond
	days += floorDiv(ofDay, microsPerDay)
	y, m, d := sqltype.CivilFromDays(days)
	return civilTime{days, y, m, d, floorMod(ofDay, microsPerDay)}
}

func midnight(c *Call) int64 {
	d, _ := sqltype.SplitTimestamp(localMicros(c.Env().TransactionTime(), c.Env().Location()))
	return d * microsPerDay
}

func timePlus(t int64, iv interval, sign int64) int64 {
	return floorMod(t+sign*(iv.Micros%microsPerDay), microsPerDay)
}

func makeInterval(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
	secs := a[6].F
	if secs != secs || math.IsInf(secs, 0) {
		return sqltype.Value{}, errIntervalRange()
	}
	months := a[0].I*12 + a[1].I
	days := a[2].I*7 + a[3].I
	t := a[4].I*3600*microsPerSecond + a[5].I*60*microsPerSecond
	s := math.RoundToEven(secs * 1e6)
	if months != int64(int32(months)) || days != int64(int32(days)) || !(s >= math.MinInt64 && s < 1<<63) {
		return sqltype.Value{}, errIntervalRange()
	}
	sum, ok := addInt(t, int64(s))
	if !ok {
		return sqltype.Value{}, errIntervalRange()
	}
	return sqltype.Value{Iv: interval{Micros: sum, Days: int32(days), Months: int32(months)}}, nil
}

// The arguments are built through the plain functions below, which take the operands in the order of the operator.
func intervalKernels() []Kernel {
	minus := func(ts int64, iv interval) (int64, error) {
		if infinite(ts) {
			return ts, nil
		}
		neg, err := negInterval(iv)
		if err != nil {
			return 0, err
		}
		return timestampPlus(ts, neg)
	}
	minusTZ := func(c *Call, ts int64, iv interval) (int64, error) {
		if infinite(ts) {
			return ts, nil
		}
		neg, err := negInterval(iv)
		if err != nil {
			return 0, err
		}
		return timestamptzPlus(c, ts, neg)
	}
	onDate := func(op func(int64, interval) (int64, error)) func(int32, interval) (int64, error) {
		return func(d int32, iv interval) (int64, error) {
			ts, err := toTimestamp(d)
			if err != nil {
				return 0, err
			}
			return op(ts, iv)
		}
	}
	datePlus := onDate(timestampPlus)
	zonePlus := func(t, iv interval, sign int64) interval {
		return interval{Micros: timePlus(t.Micros, iv, sign), Months: t.Months}
	}
	return []Kernel{
		try2("interval_pl", addInterval), try2("interval_mi", subInterval), try1("interval_um", negInterval),
		try2("interval_mul", mulInterval), try2("interval_div", divInterval),
		try2("mul_d_interval", func(f float64, a interval) (interval, error) { return mulInterval(a, f) }),
		try1("interval_justify_hours", justifyHours), try1("interval_justify_days", justifyDays), try1("interval_justify_interval", justifyInterval),
		try2("timestamp_pl_interval", timestampPlus), try2("timestamp_mi_interval", minus),
		env2("timestamptz_pl_interval", timestamptzPlus), env2("timestamptz_mi_interval", minusTZ),
		try2("interval_pl_timestamp_interval_timestamp", func(iv interval, ts int64) (int64, error) { return timestampPlus(ts, iv) }),
		env2("interval_pl_timestamptz_interval_timestamptz", func(c *Call, iv interval, ts int64) (int64, error) { return timestamptzPlus(c, ts, iv) }),
		try2("date_pl_interval", datePlus), try2("date_mi_interval", onDate(minus)),
		try2("interval_pl_date_interval_date", func(iv interval, d int32) (int64, error) { return datePlus(d, iv) }),
		try2("timestamp_mi", timestampMinus),
		try2("timestamp_age", timestampAge), env2("timestamptz_age", timestamptzAge),
		env1("age_timestamp", func(c *Call, ts int64) (interval, error) { return timestampAge(midnight(c), ts) }),
		env1("age_timestamptz", func(c *Call, ts int64) (interval, error) {
			today, err := zoned(c, midnight(c))
			if err != nil {
				return interval{}, err
			}
			return timestamptzAge(c, today, ts)
		}),
		two("time_pl_interval", func(t int64, iv interval) int64 { return timePlus(t, iv, 1) }),
		two("time_mi_interval", func(t int64, iv interval) int64 { return timePlus(t, iv, -1) }),
		two("interval_pl_time_interval_time", func(iv interval, t int64) int64 { return timePlus(t, iv, 1) }),
		two("timetz_pl_interval", func(t, iv interval) interval { return zonePlus(t, iv, 1) }),
		two("timetz_mi_interval", func(t, iv interval) interval { return zonePlus(t, iv, -1) }),
		two("interval_pl_timetz_interval_timetz", func(iv, t interval) interval { return zonePlus(t, iv, 1) }),
		two("time_mi_time", func(a, b int64) interval { return interval{Micros: a - b} }),
		one("time_interval", func(t int64) interval { return interval{Micros: t} }),
		one("interval_time", func(iv interval) int64 { return floorMod(iv.Micros, microsPerDay) }),
		one("timetz_time", func(t interval) int64 { return t.Micros }),
		env1("time_timetz", func(c *Call, t int64) (interval, error) {
			_, off := c.Env().TransactionTime().In(c.Env().Location()).Zone()
			return interval{Micros: t, Months: int32(-off)}, nil
		}),
		scalar("timestamp_time", func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			if infinite(a[0].I) {
				return sqltype.NullValue(), nil
			}
			return sqltype.Int(floorMod(a[0].I, microsPerDay)), nil
		}),
		scalar("timestamptz_time", func(c *Call, a []sqltype.Value) (sqltype.Value, error) {
			if infinite(a[0].I) {
				return sqltype.NullValue(), nil
			}
			l, err := local(c, a[0].I)
			return sqltype.Int(floorMod(l, microsPerDay)), err
		}),
		scalar("timestamptz_timetz", func(c *Call, a []sqltype.Value) (sqltype.Value, error) {
			if infinite(a[0].I) {
				return sqltype.NullValue(), nil
			}
			off, _ := sqltype.ZoneOffset(c.Env().Location(), a[0].I)
			l, err := local(c, a[0].I)
			return sqltype.Value{Iv: interval{Micros: floorMod(l, microsPerDay), Months: int32(-off)}}, err
		}),
		scalar("make_interval", makeInterval),
		scaleKernel("timestamp_scale", sqltype.OIDTimestamp), scaleKernel("timestamptz_scale", sqltype.OIDTimestampTZ),
		scaleKernel("time_scale", sqltype.OIDTime), scaleKernel("timetz_scale", sqltype.OIDTimeTZ), scaleKernel("interval_scale", sqltype.OIDInterval),
	}
}

// scaleKernel is a length coercion called as a function.
func scaleKernel(name string, oid uint32) Kernel {
	return scalar(name, func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
		if p := a[1].I; (oid == sqltype.OIDTimestamp || oid == sqltype.OIDTimestampTZ) && (p < -1 || p > 6) && !infinite(a[0].I) {
			return sqltype.Value{}, invalid("timestamp(%d) precision must be between %d and %d", p, 0, 6)
		}
		if oid == sqltype.OIDInterval && !intervalTypmod(int32(a[1].I)) {
			return sqltype.Value{}, pgerr.Newf(pgerr.InternalError, "unrecognized interval typmod: %d", a[1].I)
		}
		return sqltype.ApplyTypmod(sqltype.Type{OID: oid, Typmod: int32(a[1].I)}, a[0], true)
	})
}
