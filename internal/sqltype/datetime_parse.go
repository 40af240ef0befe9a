package sqltype

import (
	"math"
	"strconv"
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

// small reads the digits at the head of s as C's strtol into an int; over means that they do not fit.
func small(s string) (n int, rest string, over bool) {
	i, neg := 0, false
	if s != "" && (s[0] == '-' || s[0] == '+') && len(s) > 1 && isDigit(s[1]) {
		neg = s[0] == '-'
		i = 1
	}
	v := int64(0)
	for ; i < len(s) && isDigit(s[i]); i++ {
		if v = v*10 + int64(s[i]-'0'); v > math.MaxInt32+1 {
			v, over = math.MaxInt32+1, true
		}
	}
	if neg {
		v = -v
	}
	if v > math.MaxInt32 || v < math.MinInt32 {
		over = true
	}
	return int(v), s[i:], over
}

// fractionOf reads ".ddd" up to the end as microseconds.
func fractionOf(s string) (int, bool) {
	if s == "." {
		return 0, true
	}
	if strings.Trim(s[1:], "0123456789") != "" {
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return 0, false
	}
	return int(math.RoundToEven(f * 1e6)), true
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

// date reads the parts of one piece, the textual month first, because it says what the numbers are.
func (d *dateState) date(text string) (fieldMask, dateError) {
	var parts []string
	for i := 0; i < len(text); {
		for i < len(text) && !isDigit(text[i]) && !isAlpha(text[i]) {
			i++
		}
		if i == len(text) {
			return 0, dateBadFormat
		}
		start := i
		class := isAlpha
		if isDigit(text[i]) {
			class = isDigit
		}
		for i < len(text) && class(text[i]) {
			i++
		}
		parts = append(parts, text[start:i])
		if i < len(text) && !isDigit(text[i]) && !isAlpha(text[i]) {
			i++
		} else if i < len(text) {
			i++ // PostgreSQL overwrites the character after a part, whatever it is
		}
	}
	mask, got, textMonth := d.mask, fieldMask(0), false
	for k, part := range parts {
		if !isAlpha(part[0]) {
			continue
		}
		w := dateWords[part]
		if w.kind == wordIgnore {
			continue
		}
		if w.kind != wordMonth || mask&maskMonth != 0 {
			return 0, dateBadFormat
		}
		d.month = w.value
		textMonth = true
		mask |= maskMonth
		got |= maskMonth
		parts[k] = ""
	}
	for _, part := range parts {
		if part == "" {
			continue
		}
		m, err := d.plainNumber(part, textMonth, mask)
		if err != dateOK {
			return 0, err
		}
		if mask&m != 0 {
			return 0, dateBadFormat
		}
		mask |= m
		got |= m
	}
	if mask&^(maskDayOfYear|maskZone) != maskDate {
		return 0, dateBadFormat
	}
	return got, dateOK
}

// clock reads hh:mm, hh:mm:ss and mm:ss.f.
func (d *dateState) clock(text string) dateError {
	h, m, s, f, err := readClock(text, false)
	if err != dateOK {
		return err
	}
	if h > math.MaxInt32 {
		return dateFieldOverflow
	}
	d.hour, d.minute, d.sec, d.fraction = int(h), m, s, f
	return dateOK
}

func readClock(text string, minuteToSecond bool) (hour int64, minute, sec, fraction int, err dateError) {
	colon := strings.IndexByte(text, ':')
	if colon < 0 {
		return 0, 0, 0, 0, dateBadFormat
	}
	hour, ok, over := scanInt(text[:colon])
	if over {
		return 0, 0, 0, 0, dateFieldOverflow
	}
	if !ok && text[:colon] != "" {
		return 0, 0, 0, 0, dateBadFormat
	}
	minute, rest, over := small(text[colon+1:])
	if over {
		return 0, 0, 0, 0, dateFieldOverflow
	}
	shift := func() { sec, minute, hour = minute, int(hour), 0 }
	switch {
	case rest == "":
		if minuteToSecond {
			if hour > math.MaxInt32 || hour < math.MinInt32 {
				return 0, 0, 0, 0, dateFieldOverflow
			}
			shift()
		}
	case rest[0] == '.':
		if fraction, ok = fractionOf(rest); !ok {
			return 0, 0, 0, 0, dateBadFormat
		}
		if hour > math.MaxInt32 || hour < math.MinInt32 {
			return 0, 0, 0, 0, dateFieldOverflow
		}
		shift()
	case rest[0] == ':':
		sec, rest, over = small(rest[1:])
		switch {
		case over:
			return 0, 0, 0, 0, dateFieldOverflow
		case rest == "":
		case rest[0] == '.':
			if fraction, ok = fractionOf(rest); !ok {
				return 0, 0, 0, 0, dateBadFormat
			}
		default:
			return 0, 0, 0, 0, dateBadFormat
		}
	default:
		return 0, 0, 0, 0, dateBadFormat
	}
	if hour < 0 || minute < 0 || minute > 59 || sec < 0 || sec > 60 || fraction < 0 || fraction > 1_000_000 {
		return 0, 0, 0, 0, dateFieldOverflow
	}
	return hour, minute, sec, fraction, dateOK
}

// offset reads +hh, +hhmm, +hh:mm and +hh:mm:ss.
func (d *dateState) offset(text string) dateError {
	if text == "" || text[0] != '+' && text[0] != '-' {
		return dateBadFormat
	}
	hour, rest, over := small(text[1:])
	if over {
		return dateZoneOverflow
	}
	minute, sec := 0, 0
	switch {
	case strings.HasPrefix(rest, ":"):
		if minute, rest, over = small(rest[1:]); over {
			return dateZoneOverflow
		}
		if strings.HasPrefix(rest, ":") {
			if sec, rest, over = small(rest[1:]); over {
				return dateZoneOverflow
			}
		}
	case rest == "" && len(text) > 3:
		hour, minute = hour/100, hour%100
	}
	if hour < 0 || hour > 15 || minute < 0 || minute > 59 || sec < 0 || sec > 59 {
		return dateZoneOverflow
	}
	d.zone = hour*3600 + minute*60 + sec
	if text[0] == '-' {
		d.zone = -d.zone
	}
	if rest != "" {
		return dateBadFormat
	}
	return dateOK
}

// labelled reads a number whose kind a word before it gave, as in "J2451187" or "T040506".
func (d *dateState) labelled(text string) (got fieldMask, err dateError) {
	n, rest, over := small(text)
	label := d.label
	if over {
		return 0, dateFieldOverflow
	}
	if rest != "" {
		if rest[0] != '.' || label != unitJulian && label != unitTime && label != unitSecond {
			return 0, dateBadFormat
		}
	}
	switch label {
	case unitYear:
		d.year, got = n, maskYear
	case unitMonth:
		if d.mask&maskMonth != 0 && d.mask&maskHour != 0 {
			d.minute, got = n, maskMinute
		} else {
			d.month, got = n, maskMonth
		}
	case unitDay:
		d.day, got = n, maskDay
	case unitHour:
		d.hour, got = n, maskHour
	case unitMinute:
		d.minute, got = n, maskMinute
	case unitSecond:
		d.sec, got = n, maskSecond
		if rest != "" {
			f, ok := fractionOf(rest)
			if !ok {
				return 0, dateBadFormat
			}
			d.fraction, got = f, maskAllSecs
		}
	case unitJulian:
		if n < 0 {
			return 0, dateFieldOverflow
		}
		d.year, d.month, d.day = civil(n)
		d.julian = true
		got = maskDate
		if rest != "" {
			f, perr := strconv.ParseFloat("0"+rest, 64)
			if perr != nil {
				return 0, dateBadFormat
			}
			micros := int64(f * float64(MicrosPerDay))
			d.hour = int(micros / MicrosPerHour)
			d.minute = int(micros / MicrosPerMinute % 60)
			d.sec = int(micros / MicrosPerSecond % 60)
			d.fraction = int(micros % MicrosPerSecond)
			got |= maskTime
		}
	case unitTime:
		if got, err = d.concatenated(text, d.mask|maskDate); err != dateOK {
			return 0, err
		}
		if got != maskTime {
			return 0, dateBadFormat
		}
	default:
		return 0, dateBadFormat
	}
	d.label = unitNone
	d.reserved = -1
	return got, dateOK
}

// number reads a number without a label; its length and what is known already say what it is.
func (d *dateState) number(pieces []piece, i int) (fieldMask, dateError) {
	text := pieces[i].text
	dot := strings.IndexByte(text, '.')
	if d.timeOnly {
		mask := d.mask | maskDate
		switch {
		case dot >= 0 && i == 0 && len(pieces) >= 2 && pieces[len(pieces)-1].kind == pieceDate:
			return d.date(text)
		case dot > 2:
			return d.concatenated(text, mask)
		case dot >= 0:
			return 0, dateBadFormat
		case len(text) > 4:
			return d.concatenated(text, mask)
		}
		return d.plainNumber(text, false, mask)
	}
	switch {
	case dot >= 0 && d.mask&maskDate == 0:
		return d.date(text)
	case dot > 2:
		return d.concatenated(text, d.mask)
	case len(text) >= 6 && (d.mask&maskDate == 0 || d.mask&maskTime == 0):
		return d.concatenated(text, d.mask)
	}
	return d.plainNumber(text, d.textMonth, d.mask)
}

// plainNumber takes one number as year, month or day by DateStyle's order and by what is known already.
func (d *dateState) plainNumber(text string, textMonth bool, mask fieldMask) (got fieldMask, err dateError) {
	n, rest, over := small(text)
	digits := len(text)
	switch {
	case over:
		return 0, dateFieldOverflow
	case len(rest) == len(text):
		return 0, dateBadFormat
	case rest != "" && rest[0] == '.':
		if len(text)-len(rest) > 2 {
			return d.concatenated(text, mask|maskDate)
		}
		f, ok := fractionOf(rest)
		if !ok {
			return 0, dateBadFormat
		}
		d.fraction = f
	case rest != "":
		return 0, dateBadFormat
	}
	if digits == 3 && mask&maskDate == maskYear && n >= 1 && n <= 366 {
		d.dayOfYear = n
		return maskDayOfYear | maskMonth | maskDay, dateOK
	}
	order := d.env.DateOrder()
	year := func() fieldMask {
		d.year = n
		d.twoDigits = digits <= 2
		return maskYear
	}
	month := func() fieldMask { d.month = n; return maskMonth }
	day := func() fieldMask { d.day = n; return maskDay }
	switch mask & maskDate {
	case 0:
		switch {
		case digits >= 3 || order == "YMD":
			return year(), dateOK
		case order == "DMY":
			return day(), dateOK
		}
		return month(), dateOK
	case maskYear:
		return month(), dateOK
	case maskMonth:
		if textMonth && (digits >= 3 || order == "YMD") {
			return year(), dateOK
		}
		return day(), dateOK
	case maskYear | maskMonth:
		if textMonth && digits >= 3 && d.twoDigits {
			d.day, d.year = d.year, n // the first number was the day after all
			d.twoDigits = false
			return maskDay, dateOK
		}
		return day(), dateOK
	case maskDay:
		return month(), dateOK
	case maskMonth | maskDay:
		return year(), dateOK
	case maskDate:
		return d.concatenated(text, mask)
	}
	return 0, dateBadFormat
}

// concatenated reads yymmdd, yyyymmdd, hhmmss and hhmm, the times with a fraction.
func (d *dateState) concatenated(text string, mask fieldMask) (fieldMask, dateError) {
	// A year of too many digits wraps around, as in C.
	atoi := func(s string) int {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			n = math.MaxInt64
		}
		return int(int32(n))
	}
	if dot := strings.IndexByte(text, '.'); dot >= 0 {
		f := 0.0
		if text[dot:] != "." {
			var err error
			end := dot + 1
			for end < len(text) && isDigit(text[end]) {
				end++
			}
			if f, err = strconv.ParseFloat("0"+text[dot:end], 64); err != nil {
				return 0, dateBadFormat
			}
		}
		d.fraction = int(math.RoundToEven(f * 1e6))
		text = text[:dot]
	} else if n := len(text); mask&maskDate != maskDate && n >= 6 {
		d.day, d.month, d.year = atoi(text[n-2:]), atoi(text[n-4:n-2]), atoi(text[:n-4])
		if n == 6 {
			d.twoDigits = true
		}
		return maskDate, dateOK
	}
	if mask&maskTime == maskTime {
		return 0, dateBadFormat
	}
	switch len(text) {
	case 6:
		d.hour, d.minute, d.sec = atoi(text[:2]), atoi(text[2:4]), atoi(text[4:])
		return maskTime, dateOK
	case 4:
		d.hour, d.minute, d.sec = atoi(text[:2]), atoi(text[2:]), 0
		return maskTime, dateOK
	}
	return 0, dateBadFormat
}

// word reads a piece of letters. Abbreviations of zones come before the other words, and names of zones after them.
func (d *dateState) word(pieces []piece, i int) (got fieldMask, skip bool, err dateError) {
	text := pieces[i].text
	if z, ok := lookupAbbrev(text); ok {
		switch {
		case z.zone != "":
			loc, lerr := LoadLocation(z.zone)
			if lerr != nil {
				return 0, false, dateBadFormat
			}
			d.abbrevZone, d.abbrev = loc, text
			return maskZone, false, dateOK
		case z.dst:
			d.zone = z.offset
			return maskZone | maskDST, false, dateOK
		}
		d.zone = z.offset
		return maskZone, false, dateOK
	}
	w := dateWords[text]
	switch w.kind {
	case wordIgnore:
		return 0, true, dateOK
	case wordReserved:
		got, err = d.reservedWord(w.value)
		return got, false, err
	case wordMonth:
		if d.timeOnly {
			return 0, false, dateBadFormat
		}
		got = maskMonth
		// "01 February 1999": the number before was the day.
		if d.mask&maskMonth != 0 && !d.textMonth && d.mask&maskDay == 0 && d.month >= 1 && d.month <= 31 {
			d.day = d.month
			got = maskDay
		}
		d.textMonth = true
		d.month = w.value
		return got, false, dateOK
	case wordDST:
		d.zone += w.value
		return maskDSTMod | maskDST, false, dateOK
	case wordHalf:
		d.half = w.value
		return maskHalf, false, dateOK
	case wordEra:
		d.bc = w.value == 1
		return maskEra, false, dateOK
	case wordDayOfWeek:
		if d.timeOnly {
			return 0, false, dateBadFormat
		}
		return maskDayOfWeek, false, dateOK
	case wordUnit:
		d.label = w.value
		return 0, false, dateOK
	case wordISOTime:
		if !d.timeOnly && d.mask&maskDate != maskDate {
			return 0, false, dateBadFormat
		}
		if i+1 >= len(pieces) {
			return 0, false, dateBadFormat
		}
		switch pieces[i+1].kind {
		case pieceNumber, pieceTime, pieceDate:
		default:
			return 0, false, dateBadFormat
		}
		d.label = w.value
		return 0, false, dateOK
	case wordUnknown:
		loc, lerr := LoadLocation(text)
		if lerr != nil {
			return 0, false, dateBadFormat
		}
		d.named = loc
		return maskZone, false, dateOK
	}
	return 0, false, dateBadFormat
}

func (d *dateState) reservedWord(which int) (fieldMask, dateError) {
	now, _ := TimestampFromTime(d.env.Now())
	off, _ := ZoneOffset(d.env.Location(), now)
	days, ofDay := SplitTimestamp(now + int64(off)*MicrosPerSecond)
	setClock := func() {
		d.hour, d.minute = int(ofDay/MicrosPerHour), int(ofDay/MicrosPerMinute%60)
		d.sec, d.fraction = int(ofDay/MicrosPerSecond%60), int(ofDay%MicrosPerSecond)
	}
	if d.timeOnly {
		switch which {
		case reservedNow:
			setClock()
			d.year, d.month, d.day = CivilFromDays(days)
			return maskTime, dateOK
		case reservedZero:
			d.hour, d.minute, d.sec, d.zone = 0, 0, 0, 0
			return maskTime | maskZone, dateOK
		}
		return 0, dateBadFormat
	}
	switch which {
	case reservedNow:
		d.year, d.month, d.day = CivilFromDays(days)
		setClock()
		d.zone = off
		d.reserved = -1
		return maskDate | maskTime | maskZone, dateOK
	case reservedToday:
	case reservedTomorrow:
		days++
	case reservedYesterday:
		days--
	case reservedZero:
		d.reserved = -1
		d.hour, d.minute, d.sec, d.zone = 0, 0, 0, 0
		return maskTime | maskZone, dateOK
	default:
		d.reserved = which
		return maskReserved, dateOK
	}
	d.reserved = -1
	d.year, d.month, d.day = CivilFromDays(days)
	return maskDate, dateOK
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
