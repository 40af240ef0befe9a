package eval

import (
	"math"
	"strings"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
)

// dateReader collects what to_date and to_timestamp read (TmFromChar of formatting.c).
type dateReader struct {
	hh, mi, ss, ssss, ms, us, d, dd, ddd, mm, year, ww, w, cc, j int
	yysz, pm, bc, tzsign, tzh, tzm                               int
	clock12                                                      bool
	precision                                                    int  // of FF1 to FF6, 0 where there is none
	mode                                                         byte // 'g' Gregorian, 'i' ISO week, 0 not yet known

	in     string
	at     int
	failed *pgerr.Error
}

func (r *dateReader) fail(e *pgerr.Error) {
	if r.failed == nil {
		r.failed = e
	}
}

// set stores a value; a second one that differs contradicts.
func (r *dateReader) set(dst *int, v int, key string) {
	if *dst != 0 && *dst != v {
		r.fail(invalidFormat("conflicting values for \"%s\" field in formatting string", key).
			WithDetail("This value contradicts a previous setting for the same field type."))
		return
	}
	*dst = v
}

func spaceByte(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

func separatorByte(c byte) bool {
	return c > ' ' && c < 0x7f && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !digitByte(c)
}

func (r *dateReader) skipSpaces() (n int) {
	for r.at < len(r.in) && spaceByte(r.in[r.at]) {
		r.at++
		n++
	}
	return n
}

// strtol reads blanks, a sign and digits at the start of s.
func strtol(s string) (v int64, used int, over bool) {
	i := 0
	for i < len(s) && spaceByte(s[i]) {
		i++
	}
	neg := false
	if i < len(s) && (s[i] == '+' || s[i] == '-') {
		neg = s[i] == '-'
		i++
	}
	start := i
	for i < len(s) && digitByte(s[i]) {
		if v < 1<<40 {
			v = v*10 + int64(s[i]-'0')
		}
		i++
	}
	if i == start {
		return 0, 0, false
	}
	if neg {
		v = -v
	}
	return v, i, v > math.MaxInt32 || v < math.MinInt32
}

// numericKey says whether a word is written in digits, which decides how far the number before it may reach.
func numericKey(key string) bool {
	switch strings.ToUpper(key) {
	case "A.D.", "A.M.", "AD", "AM", "B.C.", "BC", "DAY", "DY", "FX", "MONTH", "MON", "OF", "P.M.", "PM", "RM", "TZH", "TZ":
		return false
	}
	return true
}

// free reports whether the number of a node may take as many digits as there are: with FM or TH, or before anything but digits.
func (f *dateFormat) free(i int) bool {
	n := f.nodes[i]
	if n.fill || n.th || i+1 == len(f.nodes) {
		return true
	}
	next := f.nodes[i+1]
	if next.key != "" {
		return !numericKey(next.key)
	}
	return len(next.text) != 1 || !digitByte(next.text[0])
}

// number reads an integer of at most width digits into dst and returns the characters that it took.
func (r *dateReader) number(f *dateFormat, i, width int, dst *int) int {
	key, init := f.nodes[i].key, r.at
	r.skipSpaces()
	var v int64
	var over bool
	rest := r.in[r.at:]
	text := rest[:min(width, len(rest))]
	if f.free(i) {
		var used int
		v, used, over = strtol(r.in[init:])
		r.at = init + used
	} else {
		const hint = "If your source string is not fixed-width, try using the \"FM\" modifier."
		if len(rest) < width {
			r.fail(invalidFormat("source string too short for \"%s\" formatting field", key).
				WithDetail("Field requires %d characters, but only %d remain.", width, len(rest)).WithHint("%s", hint))
			return 0
		}
		var used int
		v, used, over = strtol(text)
		if used > 0 && used < width {
			r.fail(invalidFormat("invalid value \"%s\" for \"%s\"", text, key).
				WithDetail("Field requires %d characters, but only %d could be parsed.", width, used).WithHint("%s", hint))
			return 0
		}
		r.at += used
	}
	switch {
	case r.at == init:
		r.fail(invalidFormat("invalid value \"%s\" for \"%s\"", text, key).WithDetail("Value must be an integer."))
		return 0
	case over:
		r.fail(pgerr.Newf(pgerr.DatetimeFieldOverflow, "value for \"%s\" in source string is out of range", key).
			WithDetail("Value must be in the range %d to %d.", math.MinInt32, math.MaxInt32))
		return 0
	}
	if dst != nil {
		r.set(dst, int(v), key)
	}
	took := r.at - init
	if k := strings.ToUpper(key); k != "TZH" && k != "TZM" {
		r.skipOrdinal(f.nodes[i])
	}
	return took
}

// skipOrdinal passes over the two characters that TH stands for, whatever they are.
func (r *dateReader) skipOrdinal(n dateNode) {
	if n.th {
		r.at += len(firstRunes(r.in[r.at:], 2))
	}
}

// word finds the first of the words that the input goes on with, whatever its case.
func (r *dateReader) word(key string, words []string) int {
	rest := r.in[r.at:]
	for i, w := range words {
		if len(rest) >= len(w) && strings.EqualFold(rest[:len(w)], w) {
			r.at += len(w)
			return i
		}
	}
	shown := rest
	if i := strings.IndexFunc(shown, func(c rune) bool { return c < 0x80 && spaceByte(byte(c)) }); i >= 0 {
		shown = shown[:i]
	}
	r.fail(invalidFormat("invalid value \"%s\" for \"%s\"", shown, key).
		WithDetail("The given value did not match any of the allowed values for this field."))
	return 0
}

func shortNames(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = n[:3]
	}
	return out
}

// setMode keeps ISO weeks and the Gregorian calendar apart.
func (r *dateReader) setMode(key string) {
	mode := byte(0)
	switch strings.ToUpper(key) {
	case "IDDD", "ID", "IW", "IYYY", "IYY", "IY", "I":
		mode = 'i'
	case "DDD", "DD", "D", "MM", "MONTH", "MON", "RM", "WW", "W", "Y,YYY", "YYYY", "YYY", "YY", "Y":
		mode = 'g'
	}
	switch {
	case mode == 0:
	case r.mode == 0:
		r.mode = mode
	case r.mode != mode:
		r.fail(invalidFormat("invalid combination of date conventions").
			WithHint("Do not mix Gregorian and ISO week date conventions in a formatting template."))
	}
}

// read goes through the pattern and the input side by side (DCH_from_char).
func (r *dateReader) read(f *dateFormat) {
	fx, extra := false, 0
	for i, n := range f.nodes {
		if r.at >= len(r.in) || r.failed != nil {
			return
		}
		if !fx && !strings.EqualFold(n.key, "FX") && (n.key != "" || i == 0) {
			extra += r.skipSpaces()
			if r.at >= len(r.in) && n.key == "" {
				return
			}
		}
		if n.key == "" {
			extra = r.literal(n, fx, extra)
			continue
		}
		r.setMode(n.key)
		if r.failed != nil {
			return
		}
		if strings.EqualFold(n.key, "FX") {
			fx = true
		} else {
			r.field(f, i, extra)
		}
		if !fx {
			extra = r.skipSpaces()
		}
	}
}

// literal passes over text: a blank or separator of the pattern takes one of the input, or none where there is none.
func (r *dateReader) literal(n dateNode, fx bool, extra int) int {
	c := n.text[0]
	size := len(firstRunes(r.in[r.at:], 1))
	switch {
	case fx:
		r.at += size
	case !n.quoted && (spaceByte(c) || separatorByte(c)):
		extra--
		if in := r.in[r.at]; spaceByte(in) || separatorByte(in) {
			r.at++
			extra++
		}
	case extra > 0:
		extra--
	default:
		r.at += size
	}
	return extra
}

// field reads one word of the pattern.
func (r *dateReader) field(f *dateFormat, i, extra int) {
	key := strings.ToUpper(f.nodes[i].key)
	written := f.nodes[i].key
	num := func(width int, dst *int) int { return r.number(f, i, width, dst) }
	switch key {
	case "A.M.", "P.M.":
		r.set(&r.pm, r.word(written, []string{"a.m.", "p.m."}), written)
		r.clock12 = true
	case "AM", "PM":
		r.set(&r.pm, r.word(written, []string{"am", "pm"}), written)
		r.clock12 = true
	case "HH", "HH12":
		num(2, &r.hh)
		r.clock12 = true
	case "HH24":
		num(2, &r.hh)
	case "MI":
		num(2, &r.mi)
	case "SS":
		num(2, &r.ss)
	case "MS":
		if n := num(3, &r.ms); n == 1 || n == 2 {
			r.ms *= pow10Int(3 - n)
		}
	case "US", "FF1", "FF2", "FF3", "FF4", "FF5", "FF6":
		width := 6
		if key != "US" {
			width = int(key[2] - '0')
			r.precision = width
		}
		if n := num(width, &r.us); n > 0 && n < 6 {
			r.us *= pow10Int(6 - n)
		}
	case "SSSS", "SSSSS":
		num(len(key), &r.ssss)
	case "TZ", "OF":
		r.fail(pgerr.Newf(pgerr.FeatureNotSupported, "formatting field \"%s\" is only supported in to_char", written))
	case "TZH":
		switch c := r.in[r.at]; {
		case c == '+' || c == ' ':
			r.tzsign = 1
			r.at++
		case c == '-':
			r.tzsign = -1
			r.at++
		case extra > 0 && r.in[r.at-1] == '-':
			r.tzsign = -1
		default:
			r.tzsign = 1
		}
		num(2, &r.tzh)
	case "TZM":
		if r.tzsign == 0 {
			r.tzsign = 1
		}
		num(2, &r.tzm)
	case "A.D.", "B.C.":
		r.set(&r.bc, r.word(written, []string{"a.d.", "b.c."}), written)
	case "AD", "BC":
		r.set(&r.bc, r.word(written, []string{"ad", "bc"}), written)
	case "MONTH":
		r.set(&r.mm, r.word(written, monthNames)+1, written)
	case "MON":
		r.set(&r.mm, r.word(written, shortNames(monthNames))+1, written)
	case "RM":
		r.set(&r.mm, 12-r.word(written, []string{"XII", "XI", "X", "IX", "VIII", "VII", "VI", "V", "IV", "III", "II", "I"}), written)
	case "DAY":
		r.set(&r.d, r.word(written, dayNames), written)
		r.d++
	case "DY":
		r.set(&r.d, r.word(written, shortNames(dayNames)), written)
		r.d++
	default:
		r.calendarField(f, i, key)
	}
}

// calendarField reads the words that are numbers of the calendar.
func (r *dateReader) calendarField(f *dateFormat, i int, key string) {
	written := f.nodes[i].key
	num := func(width int, dst *int) int { return r.number(f, i, width, dst) }
	switch key {
	case "MM":
		num(2, &r.mm)
	case "DD":
		num(2, &r.dd)
	case "DDD", "IDDD":
		num(3, &r.ddd)
	case "D":
		num(1, &r.d)
	case "ID":
		num(1, &r.d)
		if r.d++; r.d > 7 {
			r.d = 1
		}
	case "WW", "IW":
		num(2, &r.ww)
	case "W":
		num(1, &r.w)
	case "Q":
		num(1, nil)
	case "CC":
		num(2, &r.cc)
	case "J":
		num(1, &r.j)
	case "Y,YYY":
		thousands, n, _ := strtol(r.in[r.at:])
		rest := r.in[r.at+n:]
		if n == 0 || !strings.HasPrefix(rest, ",") {
			r.fail(invalidFormat("invalid input string for \"Y,YYY\""))
			return
		}
		years, m, _ := strtol(rest[1:min(4, len(rest))])
		if m == 0 {
			r.fail(invalidFormat("invalid input string for \"Y,YYY\""))
			return
		}
		r.at += n + 1 + m
		r.set(&r.year, int(thousands*1000+years), written)
		r.yysz = 4
		r.skipOrdinal(f.nodes[i])
	case "YYYY", "IYYY":
		num(4, &r.year)
		r.yysz = 4
	case "YYY", "IYY", "YY", "IY", "Y", "I":
		width := len(strings.TrimPrefix(key, "I"))
		if key[0] == 'I' {
			width = len(key)
		}
		if n := num(width, &r.year); n < 4 && r.failed == nil {
			r.year = partialYear(r.year)
		}
		r.yysz = width
	}
}

// partialYear puts a year of fewer than four digits nearest to 2020.
func partialYear(y int) int {
	switch {
	case y < 70:
		return y + 2000
	case y < 100:
		return y + 1900
	case y < 520:
		return y + 2000
	case y < 1000:
		return y + 1000
	}
	return y
}

// parseDate reads a text by a pattern: a date, the time of day, and the offset east of Greenwich if it had one.
func parseDate(c *Call, text, pat string) (days, ofDay int64, east *int, precision int, err error) {
	f, err := cachedFormat(c, pat, parseDateFormat)
	if err != nil {
		return 0, 0, nil, 0, err
	}
	r := &dateReader{in: text}
	r.read(f)
	if r.failed != nil {
		return 0, 0, nil, 0, r.failed
	}
	days, ofDay, east, err = r.finish()
	return days, ofDay, east, r.precision, err
}

func toDate(c *Call, a []sqltype.Value) (sqltype.Value, error) {
	days, _, _, _, err := parseDate(c, a[0].S, a[1].S)
	if err == nil && !sqltype.ValidDate(days) {
		err = pgerr.Newf(pgerr.DatetimeFieldOverflow, "date out of range: \"%s\"", strings.Clone(a[0].S))
	}
	return sqltype.Int(days), err
}

func toTimestampText(c *Call, a []sqltype.Value) (sqltype.Value, error) {
	days, ofDay, east, precision, err := parseDate(c, a[0].S, a[1].S)
	if err != nil {
		return sqltype.Value{}, err
	}
	ts, ok := sqltype.JoinTimestamp(days, ofDay)
	if ok && east != nil {
		ts -= int64(*east) * microsPerSecond
		ok = sqltype.ValidTimestamp(ts)
	} else if ok {
		ts, ok = sqltype.LocalToUTC(c.Env().Location(), ts)
	}
	if !ok {
		return sqltype.Value{}, errTimestampRange()
	}
	if precision > 0 {
		return sqltype.ApplyTypmod(sqltype.Type{OID: sqltype.OIDTimestampTZ, Typmod: int32(precision)}, sqltype.Int(ts), false)
	}
	return sqltype.Int(ts), nil
}
