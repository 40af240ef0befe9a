package eval

import "math"

// pair is the sum of two floats, the first of which is the nearest float to it: some 105 bits. Results are computed with it first, and with
// big floats only where its error would leave the rounding open.
type pair struct{ hi, lo float64 }

// pairError is far above the relative error of what is computed here.
const pairError = 0x1p-90

// ln 2 in three parts; products of the first with an exponent are exact.
const (
	ln2First  = 0x1.62e42fefa38p-1
	ln2Second = 0x1.ef35793c7673p-45
	ln2Third  = 0x1.f97b57a079a19p-103
)

// quickSum is a + b where a is not the smaller one.
func quickSum(a, b float64) pair {
	s := a + b
	return pair{s, b - (s - a)}
}

func sumOf(a, b float64) pair {
	s := a + b
	t := s - a
	return pair{s, (a - (s - t)) + (b - t)}
}

func productOf(a, b float64) pair {
	p := a * b
	return pair{p, math.FMA(a, b, -p)}
}

func (p pair) plus(q pair) pair {
	s, t := sumOf(p.hi, q.hi), sumOf(p.lo, q.lo)
	s = quickSum(s.hi, s.lo+t.hi)
	return quickSum(s.hi, s.lo+t.lo)
}

func (p pair) times(q pair) pair {
	x := productOf(p.hi, q.hi)
	return quickSum(x.hi, x.lo+(p.hi*q.lo+p.lo*q.hi))
}

func (p pair) by(f float64) pair {
	x := productOf(p.hi, f)
	return quickSum(x.hi, x.lo+p.lo*f)
}

// rounded is the nearest float to what p stands for, if its error leaves no doubt. Results below the least normal float are rounded
// elsewhere than hi is, and of little ones lo has too few bits left.
func (p pair) rounded() (x float64, ok bool) {
	e := pairError * math.Abs(p.hi)
	return p.hi, p.hi+(p.lo-e) == p.hi && p.hi+(p.lo+e) == p.hi && math.Abs(p.hi) >= 0x1p-960 && !math.IsInf(p.hi, 0)
}

// expm1 is e^r - 1 for |r| ≤ 0.36, by the series for r / 2⁹, which nine squares of e^(r / 2⁹) bring back to r.
func (r pair) expm1() pair {
	const halvings = 9
	s := pair{math.Ldexp(r.hi, -halvings), math.Ldexp(r.lo, -halvings)}
	x := s.hi
	rest := 1.0/720 + x*(1.0/5040+x*(1.0/40320+x*(1.0/362880)))
	t := pair{0x1.1111111111111p-7, 0x1.1111111111111p-63}.plus(s.by(rest)) // 1/5!
	t = pair{0x1.5555555555555p-5, 0x1.5555555555555p-59}.plus(s.times(t))  // 1/4!
	t = pair{0x1.5555555555555p-3, 0x1.5555555555555p-57}.plus(s.times(t))  // 1/3!
	t = pair{0.5, 0}.plus(s.times(t))
	s = s.plus(s.times(s.times(t)))
	for range halvings {
		s = pair{2 * s.hi, 2 * s.lo}.plus(s.times(s))
	}
	return s
}

// exp is e^r for results that are floats.
func (r pair) exp() pair {
	k := math.RoundToEven(r.hi / math.Ln2)
	rest := sumOf(r.hi-k*ln2First, 0) // exact: both have few bits, and are close
	second := productOf(k, -ln2Second)
	rest = rest.plus(pair{r.lo, 0}).plus(quickSum(second.hi, second.lo-k*ln2Third))
	e := pair{1, 0}.plus(rest.expm1())
	// In two steps: 2^1024 is no float.
	n := int(k)
	return pair{math.Ldexp(math.Ldexp(e.hi, n/2), n-n/2), math.Ldexp(math.Ldexp(e.lo, n/2), n-n/2)}
}

// logPair is the natural logarithm of a normal float above 0: that of the float library, and a step of Halley's method.
func logPair(x float64) pair {
	m, e := math.Frexp(x)
	if m < math.Sqrt2/2 {
		m, e = 2*m, e-1
	}
	k := float64(e)
	rough := math.Log(m)
	power := pair{rough, 0}.expm1()
	off := ((m - 1) - power.hi) - power.lo
	y := quickSum(rough, 2*off/(m+1+power.hi))
	if e == 0 {
		return y
	}
	second := productOf(k, ln2Second)
	return sumOf(k*ln2First, 0).plus(quickSum(second.hi, second.lo+k*ln2Third)).plus(y)
}

// cbrtPair is the cube root of a float whose third power neither overflows nor loses bits: that of the float library, and a step of Newton's
// method.
func cbrtPair(x float64) pair {
	y := math.Cbrt(x)
	cube := productOf(y, y).by(y)
	return quickSum(y, ((x-cube.hi)-cube.lo)/(3*y*y))
}
