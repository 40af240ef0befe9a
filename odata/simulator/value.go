package simulator

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"strconv"
	"time"
)

// kind is the representation of a value. Edm types of one representation
// (all integers, for instance) share a kind; their names live in [edmType].
type kind uint8

const (
	kNull kind = iota
	kBool
	kInt
	kDouble
	kSingle
	kDecimal
	kString
	kGuid
	kDate
	kTimestamp
	kTimeOfDay
	kDuration
	kBinary
	kEnum
	kComplex
	kCollection
	kRaw
	kStream
)

// value is one typed value of a row. The zero value is null.
//
//   - n holds booleans, integers, the bits of doubles, days since 0001-01-01
//     (dates) and units of 100 ns (timestamps since 0001-01-01, times, durations);
//   - s holds strings, guids in lower case, decimals as plain text, bytes of
//     binaries, names of enum members and raw JSON;
//   - kids holds the members of complex values and collections.
type value struct {
	k    kind
	n    int64
	s    string
	kids *[]value
}

// tick is the resolution of timestamps: Intune prints seven fraction digits.
const (
	tick           = 100 * time.Nanosecond
	ticksPerSecond = int64(time.Second / tick)
	ticksPerDay    = 24 * 3600 * ticksPerSecond
	// unixEpochDays is the number of days from 0001-01-01 to 1970-01-01.
	unixEpochDays = 719162
	// maxTicks is 9999-12-31T23:59:59.9999999Z, Intune's "still valid".
	maxTicks = 3652059*ticksPerDay - 1
)

func null() value             { return value{} }
func boolean(b bool) value    { return value{k: kBool, n: b2i(b)} }
func integer(n int64) value   { return value{k: kInt, n: n} }
func double(f float64) value  { return value{k: kDouble, n: int64(math.Float64bits(f))} }
func single(f float32) value  { return value{k: kSingle, n: int64(math.Float64bits(float64(f)))} }
func decimal(s string) value  { return value{k: kDecimal, s: s} }
func text(s string) value     { return value{k: kString, s: s} }
func guid(s string) value     { return value{k: kGuid, s: s} }
func date(days int64) value   { return value{k: kDate, n: days} }
func timestamp(t int64) value { return value{k: kTimestamp, n: t} }
func timeOfDay(t int64) value { return value{k: kTimeOfDay, n: t} }
func duration(t int64) value  { return value{k: kDuration, n: t} }
func binary(b string) value   { return value{k: kBinary, s: b} }
func raw(j string) value      { return value{k: kRaw, s: j} }
func enum(n int64, s string) value {
	return value{k: kEnum, n: n, s: s}
}
func complexOf(members ...value) value  { return value{k: kComplex, kids: &members} }
func collectionOf(items ...value) value { return value{k: kCollection, kids: &items} }

func (v value) isNull() bool   { return v.k == kNull }
func (v value) bool() bool     { return v.n != 0 }
func (v value) float() float64 { return math.Float64frombits(uint64(v.n)) }
func (v value) items() []value {
	if v.kids == nil {
		return nil
	}
	return *v.kids
}

func b2i(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// ticksOf converts an instant to units of 100 ns since 0001-01-01, cutting finer digits.
func ticksOf(t time.Time) int64 {
	return (t.Unix()+unixEpochDays*86400)*ticksPerSecond + int64(t.Nanosecond())/int64(tick)
}

// timeOf is the inverse of ticksOf.
func timeOf(ticks int64) time.Time {
	sec := floorDiv(ticks, ticksPerSecond)
	return time.Unix(sec-unixEpochDays*86400, (ticks-sec*ticksPerSecond)*int64(tick)).UTC()
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

// civil splits days since 0001-01-01 into a date of the proleptic Gregorian calendar.
func civil(days int64) (year, month, day int) {
	// The algorithm counts from 0000-03-01, so that the leap day ends a year.
	z := days + 306
	era := floorDiv(z, 146097)
	doe := z - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	day = int(doy - (153*mp+2)/5 + 1)
	month = int(mp) + 3
	year = int(yoe + era*400)
	if month > 12 {
		month -= 12
		year++
	}
	return year, month, day
}

// daysOf is the inverse of civil.
func daysOf(year, month, day int) int64 {
	y, m := int64(year), int64(month)
	if m <= 2 {
		y--
		m += 12
	}
	era := floorDiv(y, 400)
	yoe := y - era*400
	doy := (153*(m-3)+2)/5 + int64(day) - 1
	doe := yoe*365 + yoe/4 - yoe/100 + doy
	return era*146097 + doe - 306
}

// dateKeyOf gives the yyyymmdd integer of a day.
func dateKeyOf(days int64) int64 {
	y, m, d := civil(days)
	return int64(y)*10000 + int64(m)*100 + int64(d)
}

// native converts a value to the Go type that [Server.Rows] promises.
func (v value) native() any {
	switch v.k {
	case kNull, kStream:
		return nil
	case kBool:
		return v.bool()
	case kInt:
		return v.n
	case kDouble:
		return v.float()
	case kSingle:
		return float32(v.float())
	case kTimestamp:
		return timeOf(v.n)
	case kBinary:
		return []byte(v.s)
	case kDate, kTimeOfDay, kDuration:
		return string(appendPlain(nil, v))
	case kComplex, kCollection, kRaw:
		return json.RawMessage(appendPlain(nil, v))
	default:
		return v.s
	}
}

// appendPlain appends a value's characters without JSON quoting, as they
// stand inside a JSON string or, for complex values, as JSON.
func appendPlain(b []byte, v value) []byte {
	switch v.k {
	case kDate:
		return appendDate(b, v.n)
	case kTimestamp:
		return appendTimestamp(b, v.n)
	case kTimeOfDay:
		return appendClock(b, v.n)
	case kDuration:
		return appendDuration(b, v.n)
	case kBinary:
		return base64.RawURLEncoding.AppendEncode(b, []byte(v.s))
	case kComplex, kCollection, kRaw:
		return appendJSON(b, v, jsonStyle{})
	default:
		return append(b, v.s...)
	}
}

func appendDate(b []byte, days int64) []byte {
	y, m, d := civil(days)
	if y < 0 {
		b, y = append(b, '-'), -y
	}
	b = append(b, byte('0'+y/1000%10), byte('0'+y/100%10), byte('0'+y/10%10), byte('0'+y%10), '-')
	return append(b, byte('0'+m/10), byte('0'+m%10), '-', byte('0'+d/10), byte('0'+d%10))
}

// appendTimestamp prints UTC with Z and as many fraction digits as are needed (none to seven).
func appendTimestamp(b []byte, t int64) []byte {
	days := floorDiv(t, ticksPerDay)
	b = append(appendDate(b, days), 'T')
	return append(appendClock(b, t-days*ticksPerDay), 'Z')
}

func appendClock(b []byte, t int64) []byte {
	sec := t / ticksPerSecond
	h, m, s := sec/3600, sec/60%60, sec%60
	b = append(b, byte('0'+h/10), byte('0'+h%10), ':', byte('0'+m/10), byte('0'+m%10), ':', byte('0'+s/10), byte('0'+s%10))
	return appendFraction(b, t%ticksPerSecond)
}

func appendFraction(b []byte, frac int64) []byte {
	if frac == 0 {
		return b
	}
	b = append(b, '.')
	for div := ticksPerSecond / 10; frac > 0; div /= 10 {
		b = append(b, byte('0'+frac/div))
		frac %= div
	}
	return b
}

// appendDuration prints an ISO 8601 duration of days, hours, minutes and seconds.
func appendDuration(b []byte, t int64) []byte {
	if t < 0 {
		// The lowest duration generated is far above the lowest int64.
		b, t = append(b, '-'), -t
	}
	b = append(b, 'P')
	if d := t / ticksPerDay; d > 0 {
		b = append(strconv.AppendInt(b, d, 10), 'D')
		if t %= ticksPerDay; t == 0 {
			return b
		}
	}
	b = append(b, 'T')
	sec, frac := t/ticksPerSecond, t%ticksPerSecond
	if h := sec / 3600; h > 0 {
		b = append(strconv.AppendInt(b, h, 10), 'H')
	}
	if m := sec / 60 % 60; m > 0 {
		b = append(strconv.AppendInt(b, m, 10), 'M')
	}
	if s := sec % 60; s > 0 || frac > 0 || t == 0 {
		b = append(appendFraction(strconv.AppendInt(b, s, 10), frac), 'S')
	}
	return b
}
