package sqltype

import (
	"math"
	"strconv"
)

// readISO reads ISO 8601 intervals: with designators (P1Y2M3DT4H5M6S), basic (P00010203T040506) and extended
// (P0001-02-03T04:05:06).
func (d *intervalState) readISO(s string) dateError {
	if len(s) < 2 || s[0] != 'P' {
		return dateBadFormat
	}
	s = s[1:]
	datePart, haveField := true, false
	for s != "" {
		if s[0] == 'T' {
			datePart, haveField = false, false
			s = s[1:]
			continue
		}
		start := s
		val, frac, rest, err := isoNumber(s)
		if err != dateOK {
			return err
		}
		unit := byte(0)
		if rest != "" {
			unit, rest = rest[0], rest[1:]
		}
		s = rest
		var done bool
		if datePart {
			done, datePart, err = d.isoDate(start, &s, unit, val, frac, haveField)
		} else {
			done, err = d.isoTime(start, &s, unit, val, frac, haveField)
		}
		if err == dateOK && d.overflowing {
			err = dateFieldOverflow
		}
		if err != dateOK || done {
			return err
		}
		haveField = !(unit == 0 || unit == 'T' || unit == '-')
	}
	return dateOK
}

func (d *intervalState) isoDate(start string, s *string, unit byte, val int64, frac float64, have bool) (done, datePart bool, err dateError) {
	switch unit {
	case 'Y':
		d.addYears(val, frac, 1)
		return false, true, dateOK
	case 'M':
		d.addMonths(val, frac)
		return false, true, dateOK
	case 'W':
		d.addDays(val, 7, frac)
		return false, true, dateOK
	case 'D':
		d.addDays(val, 1, frac)
		return false, true, dateOK
	case 'T', 0, '-':
	default:
		return false, true, dateBadFormat
	}
	if unit != '-' && digitsWide(start) == 8 && !have {
		d.addYears(val/10000, 0, 1)
		d.addMonths(val/100%100, 0)
		d.addDays(val%100, 1, frac)
		return unit == 0, false, dateOK
	}
	if have {
		return false, true, dateBadFormat
	}
	d.addYears(val, frac, 1)
	if unit != '-' {
		return unit == 0, false, dateOK
	}
	for part := range 2 {
		val, frac, rest, err := isoNumber(*s)
		if err != dateOK {
			return false, true, err
		}
		if part == 0 {
			d.addMonths(val, frac)
		} else {
			d.addDays(val, 1, frac)
		}
		if rest == "" {
			return true, true, dateOK
		}
		*s = rest[1:]
		switch {
		case rest[0] == 'T':
			return false, false, dateOK
		case rest[0] != '-' || part == 1:
			return false, true, dateBadFormat
		}
	}
	return false, true, dateBadFormat
}

func (d *intervalState) isoTime(start string, s *string, unit byte, val int64, frac float64, have bool) (done bool, err dateError) {
	switch unit {
	case 'H':
		d.addMicros(val, frac, MicrosPerHour)
		return false, dateOK
	case 'M':
		d.addMicros(val, frac, MicrosPerMinute)
		return false, dateOK
	case 'S':
		d.addMicros(val, frac, MicrosPerSecond)
		return false, dateOK
	case 0, ':':
	default:
		return false, dateBadFormat
	}
	if unit == 0 && digitsWide(start) == 6 && !have {
		d.addMicros(val/10000, 0, MicrosPerHour)
		d.addMicros(val/100%100, 0, MicrosPerMinute)
		d.addMicros(val%100, frac, MicrosPerSecond)
		return true, dateOK
	}
	if have {
		return false, dateBadFormat
	}
	d.addMicros(val, frac, MicrosPerHour)
	if unit == 0 {
		return true, dateOK
	}
	for _, scale := range []int64{MicrosPerMinute, MicrosPerSecond} {
		val, frac, rest, err := isoNumber(*s)
		if err != dateOK {
			return false, err
		}
		d.addMicros(val, frac, scale)
		if rest == "" {
			return true, dateOK
		}
		if rest[0] != ':' {
			return false, dateBadFormat
		}
		*s = rest[1:]
	}
	return false, dateBadFormat
}

// isoNumber reads a signed decimal and parts it at the point.
func isoNumber(s string) (val int64, frac float64, rest string, err dateError) {
	i := 0
	if s != "" && (s[0] == '-' || s[0] == '+') {
		if s[0] == '+' {
			return 0, 0, "", dateBadFormat
		}
		i++
	}
	digits := 0
	for ; i < len(s) && (isDigit(s[i]) || s[i] == '.'); i++ {
		if isDigit(s[i]) {
			digits++
		}
	}
	if digits == 0 {
		return 0, 0, "", dateBadFormat
	}
	end := i
	if i < len(s) && s[i]|0x20 == 'e' {
		k := i + 1
		if k < len(s) && (s[k] == '-' || s[k] == '+') {
			k++
		}
		if k < len(s) && isDigit(s[k]) {
			for k < len(s) && isDigit(s[k]) {
				k++
			}
			end = k
		}
	}
	f, perr := strconv.ParseFloat(s[:end], 64)
	if perr != nil {
		return 0, 0, "", dateBadFormat
	}
	if f < -1e15 || f > 1e15 {
		return 0, 0, "", dateFieldOverflow
	}
	whole := math.Trunc(f)
	return int64(whole), f - whole, s[end:], dateOK
}

func digitsWide(s string) int {
	if s != "" && s[0] == '-' {
		s = s[1:]
	}
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n
}
