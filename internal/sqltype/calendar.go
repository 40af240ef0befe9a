package sqltype

import "time"

// Microseconds, and the bounds of the date types (datatype/timestamp.h).
const (
	MicrosPerSecond = int64(1_000_000)
	MicrosPerMinute = 60 * MicrosPerSecond
	MicrosPerHour   = 60 * MicrosPerMinute
	MicrosPerDay    = 24 * MicrosPerHour

	epochJulian   = 2451545    // 2000-01-01
	unixEpochDays = 10957      // from 1970-01-01 to 2000-01-01
	dateEndJulian = 2147483494 // 5874898-01-01

	DateNegInfinity      = int64(-1 << 31)
	DateInfinity         = int64(1<<31 - 1)
	TimestampNegInfinity = int64(-1 << 63)
	TimestampInfinity    = int64(1<<63 - 1)

	MinTimestamp = int64(-211813488000000000) // 4714-11-24 BC
	EndTimestamp = int64(9223371331200000000) // 294277-01-01, the first that is too late
	MinDate      = int64(-epochJulian)        // 4714-11-24 BC
	EndDate      = int64(dateEndJulian - epochJulian)
)

// julianDay gives the Julian day number of a civil date; year 0 is 1 BC. The months may run outside 1 to 12.
func julianDay(y, m, d int) int {
	if m > 2 {
		m++
		y += 4800
	} else {
		m += 13
		y += 4799
	}
	century := y / 100
	return y*365 - 32167 + y/4 - century + century/4 + 7834*m/256 + d
}

// civil is the inverse of julianDay; as in PostgreSQL the day is taken as unsigned 32 bit.
func civil(jd int) (y, m, d int) {
	julian := uint32(int32(jd))
	julian += 32044
	quad := julian / 146097
	extra := (julian-quad*146097)*4 + 3
	julian += 60 + quad*3 + extra/146097
	quad = julian / 1461
	julian -= quad * 1461
	year := julian * 4 / 1461
	if year != 0 {
		julian = (julian+305)%365 + 123
	} else {
		julian = (julian+306)%366 + 123
	}
	year += quad * 4
	quad = julian * 2141 / 65536
	return int(year) - 4800, int((quad+10)%12) + 1, int(julian - 7834*quad/256)
}

// DaysFromCivil returns the days since 2000-01-01; year 0 is 1 BC.
func DaysFromCivil(year, month, day int) int64 {
	return int64(julianDay(year, month, day) - epochJulian)
}

// CivilFromDays returns the civil date of days since 2000-01-01; year 0 is 1 BC.
func CivilFromDays(days int64) (year, month, day int) { return civil(int(days) + epochJulian) }

// DaysInMonth returns the length of a month; year 0 is 1 BC.
func DaysInMonth(year, month int) int {
	if month == 2 && year%4 == 0 && (year%100 != 0 || year%400 == 0) {
		return 29
	}
	return [...]int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[month-1]
}

// validJulian bounds the years for which julianDay cannot overflow.
func validJulian(y, m int) bool {
	return (y > -4713 || y == -4713 && m >= 11) && (y < 5874898 || y == 5874898 && m < 6)
}

// ValidDate reports whether days since 2000-01-01 is a finite date of PostgreSQL's range.
func ValidDate(days int64) bool { return days >= MinDate && days < EndDate }

// ValidTimestamp reports whether microseconds since 2000-01-01 are a finite timestamp of PostgreSQL's range.
func ValidTimestamp(micros int64) bool { return micros >= MinTimestamp && micros < EndTimestamp }

// SplitTimestamp cuts a finite timestamp into days since 2000-01-01 and microseconds of the day.
func SplitTimestamp(micros int64) (days, ofDay int64) {
	days, ofDay = micros/MicrosPerDay, micros%MicrosPerDay
	if ofDay < 0 {
		ofDay += MicrosPerDay
		days--
	}
	return days, ofDay
}

// JoinTimestamp puts days and microseconds of the day together; false outside PostgreSQL's range.
func JoinTimestamp(days, ofDay int64) (micros int64, ok bool) {
	if days < MinDate-1 || days > EndTimestamp/MicrosPerDay+1 || ofDay < -2*MicrosPerDay || ofDay > 2*MicrosPerDay {
		return 0, false
	}
	micros = days*MicrosPerDay + ofDay
	return micros, ValidTimestamp(micros)
}

// TimestampFromTime converts a point of time, cutting below the microsecond toward the past; false outside PostgreSQL's range.
func TimestampFromTime(t time.Time) (int64, bool) {
	sec := t.Unix() - unixEpochDays*86400
	if sec < MinTimestamp/MicrosPerSecond || sec >= EndTimestamp/MicrosPerSecond {
		return 0, false
	}
	return sec*MicrosPerSecond + int64(t.Nanosecond()/1000), true
}

// TimeFromTimestamp converts a finite timestamp to a point of time in UTC.
func TimeFromTimestamp(micros int64) time.Time {
	sec, rest := micros/MicrosPerSecond, micros%MicrosPerSecond
	if rest < 0 {
		rest += MicrosPerSecond
		sec--
	}
	return time.Unix(sec+unixEpochDays*86400, rest*1000).UTC()
}

// ZoneOffset returns the seconds east of Greenwich and the abbreviation that hold in a zone at a finite timestamp.
func ZoneOffset(loc *time.Location, micros int64) (seconds int, abbreviation string) {
	if loc == time.UTC {
		return 0, "UTC"
	}
	abbreviation, seconds = TimeFromTimestamp(micros).In(loc).Zone()
	return seconds, abbreviation
}

// LocalOffset returns the seconds east of Greenwich that a zone gives to a local time in microseconds since 2000-01-01.
// A time that a change of clocks leaves out, or that occurs twice, is read in standard time, as PostgreSQL does.
func LocalOffset(loc *time.Location, local int64) int {
	if loc == time.UTC {
		return 0
	}
	sec := local / MicrosPerSecond
	if local%MicrosPerSecond < 0 {
		sec--
	}
	sec += unixEpochDays * 86400
	prev := time.Unix(sec-86400, 0).In(loc)
	_, before := prev.Zone()
	_, end := prev.ZoneBounds()
	if end.IsZero() {
		return before
	}
	_, after := end.Zone()
	boundary := end.Unix()
	beforeTime, afterTime := sec-int64(before), sec-int64(after)
	switch {
	case beforeTime < boundary && afterTime < boundary:
		return before
	case beforeTime > boundary && afterTime >= boundary:
		return after
	case beforeTime > afterTime:
		return before
	}
	return after
}

// LocalToUTC reads a local timestamp in a zone; false outside PostgreSQL's range.
func LocalToUTC(loc *time.Location, local int64) (int64, bool) {
	utc := local - int64(LocalOffset(loc, local))*MicrosPerSecond
	return utc, ValidTimestamp(utc)
}

// UTCToLocal gives the wall clock of a zone at a finite timestamp; false outside PostgreSQL's range.
func UTCToLocal(loc *time.Location, utc int64) (int64, bool) {
	off, _ := ZoneOffset(loc, utc)
	local := utc + int64(off)*MicrosPerSecond
	return local, ValidTimestamp(local)
}
