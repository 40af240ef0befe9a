package edm

import (
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/odatagres/odatagres/internal/sqltype"
)

// ErrNoLiteral says that a value cannot be written as a literal of a type that every service reads alike: infinity, a date
// outside the years 1 to 9999, an integer outside the type's range, an unknown enumeration member. Such a comparison is
// decided by the caller and never sent.
var ErrNoLiteral = errors.New("no URL literal")

// AppendLiteral appends the URL literal of a value, not yet percent-encoded (OData URL Conventions 4.01 section 5.1.1.14). The
// value is one of the SQL type that t.SQL gives.
func AppendLiteral(dst []byte, t Type, v sqltype.Value) ([]byte, error) {
	if v.Null {
		return append(dst, "null"...), nil
	}
	f := t.Kind.info().literal
	if f == nil {
		return dst, fmt.Errorf("%w of %s", ErrNoLiteral, t.Name)
	}
	return f(dst, t, v)
}

// Literal is AppendLiteral for a string.
func Literal(t Type, v sqltype.Value) (string, error) {
	b, err := AppendLiteral(nil, t, v)
	return string(b), err
}

func noLiteral(t Type, what any) error {
	return fmt.Errorf("%w of %s for %v", ErrNoLiteral, t.Name, what)
}

func stringLiteral(dst []byte, t Type, v sqltype.Value) ([]byte, error) {
	// A URL cannot carry U+0000 to most services, and SQL text never holds it.
	if strings.IndexByte(v.S, 0) >= 0 {
		return dst, noLiteral(t, "a string with U+0000")
	}
	dst = append(dst, '\'')
	for i := range len(v.S) {
		if v.S[i] == '\'' {
			dst = append(dst, '\'')
		}
		dst = append(dst, v.S[i])
	}
	return append(dst, '\''), nil
}

func enumLiteral(dst []byte, t Type, v sqltype.Value) ([]byte, error) {
	if t.Enum == nil {
		return dst, noLiteral(t, v.S)
	}
	names := []string{v.S}
	if t.Enum.IsFlags {
		names = strings.Split(v.S, ",")
	}
	for i, n := range names {
		names[i] = strings.TrimSpace(n)
		if _, ok := t.Enum.Member(names[i]); !ok {
			return dst, noLiteral(t, v.S)
		}
	}
	dst = append(dst, t.Name...)
	dst = append(dst, '\'')
	dst = append(dst, strings.Join(names, ",")...)
	return append(dst, '\''), nil
}

func boolLiteral(dst []byte, _ Type, v sqltype.Value) ([]byte, error) {
	return strconv.AppendBool(dst, v.I != 0), nil
}

func intLiteral(lo, hi int64) func([]byte, Type, sqltype.Value) ([]byte, error) {
	return func(dst []byte, t Type, v sqltype.Value) ([]byte, error) {
		if v.I < lo || v.I > hi {
			return dst, noLiteral(t, v.I)
		}
		return strconv.AppendInt(dst, v.I, 10), nil
	}
}

// decimalLiteral writes plain digits: no suffix (4.0 dropped V3's M), no exponent (4.0's grammar has none).
func decimalLiteral(dst []byte, t Type, v sqltype.Value) ([]byte, error) {
	n := v.Num
	switch {
	case n.Scale > sqltype.ScaleOverflow:
		return dst, noLiteral(t, "a number that is not finite")
	case n.Scale == sqltype.ScaleOverflow:
		return appendWideNumeric(dst, t, n.Ext)
	}
	digits := strconv.FormatInt(n.Coef, 10)
	if digits[0] == '-' {
		dst, digits = append(dst, '-'), digits[1:]
	}
	if n.Scale == 0 {
		return append(dst, digits...), nil
	}
	scale := int(n.Scale)
	if len(digits) <= scale {
		digits = strings.Repeat("0", scale+1-len(digits)) + digits
	}
	whole, frac := digits[:len(digits)-scale], strings.TrimRight(digits[len(digits)-scale:], "0")
	dst = append(dst, whole...)
	if frac != "" {
		dst = append(append(dst, '.'), frac...)
	}
	return dst, nil
}

// appendWideNumeric writes a number in numeric_send's format: counts of digits, weight, sign and scale, then digits to the
// base 10000.
func appendWideNumeric(dst []byte, t Type, ext string) ([]byte, error) {
	word := func(i int) int { return int(ext[2*i])<<8 | int(ext[2*i+1]) }
	if len(ext) < 8 || len(ext) != 8+2*word(0) {
		return dst, noLiteral(t, "a malformed number")
	}
	n, weight, sign, scale := word(0), int(int16(word(1))), word(2), word(3)
	if sign != 0 && sign != 0x4000 {
		return dst, noLiteral(t, "a number that is not finite")
	}
	group := func(i int) string { // the group of four digits with weight weight-i
		if i < 0 || i >= n {
			return "0000"
		}
		return fmt.Sprintf("%04d", word(4+i))
	}
	var whole, frac strings.Builder
	for i := 0; i <= weight; i++ {
		whole.WriteString(group(i))
	}
	for i := 0; i*4 < scale; i++ {
		frac.WriteString(group(weight + 1 + i))
	}
	w := strings.TrimLeft(whole.String(), "0")
	if w == "" {
		w = "0"
	}
	f := strings.TrimRight(frac.String()[:min(scale, frac.Len())], "0")
	if sign == 0x4000 && (w != "0" || f != "") {
		dst = append(dst, '-')
	}
	dst = append(dst, w...)
	if f != "" {
		dst = append(append(dst, '.'), f...)
	}
	return dst, nil
}

// floatLiteral writes the shortest text that reads back the same. Negative exponents are refused by some services, so small
// numbers are written out.
func floatLiteral(bits int) func([]byte, Type, sqltype.Value) ([]byte, error) {
	return func(dst []byte, t Type, v sqltype.Value) ([]byte, error) {
		f := v.F
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return dst, noLiteral(t, f)
		}
		if f == 0 {
			return append(dst, '0'), nil
		}
		if math.Abs(f) < 1e17 {
			return strconv.AppendFloat(dst, f, 'f', -1, bits), nil
		}
		return append(dst, strings.Replace(strconv.FormatFloat(f, 'e', -1, bits), "e+", "e", 1)...), nil
	}
}

// Bounds of what a DateTimeOffset can be on every service, in SQL's microseconds since 2000-01-01 UTC.
const (
	microsPerDay   = 24 * 60 * 60 * 1000000
	firstDay       = -730119 // 0001-01-01
	lastDay        = 2921939 // 9999-12-31
	pgEpochSeconds = 946684800
)

func dateLiteral(dst []byte, t Type, v sqltype.Value) ([]byte, error) {
	if v.I < firstDay || v.I > lastDay {
		return dst, noLiteral(t, "a date outside the years 1 to 9999")
	}
	return time.Unix(pgEpochSeconds+v.I*86400, 0).UTC().AppendFormat(dst, "2006-01-02"), nil
}

// timestampLiteral writes UTC: some services compare the text, offset included.
func timestampLiteral(dst []byte, t Type, v sqltype.Value) ([]byte, error) {
	if v.I < firstDay*microsPerDay || v.I >= (lastDay+1)*microsPerDay {
		return dst, noLiteral(t, "a time outside the years 1 to 9999")
	}
	return time.UnixMicro(pgEpochSeconds*1000000+v.I).UTC().AppendFormat(dst, "2006-01-02T15:04:05.999999Z"), nil
}

func timeLiteral(dst []byte, t Type, v sqltype.Value) ([]byte, error) {
	if v.I < 0 || v.I >= microsPerDay {
		return dst, noLiteral(t, "24:00:00")
	}
	return time.UnixMicro(v.I).UTC().AppendFormat(dst, "15:04:05.999999"), nil
}

// durationLiteral writes days and less. SQL's months have no fixed length, and comparing them as 30 days is SQL's own rule.
func durationLiteral(dst []byte, t Type, v sqltype.Value) ([]byte, error) {
	iv := v.Iv
	days := int64(iv.Days) + iv.Micros/microsPerDay
	rest := iv.Micros % microsPerDay
	if iv.Months != 0 || days > math.MaxInt32 || days < math.MinInt32 {
		return dst, noLiteral(t, "an interval with months or too many days")
	}
	total := days*microsPerDay + rest
	if days > 100000000 || days < -100000000 {
		return dst, noLiteral(t, "an interval of too many days")
	}
	dst = append(dst, "duration'"...)
	if total < 0 {
		dst, total = append(dst, '-'), -total
	}
	dst = append(dst, 'P')
	if d := total / microsPerDay; d > 0 {
		dst = append(strconv.AppendInt(dst, d, 10), 'D')
	}
	total %= microsPerDay
	if total > 0 || dst[len(dst)-1] == 'P' {
		dst = append(dst, 'T')
		if h := total / 3600000000; h > 0 {
			dst = append(strconv.AppendInt(dst, h, 10), 'H')
		}
		if m := total / 60000000 % 60; m > 0 {
			dst = append(strconv.AppendInt(dst, m, 10), 'M')
		}
		if s := total % 60000000; s > 0 || dst[len(dst)-1] == 'T' {
			dst = strconv.AppendInt(dst, s/1000000, 10)
			if f := s % 1000000; f > 0 {
				dst = append(dst, '.')
				dst = append(dst, strings.TrimRight(fmt.Sprintf("%06d", f), "0")...)
			}
			dst = append(dst, 'S')
		}
	}
	return append(dst, '\''), nil
}

// guidLiteral writes lower case: some services compare the text.
func guidLiteral(dst []byte, t Type, v sqltype.Value) ([]byte, error) {
	if len(v.S) != 16 {
		return dst, noLiteral(t, "a malformed uuid")
	}
	return fmt.Appendf(dst, "%x-%x-%x-%x-%x", v.S[0:4], v.S[4:6], v.S[6:8], v.S[8:10], v.S[10:16]), nil
}

func binaryLiteral(dst []byte, _ Type, v sqltype.Value) ([]byte, error) {
	dst = append(dst, "binary'"...)
	dst = base64.RawURLEncoding.AppendEncode(dst, []byte(v.S))
	return append(dst, '\''), nil
}
