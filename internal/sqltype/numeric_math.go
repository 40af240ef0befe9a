package sqltype

import (
	"math"
	"math/big"

	"github.com/odatagres/odatagres/internal/pgerr"
)

// The functions here compute with more digits than are asked for and round once; the scale of the result is the one that
// numeric.c chooses.

const (
	log10e = 0.434294481903252
	ln10   = 2.302585092994046
)

func clampScale(scale int, least ...int) int {
	for _, l := range least {
		scale = max(scale, l)
	}
	return min(max(scale, 0), numericMaxDisplayScale)
}

// Sqrt is the square root.
func (n Numeric) Sqrt() (Numeric, error) {
	if n.IsNaN() || n.IsInf(1) {
		return n, nil
	}
	if n.Sign() < 0 {
		return Numeric{}, pgerr.New(pgerr.InvalidArgumentForPowerFunction, "cannot take square root of a negative number")
	}
	weight, _ := n.lead()
	scale := clampScale(numericMinSigDigits-((weight+1)*4/2-1), n.Dscale())
	d := n.toDecimal()
	shift := 2*scale - d.scale
	num := new(big.Int).Set(d.coef)
	rest := new(big.Int)
	if shift >= 0 {
		num.Mul(num, bigPow10(shift))
	} else {
		num.QuoRem(num, bigPow10(-shift), rest)
	}
	root := new(big.Int).Sqrt(num)
	// num = root² + r; round up if the root is at or above root + 1/2, that is if num > root² + root.
	r := new(big.Int).Sub(num, new(big.Int).Mul(root, root))
	if r.Cmp(root) > 0 {
		root.Add(root, bigOne)
	}
	return decimal{root, scale}.numeric()
}

// Exp is e to the power of n.
func (n Numeric) Exp() (Numeric, error) {
	switch {
	case n.IsNaN() || n.IsInf(1):
		return n, nil
	case n.IsInf(-1):
		return Numeric{}, nil
	}
	val := n.approx() * log10e
	val = min(max(val, -numericMaxResultScale), numericMaxResultScale)
	scale := clampScale(numericMinSigDigits-int(val), n.Dscale())
	return expScaled(n.toDecimal(), n.approx(), scale)
}

func expScaled(d decimal, approx float64, scale int) (Numeric, error) {
	if math.Abs(approx) >= numericMaxResultScale*3 {
		if approx > 0 {
			return Numeric{}, overflowsFormat()
		}
		return decimal{new(big.Int), scale}.numeric()
	}
	if approx*log10e < -float64(scale)-2 {
		return decimal{new(big.Int), scale}.numeric()
	}
	return expFixed(d, scale+int(math.Max(approx*log10e, 0))+20).round(scale).numeric()
}

// expFixed computes e^d with so many places: the argument is halved until its series is short, and the result squared as
// often, each time doubling the error, for which there are guard digits.
func expFixed(d decimal, places int) decimal {
	const below = 8 // the argument of the series is less than 2^-below
	halvings := below
	whole := new(big.Int).Quo(d.coef, bigPow10(d.scale))
	halvings += whole.BitLen() + 1
	places += halvings
	one := bigPow10(places)
	x := new(big.Int).Mul(d.coef, one)
	x.Quo(x, new(big.Int).Lsh(bigPow10(d.scale), uint(halvings)))
	sum, term := new(big.Int).Set(one), new(big.Int).Set(one)
	for i := int64(1); term.Sign() != 0; i++ {
		term.Mul(term, x)
		term.Quo(term, one)
		term.Quo(term, big.NewInt(i))
		sum.Add(sum, term)
	}
	for range halvings {
		sum.Mul(sum, sum)
		sum.Quo(sum, one)
	}
	return decimal{sum, places}
}

// lnWeight estimates the decimal weight of the natural logarithm (estimate_ln_dweight).
func lnWeight(n Numeric) int {
	if n.Sign() <= 0 {
		return 0
	}
	if n.Cmp(Numeric{Coef: 9, Scale: 1}) >= 0 && n.Cmp(Numeric{Coef: 11, Scale: 1}) <= 0 {
		x, err := n.Sub(NumericInt(1))
		if err != nil || x.Sign() == 0 {
			return 0
		}
		weight, digit := x.lead()
		return weight*4 + int(math.Log10(float64(digit)))
	}
	weight, _ := n.lead()
	dweight := weight * 4
	digits := n.leadingDigits(&dweight)
	ln := math.Log(digits) + float64(dweight)*ln10
	return int(math.Log10(math.Abs(ln)))
}

// leadingDigits returns the first one or two base-10000 digits and lowers the weight accordingly.
func (n Numeric) leadingDigits(dweight *int) float64 {
	b := AppendNumericBinary(nil, n)
	digit := func(i int) float64 { return float64(int(b[8+2*i])<<8 | int(b[9+2*i])) }
	if len(b) >= 12 {
		*dweight -= 4
		return digit(0)*10000 + digit(1)
	}
	return digit(0)
}

// Ln is the natural logarithm.
func (n Numeric) Ln() (Numeric, error) {
	if n.IsNaN() {
		return n, nil
	}
	if err := logArgument(n); err != nil {
		return Numeric{}, err
	}
	if n.IsInf(1) {
		return n, nil
	}
	scale := clampScale(numericMinSigDigits-lnWeight(n), n.Dscale())
	return lnDecimal(n, scale+lnWeight(n)+12).round(scale).numeric()
}

func logArgument(n Numeric) error {
	switch s := n.Sign(); {
	case s == 0:
		return pgerr.New(pgerr.InvalidArgumentForLogarithm, "cannot take logarithm of zero")
	case s < 0:
		return pgerr.New(pgerr.InvalidArgumentForLogarithm, "cannot take logarithm of a negative number")
	}
	return nil
}

// Log is the logarithm of n to a base.
func (n Numeric) Log(base Numeric) (Numeric, error) {
	if n.IsNaN() || base.IsNaN() {
		return NumericNaN(), nil
	}
	if (n.IsInf(0) || base.IsInf(0)) && n.Sign() < 0 {
		return Numeric{}, logArgument(n)
	}
	if err := logArgument(base); err != nil {
		return Numeric{}, err
	}
	if err := logArgument(n); err != nil {
		return Numeric{}, err
	}
	switch {
	case base.IsInf(1) && n.IsInf(1):
		return NumericNaN(), nil
	case base.IsInf(1):
		return Numeric{}, nil
	case n.IsInf(1):
		return n, nil
	}
	if base.Cmp(NumericInt(1)) == 0 {
		return Numeric{}, divisionByZero()
	}
	baseWeight, numWeight := lnWeight(base), lnWeight(n)
	weight := numWeight - baseWeight
	scale := clampScale(numericMinSigDigits-weight, base.Dscale(), n.Dscale())
	digits := scale + max(weight, 0) + 24
	return lnDecimal(n, digits).quo(lnDecimal(base, digits), scale).numeric()
}

func powerError(text string) error {
	return pgerr.New(pgerr.InvalidArgumentForPowerFunction, text)
}

func (n Numeric) isInteger() bool { return !n.IsSpecial() && n.MinScale() == 0 }

func (n Numeric) isOdd() bool {
	d := n.TrimScale().toDecimal()
	return d.scale == 0 && d.coef.Bit(0) == 1
}

// Power is n to the power of exp.
func (n Numeric) Power(exp Numeric) (Numeric, error) {
	one := NumericInt(1)
	if n.IsSpecial() || exp.IsSpecial() {
		return n.powerSpecial(exp, one)
	}
	if n.Sign() == 0 && exp.Sign() < 0 {
		return Numeric{}, powerError("zero raised to a negative power is undefined")
	}
	if n.Sign() < 0 && !exp.isInteger() {
		return Numeric{}, powerError("a negative number raised to a non-integer power yields a complex result")
	}
	if exp.isInteger() {
		if e := exp.TrimScale(); e.isSmall() && e.Coef >= math.MinInt32 && e.Coef <= math.MaxInt32 {
			return n.powerInt(int(e.Coef))
		}
	}
	if n.Sign() == 0 {
		return decimal{new(big.Int), numericMinSigDigits}.numeric()
	}
	base, negative := n, false
	if n.Sign() < 0 {
		base, negative = n.Neg(), exp.isOdd()
	}
	factor := exp.toDecimal()
	val := lnDecimal(base, 40).product(factor).approx()
	if math.Abs(val) > numericMaxResultScale*3.01 {
		if val > 0 {
			return Numeric{}, overflowsFormat()
		}
		return decimal{new(big.Int), numericMaxDisplayScale}.numeric()
	}
	scale := clampScale(numericMinSigDigits-int(val*log10e), n.Dscale(), exp.Dscale())
	// The product needs as many places as the result has digits.
	digits := scale + int(math.Max(val*log10e, 0)) + 30
	expWeight, _ := exp.lead()
	ln := lnDecimal(base, digits+max(expWeight*4, 0))
	result, err := expScaled(ln.product(factor), val, scale)
	if err == nil && negative {
		result = result.Neg()
	}
	return result, err
}

// powerSpecial follows POSIX's pow for NaN and infinities.
func (n Numeric) powerSpecial(exp, one Numeric) (Numeric, error) {
	abs := n.Abs()
	switch {
	case exp.Sign() == 0 && !exp.IsNaN(), !n.IsNaN() && n.Cmp(one) == 0:
		return one, nil
	case n.IsNaN() || exp.IsNaN():
		return NumericNaN(), nil
	case n.Sign() == 0 && exp.Sign() < 0:
		return Numeric{}, powerError("zero raised to a negative power is undefined")
	case n.Sign() < 0 && !exp.IsInf(0) && !exp.isInteger():
		return Numeric{}, powerError("a negative number raised to a non-integer power yields a complex result")
	case exp.IsInf(0) && abs.Cmp(one) == 0:
		return one, nil
	case exp.IsInf(0):
		if (abs.Cmp(one) > 0) == exp.IsInf(1) {
			return NumericInf(false), nil
		}
		return Numeric{}, nil
	case exp.Sign() < 0:
		return Numeric{}, nil
	}
	return NumericInf(n.IsInf(-1) && exp.isOdd()), nil
}

// powerInt raises to an integer power with as many digits as the result shows.
func (n Numeric) powerInt(exp int) (Numeric, error) {
	scale := clampScale(numericMinSigDigits, n.Dscale())
	f := 0.0
	if n.Sign() != 0 {
		f = float64(exp) * log10Abs(n)
	}
	switch {
	case exp >= -1 && exp <= 2:
	case f > 3*math.MaxInt16*4:
		return Numeric{}, overflowsFormat()
	case f+1 < -float64(scale), f+1 < -numericMaxDisplayScale:
		return decimal{new(big.Int), scale}.numeric()
	}
	d := n.toDecimal()
	switch exp {
	case 0:
		return decimal{big.NewInt(1), 0}.round(scale).numeric()
	case 1:
		return d.round(scale).numeric()
	case -1:
		return decimal{big.NewInt(1), 0}.quo(d, scale).numeric()
	case 2:
		return decimal{new(big.Int).Mul(d.coef, d.coef), 2 * d.scale}.round(scale).numeric()
	}
	if n.Sign() == 0 {
		return decimal{new(big.Int), scale}.numeric()
	}
	// Every multiplication may lose a little, for which there are digits to spare; the result is rounded once.
	digits := scale + int(math.Max(f, 0)) + 24 + int(math.Log10(math.Abs(float64(exp))))
	result := decimal{big.NewInt(1), 0}
	for e := absUint(int64(exp)); e > 0; e >>= 1 {
		if e&1 == 1 {
			result = result.times(d, digits)
		}
		if e > 1 {
			d = d.times(d, digits)
		}
	}
	if exp < 0 {
		return decimal{big.NewInt(1), 0}.quo(result, scale).numeric()
	}
	if result.scale < 0 {
		result = result.nonNegativeScale()
	}
	return result.round(scale).numeric()
}

// product multiplies exactly.
func (d decimal) product(m decimal) decimal {
	return decimal{new(big.Int).Mul(d.coef, m.coef), d.scale + m.scale}
}

// approx is the value as a float64, infinite where it is too large; for estimates.
func (d decimal) approx() float64 {
	f, _ := new(big.Float).SetPrec(64).Quo(new(big.Float).SetPrec(64).SetInt(d.coef), new(big.Float).SetPrec(64).SetInt(bigPow10(d.scale))).Float64()
	return f
}

// times multiplies and cuts the product to about so many digits; the scale may become negative.
func (d decimal) times(m decimal, digits int) decimal {
	p := decimal{new(big.Int).Mul(d.coef, m.coef), d.scale + m.scale}
	if surplus := p.coef.BitLen()*30103/100000 - digits; surplus > 0 {
		p.coef.Quo(p.coef, bigPow10(surplus))
		p.scale -= surplus
	}
	return p
}

// log10Abs estimates the decimal logarithm from the first 16 digits.
func log10Abs(n Numeric) float64 {
	d := n.toDecimal()
	text := new(big.Int).Abs(d.coef).String()
	exp := len(text) - d.scale
	if len(text) > 17 {
		text = text[:17]
	}
	mantissa := 0.0
	for _, c := range text {
		mantissa = mantissa*10 + float64(c-'0')
	}
	return math.Log10(mantissa) + float64(exp-len(text))
}
