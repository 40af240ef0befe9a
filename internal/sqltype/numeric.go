package sqltype

import (
	"encoding/binary"
	"math"
	"math/big"
	"math/bits"
	"strings"

	"github.com/odatagres/odatagres/internal/pgerr"
)

// PostgreSQL's limits (numeric.c).
const (
	numericMaxDisplayScale = 1000
	numericMaxResultScale  = 2000
	numericMinSigDigits    = 16
	numericMaxDscale       = 0x3fff
	numericMaxWeight       = 0x7fff // of the leading base-10000 digit
)

// NumericNaN is not a number; it equals itself and is greater than every other number.
func NumericNaN() Numeric { return Numeric{Scale: ScaleNaN} }

// NumericInf is infinity, or -infinity where neg is set.
func NumericInf(neg bool) Numeric {
	if neg {
		return Numeric{Scale: ScaleNegInfinity}
	}
	return Numeric{Scale: ScaleInfinity}
}

// NumericInt returns i with a display scale of 0.
func NumericInt(i int64) Numeric { return Numeric{Coef: i} }

// IsNaN reports whether n is not a number.
func (n Numeric) IsNaN() bool { return n.Scale == ScaleNaN }

// IsInf reports whether n is infinity (sign 1), -infinity (sign -1) or either (sign 0).
func (n Numeric) IsInf(sign int) bool {
	return n.Scale == ScaleInfinity && sign >= 0 || n.Scale == ScaleNegInfinity && sign <= 0
}

// IsSpecial reports whether n is NaN or infinite.
func (n Numeric) IsSpecial() bool { return n.Scale >= ScaleNaN }

func (n Numeric) isSmall() bool { return n.Scale <= MaxSmallScale }

// decimal is a finite number outside the small form: coef / 10^scale, scale ≥ 0. It lives only inside computations.
type decimal struct {
	coef  *big.Int
	scale int
}

var (
	bigOne = big.NewInt(1)
	bigTen = big.NewInt(10)
)

// pow10 holds the powers of ten that fit int64.
var pow10 = [...]int64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18}

func bigPow10(n int) *big.Int {
	if n < len(pow10) {
		return big.NewInt(pow10[n])
	}
	return new(big.Int).Exp(bigTen, big.NewInt(int64(n)), nil)
}

func overflowsFormat() error {
	return pgerr.New(pgerr.NumericValueOutOfRange, "value overflows numeric format")
}

// toDecimal opens a finite number.
func (n Numeric) toDecimal() decimal {
	if n.isSmall() {
		return decimal{big.NewInt(n.Coef), int(n.Scale)}
	}
	e := n.Ext
	if len(e) < 8 {
		return decimal{new(big.Int), 0}
	}
	be := func(i int) int { return int(e[i])<<8 | int(e[i+1]) }
	digits, weight, sign, dscale := (len(e)-8)/2, int(int16(be(2))), be(4), be(6)
	coef := groupsToBig(e[8 : 8+2*digits])
	have := (digits - 1 - weight) * 4 // decimal places of the last digit read
	switch {
	case have < dscale:
		coef.Mul(coef, bigPow10(dscale-have))
	case have > dscale:
		coef.Quo(coef, bigPow10(have-dscale))
	}
	if sign == 0x4000 {
		coef.Neg(coef)
	}
	return decimal{coef, dscale}
}

// groupsToBig is the number that base-10000 digits of two bytes each make. Parts of them are read through their decimal text, which is fast up to
// some length, and joined two by two.
func groupsToBig(e string) *big.Int {
	const part = 2 * 128
	text := make([]byte, 0, min(len(e), part)*2+1)
	parts := make([]*big.Int, 0, len(e)/part+1) // the least significant first
	for end := len(e); end > 0 || len(parts) == 0; end -= part {
		text = append(text[:0], '0')
		for i := max(end-part, 0); i < end; i += 2 {
			d := int(e[i])<<8 | int(e[i+1])
			text = append(text, '0'+byte(d/1000), '0'+byte(d/100%10), '0'+byte(d/10%10), '0'+byte(d%10))
		}
		n, _ := new(big.Int).SetString(string(text), 10)
		parts = append(parts, n)
	}
	for places := part * 2; len(parts) > 1; places *= 2 {
		unit, joined := bigPow10(places), parts[:0]
		for ; len(parts) > 1; parts = parts[2:] {
			joined = append(joined, parts[1].Add(parts[1].Mul(parts[1], unit), parts[0]))
		}
		parts = append(joined, parts...)
	}
	return parts[0]
}

// numeric closes a decimal into the canonical form, or fails where PostgreSQL's format ends.
func (d decimal) numeric() (Numeric, error) {
	if d.scale <= int(MaxSmallScale) && d.coef.IsInt64() {
		return Numeric{Coef: d.coef.Int64(), Scale: uint8(d.scale)}, nil
	}
	if d.scale > numericMaxDscale {
		return Numeric{}, overflowsFormat()
	}
	// The number's size is checked before its digits are printed.
	if d.coef.BitLen() > (numericMaxWeight+1)*14+d.scale*4+64 {
		return Numeric{}, overflowsFormat()
	}
	ext, ok := appendNumericDigits(nil, new(big.Int).Abs(d.coef).Append(nil, 10), d.coef.Sign() < 0, d.scale)
	if !ok {
		return Numeric{}, overflowsFormat()
	}
	return Numeric{Scale: ScaleOverflow, Ext: string(ext)}, nil
}

// appendNumericDigits writes PostgreSQL's binary format for the decimal digits of a coefficient; false if the weight does
// not fit.
func appendNumericDigits(dst, digits []byte, neg bool, scale int) ([]byte, bool) {
	pad := (4 - scale%4) % 4 // zeros that bring the last digit to a base-10000 border
	total := len(digits) + pad
	lead := (4 - total%4) % 4
	groups := (total + lead) / 4
	weight := groups - 1 - (scale+pad)/4
	at := func(i int) int { // decimal digit i counted with the leading zeros
		i -= lead
		if i < 0 || i >= len(digits) {
			return 0
		}
		return int(digits[i] - '0')
	}
	group := func(g int) int {
		return at(4*g)*1000 + at(4*g+1)*100 + at(4*g+2)*10 + at(4*g+3)
	}
	first, last := 0, groups
	for first < last && group(first) == 0 {
		first++
		weight--
	}
	for last > first && group(last-1) == 0 {
		last--
	}
	if first == last {
		weight = 0
		neg = false
	}
	if weight > numericMaxWeight {
		return dst, false
	}
	sign := uint16(0)
	if neg {
		sign = 0x4000
	}
	dst = binary.BigEndian.AppendUint16(dst, uint16(last-first))
	dst = binary.BigEndian.AppendUint16(dst, uint16(int16(weight)))
	dst = binary.BigEndian.AppendUint16(dst, sign)
	dst = binary.BigEndian.AppendUint16(dst, uint16(scale))
	for g := first; g < last; g++ {
		dst = binary.BigEndian.AppendUint16(dst, uint16(group(g)))
	}
	return dst, true
}

// Sign returns -1, 0 or 1; NaN counts as positive.
func (n Numeric) Sign() int {
	switch {
	case n.isSmall():
		switch {
		case n.Coef < 0:
			return -1
		case n.Coef > 0:
			return 1
		}
		return 0
	case n.Scale == ScaleNegInfinity:
		return -1
	case n.Scale == ScaleOverflow:
		if len(n.Ext) < 8 || n.Ext[0] == 0 && n.Ext[1] == 0 {
			return 0
		}
		if n.Ext[4] == 0x40 {
			return -1
		}
	}
	return 1
}

// Dscale returns the display scale: the digits after the point that are printed. It is 0 for NaN and infinities.
func (n Numeric) Dscale() int {
	switch {
	case n.isSmall():
		return int(n.Scale)
	case n.Scale == ScaleOverflow && len(n.Ext) >= 8:
		return int(n.Ext[6])<<8 | int(n.Ext[7])
	}
	return 0
}

// MinScale returns the digits after the point that the value needs, and TrimScale the number with just those.
func (n Numeric) MinScale() int { return n.TrimScale().Dscale() }

// TrimScale drops trailing zeros after the point.
func (n Numeric) TrimScale() Numeric {
	if n.IsSpecial() {
		return n
	}
	if n.isSmall() {
		for n.Scale > 0 && n.Coef%10 == 0 {
			n.Coef /= 10
			n.Scale--
		}
		return n
	}
	if n.Sign() == 0 {
		return Numeric{}
	}
	scale := n.minScale()
	if len(n.Ext) > surelyLarge {
		n.Ext = n.Ext[:6] + string([]byte{byte(scale >> 8), byte(scale)}) + n.Ext[8:]
		return n
	}
	return must(n.toDecimal().trunc(scale).numeric())
}

// surelyLarge is a length that the large form passes only where no other display scale or sign gives the number a small form.
const surelyLarge = 8 + 2*6

// minScale is what places after the point the digits of the large form need.
func (n Numeric) minScale() int {
	weight, _ := n.lead()
	digits := (len(n.Ext) - 8) / 2
	last := int(n.Ext[len(n.Ext)-2])<<8 | int(n.Ext[len(n.Ext)-1])
	places := (digits - 1 - weight) * 4
	for ; last%10 == 0 && last != 0; last /= 10 {
		places--
	}
	return max(places, 0)
}

// must is for results that are no larger than an operand, which the format always holds.
func must(n Numeric, err error) Numeric {
	if err != nil {
		return NumericNaN()
	}
	return n
}

// rank orders NaN and the infinities around finite numbers.
func (n Numeric) rank() int {
	switch n.Scale {
	case ScaleNaN:
		return 2
	case ScaleInfinity:
		return 1
	case ScaleNegInfinity:
		return -1
	}
	return 0
}

// Cmp compares by value, without regard to the display scale. NaN equals itself and is the greatest.
func (n Numeric) Cmp(m Numeric) int {
	if n.isSmall() && m.isSmall() {
		if n.Scale == m.Scale {
			return cmpInt(n.Coef, m.Coef)
		}
		return cmpScaled(n, m)
	}
	if a, b := n.rank(), m.rank(); a != 0 || b != 0 {
		return cmpInt(int64(a), int64(b))
	}
	if a, b := n.Sign(), m.Sign(); a != b {
		return cmpInt(int64(a), int64(b))
	}
	return cmpGroups(n, m) * n.Sign()
}

// cmpGroups compares the absolute values of finite numbers of one sign by their base-10000 digits.
func cmpGroups(n, m Numeric) int {
	groups := func(n Numeric) (weight int, digits string) {
		e := n.Ext
		if n.isSmall() {
			e = string(appendSmallBinary(nil, n.Coef, int(n.Scale)))
		}
		if len(e) <= 8 {
			return math.MinInt, ""
		}
		return int(int16(uint16(e[2])<<8 | uint16(e[3]))), e[8:]
	}
	w, a := groups(n)
	v, b := groups(m)
	if w != v {
		return cmpInt(int64(w), int64(v))
	}
	return strings.Compare(a, b) // the last digit is not 0, so the longer of two that begin alike is greater
}

func cmpInt(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// cmpScaled compares small numbers of different scales in 128 bits.
func cmpScaled(n, m Numeric) int {
	if n.Scale > m.Scale {
		return -cmpScaled(m, n)
	}
	if a, b := n.Sign(), m.Sign(); a != b || a == 0 {
		return cmpInt(int64(a), int64(b))
	}
	diff := int(m.Scale) - int(n.Scale)
	neg := n.Coef < 0
	a, b := absUint(n.Coef), absUint(m.Coef)
	c := 1
	if diff < len(pow10) {
		hi, lo := bits.Mul64(a, uint64(pow10[diff]))
		if hi == 0 {
			switch {
			case lo < b:
				c = -1
			case lo == b:
				c = 0
			}
		}
	} // a ≥ 1, so a·10^diff with diff > 18 is above every int64 but 9.2e18; that needs diff ≥ 19
	if neg {
		return -c
	}
	return c
}

func absUint(i int64) uint64 {
	if i < 0 {
		return -uint64(i)
	}
	return uint64(i)
}

func align(a, b decimal) (decimal, decimal) {
	switch {
	case a.scale < b.scale:
		a = decimal{new(big.Int).Mul(a.coef, bigPow10(b.scale-a.scale)), b.scale}
	case b.scale < a.scale:
		b = decimal{new(big.Int).Mul(b.coef, bigPow10(a.scale-b.scale)), a.scale}
	}
	return a, b
}

// Hash is equal for equal numbers, whatever their display scales.
func (n Numeric) Hash() uint64 {
	n = n.TrimScale()
	h := hashInt(uint64(n.Coef)) ^ uint64(n.Scale)*0x9e3779b97f4a7c15
	if n.Scale == ScaleOverflow {
		// Trailing zero digits are not stored and the trimmed scale follows from the value, so the bytes are canonical.
		h ^= hashString(n.Ext)
	}
	return h
}

// Neg returns -n.
func (n Numeric) Neg() Numeric {
	switch {
	case n.Scale == ScaleNaN:
		return n
	case n.Scale == ScaleInfinity, n.Scale == ScaleNegInfinity:
		return NumericInf(n.Scale == ScaleInfinity)
	case n.isSmall() && n.Coef != math.MinInt64:
		n.Coef = -n.Coef
		return n
	}
	if len(n.Ext) > surelyLarge {
		n.Ext = n.Ext[:4] + string([]byte{n.Ext[4] ^ 0x40}) + n.Ext[5:]
		return n
	}
	d := n.toDecimal()
	d.coef.Neg(d.coef)
	return must(d.numeric())
}

// Abs returns the absolute value.
func (n Numeric) Abs() Numeric {
	if n.Sign() < 0 {
		return n.Neg()
	}
	return n
}
