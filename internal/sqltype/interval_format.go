package sqltype

import "strconv"

// intervalFields is an interval cut into what is printed; all parts of the time have its sign.
type intervalFields struct {
	year, month, day int64
	hour             int64
	minute           int
	sec, fraction    int
}

func splitInterval(iv Interval) intervalFields {
	return intervalFields{
		year: int64(iv.Months / 12), month: int64(iv.Months % 12), day: int64(iv.Days), hour: iv.Micros / MicrosPerHour,
		minute: int(iv.Micros / MicrosPerMinute % 60), sec: int(iv.Micros / MicrosPerSecond % 60),
		fraction: int(iv.Micros % MicrosPerSecond),
	}
}

// AppendInterval appends an interval in the session's IntervalStyle.
func AppendInterval(dst []byte, iv Interval, env Env) []byte {
	f := splitInterval(iv)
	switch orDefault(env).IntervalStyle() {
	case "postgres_verbose":
		return f.appendVerbose(dst)
	case "iso_8601":
		return f.appendISO(dst)
	case "sql_standard":
		return f.appendSQL(dst)
	}
	return f.appendPostgres(dst)
}

func abs64(i int64) int64 {
	if i < 0 {
		return -i
	}
	return i
}

func abs(i int) int { return int(abs64(int64(i))) }

func (f intervalFields) negativeTime() bool {
	return f.hour < 0 || f.minute < 0 || f.sec < 0 || f.fraction < 0
}

func (f intervalFields) hasTime() bool {
	return f.hour != 0 || f.minute != 0 || f.sec != 0 || f.fraction != 0
}

func (f intervalFields) appendPostgres(dst []byte) []byte {
	zero, before := true, false
	part := func(n int64, unit string) {
		if n == 0 {
			return
		}
		if !zero {
			dst = append(dst, ' ')
		}
		if before && n > 0 {
			dst = append(dst, '+')
		}
		dst = append(append(strconv.AppendInt(dst, n, 10), ' '), unit...)
		if n != 1 {
			dst = append(dst, 's')
		}
		before, zero = n < 0, false
	}
	part(f.year, "year")
	part(f.month, "mon")
	part(f.day, "day")
	if !zero && !f.hasTime() {
		return dst
	}
	if !zero {
		dst = append(dst, ' ')
	}
	switch {
	case f.negativeTime():
		dst = append(dst, '-')
	case before:
		dst = append(dst, '+')
	}
	return f.appendClock(dst, true)
}

// appendClock appends h:mm:ss of the absolute values, the hours with at least two digits if padded.
func (f intervalFields) appendClock(dst []byte, padded bool) []byte {
	if h := abs64(f.hour); padded && h < 10 {
		dst = append(dst, '0', '0'+byte(h))
	} else {
		dst = strconv.AppendInt(dst, h, 10)
	}
	dst = append(appendTwo(append(dst, ':'), abs(f.minute)), ':')
	return appendSeconds(dst, f.sec, f.fraction, true)
}

func (f intervalFields) appendVerbose(dst []byte) []byte {
	dst = append(dst, '@')
	zero, before := true, false
	part := func(n int64, unit string) {
		if n == 0 {
			return
		}
		switch {
		case zero:
			before = n < 0
			n = abs64(n)
		case before:
			n = -n
		}
		dst = append(append(strconv.AppendInt(append(dst, ' '), n, 10), ' '), unit...)
		if n != 1 {
			dst = append(dst, 's')
		}
		zero = false
	}
	part(f.year, "year")
	part(f.month, "mon")
	part(f.day, "day")
	part(f.hour, "hour")
	part(int64(f.minute), "min")
	if f.sec != 0 || f.fraction != 0 {
		dst = append(dst, ' ')
		switch {
		case f.sec < 0 || f.sec == 0 && f.fraction < 0:
			if zero {
				before = true
			} else if !before {
				dst = append(dst, '-')
			}
		case before:
			dst = append(dst, '-')
		}
		dst = append(appendSeconds(dst, f.sec, f.fraction, false), " sec"...)
		if abs(f.sec) != 1 || f.fraction != 0 {
			dst = append(dst, 's')
		}
		zero = false
	}
	if zero {
		dst = append(dst, " 0"...)
	}
	if before {
		dst = append(dst, " ago"...)
	}
	return dst
}

func (f intervalFields) appendISO(dst []byte) []byte {
	if f == (intervalFields{}) {
		return append(dst, "PT0S"...)
	}
	part := func(n int64, unit byte) {
		if n != 0 {
			dst = append(strconv.AppendInt(dst, n, 10), unit)
		}
	}
	dst = append(dst, 'P')
	part(f.year, 'Y')
	part(f.month, 'M')
	part(f.day, 'D')
	if f.hasTime() {
		dst = append(dst, 'T')
	}
	part(f.hour, 'H')
	part(int64(f.minute), 'M')
	if f.sec != 0 || f.fraction != 0 {
		if f.sec < 0 || f.fraction < 0 {
			dst = append(dst, '-')
		}
		dst = append(appendSeconds(dst, f.sec, f.fraction, false), 'S')
	}
	return dst
}

func (f intervalFields) appendSQL(dst []byte) []byte {
	negative := f.year < 0 || f.month < 0 || f.day < 0 || f.negativeTime()
	positive := f.year > 0 || f.month > 0 || f.day > 0 || f.hour > 0 || f.minute > 0 || f.sec > 0 || f.fraction > 0
	yearMonth := f.year != 0 || f.month != 0
	dayTime := f.day != 0 || f.hasTime()
	number := func(n int64) { dst = strconv.AppendInt(dst, abs64(n), 10) }
	sign := func(neg bool) {
		if neg {
			dst = append(dst, '-')
		} else {
			dst = append(dst, '+')
		}
	}
	if !negative && !positive {
		return append(dst, '0')
	}
	if negative && positive || yearMonth && dayTime {
		// Not a value of the standard: every part gets its sign.
		sign(f.year < 0 || f.month < 0)
		number(f.year)
		dst = append(dst, '-')
		number(f.month)
		dst = append(dst, ' ')
		sign(f.day < 0)
		number(f.day)
		dst = append(dst, ' ')
		sign(f.negativeTime())
		return f.appendClock(dst, false)
	}
	if negative {
		dst = append(dst, '-')
	}
	switch {
	case yearMonth:
		number(f.year)
		dst = append(dst, '-')
		number(f.month)
		return dst
	case f.day != 0:
		number(f.day)
		dst = append(dst, ' ')
	}
	return f.appendClock(dst, false)
}
