package eval

import (
	"fmt"
	"strings"

	"github.com/odatagres/odatagres/internal/sqltype"
)

// dateWriters are the ways in which a word of a pattern becomes text.
type dateWriters struct {
	pad    func(v, width int) (string, bool, error)
	name   func(s string, width int) (string, bool, error)
	either func(second bool, a, b string) (string, bool, error)
}

func plainText(s string) (string, bool, error) { return s, false, nil }

func abs(n int) int { return max(n, -n) }

// printDate gives the text of the words for zones and for what a calendar has.
func (n dateNode) printDate(t *charTime, w dateWriters) (string, bool, error) {
	sign := func() string {
		if t.offset < 0 {
			return "-"
		}
		return "+"
	}
	switch key := strings.ToUpper(n.key); key {
	case "TZ":
		if !t.zoned {
			return plainText("")
		}
		return plainText(cased(n.key, t.zone))
	case "TZH":
		return plainText(fmt.Sprintf("%s%02d", sign(), abs(t.offset)/3600))
	case "TZM":
		return plainText(fmt.Sprintf("%02d", abs(t.offset)%3600/60))
	case "OF":
		width := 2
		if n.fill {
			width = 0
		}
		s := fmt.Sprintf("%s%0*d", sign(), width, abs(t.offset)/3600)
		if m := abs(t.offset) % 3600 / 60; m != 0 {
			s += fmt.Sprintf(":%02d", m)
		}
		return plainText(s)
	case "A.D.", "B.C.":
		return w.either(t.year <= 0, "A.D.", "B.C.")
	case "AD", "BC":
		return w.either(t.year <= 0, "AD", "BC")
	case "MONTH":
		return w.name(monthNames[t.mon-1], 9)
	case "MON":
		return plainText(cased(n.key, monthNames[t.mon-1][:3]))
	case "DAY":
		return w.name(dayNames[t.wday], 9)
	case "DY":
		return plainText(cased(n.key, dayNames[t.wday][:3]))
	case "MM":
		return w.pad(t.mon, 2)
	case "DD":
		return n.signed(t.day, 0, 2)
	case "DDD":
		return n.signed(t.yday, 0, 3)
	case "D":
		return fmt.Sprintf("%d", t.wday+1), true, nil
	case "ID":
		d := t.wday
		if d == 0 {
			d = 7
		}
		return fmt.Sprintf("%d", d), true, nil
	case "WW":
		return w.pad((t.yday-1)/7+1, 2)
	case "W":
		return fmt.Sprintf("%d", (t.day-1)/7+1), true, nil
	case "Q":
		if t.mon == 0 {
			return plainText("")
		}
		return fmt.Sprintf("%d", (t.mon-1)/3+1), true, nil
	case "J":
		return fmt.Sprintf("%d", t.days+julianOf2000), true, nil
	case "RM":
		return n.romanMonth(t)
	case "CC":
		return n.century(t, w)
	}
	return n.printYear(t, w)
}

func (n dateNode) romanMonth(t *charTime) (string, bool, error) {
	m := t.mon
	switch {
	case t.mon == 0 && t.year == 0:
		return plainText("")
	case t.mon == 0 && t.year >= 0:
		m = 12
	case t.mon == 0:
		m = 1
	case t.mon < 0:
		m = -t.mon // counted from the year's end
		m = 13 - m
	}
	s := cased(n.key, romanMonth[m-1])
	if !n.fill {
		s = fmt.Sprintf("%-4s", s)
	}
	return plainText(s)
}

func (n dateNode) century(t *charTime, w dateWriters) (string, bool, error) {
	c := 0
	switch {
	case t.interval:
		c = t.year / 100
	case t.year > 0:
		c = (t.year-1)/100 + 1
	default:
		c = t.year/100 - 1
	}
	if c <= 99 && c >= -99 {
		return w.pad(c, 2)
	}
	return fmt.Sprintf("%d", c), true, nil
}

func (n dateNode) printYear(t *charTime, w dateWriters) (string, bool, error) {
	year := t.adjustYear()
	iso := func() int {
		y, _ := isoWeek(t.days)
		if y <= 0 && !t.interval {
			return -(y - 1)
		}
		return y
	}
	switch key := strings.ToUpper(n.key); key {
	case "IW":
		_, wk := isoWeek(t.days)
		return w.pad(wk, 2)
	case "IDDD":
		y, _ := isoWeek(t.days)
		return w.pad(int(t.days-isoWeekStart(y, 1))+1, 3)
	case "Y,YYY":
		return fmt.Sprintf("%d,%03d", year/1000, year-year/1000*1000), true, nil
	case "YYYY":
		return n.signed(year, year, 4)
	case "YYY":
		return n.signed(year%1000, year, 3)
	case "YY":
		return n.signed(year%100, year, 2)
	case "Y":
		return n.signed(year%10, 1, 1)
	case "IYYY":
		return n.signed(iso(), year, 4)
	case "IYY":
		return n.signed(iso()%1000, year, 3)
	case "IY":
		return n.signed(iso()%100, year, 2)
	case "I":
		return n.signed(iso()%10, 1, 1)
	}
	return plainText("")
}

// charTimeOf takes a local timestamp apart for to_char.
func charTimeOf(ts int64) *charTime {
	ct := splitCivil(ts)
	secs := int(ct.ofDay / microsPerSecond)
	return &charTime{
		year: ct.year, mon: ct.mon, day: ct.day, hour: secs / 3600, min: secs / 60 % 60, sec: secs % 60, usec: int(ct.ofDay % microsPerSecond),
		wday: int(floorMod(ct.days+6, 7)), yday: int(ct.days-sqltype.DaysFromCivil(ct.year, 1, 1)) + 1, days: ct.days,
	}
}

// toCharKernel makes to_char of a date type.
func toCharKernel(name string, open func(c *Call, v sqltype.Value) *charTime) Kernel {
	return scalar(name, func(c *Call, a []sqltype.Value) (sqltype.Value, error) {
		if a[1].S == "" {
			return sqltype.NullValue(), nil
		}
		t := open(c, a[0])
		if t == nil {
			return sqltype.NullValue(), nil
		}
		f, err := cachedFormat(c, a[1].S, parseDateFormat)
		if err != nil {
			return sqltype.Value{}, err
		}
		s, err := f.format(t)
		return sqltype.Text(s), err
	})
}

func formatDateKernels() []Kernel {
	return []Kernel{
		toCharKernel("timestamp_to_char", func(_ *Call, v sqltype.Value) *charTime {
			if infinite(v.I) {
				return nil
			}
			return charTimeOf(v.I)
		}),
		toCharKernel("timestamptz_to_char", func(c *Call, v sqltype.Value) *charTime {
			if infinite(v.I) {
				return nil
			}
			off, abbrev := sqltype.ZoneOffset(c.Env().Location(), v.I)
			t := charTimeOf(v.I + int64(off)*microsPerSecond)
			t.zoned, t.zone, t.offset = true, abbrev, off
			return t
		}),
		toCharKernel("interval_to_char", func(_ *Call, v sqltype.Value) *charTime {
			iv := v.Iv
			secs := iv.Micros / microsPerSecond
			t := &charTime{
				interval: true, year: int(iv.Months / 12), mon: int(iv.Months % 12), day: int(iv.Days),
				hour: int(secs / 3600), min: int(secs / 60 % 60), sec: int(secs % 60), usec: int(iv.Micros % microsPerSecond),
			}
			t.yday = (t.year*12+t.mon)*30 + t.day
			t.wday = (t.day%7 + 7) % 7
			t.days = sqltype.DaysFromCivil(t.year, t.mon, t.day)
			return t
		}),
		scalar("to_date", toDate), scalar("to_timestamp", toTimestampText),
	}
}
