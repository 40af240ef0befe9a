package sqltype

import (
	"math"
	"strconv"
	"strings"
)

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
