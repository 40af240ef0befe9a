package odata

import (
	"math"

	"github.com/odatagres/odatagres/internal/sqltype"
)

// Time of day and dates in SQL's units: microseconds, and days since 2000-01-01. Fractions of a second are floored to
// microseconds: rounding would turn the customary end of time, 9999-12-31T23:59:59.9999999Z, into the year 10000.
const (
	microsPerSecond = 1000000
	microsPerMinute = 60 * microsPerSecond
	microsPerHour   = 60 * microsPerMinute
	microsPerDay    = 24 * microsPerHour
)

// PostgreSQL's timestamps reach from 4713 BC to 294276 AD; the bounds keep the arithmetic from overflowing.
const (
	minYear = -4713
	maxYear = 294276
)

// cursor reads the text of a time.
type cursor struct {
	b  []byte
	p  int
	ok bool
}

func (c *cursor) two() int64 {
	if c.p+2 > len(c.b) || !isDigit(c.b[c.p]) || !isDigit(c.b[c.p+1]) {
		c.ok = false
		return 0
	}
	n := int64(c.b[c.p]-'0')*10 + int64(c.b[c.p+1]-'0')
	c.p += 2
	return n
}

func (c *cursor) have(ch byte) bool {
	if c.p < len(c.b) && c.b[c.p] == ch {
		c.p++
		return true
	}
	return false
}

func (c *cursor) want(ch byte) {
	if !c.have(ch) {
		c.ok = false
	}
}

// date reads [-]YYYY-MM-DD; years may have more digits (CSDL 4.01, Edm.Date).
func (c *cursor) date() int64 {
	neg := c.have('-')
	start, year := c.p, int64(0)
	for c.p < len(c.b) && isDigit(c.b[c.p]) && c.p-start < 6 {
		year = year*10 + int64(c.b[c.p]-'0')
		c.p++
	}
	if c.p-start < 4 || (c.p-start > 4 && c.b[start] == '0') {
		c.ok = false
	}
	c.want('-')
	month := c.two()
	c.want('-')
	day := c.two()
	if neg {
		year = -year
	}
	if !c.ok || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) || year < minYear || year > maxYear {
		c.ok = false
		return 0
	}
	return daysSince2000(year, month, day)
}

func daysIn(year, month int64) int64 {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// daysSince2000 counts in the proleptic Gregorian calendar with a year 0; the year is taken to begin in March.
func daysSince2000(y, m, d int64) int64 {
	if m <= 2 {
		y--
		m += 12
	}
	era := y / 400
	if y < 0 {
		era = (y - 399) / 400
	}
	yoe := y - era*400
	doy := (153*(m-3)+2)/5 + d - 1
	return era*146097 + yoe*365 + yoe/4 - yoe/100 + doy - 730425
}

// clock reads HH:MM[:SS[.fraction]].
func (c *cursor) clock() int64 {
	h := c.two()
	c.want(':')
	m := c.two()
	s, f := int64(0), int64(0)
	if c.have(':') {
		s = c.two()
		if c.have('.') {
			f = c.fraction()
		}
	}
	if h > 23 || m > 59 || s > 59 {
		c.ok = false
	}
	return h*microsPerHour + m*microsPerMinute + s*microsPerSecond + f
}

// fraction reads 1 to 12 digits and floors them to microseconds.
func (c *cursor) fraction() int64 {
	start, f := c.p, int64(0)
	for c.p < len(c.b) && isDigit(c.b[c.p]) {
		if c.p-start < 6 {
			f = f*10 + int64(c.b[c.p]-'0')
		}
		c.p++
	}
	n := c.p - start
	if n == 0 || n > 12 {
		c.ok = false
	}
	for ; n < 6; n++ {
		f *= 10
	}
	return f
}

// zone reads Z or an offset, in microseconds east of Greenwich.
func (c *cursor) zone() int64 {
	if c.have('Z') || c.have('z') {
		return 0
	}
	sign := int64(1)
	switch {
	case c.have('+'):
	case c.have('-'):
		sign = -1
	default:
		c.ok = false
		return 0
	}
	h := c.two()
	c.want(':')
	m := c.two()
	if h > 15 || m > 59 {
		c.ok = false
	}
	return sign * (h*microsPerHour + m*microsPerMinute)
}

func (c *cursor) finished() bool { return c.ok && c.p == len(c.b) }

func readTimestamp(d *decoder, s *slot, p, row int) int {
	t, next := d.text(s, p)
	if next < 0 {
		return -1
	}
	c := cursor{b: t, ok: true}
	days := c.date()
	if !c.have('T') {
		c.want('t')
	}
	micros := c.clock()
	micros -= c.zone()
	if !c.finished() {
		return d.invalid(s, "%s is no Edm.DateTimeOffset", quoted(t))
	}
	s.vec.I64[row] = days*microsPerDay + micros
	return next
}

func readDate(d *decoder, s *slot, p, row int) int {
	t, next := d.text(s, p)
	if next < 0 {
		return -1
	}
	c := cursor{b: t, ok: true}
	days := c.date()
	if !c.finished() {
		return d.invalid(s, "%s is no Edm.Date", quoted(t))
	}
	s.vec.I32[row] = int32(days)
	return next
}

func readTimeOfDay(d *decoder, s *slot, p, row int) int {
	t, next := d.text(s, p)
	if next < 0 {
		return -1
	}
	c := cursor{b: t, ok: true}
	micros := c.clock()
	if !c.finished() {
		return d.invalid(s, "%s is no Edm.TimeOfDay", quoted(t))
	}
	s.vec.I64[row] = micros
	return next
}

func readDuration(d *decoder, s *slot, p, row int) int {
	t, next := d.text(s, p)
	if next < 0 {
		return -1
	}
	iv, ok := parseDuration(t)
	if !ok {
		return d.invalid(s, "%s is no Edm.Duration", quoted(t))
	}
	s.vec.Intervals[row] = iv
	return next
}

// parseDuration reads [-]P[nD][T[nH][nM][n[.f]S]] (CSDL 4.01, Edm.Duration). Days stay days, as in SQL's own reading of the text.
func parseDuration(t []byte) (iv sqltype.Interval, ok bool) {
	c := cursor{b: t, ok: true}
	neg := c.have('-')
	if !neg {
		c.have('+')
	}
	c.want('P')
	var days, micros int64
	var cut bool
	parts, last, inTime := 0, byte(0), false
	for c.ok && c.p < len(t) {
		if !inTime && c.have('T') {
			inTime = true
			if c.p == len(t) {
				return iv, false
			}
			continue
		}
		n, f, more, digits := c.amount()
		if !c.ok || c.p == len(t) {
			return iv, false
		}
		unit := t[c.p]
		c.p++
		parts++
		var factor int64
		switch {
		case unit == 'D' && !inTime && last == 0:
			days = n
		case unit == 'H' && inTime && (last == 0 || last == 'D'):
			factor = microsPerHour
		case unit == 'M' && inTime && last != 'M' && last != 'S':
			factor = microsPerMinute
		case unit == 'S' && inTime && last != 'S':
			factor = microsPerSecond
		default:
			return iv, false
		}
		if digits && unit != 'S' || days > math.MaxInt32 || n > (math.MaxInt64-micros-f)/max(factor, 1) {
			return iv, false
		}
		if factor > 0 {
			micros += n*factor + f
			cut = more
		}
		last = unit
	}
	if !c.ok || parts == 0 {
		return iv, false
	}
	if neg {
		days, micros = -days, -micros
		if cut { // what was cut off lies below
			micros--
		}
	}
	return sqltype.Interval{Days: int32(days), Micros: micros}, true
}

// amount reads n or n.f; more says that the fraction has digits below a microsecond, digits that it has any.
func (c *cursor) amount() (n, f int64, more, digits bool) {
	start := c.p
	for c.p < len(c.b) && isDigit(c.b[c.p]) {
		if n = n*10 + int64(c.b[c.p]-'0'); c.p-start > 17 {
			c.ok = false
			return
		}
		c.p++
	}
	if c.p == start {
		c.ok = false
		return
	}
	if c.have('.') {
		from := c.p
		f = c.fraction()
		digits = true
		for i := from + 6; i < c.p; i++ {
			more = more || c.b[i] != '0'
		}
	}
	return
}
