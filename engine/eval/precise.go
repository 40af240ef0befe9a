package eval

import (
	"math"
	"math/big"
)

// glibc's exp, log and pow are correct to within a hair over half an ulp, Go's are not; results that clients see would then differ in the last
// digit. These compute with more bits and round once.

const precision = 160

// leastNormal is the smallest float with all bits.
const leastNormal = 0x1p-1022

// real makes a big float of a precision in bits.
func real(prec uint) *big.Float { return new(big.Float).SetPrec(prec) }

func newBig(x float64) *big.Float { return real(precision).SetFloat64(x) }

// bigLn2 computes ln 2 by Machin's kind of formula: 18 artanh(1/26) − 2 artanh(1/4801) + 8 artanh(1/8749).
func bigLn2(prec uint) *big.Float {
	artanh := func(n int64) *big.Float {
		sum, power := real(prec), real(prec).Quo(real(prec).SetInt64(1), real(prec).SetInt64(n))
		square := real(prec).SetInt64(n * n)
		for i := int64(1); ; i += 2 {
			term := real(prec).Quo(power, real(prec).SetInt64(i))
			if term.Sign() == 0 || term.MantExp(nil) < -int(prec)-8 {
				return sum
			}
			sum.Add(sum, term)
			power.Quo(power, square)
		}
	}
	out := real(prec)
	for _, part := range []struct{ factor, n int64 }{{18, 26}, {-2, 4801}, {8, 8749}} {
		out.Add(out, real(prec).Mul(real(prec).SetInt64(part.factor), artanh(part.n)))
	}
	return out
}

// bigExp computes e^x for a finite x whose result's exponent fits an int32.
func bigExp(x *big.Float) *big.Float {
	prec := x.Prec() + 32
	ln2 := bigLn2(prec)
	k, _ := real(prec).Quo(x, ln2).Float64()
	n := int(math.RoundToEven(k))
	r := real(prec).Sub(x, real(prec).Mul(real(prec).SetInt64(int64(n)), ln2))
	// |r| ≤ 0.35; halving it sixteen times makes few terms enough.
	const halvings = 16
	r.SetMantExp(r, -halvings)
	sum, term := real(prec).SetInt64(1), real(prec).SetInt64(1)
	for i := int64(1); ; i++ {
		term.Mul(term, r)
		term.Quo(term, real(prec).SetInt64(i))
		if term.Sign() == 0 || term.MantExp(nil) < -int(prec) {
			break
		}
		sum.Add(sum, term)
	}
	for range halvings {
		sum.Mul(sum, sum)
	}
	return sum.SetMantExp(sum, n)
}

// bigLog computes the natural logarithm of x > 0 by Newton's method from the float logarithm: y += 2·(m − e^y)/(m + e^y), which
// triples the correct digits each time.
func bigLog(x *big.Float) *big.Float {
	prec := x.Prec() + 32
	m := real(prec)
	e := x.MantExp(m)
	m.SetPrec(prec)
	if f, _ := m.Float64(); f < math.Sqrt2/2 {
		m.SetMantExp(m, 1)
		e--
	}
	f, _ := m.Float64()
	y := real(prec).SetFloat64(math.Log(f))
	for bits := uint(45); bits < prec; bits *= 3 {
		ey := bigExp(y)
		d := real(prec).Sub(m, ey)
		d.Quo(d, real(prec).Add(m, ey))
		y.Add(y, d.SetMantExp(d, 1))
	}
	return y.Add(y, real(prec).Mul(real(prec).SetInt64(int64(e)), bigLn2(prec)))
}

func toFloat(f *big.Float) float64 {
	x, _ := f.Float64()
	return x
}

func preciseExp(x float64) float64 {
	switch {
	case x != x || math.IsInf(x, 0) || x > 710 || x < -746 || x == 0:
		return math.Exp(x)
	}
	if y, ok := (pair{x, 0}).exp().rounded(); ok {
		return y
	}
	return toFloat(bigExp(newBig(x)))
}

func preciseLog(x float64) float64 {
	if x <= 0 || x != x || math.IsInf(x, 0) || x == 1 {
		return math.Log(x)
	}
	if x >= leastNormal {
		if y, ok := logPair(x).rounded(); ok {
			return y
		}
	}
	return toFloat(bigLog(newBig(x)))
}

// Parts of the decimal logarithm of 2, the first of which has zeros enough for exact products with exponents, and 1 / ln 10.
const (
	log2High  = 0x1.34413509f6p-2
	log2Low   = 3.69423907715893078616e-13
	ln10Under = 4.34294481903251816668e-01
)

// glibcLog10 rounds where glibc's log10 does, which is not always to the nearest: the exponent is taken off, and the natural logarithm of the
// rest is scaled. Conversions keep products from being fused with sums.
func glibcLog10(x float64) float64 {
	if x <= 0 || x != x || math.IsInf(x, 0) || x == 1 {
		return math.Log10(x)
	}
	m, k := math.Frexp(x)
	if k > 0 { // the rest is from 1 to 2, for x below 1 from 0.5 to 1
		m, k = 2*m, k-1
	}
	y := float64(k)
	z := float64(y*log2Low) + float64(ln10Under*preciseLog(m))
	return z + float64(y*log2High)
}

// precisePow is the correctly rounded power wherever the result is finite and not trivial.
func precisePow(a, b float64) float64 {
	rough := math.Pow(a, b)
	if a == 0 || b == 0 || a == 1 || math.IsInf(a, 0) || math.IsInf(b, 0) || rough != rough || math.IsInf(rough, 0) {
		return rough
	}
	if b == 1 {
		return a
	}
	if x := math.Abs(a); x >= leastNormal {
		if l := logPair(x).by(b); math.Abs(l.hi) < 709 && math.Abs(l.hi) > 0x1p-60 {
			if y, ok := l.exp().rounded(); ok {
				return math.Copysign(y, rough)
			}
		}
	}
	l := bigLog(newBig(math.Abs(a)))
	l.Mul(l, newBig(b))
	if f, _ := l.Float64(); f > 709.7 || f < -745 || math.Abs(f) < 1e-300 {
		return rough
	}
	y := toFloat(bigExp(l))
	if rough < 0 {
		return -y
	}
	return y
}

func preciseCbrt(x float64) float64 {
	if x == 0 || x != x || math.IsInf(x, 0) {
		return x
	}
	if a := math.Abs(x); a > 0x1p-900 && a < 0x1p1000 {
		if y, ok := cbrtPair(x).rounded(); ok {
			return y
		}
	}
	y := newBig(math.Cbrt(x))
	bx := newBig(x)
	for range 2 { // Newton: y -= (y³ − x) / 3y²
		y2 := real(precision).Mul(y, y)
		d := real(precision).Mul(y2, y)
		d.Sub(d, bx)
		d.Quo(d, y2.Mul(y2, newBig(3)))
		y.Sub(y, d)
	}
	return toFloat(y)
}
