package sqltype

import (
	"bytes"
	"math/big"
	"strconv"
	"strings"

	"github.com/odatagres/odatagres/internal/pgerr"
)

// ParseNumeric reads a number as numeric_in does: decimal digits with an optional point and exponent, NaN, inf and
// Infinity in any case, blanks around it.
func ParseNumeric(s string) (Numeric, error) {
	if n, ok := parseSmallNumeric(trimSpace(s)); ok {
		return n, nil
	}
	r, err := scanNumeric(s)
	if err != nil || r.special {
		return r.value, err
	}
	if r.exponent < -2*numericMaxDscale || r.whole() > (numericMaxWeight+1)*4 && r.digits != "" || r.exponent > numericMaxWeight*5 {
		if r.digits != "" || r.dscale() > numericMaxDscale {
			return Numeric{}, overflowsFormat()
		}
	}
	return r.numeric()
}

// numericText is a number cut into its parts: digits without leading zeros, of which scale lie after the point, times ten
// to the exponent.
type numericText struct {
	digits          string
	neg             bool
	scale, exponent int
	special         bool
	value           Numeric // if special
}

// whole is how many digits stand before the point; below 0 it counts the zeros after it.
func (r numericText) whole() int { return len(r.digits) - r.scale + r.exponent }

func (r numericText) dscale() int { return max(r.scale-r.exponent, 0) }

// numeric closes long numbers without computing with them: their digits are in the format's base already.
func (r numericText) numeric() (Numeric, error) {
	zeros := max(r.exponent-r.scale, 0)
	if len(r.digits)+zeros < 20 || r.digits == "" {
		return r.decimal().numeric()
	}
	if r.dscale() > numericMaxDscale {
		return Numeric{}, overflowsFormat()
	}
	digits := append(make([]byte, 0, len(r.digits)+zeros), r.digits...)
	digits = append(digits, bytes.Repeat([]byte{'0'}, zeros)...)
	ext, ok := appendNumericDigits(nil, digits, r.neg, r.dscale())
	if !ok {
		return Numeric{}, overflowsFormat()
	}
	return Numeric{Scale: ScaleOverflow, Ext: string(ext)}, nil
}

func (r numericText) decimal() decimal {
	if r.digits == "" {
		return decimal{new(big.Int), r.dscale()}
	}
	digits := r.digits
	if zeros := r.exponent - r.scale; zeros > 0 {
		digits += strings.Repeat("0", zeros)
	}
	coef, _ := new(big.Int).SetString(digits, 10) // nothing but digits, so it cannot fail
	if r.neg {
		coef.Neg(coef)
	}
	return decimal{coef, r.dscale()}
}

func scanNumeric(s string) (r numericText, err error) {
	body := trimSpace(s)
	signed := false
	if body != "" && (body[0] == '+' || body[0] == '-') {
		r.neg, signed = body[0] == '-', true
		body = body[1:]
	}
	switch {
	case strings.EqualFold(body, "nan") && !signed:
		return numericText{special: true, value: NumericNaN()}, nil
	case strings.EqualFold(body, "inf"), strings.EqualFold(body, "infinity"):
		return numericText{special: true, value: NumericInf(r.neg)}, nil
	}
	mant, exp, hasExp := body, "", false
	if i := strings.IndexAny(body, "eE"); i >= 0 {
		mant, exp, hasExp = body[:i], body[i+1:], true
	}
	whole, frac, _ := strings.Cut(mant, ".")
	r.digits, r.scale = whole+frac, len(frac)
	if r.digits == "" || strings.Trim(r.digits, "0123456789") != "" {
		return r, syntaxError("numeric", s)
	}
	r.digits = strings.TrimLeft(r.digits, "0")
	if hasExp {
		// The exponent is read by strtol, which takes blanks before it, and its size is checked before what follows it.
		for exp != "" && isSpace(exp[0]) {
			exp = exp[1:]
		}
		head := digitsHead(exp)
		n, ok, over := scanInt(head)
		switch {
		case !ok:
			return r, syntaxError("numeric", s)
		case over || n >= 1<<30-1 || n <= -(1<<30-1):
			return r, overflowsFormat()
		case head != exp:
			return r, syntaxError("numeric", s)
		}
		r.exponent = int(n)
	}
	return r, nil
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

// numericIn applies the type's modifier before the limits of the format, as numeric_in does: 1e-20000 is a numeric(10,2).
func numericIn(s string, t Type, _ Env) (Value, error) {
	if t.Typmod < 4 {
		n, err := ParseNumeric(s)
		return Num(n), err
	}
	if n, ok := parseSmallNumeric(trimSpace(s)); ok {
		n, err := FitNumeric(n, t.Typmod)
		return Num(n), err
	}
	r, err := scanNumeric(s)
	switch {
	case err != nil:
		return Value{}, err
	case r.special:
		n, err := FitNumeric(r.value, t.Typmod)
		return Num(n), err
	case r.digits == "" || r.whole() < -numericMaxResultScale:
		n, err := FitNumeric(Numeric{}, t.Typmod)
		return Num(n), err
	case r.whole() > 2*numericMaxResultScale:
		return Value{}, fieldOverflow(t.Typmod)
	}
	n, err := fitDecimal(r.decimal(), t.Typmod)
	return Num(n), err
}

func numericOut(dst []byte, v Value, _ Type, _ Env) []byte { return AppendNumeric(dst, v.Num) }

// FitNumeric applies numeric(p,s): rounds to the scale and checks the precision.
func FitNumeric(n Numeric, typmod int32) (Numeric, error) {
	if typmod < 4 || n.IsNaN() {
		return n, nil
	}
	precision, scale := numericTypmod(typmod)
	if n.IsInf(0) {
		return n, pgerr.New(pgerr.NumericValueOutOfRange, "numeric field overflow").
			WithDetail("A field with precision %d, scale %d cannot hold an infinite value.", precision, scale)
	}
	if n.isSmall() && scale >= 0 && scale <= int(n.Scale) && precision < len(pow10) {
		r := roundSmall(n, scale, true)
		if absUint(r.Coef) >= uint64(pow10[precision]) {
			return n, fieldOverflow(typmod)
		}
		return r, nil
	}
	return fitDecimal(n.toDecimal(), typmod)
}

func fitDecimal(d decimal, typmod int32) (Numeric, error) {
	precision, scale := numericTypmod(typmod)
	d = d.round(scale).nonNegativeScale()
	// The value must stay below 10^(precision-scale).
	if d.coef.Sign() != 0 && d.coef.CmpAbs(bigPow10(max(precision-scale+d.scale, 0))) >= 0 {
		return Numeric{}, fieldOverflow(typmod)
	}
	return d.numeric()
}

func fieldOverflow(typmod int32) error {
	precision, scale := numericTypmod(typmod)
	limit := "1"
	if precision != scale {
		limit = "10^" + strconv.Itoa(precision-scale)
	}
	return pgerr.New(pgerr.NumericValueOutOfRange, "numeric field overflow").
		WithDetail("A field with precision %d, scale %d must round to an absolute value less than %s.", precision, scale, limit)
}
