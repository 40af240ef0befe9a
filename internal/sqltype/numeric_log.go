package sqltype

import (
	"math"
	"math/big"
)

// lnDecimal is the natural logarithm of a finite number above 0 with about so many significant digits.
func lnDecimal(n Numeric, digits int) decimal {
	return n.toDecimal().ln(max(digits-lnWeight(n), 0) + 2)
}

// ln is the natural logarithm of d, which is above 0, with an error below one unit of the last of the places. It is computed in fixed point:
// with d = m·2^e and m between 2/3 and 4/3, roots are drawn from m until it is close to 1, and then ln m = 2 artanh((m-1)/(m+1)).
func (d decimal) ln(places int) decimal {
	unit := bigPow10(d.scale)
	e := d.coef.BitLen() - unit.BitLen()
	roots := int(math.Sqrt(float64(places)*3.33)/8) + 2
	bits := uint(float64(places)*3.33) + uint(roots) + 64
	m := scaledQuo(d.coef, unit, int(bits)-e)
	one := new(big.Int).Lsh(bigOne, bits)
	if third := new(big.Int).Quo(one, big.NewInt(3)); m.Cmp(new(big.Int).Add(one, third)) > 0 {
		e++
		m.Rsh(m, 1)
	}
	halved := 0
	for diff := new(big.Int); halved < roots && diff.Abs(diff.Sub(m, one)).BitLen() > int(bits)-roots; halved++ {
		m.Sqrt(m.Lsh(m, bits))
	}
	y := new(big.Int).Sub(m, one)
	y.Lsh(y, bits).Quo(y, m.Add(m, one))
	sum := artanhSeries(y, bits)
	sum.Lsh(sum, uint(halved)+1)
	if e != 0 {
		sum.Add(sum, new(big.Int).Mul(ln2(bits), big.NewInt(int64(e))))
	}
	sum.Mul(sum, bigPow10(places))
	return decimal{sum.Rsh(sum, bits), places}
}

// scaledQuo is a/b·2^shift.
func scaledQuo(a, b *big.Int, shift int) *big.Int {
	if shift < 0 {
		return new(big.Int).Quo(a, new(big.Int).Lsh(b, uint(-shift)))
	}
	q := new(big.Int).Lsh(a, uint(shift))
	return q.Quo(q, b)
}

// artanhSeries is artanh(y) for a small y in fixed point: y + y³/3 + y⁵/5 and so on.
func artanhSeries(y *big.Int, bits uint) *big.Int {
	sum, power, term := new(big.Int).Set(y), new(big.Int).Set(y), new(big.Int)
	square := new(big.Int).Mul(y, y)
	square.Rsh(square, bits)
	for i := int64(3); ; i += 2 {
		power.Rsh(power.Mul(power, square), bits)
		if power.BitLen() <= 1 { // negative powers are rounded down, to -1
			return sum
		}
		sum.Add(sum, term.Quo(power, big.NewInt(i)))
	}
}

// ln2 is the natural logarithm of 2 in fixed point: 18 artanh(1/26) − 2 artanh(1/4801) + 8 artanh(1/8749).
func ln2(bits uint) *big.Int {
	sum, one := new(big.Int), new(big.Int).Lsh(bigOne, bits)
	for _, part := range []struct{ factor, n int64 }{{18, 26}, {-2, 4801}, {8, 8749}} {
		power, square, term := new(big.Int).Quo(one, big.NewInt(part.n)), big.NewInt(part.n*part.n), new(big.Int)
		for i := int64(1); power.Sign() != 0; i += 2 {
			term.Quo(power, big.NewInt(i))
			sum.Add(sum, term.Mul(term, big.NewInt(part.factor)))
			power.Quo(power, square)
		}
	}
	return sum
}
