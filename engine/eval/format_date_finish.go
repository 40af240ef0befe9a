package eval

import (
	"strings"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
)

func (r *dateReader) overflow() error {
	return pgerr.Newf(pgerr.DatetimeFieldOverflow, "date/time field value out of range: \"%s\"", strings.Clone(r.in))
}

// finish puts the fields together (do_to_timestamp). Years count 1 BC as 0 from here on.
func (r *dateReader) finish() (days, ofDay int64, east *int, err error) {
	h, m, s := r.ssss/3600, r.ssss%3600/60, r.ssss%60
	if r.ss != 0 {
		s = r.ss
	}
	if r.mi != 0 {
		m = r.mi
	}
	if r.hh != 0 {
		h = r.hh
	}
	if r.clock12 {
		if h < 1 || h > 12 {
			return 0, 0, nil, invalidFormat("hour \"%d\" is invalid for the 12-hour clock", h).
				WithHint("Use the 24-hour clock, or give an hour between 1 and 12.")
		}
		switch {
		case r.pm != 0 && h < 12:
			h += 12
		case r.pm == 0 && h == 12:
			h = 0
		}
	}
	days, err = r.date()
	if err != nil {
		return 0, 0, nil, err
	}
	fsec := r.ms*1000 + r.us
	if h < 0 || h > 23 || m < 0 || m > 59 || s < 0 || s > 59 || fsec < 0 || fsec >= 1e6 {
		return 0, 0, nil, r.overflow()
	}
	if r.tzsign != 0 {
		if r.tzh < 0 || r.tzh > 15 || r.tzm < 0 || r.tzm > 59 {
			return 0, 0, nil, pgerr.Newf(pgerr.InvalidTimeZoneDisplacementValue, "time zone displacement out of range: \"%s\"", strings.Clone(r.in))
		}
		e := r.tzsign * (r.tzh*3600 + r.tzm*60)
		east = &e
	}
	return days, (int64(h)*3600+int64(m)*60+int64(s))*microsPerSecond + int64(fsec), east, nil
}

// yearOf gives the year that YYYY, CC and BC name together; known says whether any did.
func (r *dateReader) yearOf() (year int, known bool) {
	cc := r.cc
	if r.bc != 0 {
		cc = -cc
	}
	switch {
	case r.year != 0 && cc != 0 && r.yysz <= 2:
		year = r.year % 100
		switch {
		case year != 0 && cc >= 0:
			year += (cc - 1) * 100
		case year != 0:
			year = (cc+1)*100 - year + 1
		case cc >= 0:
			year = cc * 100
		default:
			year = cc*100 + 1
		}
		return year, true
	case r.year != 0:
		year = r.year
		if r.bc != 0 {
			year = -year
		}
		if year < 0 {
			year++
		}
		return year, true
	case cc > 0:
		return (cc-1)*100 + 1, true
	case cc < 0:
		return cc*100 + 1, true
	}
	return 0, false
}

// date gives the days since 2000-01-01.
func (r *dateReader) date() (int64, error) {
	year, hasYear := r.yearOf()
	hasMon, hasDay := false, false
	mon, day := 1, 1
	civil := func(days int64) {
		year, mon, day = sqltype.CivilFromDays(days)
		hasYear, hasMon, hasDay = true, true, true
	}
	if r.j != 0 {
		civil(int64(r.j) - julianOf2000)
	}
	if r.ww != 0 {
		if r.mode == 'i' {
			start := isoWeekStart(year, r.ww)
			switch {
			case r.d > 1:
				start += int64(r.d - 2)
			case r.d == 1:
				start += 6
			}
			civil(start)
		} else {
			r.ddd = (r.ww-1)*7 + 1
		}
	}
	if r.w != 0 {
		r.dd = (r.w-1)*7 + 1
	}
	if r.dd != 0 {
		day, hasDay = r.dd, true
	}
	if r.mm != 0 {
		mon, hasMon = r.mm, true
	}
	if r.ddd != 0 && (mon <= 1 || day <= 1) {
		if year == 0 && r.bc == 0 {
			return 0, invalidFormat("cannot calculate day of year without year information")
		}
		if r.mode == 'i' {
			civil(isoWeekStart(year, 1) - 1 + int64(r.ddd))
		} else {
			left, m := r.ddd, 1
			for m <= 12 && left > sqltype.DaysInMonth(year, m) {
				left -= sqltype.DaysInMonth(year, m)
				m++
			}
			if mon <= 1 {
				mon = m
			}
			if day <= 1 {
				day = left
			}
			hasMon, hasDay = true, true
		}
	}
	// A day that its month does not have counts on in the next one, but for a date that was given whole.
	if hasMon && (mon < 1 || mon > 12) || hasDay && (day < 1 || day > 31) || hasYear && hasMon && hasDay && day > sqltype.DaysInMonth(year, mon) {
		return 0, r.overflow()
	}
	if year < -4800 || year > 5874898 {
		return 1 << 40, nil // out of range: the caller names its type
	}
	return sqltype.DaysFromCivil(year, mon, 1) + int64(day-1), nil
}
