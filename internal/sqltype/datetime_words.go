package sqltype

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
