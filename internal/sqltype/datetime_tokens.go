package sqltype

// The kinds of pieces that date, time and interval input is cut into.
type pieceKind uint8

const (
	pieceNumber  pieceKind = iota // digits, perhaps with a fraction
	pieceString                   // letters
	pieceDate                     // digits and letters with separators; also names of zones
	pieceTime                     // digits and colons
	pieceZone                     // a sign and digits
	pieceSpecial                  // a sign and letters
)

type piece struct {
	kind pieceKind
	text string
}

const maxPieces = 25

// dateError is how reading failed; the text of the error is made once, where the whole input and its type are known.
type dateError uint8

const (
	dateOK dateError = iota
	dateBadFormat
	dateFieldOverflow
	dateMonthDayOverflow
	dateZoneOverflow
	dateBadZone
)

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isAlpha(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func isPunct(c byte) bool { return c > ' ' && c < 0x7f && !isDigit(c) && !isAlpha(c) }

// cutPieces splits the input; room is the size of the buffer that PostgreSQL would use, beyond which it refuses.
func cutPieces(s string, room int) ([]piece, dateError) {
	pieces := make([]piece, 0, 8)
	i := 0
	at := func() byte {
		if i < len(s) {
			return s[i]
		}
		return 0
	}
	for i < len(s) {
		if isSpace(s[i]) {
			i++
			continue
		}
		var buf []byte
		take := func(ok func(c byte) bool) {
			for i < len(s) && ok(s[i]) {
				c := s[i]
				if c >= 'A' && c <= 'Z' {
					c += 'a' - 'A'
				}
				buf = append(buf, c)
				i++
			}
		}
		one := func() { n := i; take(func(byte) bool { return i == n }) }
		var kind pieceKind
		switch c := s[i]; {
		case isDigit(c):
			take(isDigit)
			switch delim := at(); delim {
			case ':':
				kind = pieceTime
				take(func(c byte) bool { return isDigit(c) || c == ':' || c == '.' })
			case '-', '/', '.':
				one()
				if isDigit(at()) {
					kind = pieceDate
					if delim == '.' {
						kind = pieceNumber
					}
					take(isDigit)
					if at() == delim {
						kind = pieceDate
						take(func(c byte) bool { return isDigit(c) || c == delim })
					}
				} else {
					kind = pieceDate
					take(func(c byte) bool { return isDigit(c) || isAlpha(c) || c == delim })
				}
			default:
				kind = pieceNumber
			}
		case c == '.':
			kind = pieceNumber
			one()
			take(isDigit)
		case isAlpha(c):
			kind = pieceString
			take(isAlpha)
			isDate := false
			switch c := at(); {
			case c == '-' || c == '/' || c == '.':
				isDate = true
			case c == '+' || isDigit(c):
				_, known := dateWords[string(buf)]
				isDate = !known
			}
			if isDate {
				kind = pieceDate
				take(func(c byte) bool {
					return c == '+' || c == '-' || c == '/' || c == '_' || c == '.' || c == ':' || isDigit(c) || isAlpha(c)
				})
			}
		case c == '+' || c == '-':
			one()
			for i < len(s) && isSpace(s[i]) {
				i++
			}
			switch {
			case isDigit(at()):
				kind = pieceZone
				take(func(c byte) bool { return isDigit(c) || c == ':' || c == '.' || c == '-' })
			case isAlpha(at()):
				kind = pieceSpecial
				take(isAlpha)
			default:
				return nil, dateBadFormat
			}
		case isPunct(c):
			i++
			continue
		default:
			return nil, dateBadFormat
		}
		if room -= len(buf) + 1; room < 0 || len(pieces) == maxPieces {
			return nil, dateBadFormat
		}
		pieces = append(pieces, piece{kind, string(buf)})
	}
	return pieces, dateOK
}

// Fields of a date, as bits of a mask that says what has been read.
type fieldMask uint32

const (
	maskMonth fieldMask = 1 << iota
	maskYear
	maskDay
	maskZone
	maskDST
	maskHalf // am, pm
	maskHour
	maskMinute
	maskSecond
	maskMilli
	maskMicro
	maskDayOfYear
	maskDayOfWeek
	maskEra
	maskDSTMod
	maskWeek
	maskDecade
	maskCentury
	maskMillennium
	maskReserved

	maskDate    = maskYear | maskMonth | maskDay
	maskAllSecs = maskSecond | maskMilli | maskMicro
	maskTime    = maskHour | maskMinute | maskAllSecs
)

type wordKind uint8

const (
	wordUnknown  wordKind = iota
	wordReserved          // now, today, infinity …
	wordMonth
	wordDayOfWeek
	wordHalf // am, pm
	wordEra  // ad, bc
	wordUnit // names the kind of the next number
	wordISOTime
	wordDST
	wordIgnore
	wordAgo
)

type word struct {
	kind  wordKind
	value int
}

// Values of wordReserved.
const (
	reservedNow = iota
	reservedToday
	reservedTomorrow
	reservedYesterday
	reservedZero // allballs: midnight, Greenwich
	reservedEpoch
	reservedLate
	reservedEarly
)

// Values of wordUnit.
const (
	unitNone = iota
	unitMicro
	unitMilli
	unitSecond
	unitMinute
	unitHour
	unitDay
	unitWeek
	unitMonth
	unitQuarter
	unitYear
	unitDecade
	unitCentury
	unitMillennium
	unitJulian
	unitTime
	unitOther // a name that only extract() knows
)

const (
	halfNone = iota
	halfAM
	halfPM
)

// dateWords are the words of dates and times (appendix B.3 of PostgreSQL's documentation).
var dateWords = map[string]word{
	"-infinity": {wordReserved, reservedEarly}, "infinity": {wordReserved, reservedLate},
	"now": {wordReserved, reservedNow}, "today": {wordReserved, reservedToday}, "tomorrow": {wordReserved, reservedTomorrow},
	"yesterday": {wordReserved, reservedYesterday}, "allballs": {wordReserved, reservedZero}, "epoch": {wordReserved, reservedEpoch},
	"ad": {wordEra, 0}, "bc": {wordEra, 1}, "am": {wordHalf, halfAM}, "pm": {wordHalf, halfPM},
	"at": {wordIgnore, 0}, "on": {wordIgnore, 0}, "dst": {wordDST, 3600}, "t": {wordISOTime, unitTime},
	"d": {wordUnit, unitDay}, "h": {wordUnit, unitHour}, "m": {wordUnit, unitMonth}, "mm": {wordUnit, unitMinute}, "s": {wordUnit, unitSecond},
	"y": {wordUnit, unitYear}, "j": {wordUnit, unitJulian}, "jd": {wordUnit, unitJulian}, "julian": {wordUnit, unitJulian},
	"dow": {wordUnit, unitOther}, "doy": {wordUnit, unitOther}, "isodow": {wordUnit, unitOther}, "isoyear": {wordUnit, unitOther},
	"jan": {wordMonth, 1}, "january": {wordMonth, 1}, "feb": {wordMonth, 2}, "february": {wordMonth, 2}, "mar": {wordMonth, 3},
	"march": {wordMonth, 3}, "apr": {wordMonth, 4}, "april": {wordMonth, 4}, "may": {wordMonth, 5}, "jun": {wordMonth, 6},
	"june": {wordMonth, 6}, "jul": {wordMonth, 7}, "july": {wordMonth, 7}, "aug": {wordMonth, 8}, "august": {wordMonth, 8},
	"sep": {wordMonth, 9}, "sept": {wordMonth, 9}, "september": {wordMonth, 9}, "oct": {wordMonth, 10}, "october": {wordMonth, 10},
	"nov": {wordMonth, 11}, "november": {wordMonth, 11}, "dec": {wordMonth, 12}, "december": {wordMonth, 12},
	"sun": {wordDayOfWeek, 0}, "sunday": {wordDayOfWeek, 0}, "mon": {wordDayOfWeek, 1}, "monday": {wordDayOfWeek, 1},
	"tue": {wordDayOfWeek, 2}, "tues": {wordDayOfWeek, 2}, "tuesday": {wordDayOfWeek, 2}, "wed": {wordDayOfWeek, 3},
	"weds": {wordDayOfWeek, 3}, "wednesday": {wordDayOfWeek, 3}, "thu": {wordDayOfWeek, 4}, "thur": {wordDayOfWeek, 4},
	"thurs": {wordDayOfWeek, 4}, "thursday": {wordDayOfWeek, 4}, "fri": {wordDayOfWeek, 5}, "friday": {wordDayOfWeek, 5},
	"sat": {wordDayOfWeek, 6}, "saturday": {wordDayOfWeek, 6},
}

// intervalWords are the units of intervals. Ten letters count, as in PostgreSQL.
var intervalWords = map[string]word{
	"@": {wordIgnore, 0}, "ago": {wordAgo, 0},
	"c": {wordUnit, unitCentury}, "cent": {wordUnit, unitCentury}, "centuries": {wordUnit, unitCentury}, "century": {wordUnit, unitCentury},
	"d": {wordUnit, unitDay}, "day": {wordUnit, unitDay}, "days": {wordUnit, unitDay},
	"dec": {wordUnit, unitDecade}, "decade": {wordUnit, unitDecade}, "decades": {wordUnit, unitDecade}, "decs": {wordUnit, unitDecade},
	"h": {wordUnit, unitHour}, "hour": {wordUnit, unitHour}, "hours": {wordUnit, unitHour}, "hr": {wordUnit, unitHour}, "hrs": {wordUnit, unitHour},
	"m": {wordUnit, unitMinute}, "min": {wordUnit, unitMinute}, "mins": {wordUnit, unitMinute}, "minute": {wordUnit, unitMinute}, "minutes": {wordUnit, unitMinute},
	"microsecon": {wordUnit, unitMicro}, "us": {wordUnit, unitMicro}, "usec": {wordUnit, unitMicro}, "usecond": {wordUnit, unitMicro},
	"useconds": {wordUnit, unitMicro}, "usecs": {wordUnit, unitMicro},
	"millisecon": {wordUnit, unitMilli}, "ms": {wordUnit, unitMilli}, "msec": {wordUnit, unitMilli}, "msecond": {wordUnit, unitMilli},
	"mseconds": {wordUnit, unitMilli}, "msecs": {wordUnit, unitMilli},
	"mil": {wordUnit, unitMillennium}, "mils": {wordUnit, unitMillennium}, "millennia": {wordUnit, unitMillennium}, "millennium": {wordUnit, unitMillennium},
	"mon": {wordUnit, unitMonth}, "mons": {wordUnit, unitMonth}, "month": {wordUnit, unitMonth}, "months": {wordUnit, unitMonth},
	"qtr": {wordUnit, unitQuarter}, "quarter": {wordUnit, unitQuarter},
	"s": {wordUnit, unitSecond}, "sec": {wordUnit, unitSecond}, "second": {wordUnit, unitSecond}, "seconds": {wordUnit, unitSecond}, "secs": {wordUnit, unitSecond},
	"timezone": {wordUnit, unitOther}, "timezone_h": {wordUnit, unitOther}, "timezone_m": {wordUnit, unitOther},
	"w": {wordUnit, unitWeek}, "week": {wordUnit, unitWeek}, "weeks": {wordUnit, unitWeek},
	"y": {wordUnit, unitYear}, "year": {wordUnit, unitYear}, "years": {wordUnit, unitYear}, "yr": {wordUnit, unitYear}, "yrs": {wordUnit, unitYear},
}
