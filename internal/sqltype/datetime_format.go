package sqltype

import (
	"strconv"
	"time"
)

func appendTwo(dst []byte, n int) []byte { return append(dst, '0'+byte(n/10), '0'+byte(n%10)) }

func appendYear(dst []byte, year int) []byte {
	if year <= 0 {
		year = 1 - year
	}
	if year < 10000 {
		return append(dst, '0'+byte(year/1000), '0'+byte(year/100%10), '0'+byte(year/10%10), '0'+byte(year%10))
	}
	return strconv.AppendInt(dst, int64(year), 10)
}

// appendClock appends hh:mm:ss and the fraction without trailing zeros.
func appendClock(dst []byte, ofDay int64) []byte {
	dst = appendTwo(dst, int(ofDay/MicrosPerHour))
	dst = append(dst, ':')
	dst = appendTwo(dst, int(ofDay/MicrosPerMinute%60))
	dst = append(dst, ':')
	return appendSeconds(dst, int(ofDay/MicrosPerSecond%60), int(ofDay%MicrosPerSecond), true)
}

// appendSeconds appends the absolute value of seconds and microseconds.
func appendSeconds(dst []byte, sec, fraction int, fill bool) []byte {
	if sec < 0 {
		sec = -sec
	}
	if fraction < 0 {
		fraction = -fraction
	}
	if fill {
		dst = appendTwo(dst, sec)
	} else {
		dst = strconv.AppendInt(dst, int64(sec), 10)
	}
	if fraction == 0 {
		return dst
	}
	dst = append(dst, '.')
	for unit := 100000; fraction > 0; unit /= 10 {
		dst = append(dst, '0'+byte(fraction/unit))
		fraction %= unit
	}
	return dst
}

// appendOffset appends seconds east of Greenwich as +hh, +hh:mm or +hh:mm:ss.
func appendOffset(dst []byte, seconds int) []byte {
	sign := byte('+')
	if seconds < 0 {
		sign, seconds = '-', -seconds
	}
	dst = append(dst, sign)
	if hours := seconds / 3600; hours < 100 {
		dst = appendTwo(dst, hours)
	} else {
		dst = strconv.AppendInt(dst, int64(hours), 10)
	}
	minute, sec := seconds/60%60, seconds%60
	if minute != 0 || sec != 0 {
		dst = appendTwo(append(dst, ':'), minute)
	}
	if sec != 0 {
		dst = appendTwo(append(dst, ':'), sec)
	}
	return dst
}

// AppendDate appends a date, which is held as days since 2000-01-01.
func AppendDate(dst []byte, days int32, env Env) []byte {
	env = orDefault(env)
	switch int64(days) {
	case DateInfinity:
		return append(dst, "infinity"...)
	case DateNegInfinity:
		return append(dst, "-infinity"...)
	}
	y, m, d := CivilFromDays(int64(days))
	dst = appendCivil(dst, y, m, d, env.DateStyle(), env.DateOrder())
	if y <= 0 {
		dst = append(dst, " BC"...)
	}
	return dst
}

func appendCivil(dst []byte, y, m, d int, style, order string) []byte {
	two := func(sep byte, a, b int) []byte {
		dst = append(appendTwo(dst, a), sep)
		dst = append(appendTwo(dst, b), sep)
		return appendYear(dst, y)
	}
	switch {
	case style == "SQL" && order == "DMY":
		return two('/', d, m)
	case style == "SQL":
		return two('/', m, d)
	case style == "German":
		return two('.', d, m)
	case style == "Postgres" && order == "DMY":
		return two('-', d, m)
	case style == "Postgres":
		return two('-', m, d)
	}
	dst = append(appendYear(dst, y), '-')
	dst = append(appendTwo(dst, m), '-')
	return appendTwo(dst, d)
}

const (
	dayNames   = "SunMonTueWedThuFriSat"
	monthNames = "JanFebMarAprMayJunJulAugSepOctNovDec"
)

// AppendTimestamp appends a timestamp without time zone.
func AppendTimestamp(dst []byte, micros int64, env Env) []byte {
	return appendTimestamp(dst, micros, orDefault(env), nil)
}

// AppendTimestampTZ appends a timestamp with time zone as the session's zone shows it.
func AppendTimestampTZ(dst []byte, micros int64, env Env) []byte {
	env = orDefault(env)
	return appendTimestamp(dst, micros, env, env.Location())
}

func appendTimestamp(dst []byte, micros int64, env Env, loc *time.Location) []byte {
	switch micros {
	case TimestampInfinity:
		return append(dst, "infinity"...)
	case TimestampNegInfinity:
		return append(dst, "-infinity"...)
	}
	offset, abbrev := 0, ""
	if loc != nil {
		offset, abbrev = ZoneOffset(loc, micros)
	}
	// The local time may leave the range of timestamps and even, at its end, of int64.
	days, ofDay := SplitTimestamp(micros)
	ofDay += int64(offset) * MicrosPerSecond
	switch {
	case ofDay < 0:
		days, ofDay = days-1, ofDay+MicrosPerDay
	case ofDay >= MicrosPerDay:
		days, ofDay = days+1, ofDay-MicrosPerDay
	}
	y, m, d := CivilFromDays(days)
	style, order := env.DateStyle(), env.DateOrder()
	zone := func() {
		switch {
		case loc == nil:
		case style == "ISO":
			dst = appendOffset(dst, offset)
		case abbrev != "":
			dst = append(append(dst, ' '), abbrev[:min(len(abbrev), 10)]...)
		default:
			if style == "Postgres" {
				dst = append(dst, ' ')
			}
			dst = appendOffset(dst, offset)
		}
	}
	if style == "Postgres" {
		weekday := int((days+6)%7+7) % 7 // 2000-01-01 was a Saturday
		dst = append(append(dst, dayNames[weekday*3:weekday*3+3]...), ' ')
		month := monthNames[m*3-3 : m*3]
		if order == "DMY" {
			dst = append(append(appendTwo(dst, d), ' '), month...)
		} else {
			dst = appendTwo(append(append(dst, month...), ' '), d)
		}
		dst = appendClock(append(dst, ' '), ofDay)
		dst = appendYear(append(dst, ' '), y)
	} else {
		dst = appendCivil(dst, y, m, d, style, order)
		dst = appendClock(append(dst, ' '), ofDay)
	}
	zone()
	if y <= 0 {
		dst = append(dst, " BC"...)
	}
	return dst
}

// AppendTime appends a time of day in microseconds.
func AppendTime(dst []byte, micros int64) []byte { return appendClock(dst, micros) }

// AppendTimeTZ appends a time of day with its zone, given in seconds west of Greenwich.
func AppendTimeTZ(dst []byte, micros int64, west int32) []byte {
	return appendOffset(appendClock(dst, micros), -int(west))
}

func dateOut(dst []byte, v Value, _ Type, env Env) []byte { return AppendDate(dst, int32(v.I), env) }

func timestampOut(dst []byte, v Value, t Type, env Env) []byte {
	if t.OID == OIDTimestampTZ {
		return AppendTimestampTZ(dst, v.I, env)
	}
	return AppendTimestamp(dst, v.I, env)
}

func timeOut(dst []byte, v Value, _ Type, _ Env) []byte { return AppendTime(dst, v.I) }

func timetzOut(dst []byte, v Value, _ Type, _ Env) []byte {
	return AppendTimeTZ(dst, v.Iv.Micros, v.Iv.Months)
}
