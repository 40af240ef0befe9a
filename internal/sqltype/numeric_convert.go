package sqltype

import (
	"errors"
	"math"
	"math/big"
	"strconv"

	"github.com/odatagres/odatagres/internal/pgerr"
)

// Int64 rounds half away from zero; the error is the one of a cast to int2, int4 or int8, as the OID says.
func (n Numeric) Int64(oid uint32) (int64, error) {
	lo, hi, name, _ := intBounds(oid)
	switch {
	case n.IsNaN():
		return 0, pgerr.Newf(pgerr.FeatureNotSupported, "cannot convert NaN to %s", name)
	case n.IsInf(0):
		return 0, pgerr.Newf(pgerr.FeatureNotSupported, "cannot convert infinity to %s", name)
	}
	r, err := n.Round(0)
	if err != nil || !r.isSmall() || r.Coef < lo || r.Coef > hi {
		return 0, IntRange(oid)
	}
	return r.Coef, nil
}

// Float64 converts as PostgreSQL does, through the number's text.
func (n Numeric) Float64() (float64, error) { return n.float(64) }

// Float32 converts to float4.
func (n Numeric) Float32() (float64, error) { return n.float(32) }

func (n Numeric) float(bits int) (float64, error) {
	switch n.Scale {
	case ScaleNaN:
		return math.NaN(), nil
	case ScaleInfinity:
		return math.Inf(1), nil
	case ScaleNegInfinity:
		return math.Inf(-1), nil
	}
	if bits == 64 && n.isSmall() && absUint(n.Coef) < 1<<53 && n.Scale <= 22 {
		return float64(n.Coef) / math.Pow10(int(n.Scale)), nil // both are exact, so is the rounding
	}
	return ParseFloat(n.String(), bits)
}

// approx is the value as a float64, infinite where it is too large; for estimates.
func (n Numeric) approx() float64 {
	f, err := strconv.ParseFloat(n.String(), 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return math.NaN()
	}
	return f
}

// NumericFromFloat64 keeps 15 significant digits, as PostgreSQL's cast does.
func NumericFromFloat64(f float64) (Numeric, error) { return numericFromFloat(f, 15) }

// NumericFromFloat32 keeps 6 significant digits.
func NumericFromFloat32(f float64) (Numeric, error) { return numericFromFloat(f, 6) }

func numericFromFloat(f float64, digits int) (Numeric, error) {
	switch {
	case f != f:
		return NumericNaN(), nil
	case math.IsInf(f, 0):
		return NumericInf(f < 0), nil
	}
	return ParseNumeric(string(appendPrintfG(nil, f, digits)))
}

// Big returns the coefficient and the scale of a finite number: n = coef / 10^scale.
func (n Numeric) Big() (coef *big.Int, scale int) {
	d := n.toDecimal()
	return d.coef, d.scale
}

// NumericFromBig returns coef / 10^scale; it fails where PostgreSQL's format ends.
func NumericFromBig(coef *big.Int, scale int) (Numeric, error) {
	if scale < 0 {
		return decimal{coef, scale}.nonNegativeScale().numeric()
	}
	return decimal{coef, scale}.numeric()
}
