package odata

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/odatagres/odatagres/internal/sqltype"
)

// readInt reads the integer types, as a number or as its text in a string.
func readInt(d *decoder, s *slot, p, row int) int {
	buf := d.buf
	q := p
	neg := buf[q] == '-'
	if neg {
		q++
	}
	first, n := q, uint64(0)
	for isDigit(buf[q]) {
		n = n*10 + uint64(buf[q]-'0')
		q++
	}
	// Up to 18 digits cannot overflow; anything else unusual takes the slow way.
	if count := q - first; count == 0 || count > 18 || (buf[first] == '0' && count > 1) || buf[q] == '.' || buf[q]|0x20 == 'e' {
		return d.readIntSlowly(s, p, row)
	}
	v := int64(n)
	if neg {
		v = -v
	}
	if q = d.ended(q); q < 0 {
		return -1
	}
	return d.writeInt(s, row, v, q)
}

func (d *decoder) writeInt(s *slot, row int, v int64, next int) int {
	if v < s.lo || v > s.hi {
		return d.invalid(s, "%d is outside the range of %s", v, s.col.Edm.Name)
	}
	switch s.vec.Kind {
	case sqltype.KindInt16:
		s.vec.I16[row] = int16(v)
	case sqltype.KindInt32:
		s.vec.I32[row] = int32(v)
	default:
		s.vec.I64[row] = v
	}
	return next
}

func (d *decoder) readIntSlowly(s *slot, p, row int) int {
	t, next := d.numberText(s, p)
	if next < 0 {
		return -1
	}
	v, ok := wholeNumber(t)
	if !ok {
		return d.invalid(s, "%s is no %s", quoted(t), s.col.Edm.Name)
	}
	return d.writeInt(s, row, v, next)
}

// numberText gives the text of a number that came as one or as a string.
func (d *decoder) numberText(s *slot, p int) (t []byte, next int) {
	c := d.buf[p]
	switch {
	case c == '"':
		return d.text(s, p)
	case c == '-' || isDigit(c):
		if next = d.number(p); next < 0 {
			return nil, -1
		}
		return d.buf[p:next], next
	}
	return nil, d.wrong(s, p, "a number")
}

// decimalParts splits the text of a decimal number into its sign, its digits without the point, and the power of ten of the last.
func decimalParts(t []byte) (neg bool, digits string, exp int, ok bool) {
	if len(t) > 0 && (t[0] == '-' || t[0] == '+') {
		neg, t = t[0] == '-', t[1:]
	}
	mantissa, e, hasExp := strings.Cut(strings.ToLower(string(t)), "e")
	if hasExp {
		var err error
		if exp, err = strconv.Atoi(e); err != nil || exp > 1<<20 || exp < -1<<20 {
			return false, "", 0, false
		}
	}
	whole, frac, _ := strings.Cut(mantissa, ".")
	digits = whole + frac
	if digits == "" {
		return false, "", 0, false
	}
	for i := range len(digits) {
		if !isDigit(digits[i]) {
			return false, "", 0, false
		}
	}
	return neg, digits, exp - len(frac), true
}

// wholeNumber reads an integer exactly, in whatever form: 12, 12.0, 1.2e1.
func wholeNumber(t []byte) (int64, bool) {
	neg, digits, exp, ok := decimalParts(t)
	if !ok {
		return 0, false
	}
	digits = strings.TrimLeft(digits, "0")
	for exp < 0 && strings.HasSuffix(digits, "0") {
		digits, exp = digits[:len(digits)-1], exp+1
	}
	switch {
	case digits == "":
		return 0, true
	case exp < 0, len(digits)+exp > 19:
		return 0, false
	}
	digits += strings.Repeat("0", exp)
	if neg {
		digits = "-" + digits
	}
	v, err := strconv.ParseInt(digits, 10, 64)
	return v, err == nil
}

func readDouble(d *decoder, s *slot, p, row int) int {
	f, next := d.float(s, p, 64)
	if next >= 0 {
		s.vec.F64[row] = f
	}
	return next
}

func readSingle(d *decoder, s *slot, p, row int) int {
	f, next := d.float(s, p, 32)
	if next >= 0 {
		s.vec.F32[row] = float32(f)
	}
	return next
}

func (d *decoder) float(s *slot, p, size int) (float64, int) {
	t, next := d.numberText(s, p)
	if next < 0 {
		return 0, -1
	}
	if d.buf[p] == '"' {
		switch string(t) {
		case "INF":
			return math.Inf(1), next
		case "-INF":
			return math.Inf(-1), next
		case "NaN":
			return math.NaN(), next
		}
		if _, _, _, ok := decimalParts(t); !ok {
			return 0, d.invalid(s, "%s is no %s", quoted(t), s.col.Edm.Name)
		}
	}
	f, err := strconv.ParseFloat(view(t), size)
	if err != nil {
		return 0, d.invalid(s, "%s is outside the range of %s", quoted(t), s.col.Edm.Name)
	}
	return f, next
}

// readDecimal keeps the digits as they are written: the number of digits behind the point is part of SQL's value.
func readDecimal(d *decoder, s *slot, p, row int) int {
	buf := d.buf
	q := p
	neg := buf[q] == '-'
	if neg {
		q++
	}
	first, n := q, int64(0)
	for isDigit(buf[q]) && q-first < 18 {
		n = n*10 + int64(buf[q]-'0')
		q++
	}
	whole, frac := q-first, 0
	if whole > 0 && buf[q] == '.' {
		q++
		start := q
		for isDigit(buf[q]) && whole+q-start < 18 {
			n = n*10 + int64(buf[q]-'0')
			q++
		}
		if frac = q - start; frac == 0 {
			return d.readDecimalSlowly(s, p, row)
		}
	}
	if whole == 0 || (buf[first] == '0' && whole > 1) || isDigit(buf[q]) || buf[q]|0x20 == 'e' {
		return d.readDecimalSlowly(s, p, row)
	}
	if s.scale >= 0 {
		// The declared scale shows in SQL's text: 1.5 is 1.50 in numeric(10,2).
		if frac > s.scale || whole+s.scale > 18 {
			return d.readDecimalSlowly(s, p, row)
		}
		for ; frac < s.scale; frac++ {
			n *= 10
		}
		if s.precision < 19 && n >= powersOfTen[s.precision] {
			return d.readDecimalSlowly(s, p, row)
		}
	}
	if q = d.ended(q); q < 0 {
		return -1
	}
	if neg {
		n = -n
	}
	s.vec.I64[row], s.vec.Scales[row] = n, uint8(frac)
	s.vec.Offsets[row+1] = int32(len(s.vec.Data))
	return q
}

// powersOfTen is never written.
var powersOfTen = func() (t [19]int64) {
	t[0] = 1
	for i := 1; i < len(t); i++ {
		t[i] = 10 * t[i-1]
	}
	return t
}()

func (d *decoder) readDecimalSlowly(s *slot, p, row int) int {
	t, next := d.numberText(s, p)
	if next < 0 {
		return -1
	}
	text := string(t)
	switch {
	case d.buf[p] == '"' && text == "INF":
		text = "Infinity"
	case d.buf[p] == '"' && text == "-INF":
		text = "-Infinity"
	case d.buf[p] == '"' && text == "NaN":
	default:
		if err := s.fitsDecimal(t); err != nil {
			d.err = err
			return -1
		}
	}
	v, err := sqltype.ParseText(s.vec.Type, text, nil)
	if err != nil {
		return d.invalid(s, "%s: %s", quoted(t), err.Error())
	}
	s.writeNumeric(row, v.Num)
	return next
}

// fitsDecimal refuses more digits behind the point than the declared Scale: SQL would round them away, and the row would
// no longer be what the service filters and sorts by.
func (s *slot) fitsDecimal(t []byte) error {
	_, digits, exp, ok := decimalParts(t)
	if !ok {
		return newValueError(s, "%s is no Edm.Decimal", quoted(t))
	}
	if s.scale < 0 {
		return nil
	}
	trimmed := strings.TrimRight(digits, "0")
	if exp += len(digits) - len(trimmed); trimmed != "" && -exp > s.scale {
		return newValueError(s, "%s has more than the declared %d digits behind the point", quoted(t), s.scale)
	}
	return nil
}

func newValueError(s *slot, format string, args ...any) *valueError {
	return &valueError{slot: s, text: fmt.Sprintf(format, args...)}
}
