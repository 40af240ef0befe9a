package eval

import (
	"math"
	"strings"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// unit is a field of a date, time or interval, by its full name.
type unit string

// unitNames maps the words that date_part, extract and date_trunc know to fields (deltatktbl and datetktbl of datetime.c). Words are
// compared by their first ten characters.
var unitNames = map[string]unit{
	"c": "century", "cent": "century", "centuries": "century", "century": "century",
	"d": "day", "day": "day", "days": "day",
	"dec": "decade", "decade": "decade", "decades": "decade", "decs": "decade",
	"h": "hour", "hour": "hour", "hours": "hour", "hr": "hour", "hrs": "hour",
	"m": "minute", "min": "minute", "mins": "minute", "minute": "minute", "minutes": "minute",
	"microsecon": "microseconds", "us": "microseconds", "usec": "microseconds", "usecond": "microseconds", "useconds": "microseconds", "usecs": "microseconds",
	"mil": "millennium", "millennia": "millennium", "millennium": "millennium", "mils": "millennium",
	"millisecon": "milliseconds", "ms": "milliseconds", "msec": "milliseconds", "msecond": "milliseconds", "mseconds": "milliseconds", "msecs": "milliseconds",
	"mon": "month", "mons": "month", "month": "month", "months": "month",
	"qtr": "quarter", "quarter": "quarter",
	"s": "second", "sec": "second", "second": "second", "seconds": "second", "secs": "second",
	"timezone": "timezone", "timezone_h": "timezone_hour", "timezone_m": "timezone_minute",
	"w": "week", "week": "week", "weeks": "week",
	"y": "year", "year": "year", "years": "year", "yr": "year", "yrs": "year",
	"epoch": "epoch", "j": "julian", "jd": "julian", "julian": "julian", "dow": "dow", "doy": "doy", "isodow": "isodow", "isoyear": "isoyear",
	"infinity": "other", "-infinity": "other", "now": "other", "today": "other", "tomorrow": "other", "yesterday": "other", "allballs": "other",
}

// lowerName lower-cases as downcase_truncate_identifier does without its truncation.
func lowerName(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 32
		}
		return r
	}, s)
}

func findUnit(s string) (unit, string) {
	if u, ok := unitNames[s]; ok && len(s) <= 10 {
		return u, s
	}
	low := lowerName(s)
	key := low
	if len(key) > 10 {
		key = key[:10]
	}
	return unitNames[key], low
}

func errUnitUnknown(name string, t uint32) error {
	return invalid("unit \"%s\" not recognized for type %s", name, sqltype.FormatType(t, -1))
}

func errUnitUnsupported(name string, t uint32) *pgerr.Error {
	return pgerr.Newf(pgerr.FeatureNotSupported, "unit \"%s\" not supported for type %s", name, sqltype.FormatType(t, -1))
}

// errUnit is the error for a unit that a type does not have.
func errUnit(u unit, name string, t uint32) error {
	clock := t == sqltype.OIDTime || t == sqltype.OIDTimeTZ || t == sqltype.OIDInterval
	if u == "" || u == "other" && clock {
		return errUnitUnknown(name, t)
	}
	return errUnitUnsupported(name, t)
}

// isoWeek returns the ISO week and its year; year 0 is 1 BC.
func isoWeek(days int64) (year, week int) {
	// The Thursday of the same week decides.
	thursday := days - floorMod(days+5, 7) + 3 // 2000-01-01 was a Saturday: days+5 counts from a Monday
	y, _, _ := sqltype.CivilFromDays(thursday)
	first := sqltype.DaysFromCivil(y, 1, 1)
	return y, int((thursday-first)/7) + 1
}

// isoWeekStart is the Monday of an ISO week.
func isoWeekStart(year, week int) int64 {
	jan4 := sqltype.DaysFromCivil(year, 1, 4)
	return jan4 - floorMod(jan4+5, 7) + int64(week-1)*7
}

// civilTime is a finite local timestamp taken apart.
type civilTime struct {
	days           int64
	year, mon, day int // year 0 is 1 BC
	ofDay          int64
}

func splitCivil(ts int64) civilTime {
	days, ofDay := sqltype.SplitTimestamp(ts)
	y, m, d := sqltype.CivilFromDays(days)
	return civilTime{days, y, m, d, ofDay}
}

// field is the value of a field: coef / 10^scale; julian days keep their fraction apart.
type field struct {
	coef     int64
	scale    uint8
	fraction int64 // microseconds of the day, of julian
	julian   bool
}

func whole(n int) (field, bool) { return field{coef: int64(n)}, true }

// clockField gives the fields of a time of day or of an interval's time.
func clockField(u unit, t int64) (field, bool) {
	switch u {
	case "microseconds":
		return field{coef: t % 60_000_000}, true
	case "milliseconds":
		return field{coef: t % 60_000_000, scale: 3}, true
	case "second":
		return field{coef: t % 60_000_000, scale: 6}, true
	case "minute":
		return field{coef: t / 60_000_000 % 60}, true
	case "hour":
		return field{coef: t / 3_600_000_000}, true
	}
	return field{}, false
}

func adBC(year int) int {
	if year > 0 {
		return year
	}
	return year - 1
}

// dateField gives the fields of a civil date.
func dateField(u unit, ct civilTime) (field, bool) {
	switch u {
	case "day":
		return whole(ct.day)
	case "month":
		return whole(ct.mon)
	case "quarter":
		return whole((ct.mon-1)/3 + 1)
	case "week":
		_, w := isoWeek(ct.days)
		return whole(w)
	case "year":
		return whole(adBC(ct.year))
	case "decade":
		if ct.year >= 0 {
			return whole(ct.year / 10)
		}
		return whole(-((8 - (ct.year - 1)) / 10))
	case "century":
		if ct.year > 0 {
			return whole((ct.year + 99) / 100)
		}
		return whole(-((99 - (ct.year - 1)) / 100))
	case "millennium":
		if ct.year > 0 {
			return whole((ct.year + 999) / 1000)
		}
		return whole(-((999 - (ct.year - 1)) / 1000))
	case "isoyear":
		y, _ := isoWeek(ct.days)
		return whole(adBC(y))
	case "dow":
		return whole(int(floorMod(ct.days+6, 7)))
	case "isodow":
		return whole(int(floorMod(ct.days+5, 7)) + 1)
	case "doy":
		return whole(int(ct.days-sqltype.DaysFromCivil(ct.year, 1, 1)) + 1)
	}
	return field{}, false
}

const julianOf2000 = 2451545

// timestampField gives the fields of a local timestamp; epoch of a timestamptz is that of utc.
func timestampField(u unit, localTS, utc int64, zoneSeconds int, zoned bool) (field, bool) {
	ct := splitCivil(localTS)
	if f, ok := clockField(u, ct.ofDay); ok {
		return f, true
	}
	if f, ok := dateField(u, ct); ok {
		return f, true
	}
	switch u {
	case "julian":
		return field{coef: ct.days + julianOf2000, fraction: ct.ofDay, julian: true}, true
	case "epoch":
		return field{coef: utc + unixEpoch, scale: 6}, true
	case "timezone", "timezone_hour", "timezone_minute":
		if !zoned {
			return field{}, false
		}
		return zoneField(u, zoneSeconds)
	}
	return field{}, false
}

func zoneField(u unit, east int) (field, bool) {
	switch u {
	case "timezone":
		return whole(east)
	case "timezone_hour":
		return whole(east / 3600)
	default:
		return whole(east % 3600 / 60)
	}
}

// infiniteField gives a field of an infinite date or timestamp: infinite where the field grows for ever, null where it goes round.
func infiniteField(u unit, name string, t uint32, neg bool) (sqltype.Value, error) {
	switch u {
	case "year", "decade", "century", "millennium", "julian", "isoyear", "epoch":
		return sqltype.Num(sqltype.NumericInf(neg)), nil
	case "microseconds", "milliseconds", "second", "minute", "hour", "day", "month", "quarter", "week", "dow", "isodow", "doy":
		if t != sqltype.OIDDate || u == "day" || u == "month" || u == "quarter" || u == "week" || u == "dow" || u == "isodow" || u == "doy" {
			return sqltype.NullValue(), nil
		}
	case "timezone", "timezone_hour", "timezone_minute":
		if t != sqltype.OIDDate { // of a timestamp without a zone as well
			return sqltype.NullValue(), nil
		}
	}
	return sqltype.Value{}, errUnit(u, name, t)
}

func (f field) numeric() (sqltype.Value, error) {
	if !f.julian {
		return sqltype.Num(sqltype.Numeric{Coef: f.coef, Scale: f.scale}), nil
	}
	part, err := sqltype.NumericInt(f.fraction).Div(sqltype.NumericInt(microsPerDay))
	if err != nil {
		return sqltype.Value{}, err
	}
	n, err := sqltype.NumericInt(f.coef).Add(part)
	return sqltype.Num(n), err
}

func (f field) float() float64 {
	switch {
	case f.julian:
		return float64(f.coef) + (float64(f.fraction/microsPerSecond)+float64(f.fraction%microsPerSecond)/1e6)/86400
	case f.scale == 6:
		return float64(f.coef) / 1e6
	case f.scale == 3:
		return float64(f.coef) / 1e3
	}
	return float64(f.coef)
}

// fieldOf computes date_part and extract for a value of a type; special is the answer for infinite values.
func fieldOf(c *Call, name string, t uint32, v sqltype.Value) (f field, special *sqltype.Value, err error) {
	u, low := findUnit(name)
	ok := false
	switch t {
	case sqltype.OIDDate, sqltype.OIDTimestamp, sqltype.OIDTimestampTZ:
		inf, neg := infinite(v.I), v.I < 0
		if t == sqltype.OIDDate {
			inf = infiniteDate(int32(v.I))
		}
		if inf {
			s, err := infiniteField(u, low, t, neg)
			return f, &s, err
		}
		if u == "epoch" && t != sqltype.OIDDate && v.I > math.MaxInt64-unixEpoch { // in microseconds it would pass int64
			n, err := sqltype.Numeric{Coef: v.I, Scale: 6}.Add(sqltype.NumericInt(unixEpoch / microsPerSecond))
			s := sqltype.Num(n)
			return f, &s, err
		}
		switch t {
		case sqltype.OIDDate:
			ct := civilTime{days: v.I}
			ct.year, ct.mon, ct.day = sqltype.CivilFromDays(v.I)
			f, ok = dateField(u, ct)
			switch u {
			case "julian":
				f, ok = field{coef: v.I + julianOf2000}, true
			case "epoch":
				f, ok = field{coef: v.I*86400 + 946684800}, true
			}
		case sqltype.OIDTimestamp:
			f, ok = timestampField(u, v.I, v.I, 0, false)
		default:
			off, _ := sqltype.ZoneOffset(c.Env().Location(), v.I)
			f, ok = timestampField(u, v.I+int64(off)*microsPerSecond, v.I, off, true)
		}
	case sqltype.OIDTime:
		f, ok = clockField(u, v.I)
		if u == "epoch" {
			f, ok = field{coef: v.I, scale: 6}, true
		}
	case sqltype.OIDTimeTZ:
		f, ok = clockField(u, v.Iv.Micros)
		switch u {
		case "epoch":
			f, ok = field{coef: v.Iv.Micros + int64(v.Iv.Months)*microsPerSecond, scale: 6}, true
		case "timezone", "timezone_hour", "timezone_minute":
			f, ok = zoneField(u, int(-v.Iv.Months))
		}
	case sqltype.OIDInterval:
		return intervalField(u, low, v.Iv)
	}
	if !ok {
		return f, nil, errUnit(u, low, t)
	}
	return f, nil, nil
}

// intervalField gives a field of an interval. Its epoch counts a year as 365.25 days and may pass int64.
func intervalField(u unit, name string, iv sqltype.Interval) (f field, special *sqltype.Value, err error) {
	y, m := int(iv.Months/12), int(iv.Months%12)
	if f, ok := clockField(u, iv.Micros); ok {
		return f, nil, nil
	}
	n := 0
	switch u {
	case "day":
		n = int(iv.Days)
	case "month":
		n = m
	case "quarter":
		n = m/3 + 1
	case "year":
		n = y
	case "decade":
		n = y / 10
	case "century":
		n = y / 100
	case "millennium":
		n = y / 1000
	case "epoch":
		secs := int64(y)*31557600 + int64(m)*2592000 + int64(iv.Days)*86400
		if hi := secs * microsPerSecond; hi/microsPerSecond == secs && (hi >= 0) == (secs >= 0) {
			if sum, ok := addInt(hi, iv.Micros); ok {
				return field{coef: sum, scale: 6}, nil, nil
			}
		}
		big, err := sqltype.Numeric{Coef: iv.Micros, Scale: 6}.Add(sqltype.NumericInt(secs))
		v := sqltype.Num(big)
		return f, &v, err
	default:
		return f, nil, errUnit(u, name, sqltype.OIDInterval)
	}
	return field{coef: int64(n)}, nil, nil
}

// ofTimestamps reports whether a type's fields have a kernel that goes by days.
func ofTimestamps(t uint32) bool {
	return t == sqltype.OIDDate || t == sqltype.OIDTimestamp || t == sqltype.OIDTimestampTZ
}

func extractKernel(name string, t uint32) Kernel {
	extract := func(c *Call, unit string, v sqltype.Value) (sqltype.Value, error) {
		f, special, err := fieldOf(c, unit, t, v)
		switch {
		case err != nil:
			return sqltype.Value{}, err
		case special != nil:
			return *special, nil
		}
		return f.numeric()
	}
	if ofTimestamps(t) {
		return fieldKernel(name, t, extract)
	}
	return scalar(name, func(c *Call, a []sqltype.Value) (sqltype.Value, error) { return extract(c, a[0].S, a[1]) })
}

func partKernel(name string, t uint32) Kernel {
	part := func(c *Call, unit string, v sqltype.Value) (sqltype.Value, error) {
		of := t
		if t == sqltype.OIDDate { // date_part(text, date) is a function over the date as a timestamp
			ts, err := toTimestamp(int32(v.I))
			if err != nil {
				return sqltype.Value{}, err
			}
			v, of = sqltype.Int(ts), sqltype.OIDTimestamp
		}
		f, special, err := fieldOf(c, unit, of, v)
		switch {
		case err != nil:
			return sqltype.Value{}, err
		case special == nil:
			return sqltype.Float(f.float()), nil
		case special.Null:
			return *special, nil
		}
		x, err := special.Num.Float64()
		return sqltype.Float(x), err
	}
	if ofTimestamps(t) {
		return fieldKernel(name, t, part)
	}
	return scalar(name, func(c *Call, a []sqltype.Value) (sqltype.Value, error) { return part(c, a[0].S, a[1]) })
}

func dateFieldKernels() []Kernel {
	return append(truncKernels(),
		extractKernel("extract_date", sqltype.OIDDate), extractKernel("extract_timestamp", sqltype.OIDTimestamp),
		extractKernel("extract_timestamptz", sqltype.OIDTimestampTZ), extractKernel("extract_time", sqltype.OIDTime),
		extractKernel("extract_timetz", sqltype.OIDTimeTZ), extractKernel("extract_interval", sqltype.OIDInterval),
		partKernel("date_part_text_date", sqltype.OIDDate), partKernel("timestamp_part", sqltype.OIDTimestamp),
		partKernel("timestamptz_part", sqltype.OIDTimestampTZ), partKernel("time_part", sqltype.OIDTime),
		partKernel("timetz_part", sqltype.OIDTimeTZ), partKernel("interval_part", sqltype.OIDInterval),
	)
}

// floatText prints a float as %g does.
func floatText(f float64) string {
	switch {
	case f != f:
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	}
	return string(sqltype.AppendFloat8(nil, f, -9))
}

// secondsText prints a float as %02g does, which is how PostgreSQL's messages show seconds.
func secondsText(f float64) string {
	s := floatText(f)
	if len(s) < 2 {
		s = "0" + s
	}
	return s
}
