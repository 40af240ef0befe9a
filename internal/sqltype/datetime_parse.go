package sqltype

import (
	"strings"
	"time"

	"github.com/odatagres/odatagres/internal/pgerr"
)

// dateState is a date, time or timestamp while its pieces are read. Its rules are those of PostgreSQL's appendix B.1.
type dateState struct {
	env      Env
	timeOnly bool

	year, month, day  int
	hour, minute, sec int
	fraction          int // microseconds; may be a whole second after rounding
	dayOfYear         int
	zone              int // seconds east of Greenwich
	mask              fieldMask
	textMonth         bool
	julian, twoDigits bool
	bc                bool
	half              int
	reserved          int // a reservedX that stands for the whole value, or -1
	label             int // what the next number is, by a word before it
	named             *time.Location
	abbrevZone        *time.Location
	abbrev            string
	badZone           string
}

func (d *dateState) read(pieces []piece) dateError {
	d.reserved = -1
	for i := range pieces {
		var got fieldMask
		var err dateError
		p := pieces[i]
		switch p.kind {
		case pieceDate:
			got, err = d.datePiece(pieces, i)
		case pieceTime:
			if d.label != unitNone && !d.timeOnly {
				if d.label != unitTime {
					return dateBadFormat
				}
				d.label = unitNone
			}
			got, err = maskTime, d.clock(p.text)
			if err == dateOK && !d.timeOnly && timeOverflows(d.hour, d.minute, d.sec, d.fraction) {
				err = dateFieldOverflow
			}
		case pieceZone:
			got, err = maskZone, d.offset(p.text)
		case pieceNumber:
			if d.label != unitNone {
				got, err = d.labelled(p.text)
			} else {
				got, err = d.number(pieces, i)
			}
		default:
			var skip bool
			if got, skip, err = d.word(pieces, i); skip {
				continue
			}
		}
		if err != dateOK {
			return err
		}
		if got&d.mask != 0 {
			return dateBadFormat
		}
		d.mask |= got
	}
	return d.finish()
}

func (d *dateState) finish() dateError {
	if err := d.validate(); err != dateOK {
		return err
	}
	if d.half != halfNone && d.hour > 12 {
		return dateFieldOverflow
	}
	switch {
	case d.half == halfAM && d.hour == 12:
		d.hour = 0
	case d.half == halfPM && d.hour != 12:
		d.hour += 12
	}
	if d.timeOnly {
		return d.finishTime()
	}
	if d.reserved == reservedEpoch || d.reserved == reservedLate || d.reserved == reservedEarly {
		return dateOK
	}
	if d.mask&maskDate != maskDate {
		return dateBadFormat
	}
	noMod := d.mask&maskDSTMod == 0
	switch {
	case d.named != nil:
		if !noMod {
			return dateBadFormat
		}
		d.zone = d.offsetIn(d.named)
	case d.abbrevZone != nil:
		if !noMod {
			return dateBadFormat
		}
		d.zone = abbrevOffset(d.abbrevZone, d.abbrev, d.local())
	case d.mask&maskZone == 0:
		if !noMod {
			return dateBadFormat
		}
		d.zone = d.offsetIn(d.env.Location())
	}
	return dateOK
}

// finishTime resolves the zone of a time without a date: an offset that changes over the year needs a date.
func (d *dateState) finishTime() dateError {
	if timeOverflows(d.hour, d.minute, d.sec, d.fraction) {
		return dateFieldOverflow
	}
	if d.mask&maskTime != maskTime {
		return dateBadFormat
	}
	noMod := d.mask&maskDSTMod == 0
	withDate := d.mask&maskDate == maskDate
	now := func() (local int64) {
		t, _ := TimestampFromTime(d.env.Now())
		local, _ = UTCToLocal(d.env.Location(), t)
		return local
	}
	// Without a date the zone is looked up at today's date and the time that was read, which is what "now" stands for
	// in PostgreSQL 15 as far as offsets go.
	switch {
	case d.named != nil:
		if !noMod {
			return dateBadFormat
		}
		switch off, fixed := fixedOffset(d.named); {
		case fixed:
			d.zone = off
		case !withDate:
			return dateBadFormat
		default:
			d.zone = d.offsetIn(d.named)
		}
	case d.abbrevZone != nil:
		if !noMod {
			return dateBadFormat
		}
		at := d.local()
		if d.mask&maskDate != 0 && !withDate {
			return dateBadFormat
		}
		if !withDate {
			days, _ := SplitTimestamp(now())
			at = days*MicrosPerDay + d.timeOfDay()
		}
		d.zone = abbrevOffset(d.abbrevZone, d.abbrev, at)
	case d.mask&maskZone == 0:
		if !noMod {
			return dateBadFormat
		}
		switch {
		case d.mask&maskDate == 0:
			days, _ := SplitTimestamp(now())
			d.zone = LocalOffset(d.env.Location(), days*MicrosPerDay+d.timeOfDay())
		case !withDate:
			return dateBadFormat
		default:
			d.zone = d.offsetIn(d.env.Location())
		}
	}
	return dateOK
}

func (d *dateState) timeOfDay() int64 {
	return int64(d.hour*3600+d.minute*60+d.sec)*MicrosPerSecond + int64(d.fraction)
}

// local is the wall clock in microseconds since 2000-01-01, without regard to the range of timestamps.
func (d *dateState) local() int64 {
	return DaysFromCivil(d.year, d.month, d.day)*MicrosPerDay + d.timeOfDay()
}

// offsetIn gives a zone's offset at the time that was read; years beyond every type's range have none.
func (d *dateState) offsetIn(loc *time.Location) int {
	if !validJulian(d.year, d.month) {
		return 0
	}
	return LocalOffset(loc, d.local())
}

func timeOverflows(hour, minute, sec, fraction int) bool {
	if hour < 0 || hour > 24 || minute < 0 || minute > 59 || sec < 0 || sec > 60 || fraction < 0 || fraction > 1_000_000 {
		return true
	}
	return int64(hour*3600+minute*60+sec)*MicrosPerSecond+int64(fraction) > MicrosPerDay
}

func (d *dateState) validate() dateError {
	if d.mask&maskYear != 0 {
		switch {
		case d.julian:
		case d.bc:
			if d.year <= 0 {
				return dateFieldOverflow
			}
			d.year = 1 - d.year
		case d.twoDigits:
			switch {
			case d.year < 0:
				return dateFieldOverflow
			case d.year < 70:
				d.year += 2000
			case d.year < 100:
				d.year += 1900
			}
		case d.year <= 0:
			return dateFieldOverflow
		}
	}
	if d.mask&maskDayOfYear != 0 {
		d.year, d.month, d.day = civil(julianDay(d.year, 1, 1) + d.dayOfYear - 1)
	}
	if d.mask&maskMonth != 0 && (d.month < 1 || d.month > 12) {
		return dateMonthDayOverflow
	}
	if d.mask&maskDay != 0 && (d.day < 1 || d.day > 31) {
		return dateMonthDayOverflow
	}
	if d.mask&maskDate == maskDate && d.day > DaysInMonth(d.year, d.month) {
		return dateFieldOverflow
	}
	return dateOK
}

// datePiece reads digits and letters with separators: a date, a concatenated time with a zone, or the name of a zone.
func (d *dateState) datePiece(pieces []piece, i int) (fieldMask, dateError) {
	text := pieces[i].text
	if d.timeOnly {
		if i == 0 && len(pieces) >= 2 && (pieces[len(pieces)-1].kind == pieceDate || pieces[1].kind == pieceTime) {
			return d.date(text)
		}
		if isDigit(text[0]) {
			if d.mask&maskTime == maskTime {
				return 0, dateBadFormat
			}
			return d.concatenatedWithZone(text, d.mask|maskDate)
		}
		return d.zoneName(text)
	}
	if d.label == unitJulian {
		n, rest, over := small(text)
		if over || n < 0 {
			return 0, dateFieldOverflow
		}
		d.year, d.month, d.day = civil(n)
		d.julian = true
		d.label = unitNone
		return maskDate | maskTime | maskZone, d.offset(rest)
	}
	if d.label != unitNone || d.mask&(maskMonth|maskDay) == maskMonth|maskDay {
		if isDigit(text[0]) || d.label != unitNone {
			if d.label != unitNone {
				if d.label != unitTime {
					return 0, dateBadFormat
				}
				d.label = unitNone
			}
			if d.mask&maskTime == maskTime {
				return 0, dateBadFormat
			}
			return d.concatenatedWithZone(text, d.mask)
		}
		return d.zoneName(text)
	}
	return d.date(text)
}

func (d *dateState) concatenatedWithZone(text string, mask fieldMask) (fieldMask, dateError) {
	cut := strings.IndexByte(text, '-')
	if cut < 0 {
		return 0, dateBadFormat
	}
	if err := d.offset(text[cut:]); err != dateOK {
		return 0, err
	}
	got, err := d.concatenated(text[:cut], mask)
	return got | maskZone, err
}

func (d *dateState) zoneName(text string) (fieldMask, dateError) {
	loc, err := LoadLocation(text)
	if err != nil {
		d.badZone = text
		return 0, dateBadZone
	}
	d.named = loc
	return maskZone, dateOK
}

// dateParseError words a failure for the type that was asked for.
func dateParseError(e dateError, typ, s, zone string) error {
	switch e {
	case dateFieldOverflow:
		return pgerr.Newf(pgerr.DatetimeFieldOverflow, "date/time field value out of range: \"%s\"", s)
	case dateMonthDayOverflow:
		return pgerr.Newf(pgerr.DatetimeFieldOverflow, "date/time field value out of range: \"%s\"", s).
			WithHint("Perhaps you need a different \"datestyle\" setting.")
	case dateZoneOverflow:
		return pgerr.Newf(pgerr.InvalidTimeZoneDisplacementValue, "time zone displacement out of range: \"%s\"", s)
	case dateBadZone:
		return pgerr.Newf(pgerr.InvalidParameterValue, "time zone \"%s\" not recognized", zone)
	}
	return pgerr.Newf(pgerr.InvalidDatetimeFormat, "invalid input syntax for type %s: \"%s\"", typ, s)
}
