package sqltype

import (
	"math/big"
	"strconv"
	"strings"

	"github.com/odatagres/odatagres/internal/pgerr"
)

// ParseNumeric reads a number as numeric_in does: decimal digits with an optional point and exponent, NaN, inf and
// Infinity in any case, blanks around it.
func ParseNumeric(s string) (Numeric, error) {
	t := trimSpace(s)
	if n, ok := parseSmallNumeric(t); ok {
		return n, nil
	}
	body, neg, signed := t, false, false
	if body != "" && (body[0] == '+' || body[0] == '-') {
		neg, signed = body[0] == '-', true
		body = body[1:]
	}
	switch {
	case strings.EqualFold(body, "nan") && !signed:
		return NumericNaN(), nil
	case strings.EqualFold(body, "inf"), strings.EqualFold(body, "infinity"):
		return NumericInf(neg), nil
	}
	mant, exp, hasExp := body, "", false
	if i := strings.IndexAny(body, "eE"); i >= 0 {
		mant, exp, hasExp = body[:i], body[i+1:], true
	}
	whole, frac, _ := strings.Cut(mant, ".")
	digits := whole + frac
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return Numeric{}, syntaxError("numeric", s)
	}
	scale := len(frac)
	exponent := int64(0)
	if hasExp {
		var ok, over bool
		exponent, ok, over = scanInt(exp)
		switch {
		case !ok:
			return Numeric{}, syntaxError("numeric", s)
		case over || exponent >= 1<<30 || exponent <= -(1<<30):
			return Numeric{}, overflowsFormat()
		}
	}
	return numericFromDigits(digits, neg, scale, int(exponent))
}

func numericFromDigits(digits string, neg bool, scale, exponent int) (Numeric, error) {
	digits = strings.TrimLeft(digits, "0")
	dscale := max(scale-exponent, 0)
	if dscale > numericMaxDscale {
		return Numeric{}, overflowsFormat()
	}
	if digits == "" {
		return decimal{new(big.Int), dscale}.numeric()
	}
	if len(digits)-scale+exponent > (numericMaxWeight+1)*4 {
		return Numeric{}, overflowsFormat()
	}
	if zeros := exponent - scale; zeros > 0 {
		digits += strings.Repeat("0", zeros)
	}
	coef, ok := new(big.Int).SetString(digits, 10)
	if !ok {
		return Numeric{}, pgerr.Internal("digits of a number are not digits")
	}
	if neg {
		coef.Neg(coef)
	}
	return decimal{coef, dscale}.numeric()
}

// parseSmallNumeric reads plain decimals of up to 18 digits.
func parseSmallNumeric(s string) (Numeric, bool) {
	if s == "" || len(s) > 20 {
		return Numeric{}, false
	}
	i, neg := 0, false
	if s[0] == '-' || s[0] == '+' {
		neg = s[0] == '-'
		i = 1
	}
	var coef int64
	digits, point := 0, -1
	for ; i < len(s); i++ {
		c := s[i]
		switch {
		case c >= '0' && c <= '9':
			coef = coef*10 + int64(c-'0')
			digits++
		case c == '.' && point < 0:
			point = i
		default:
			return Numeric{}, false
		}
	}
	if digits == 0 || digits > 18 {
		return Numeric{}, false
	}
	if neg {
		coef = -coef
	}
	n := Numeric{Coef: coef}
	if point >= 0 {
		n.Scale = uint8(len(s) - point - 1)
	}
	return n, true
}

// AppendNumeric appends the number with its display scale.
func AppendNumeric(dst []byte, n Numeric) []byte {
	switch n.Scale {
	case ScaleNaN:
		return append(dst, "NaN"...)
	case ScaleInfinity:
		return append(dst, "Infinity"...)
	case ScaleNegInfinity:
		return append(dst, "-Infinity"...)
	case ScaleOverflow:
		return appendExtNumeric(dst, n.Ext)
	}
	return AppendSmallNumeric(dst, n.Coef, n.Scale)
}

// AppendSmallNumeric appends a number in the small form.
func AppendSmallNumeric(dst []byte, coef int64, scale uint8) []byte {
	if scale == 0 {
		return strconv.AppendInt(dst, coef, 10)
	}
	if coef < 0 {
		dst = append(dst, '-')
	}
	var buf [20]byte
	digits := strconv.AppendUint(buf[:0], absUint(coef), 10)
	if whole := len(digits) - int(scale); whole > 0 {
		dst = append(dst, digits[:whole]...)
		dst = append(dst, '.')
		return append(dst, digits[whole:]...)
	}
	dst = append(dst, '0', '.')
	for i := len(digits); i < int(scale); i++ {
		dst = append(dst, '0')
	}
	return append(dst, digits...)
}

// appendExtNumeric prints from the base-10000 digits without building a big integer.
func appendExtNumeric(dst []byte, e string) []byte {
	if len(e) < 8 {
		return append(dst, '0')
	}
	be := func(i int) int { return int(e[i])<<8 | int(e[i+1]) }
	digits, weight, dscale := (len(e)-8)/2, int(int16(be(2))), be(6)
	group := func(w int) int { // the digit of weight w
		if i := weight - w; i >= 0 && i < digits {
			return be(8 + 2*i)
		}
		return 0
	}
	if be(4) == 0x4000 {
		dst = append(dst, '-')
	}
	if weight < 0 {
		dst = append(dst, '0')
	} else {
		dst = strconv.AppendInt(dst, int64(group(weight)), 10)
		for w := weight - 1; w >= 0; w-- {
			dst = appendPadded(dst, group(w), 4)
		}
	}
	if dscale == 0 {
		return dst
	}
	dst = append(dst, '.')
	end := len(dst) + dscale
	for w := -1; len(dst) < end; w-- {
		dst = appendPadded(dst, group(w), 4)
	}
	return dst[:end]
}

// appendPadded appends a non-negative number with leading zeros to a width.
func appendPadded(dst []byte, n, width int) []byte {
	var buf [20]byte
	digits := strconv.AppendInt(buf[:0], int64(n), 10)
	for i := len(digits); i < width; i++ {
		dst = append(dst, '0')
	}
	return append(dst, digits...)
}

// String prints the number.
func (n Numeric) String() string { return string(AppendNumeric(nil, n)) }

func numericIn(s string, t Type, _ Env) (Value, error) {
	n, err := ParseNumeric(s)
	if err != nil {
		return Value{}, err
	}
	n, err = FitNumeric(n, t.Typmod)
	return Num(n), err
}

func numericOut(dst []byte, v Value, _ Type, _ Env) []byte { return AppendNumeric(dst, v.Num) }

// FitNumeric applies numeric(p,s): rounds to the scale and checks the precision.
func FitNumeric(n Numeric, typmod int32) (Numeric, error) {
	if typmod < 4 || n.IsNaN() {
		return n, nil
	}
	precision, scale := numericTypmod(typmod)
	overflow := pgerr.New(pgerr.NumericValueOutOfRange, "numeric field overflow")
	if n.IsInf(0) {
		return n, overflow.WithDetail("A field with precision %d, scale %d cannot hold an infinite value.", precision, scale)
	}
	r, err := n.Round(scale)
	if err != nil {
		return r, err
	}
	whole := precision - scale
	fits := false
	switch {
	case r.Sign() == 0:
		fits = true
	case r.isSmall() && int(r.Scale) == scale && precision < len(pow10):
		fits = absUint(r.Coef) < uint64(pow10[precision])
	case whole >= 0:
		d := r.toDecimal()
		fits = d.coef.CmpAbs(bigPow10(whole+d.scale)) < 0
	default: // fewer digits than places: the value is below 10^whole
		d := r.toDecimal()
		fits = d.coef.CmpAbs(bigPow10(max(d.scale+whole, 0))) < 0
	}
	if !fits {
		limit := "1"
		if whole != 0 {
			limit = "10^" + strconv.Itoa(whole)
		}
		return r, overflow.WithDetail("A field with precision %d, scale %d must round to an absolute value less than %s.",
			precision, scale, limit)
	}
	return r, nil
}
