package sqltype

import (
	"math"
	"math/big"
	"math/bits"

	"github.com/odatagres/odatagres/internal/pgerr"
)

func divisionByZero() error { return pgerr.New(pgerr.DivisionByZero, "division by zero") }

// Add returns n + m with the greater display scale. It fails only where the format ends, and gives NaN for infinities of
// opposite sign.
func (n Numeric) Add(m Numeric) (Numeric, error) {
	if c, scale, ok := AddSmall(n.Coef, n.Scale, m.Coef, m.Scale); ok {
		return Numeric{Coef: c, Scale: scale}, nil
	}
	if n.IsSpecial() || m.IsSpecial() {
		switch {
		case n.IsNaN() || m.IsNaN(), n.IsInf(1) && m.IsInf(-1), n.IsInf(-1) && m.IsInf(1):
			return NumericNaN(), nil
		case n.IsInf(0):
			return n, nil
		}
		return m, nil
	}
	a, b := align(n.toDecimal(), m.toDecimal())
	return decimal{new(big.Int).Add(a.coef, b.coef), a.scale}.numeric()
}

// alignSmall brings two small numbers to one scale; false if int64 is too narrow.
func alignSmall(n, m Numeric) (a, b int64, ok bool) {
	switch {
	case n.Scale < m.Scale:
		a, ok = Upscale(n.Coef, int(m.Scale-n.Scale))
		return a, m.Coef, ok
	case n.Scale > m.Scale:
		b, ok = Upscale(m.Coef, int(n.Scale-m.Scale))
		return n.Coef, b, ok
	}
	return n.Coef, m.Coef, true
}

// Sub returns n - m.
func (n Numeric) Sub(m Numeric) (Numeric, error) {
	if n.Scale == m.Scale && n.isSmall() {
		if diff := n.Coef - m.Coef; (diff < n.Coef) == (m.Coef > 0) {
			return Numeric{Coef: diff, Scale: n.Scale}, nil
		}
	}
	return n.Add(m.Neg())
}

// Mul returns the exact product; its scale is the sum of both, at the most the format's greatest.
func (n Numeric) Mul(m Numeric) (Numeric, error) {
	if n.IsSpecial() || m.IsSpecial() {
		s := n.Sign() * m.Sign()
		if n.IsNaN() || m.IsNaN() || s == 0 {
			return NumericNaN(), nil
		}
		return NumericInf(s < 0), nil
	}
	if c, scale, ok := MulSmall(n.Coef, n.Scale, m.Coef, m.Scale); ok {
		return Numeric{Coef: c, Scale: scale}, nil
	}
	a, b := n.toDecimal(), m.toDecimal()
	p := decimal{new(big.Int).Mul(a.coef, b.coef), a.scale + b.scale}
	if p.scale > numericMaxDscale {
		p = p.round(numericMaxDscale)
	}
	return p.numeric()
}

// round rounds half away from zero to a scale, which may be negative or greater than the present one.
func (d decimal) round(scale int) decimal {
	if scale >= d.scale {
		return decimal{new(big.Int).Mul(d.coef, bigPow10(scale-d.scale)), scale}
	}
	unit := bigPow10(d.scale - scale)
	q, r := new(big.Int).QuoRem(d.coef, unit, new(big.Int))
	if r.Abs(r).Lsh(r, 1).Cmp(unit) >= 0 {
		q.Add(q, big.NewInt(int64(d.coef.Sign())))
	}
	return decimal{q, scale}.nonNegativeScale()
}

func (d decimal) trunc(scale int) decimal {
	if scale >= d.scale {
		return d.round(scale)
	}
	return decimal{new(big.Int).Quo(d.coef, bigPow10(d.scale-scale)), scale}.nonNegativeScale()
}

func (d decimal) nonNegativeScale() decimal {
	if d.scale < 0 {
		return decimal{new(big.Int).Mul(d.coef, bigPow10(-d.scale)), 0}
	}
	return d
}

// quo divides with rounding half away from zero to a scale.
func (d decimal) quo(m decimal, scale int) decimal {
	num, den := d.coef, m.coef
	if shift := scale + m.scale - d.scale; shift >= 0 {
		num = new(big.Int).Mul(num, bigPow10(shift))
	} else {
		den = new(big.Int).Mul(den, bigPow10(-shift))
	}
	q, r := new(big.Int).QuoRem(num, den, new(big.Int))
	if r.Abs(r).Lsh(r, 1).CmpAbs(den) >= 0 {
		q.Add(q, big.NewInt(int64(num.Sign()*den.Sign())))
	}
	return decimal{q, scale}
}

// lead returns the weight and the value of the first base-10000 digit, as PostgreSQL's scale rules need them.
func (n Numeric) lead() (weight, digit int) {
	if !n.isSmall() {
		if len(n.Ext) < 10 {
			return 0, 0
		}
		e := n.Ext
		return int(int16(uint16(e[2])<<8 | uint16(e[3]))), int(e[8])<<8 | int(e[9])
	}
	if n.Coef == 0 {
		return 0, 0
	}
	a := absUint(n.Coef)
	count := 1
	for p := uint64(10); count < 19 && a >= p; count++ {
		p *= 10
	}
	exp := count - 1 - int(n.Scale)
	weight = exp >> 2
	want := exp&3 + 1 // decimal digits in the first base-10000 digit
	for ; count > want; count-- {
		a /= 10
	}
	for ; count < want; count++ {
		a *= 10
	}
	return weight, int(a)
}

// divScale is select_div_scale: at least 16 significant digits and no fewer places than either operand.
func divScale(n, m Numeric) int {
	w1, d1 := n.lead()
	w2, d2 := m.lead()
	w := w1 - w2
	if d1 <= d2 {
		w--
	}
	return min(max(numericMinSigDigits-w*4, n.Dscale(), m.Dscale(), 0), numericMaxDisplayScale)
}

// Div returns the quotient, rounded to the scale that PostgreSQL chooses.
func (n Numeric) Div(m Numeric) (Numeric, error) {
	if n.IsSpecial() || m.IsSpecial() {
		switch {
		case n.IsNaN() || m.IsNaN():
			return NumericNaN(), nil
		case n.IsInf(0) && m.IsInf(0):
			return NumericNaN(), nil
		case m.IsInf(0):
			return Numeric{}, nil
		case m.Sign() == 0:
			return Numeric{}, divisionByZero()
		}
		return NumericInf(n.Sign()*m.Sign() < 0), nil
	}
	if m.Sign() == 0 {
		return Numeric{}, divisionByZero()
	}
	scale := divScale(n, m)
	if q, ok := divSmall(n, m, scale); ok {
		return q, nil
	}
	return n.toDecimal().quo(m.toDecimal(), scale).numeric()
}

// divSmall divides in 128 by 64 bits where that is wide enough.
func divSmall(n, m Numeric, scale int) (Numeric, bool) {
	shift := scale + int(m.Scale) - int(n.Scale)
	if !n.isSmall() || !m.isSmall() || shift < 0 || shift >= len(pow10) || scale > int(MaxSmallScale) {
		return Numeric{}, false
	}
	den := absUint(m.Coef)
	hi, lo := bits.Mul64(absUint(n.Coef), uint64(pow10[shift]))
	if hi >= den {
		return Numeric{}, false
	}
	q, r := bits.Div64(hi, lo, den)
	if r >= den-r {
		q++
	}
	if q > math.MaxInt64 {
		return Numeric{}, false
	}
	c := int64(q)
	if (n.Coef < 0) != (m.Coef < 0) {
		c = -c
	}
	return Numeric{Coef: c, Scale: uint8(scale)}, true
}

// DivTrunc is div(): the integer quotient, truncated toward zero.
func (n Numeric) DivTrunc(m Numeric) (Numeric, error) {
	if n.IsSpecial() || m.IsSpecial() || m.Sign() == 0 {
		return n.Div(m)
	}
	a, b := align(n.toDecimal(), m.toDecimal())
	return decimal{new(big.Int).Quo(a.coef, b.coef), 0}.numeric()
}

// Mod is the remainder of the truncated quotient; it has the dividend's sign.
func (n Numeric) Mod(m Numeric) (Numeric, error) {
	if n.IsSpecial() || m.IsSpecial() {
		switch {
		case n.IsNaN() || m.IsNaN():
			return NumericNaN(), nil
		case m.Sign() == 0:
			return Numeric{}, divisionByZero()
		case n.IsInf(0):
			return NumericNaN(), nil
		}
		return n, nil // a finite number modulo infinity
	}
	if m.Sign() == 0 {
		return Numeric{}, divisionByZero()
	}
	if n.isSmall() && m.isSmall() {
		if a, b, ok := alignSmall(n, m); ok && b != -1 {
			return Numeric{Coef: a % b, Scale: max(n.Scale, m.Scale)}, nil
		}
	}
	a, b := align(n.toDecimal(), m.toDecimal())
	return decimal{new(big.Int).Rem(a.coef, b.coef), a.scale}.numeric()
}

// Round rounds half away from zero to the number of places after the point, which may be negative.
func (n Numeric) Round(places int) (Numeric, error) {
	if n.IsSpecial() {
		return n, nil
	}
	places = min(max(places, -4*(numericMaxWeight+1)-1), numericMaxDscale)
	if n.isSmall() && places >= 0 && places <= int(n.Scale) {
		return roundSmall(n, places, true), nil
	}
	return n.toDecimal().round(places).nonNegativeScale().numeric()
}

// Trunc cuts to the number of places after the point, which may be negative.
func (n Numeric) Trunc(places int) Numeric {
	if n.IsSpecial() {
		return n
	}
	places = min(max(places, -4*(numericMaxWeight+1)-1), numericMaxDscale)
	if n.isSmall() && places >= 0 && places <= int(n.Scale) {
		return roundSmall(n, places, false)
	}
	return must(n.toDecimal().trunc(places).numeric())
}

func roundSmall(n Numeric, places int, half bool) Numeric {
	drop := int(n.Scale) - places
	r := Numeric{Scale: uint8(places)}
	if drop >= len(pow10) {
		// 10^19 and more: only a half of 10^19 can round up to one.
		if half && drop == 19 && absUint(n.Coef) >= 5e18 {
			r.Coef = int64(n.Sign())
		}
		return r
	}
	p := pow10[drop]
	q, rest := n.Coef/p, n.Coef%p
	if half && absUint(rest) >= (uint64(p)+1)/2 && p > 1 {
		q += int64(n.Sign())
	}
	r.Coef = q
	return r
}

// Floor is the greatest integer not above n, and Ceil the least not below.
func (n Numeric) Floor() (Numeric, error) { return n.toInteger(-1) }

// Ceil is the least integer that is not below n.
func (n Numeric) Ceil() (Numeric, error) { return n.toInteger(1) }

func (n Numeric) toInteger(direction int) (Numeric, error) {
	if n.IsSpecial() {
		return n, nil
	}
	t := n.Trunc(0)
	if n.Sign() != direction || n.Cmp(t) == 0 {
		return t, nil
	}
	return t.Add(NumericInt(int64(direction)))
}

// Gcd is the greatest common divisor, never negative.
func (n Numeric) Gcd(m Numeric) (Numeric, error) {
	if n.IsSpecial() || m.IsSpecial() {
		return NumericNaN(), nil
	}
	a, b := align(n.toDecimal(), m.toDecimal())
	g := new(big.Int).GCD(nil, nil, new(big.Int).Abs(a.coef), new(big.Int).Abs(b.coef))
	return decimal{g, a.scale}.numeric()
}

// Lcm is the least common multiple, never negative.
func (n Numeric) Lcm(m Numeric) (Numeric, error) {
	if n.IsSpecial() || m.IsSpecial() {
		return NumericNaN(), nil
	}
	a, b := align(n.toDecimal(), m.toDecimal())
	if a.coef.Sign() == 0 || b.coef.Sign() == 0 {
		return decimal{new(big.Int), a.scale}.numeric()
	}
	g := new(big.Int).GCD(nil, nil, new(big.Int).Abs(a.coef), new(big.Int).Abs(b.coef))
	l := new(big.Int).Mul(a.coef, g.Quo(b.coef, g))
	return decimal{l.Abs(l), a.scale}.numeric()
}

// Factorial returns i!.
func Factorial(i int64) (Numeric, error) {
	switch {
	case i < 0:
		return Numeric{}, pgerr.New(pgerr.NumericValueOutOfRange, "factorial of a negative number is undefined")
	case i > 32177:
		return Numeric{}, overflowsFormat()
	}
	return decimal{new(big.Int).MulRange(1, max(i, 1)), 0}.numeric()
}
