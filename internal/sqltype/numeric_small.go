package sqltype

import (
	"math"
	"math/bits"
)

// The functions here are for loops over vectors. They take numbers apart into coefficient and scale and leave to the methods of
// Numeric, by ok false, whatever is not small or does not stay small.

// fits64 holds, by zeros, the greatest coefficient that many zeros can be appended to.
var fits64 = func() (t [len(pow10)]int64) {
	for i, p := range pow10 {
		t[i] = math.MaxInt64 / p
	}
	return t
}()

// Upscale appends zeros to a coefficient.
func Upscale(c int64, zeros int) (scaled int64, ok bool) {
	if uint(zeros) >= uint(len(pow10)) {
		return 0, c == 0
	}
	if limit := fits64[zeros]; c > limit || c < -limit {
		return 0, false
	}
	return c * pow10[zeros], true
}

// AddSmall is Numeric.Add.
func AddSmall(a int64, as uint8, b int64, bs uint8) (c int64, scale uint8, ok bool) {
	if as > MaxSmallScale || bs > MaxSmallScale {
		return 0, 0, false
	}
	scale = as
	switch {
	case as < bs:
		a, ok = Upscale(a, int(bs-as))
		scale = bs
	case as > bs:
		b, ok = Upscale(b, int(as-bs))
	default:
		ok = true
	}
	c = a + b
	return c, scale, ok && (a^c)&(b^c) >= 0
}

// MulSmall is Numeric.Mul.
func MulSmall(a int64, as uint8, b int64, bs uint8) (c int64, scale uint8, ok bool) {
	if int(as)+int(bs) > int(MaxSmallScale) { // a special one alone is above that
		return 0, 0, false
	}
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	high := int64(hi) - a>>63&b - b>>63&a // of the signed product
	return int64(lo), as + bs, high == int64(lo)>>63
}

// DivSmall is Numeric.Div.
func DivSmall(a int64, as uint8, b int64, bs uint8) (c int64, scale uint8, ok bool) {
	if as > MaxSmallScale || bs > MaxSmallScale || b == 0 {
		return 0, 0, false
	}
	n, m := Numeric{Coef: a, Scale: as}, Numeric{Coef: b, Scale: bs}
	q, ok := divSmall(n, m, divScale(n, m))
	return q.Coef, q.Scale, ok
}

// CmpSmall is Numeric.Cmp.
func CmpSmall(a int64, as uint8, b int64, bs uint8) (order int, ok bool) {
	switch {
	case as > MaxSmallScale || bs > MaxSmallScale:
		return 0, false
	case as == bs:
		return cmpInt(a, b), true
	}
	return cmpScaled(Numeric{Coef: a, Scale: as}, Numeric{Coef: b, Scale: bs}), true
}

// RoundSmall is Numeric.Round, or Trunc where half is not set.
func RoundSmall(c int64, scale uint8, places int, half bool) (rounded int64, newScale uint8, ok bool) {
	if scale > MaxSmallScale || places < 0 {
		return 0, 0, false
	}
	if places >= int(scale) {
		c, ok = Upscale(c, places-int(scale))
		return c, uint8(places), ok && places <= int(MaxSmallScale)
	}
	r := roundSmall(Numeric{Coef: c, Scale: scale}, places, half)
	return r.Coef, r.Scale, true
}

// FitSmall is FitNumeric.
func FitSmall(c int64, scale uint8, typmod int32) (fitted int64, newScale uint8, ok bool) {
	if typmod < 4 {
		return 0, 0, false
	}
	precision, places := numericTypmod(typmod)
	if precision >= len(pow10) || places < 0 {
		return 0, 0, false
	}
	c, scale, ok = RoundSmall(c, scale, places, true)
	return c, scale, ok && c < pow10[precision] && c > -pow10[precision]
}

// FloatOfSmall is Numeric.Float64.
func FloatOfSmall(c int64, scale uint8) (f float64, ok bool) {
	if absUint(c) >= 1<<53 || int(scale) >= len(pow10) { // both are exact as floats, so one rounding is all there is
		return 0, false
	}
	if scale == 0 {
		return float64(c), true
	}
	return float64(c) / float64(pow10[scale]), true
}

// HashSmall is Numeric.Hash.
func HashSmall(c int64, scale uint8) (h uint64, ok bool) {
	if scale > MaxSmallScale {
		return 0, false
	}
	for scale > 0 && c%10 == 0 {
		c /= 10
		scale--
	}
	return hashInt(uint64(c)) ^ uint64(scale)*0x9e3779b97f4a7c15, true
}
