package sqltype

import (
	"encoding/binary"
	"math"
	"strconv"
	"strings"

	"github.com/odatagres/odatagres/internal/pgerr"
)

const intervalRoom = 256

// intervalState is an interval while its pieces are read, from the last to the first, because units follow numbers.
type intervalState struct {
	micros      int64
	days        int32
	months      int32
	years       int32
	overflowing bool
}

func (d *intervalState) addMicros(val int64, frac float64, scale int64) {
	product := val * scale
	if val != 0 && product/val != scale {
		d.overflowing = true
		return
	}
	d.plus(product)
	d.addFraction(frac, scale)
}

func (d *intervalState) plus(micros int64) {
	sum := d.micros + micros
	if (sum > d.micros) != (micros > 0) && micros != 0 {
		d.overflowing = true
	}
	d.micros = sum
}

// addFraction adds a fraction of a unit in microseconds, rounding half away from zero.
func (d *intervalState) addFraction(frac float64, scale int64) {
	if frac == 0 {
		return
	}
	frac *= float64(scale)
	whole := int64(frac)
	d.plus(whole)
	switch rest := frac - float64(whole); {
	case rest > 0.5:
		d.plus(1)
	case rest < -0.5:
		d.plus(-1)
	}
}

func (d *intervalState) add32(to *int32, val, scale int64) {
	if val < math.MinInt32 || val > math.MaxInt32 {
		d.overflowing = true
		return
	}
	sum := int64(*to) + val*scale
	if sum < math.MinInt32 || sum > math.MaxInt32 || val*scale < math.MinInt32 || val*scale > math.MaxInt32 {
		d.overflowing = true
		return
	}
	*to = int32(sum)
}

func (d *intervalState) addDays(val, scale int64, frac float64) {
	d.add32(&d.days, val, scale)
	if scale > 1 {
		d.addFractionDays(frac, float64(scale))
		return
	}
	d.addFraction(frac, MicrosPerDay)
}

func (d *intervalState) addFractionDays(frac, scale float64) {
	if frac == 0 {
		return
	}
	frac *= scale
	whole := int32(frac)
	d.add32(&d.days, int64(whole), 1)
	d.addFraction(frac-float64(whole), MicrosPerDay)
}

func (d *intervalState) addMonths(val int64, frac float64) {
	d.add32(&d.months, val, 1)
	d.addFractionDays(frac, 30)
}

func (d *intervalState) addYears(val int64, frac float64, scale int64) {
	d.add32(&d.years, val, scale)
	d.add32(&d.months, int64(math.RoundToEven(frac*float64(scale)*12)), 1)
}

// addUnit adds val and a fraction of a unit; the mask says what must not be given twice.
func (d *intervalState) addUnit(unit int, val int64, frac float64) (fieldMask, dateError) {
	var mask fieldMask
	switch unit {
	case unitMicro:
		mask = maskMicro
		d.addMicros(val, frac, 1)
	case unitMilli:
		mask = maskMilli
		d.addMicros(val, frac, 1000)
	case unitSecond:
		if mask = maskSecond; frac != 0 {
			mask = maskAllSecs
		}
		d.addMicros(val, frac, MicrosPerSecond)
	case unitMinute:
		mask = maskMinute
		d.addMicros(val, frac, MicrosPerMinute)
	case unitHour:
		mask = maskHour
		d.addMicros(val, frac, MicrosPerHour)
	case unitDay:
		mask = maskDay
		d.addDays(val, 1, frac)
	case unitWeek:
		mask = maskWeek
		d.addDays(val, 7, frac)
	case unitMonth:
		mask = maskMonth
		d.addMonths(val, frac)
	case unitYear:
		mask = maskYear
		d.addYears(val, frac, 1)
	case unitDecade:
		mask = maskDecade
		d.addYears(val, frac, 10)
	case unitCentury:
		mask = maskCentury
		d.addYears(val, frac, 100)
	case unitMillennium:
		mask = maskMillennium
		d.addYears(val, frac, 1000)
	default:
		return 0, dateBadFormat
	}
	if d.overflowing {
		return 0, dateFieldOverflow
	}
	return mask, dateOK
}

// lastUnit is the unit of a number at the end that has none, by the fields of the type.
func lastUnit(fields int) int {
	switch fields {
	case intervalYear:
		return unitYear
	case intervalMonth, intervalYear | intervalMonth:
		return unitMonth
	case intervalDay:
		return unitDay
	case intervalHour, intervalDay | intervalHour:
		return unitHour
	case intervalMinute, intervalHour | intervalMinute, intervalDay | intervalHour | intervalMinute:
		return unitMinute
	}
	return unitSecond
}

func (d *intervalState) read(pieces []piece, fields int, sqlStyle bool) dateError {
	forceNegative := false
	if sqlStyle && len(pieces) > 0 && pieces[0].text[0] == '-' {
		forceNegative = true
		for _, p := range pieces[1:] {
			if p.text[0] == '-' || p.text[0] == '+' {
				forceNegative = false
			}
		}
	}
	unit, ago := unitNone, false
	mask := fieldMask(0)
	for i := len(pieces) - 1; i >= 0; i-- {
		p := pieces[i]
		var got fieldMask
		switch p.kind {
		case pieceTime:
			if err := d.clock(p.text, fields); err != dateOK {
				return err
			}
			if forceNegative && d.micros > 0 {
				d.micros = -d.micros
			}
			got, unit = maskTime, unitDay
		case pieceZone, pieceDate, pieceNumber:
			if p.kind == pieceZone && strings.IndexByte(p.text, ':') > 0 {
				saved := *d
				if d.clock(p.text[1:], fields) == dateOK {
					if p.text[0] == '-' {
						d.micros = -d.micros
					}
					if forceNegative && d.micros > 0 {
						d.micros = -d.micros
					}
					got, unit = maskTime, unitDay
					break
				}
				*d = saved
			}
			if unit == unitNone {
				unit = lastUnit(fields)
			}
			val, frac, yearMonth, err := intervalNumber(p.text)
			if err != dateOK {
				return err
			}
			if yearMonth {
				unit = unitMonth
			}
			if forceNegative {
				val, frac = min(val, -val), min(frac, -frac)
			}
			if got, err = d.addUnit(unit, val, frac); err != dateOK {
				return err
			}
			if unit == unitHour {
				unit = unitDay
			}
		default:
			key := p.text
			if len(key) > 10 {
				key = key[:10]
			}
			switch w := intervalWords[key]; w.kind {
			case wordIgnore:
				continue
			case wordUnit:
				unit = w.value
			case wordAgo:
				ago = true
				unit = unitOther // a number right before it has no unit, and is refused
			default:
				return dateBadFormat
			}
		}
		if got&mask != 0 {
			return dateBadFormat
		}
		mask |= got
	}
	if mask == 0 {
		return dateBadFormat
	}
	if ago {
		if d.micros == math.MinInt64 || d.days == math.MinInt32 || d.months == math.MinInt32 || d.years == math.MinInt32 {
			return dateFieldOverflow
		}
		d.micros, d.days, d.months, d.years = -d.micros, -d.days, -d.months, -d.years
	}
	return dateOK
}

// clock replaces the time part.
func (d *intervalState) clock(text string, fields int) dateError {
	h, m, s, f, err := readClock(text, fields == intervalMinute|intervalSecond)
	if err != dateOK {
		return err
	}
	if h > math.MaxInt64/MicrosPerHour {
		return dateFieldOverflow
	}
	d.micros = 0
	d.plus(h * MicrosPerHour)
	d.plus(int64(m)*MicrosPerMinute + int64(s)*MicrosPerSecond + int64(f))
	if d.overflowing {
		return dateFieldOverflow
	}
	return dateOK
}

// intervalNumber reads an integer, a decimal or years-months.
func intervalNumber(s string) (val int64, frac float64, yearMonth bool, err dateError) {
	i := 0
	if s[0] == '-' || s[0] == '+' {
		i = 1
	}
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	val, ok, over := scanInt(s[:i])
	if over {
		return 0, 0, false, dateFieldOverflow
	}
	rest := s[i:]
	if !ok && !strings.HasPrefix(rest, ".") {
		return 0, 0, false, dateBadFormat
	}
	switch {
	case rest == "":
	case rest[0] == '-':
		months, after, over := small(rest[1:])
		if over || months < 0 || months >= 12 {
			return 0, 0, false, dateFieldOverflow
		}
		if after != "" {
			return 0, 0, false, dateBadFormat
		}
		if s[0] == '-' {
			months = -months
		}
		if val > math.MaxInt64/12 || val < math.MinInt64/12 {
			return 0, 0, false, dateFieldOverflow
		}
		return val*12 + int64(months), 0, true, dateOK
	case rest[0] == '.':
		if rest != "." {
			f, perr := strconv.ParseFloat("0"+rest, 64)
			if perr != nil || strings.Trim(rest[1:], "0123456789") != "" {
				return 0, 0, false, dateBadFormat
			}
			frac = f
		}
		if s[0] == '-' {
			frac = -frac
		}
	default:
		return 0, 0, false, dateBadFormat
	}
	return val, frac, false, dateOK
}

func (d *intervalState) interval() (Interval, bool) {
	months := int64(d.years)*12 + int64(d.months)
	if months < math.MinInt32 || months > math.MaxInt32 {
		return Interval{}, false
	}
	return Interval{Micros: d.micros, Days: d.days, Months: int32(months)}, true
}

func parseInterval(s string, typmod int32, env Env) (Interval, error) {
	fields := intervalFullRange
	if typmod >= 0 {
		fields = int(typmod>>16) & intervalFullRange
	}
	d := &intervalState{}
	pieces, err := cutPieces(s, intervalRoom)
	if err == dateOK {
		err = d.read(pieces, fields, env.IntervalStyle() == "sql_standard")
	}
	if err == dateBadFormat {
		d = &intervalState{}
		err = d.readISO(s)
	}
	switch err {
	case dateOK:
	case dateFieldOverflow:
		return Interval{}, pgerr.Newf(pgerr.IntervalFieldOverflow, "interval field value out of range: \"%s\"", s)
	default:
		return Interval{}, dateParseError(err, "interval", s, "")
	}
	iv, ok := d.interval()
	if !ok {
		return Interval{}, pgerr.New(pgerr.DatetimeFieldOverflow, "interval out of range")
	}
	return FitInterval(iv, typmod), nil
}

// FitInterval drops the fields that a type as "interval hour to minute" leaves out and rounds to its precision.
func FitInterval(iv Interval, typmod int32) Interval {
	if typmod < 0 {
		return iv
	}
	switch int(typmod>>16) & intervalFullRange {
	case intervalYear:
		iv = Interval{Months: iv.Months / 12 * 12}
	case intervalMonth, intervalYear | intervalMonth:
		iv = Interval{Months: iv.Months}
	case intervalDay:
		iv.Micros = 0
	case intervalHour, intervalDay | intervalHour:
		iv.Micros = iv.Micros / MicrosPerHour * MicrosPerHour
	case intervalMinute, intervalHour | intervalMinute, intervalDay | intervalHour | intervalMinute:
		iv.Micros = iv.Micros / MicrosPerMinute * MicrosPerMinute
	}
	if p := typmod & 0xffff; p <= 6 {
		iv.Micros = roundMicros(iv.Micros, p)
	}
	return iv
}

func intervalIn(s string, t Type, env Env) (Value, error) {
	iv, err := parseInterval(s, t.Typmod, env)
	return Value{Iv: iv}, err
}

func intervalOut(dst []byte, v Value, _ Type, env Env) []byte { return AppendInterval(dst, v.Iv, env) }

func intervalRecv(b []byte, t Type, _ Env) (Value, error) {
	if len(b) != 16 {
		return Value{}, wrongSize(len(b), 16)
	}
	iv := Interval{
		Micros: int64(binary.BigEndian.Uint64(b)), Days: int32(binary.BigEndian.Uint32(b[8:])),
		Months: int32(binary.BigEndian.Uint32(b[12:])),
	}
	return Value{Iv: FitInterval(iv, t.Typmod)}, nil
}

func intervalSend(dst []byte, v Value, _ Type, _ Env) []byte {
	dst = binary.BigEndian.AppendUint64(dst, uint64(v.Iv.Micros))
	dst = binary.BigEndian.AppendUint32(dst, uint32(v.Iv.Days))
	return binary.BigEndian.AppendUint32(dst, uint32(v.Iv.Months))
}

// IntervalSpan is what CompareInterval compares, as a number of 128 bits.
func IntervalSpan(iv Interval) (hi int64, lo uint64) { return span(iv) }
