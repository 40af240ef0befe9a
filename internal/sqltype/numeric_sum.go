package sqltype

import "math/big"

// NumericSum is an exact sum of numbers of any length. As in PostgreSQL's NumericSumAccum, base-10000 digits of one weight are added up
// without carrying, which int64 has room for as long as there are fewer than 9·10¹⁴ terms. The zero value is the sum of nothing, 0.
type NumericSum struct {
	digits  []int64 // the first has the weight low
	low     int
	scale   int // the largest display scale
	special Numeric
	odd     bool // special is the sum: NaN or an infinity
}

// NumericSumBytes is what a NumericSum takes before its first term.
const NumericSumBytes = 96

// Add adds a term, which may be NaN or infinite.
func (s *NumericSum) Add(x Numeric) {
	switch {
	case x.IsSpecial() && s.odd:
		s.special, _ = s.special.Add(x) // no finite number, which alone could fail, is among them
	case x.IsSpecial():
		s.special, s.odd = x, true
	case x.isSmall():
		s.addSmall(x)
	case len(x.Ext) >= 8:
		e := x.Ext
		word := func(i int) int { return int(e[i])<<8 | int(e[i+1]) }
		n, weight, sign := (len(e)-8)/2, int(int16(word(2))), int64(1)
		if word(4) == 0x4000 {
			sign = -1
		}
		s.scale = max(s.scale, word(6))
		if n == 0 {
			return
		}
		at := s.place(weight-n+1, weight)
		for i := range n {
			s.digits[at+n-1-i] += sign * int64(word(8+2*i))
		}
	}
}

func (s *NumericSum) addSmall(x Numeric) {
	scale, coef := int(x.Scale), x.Coef
	s.scale = max(s.scale, scale)
	weight := -scale / 4
	if r := scale % 4; r != 0 {
		weight--
		s.digits[s.place(weight, weight+1)] += coef % pow10[r] * pow10[4-r]
		coef /= pow10[r]
		weight++
	}
	for ; coef != 0; weight++ {
		s.digits[s.place(weight, weight)] += coef % 10000
		coef /= 10000
	}
}

// place makes room for digits of the weights, and gives the place of the lowest.
func (s *NumericSum) place(low, high int) int {
	if len(s.digits) == 0 {
		s.low = low
	}
	if low < s.low {
		s.digits = append(make([]int64, s.low-low, s.low-low+len(s.digits)), s.digits...)
		s.low = low
	}
	if n := high - s.low + 1; n > len(s.digits) {
		s.digits = append(s.digits, make([]int64, n-len(s.digits))...)
	}
	return low - s.low
}

// Numeric is the sum, with the largest display scale of its terms. A sum that numeric has no room for is an error.
func (s *NumericSum) Numeric() (Numeric, error) {
	if s.odd {
		return s.special, nil
	}
	coef, term, unit := new(big.Int), new(big.Int), big.NewInt(10000)
	for i := len(s.digits) - 1; i >= 0; i-- {
		coef.Mul(coef, unit)
		coef.Add(coef, term.SetInt64(s.digits[i]))
	}
	switch places := -s.low * 4; {
	case len(s.digits) == 0:
	case places < s.scale:
		coef.Mul(coef, bigPow10(s.scale-places))
	case places > s.scale:
		coef.Quo(coef, bigPow10(places-s.scale)) // no term has digits there
	}
	return decimal{coef, s.scale}.numeric()
}

// Bytes is the memory that the sum takes.
func (s *NumericSum) Bytes() int64 { return NumericSumBytes + int64(cap(s.digits))*8 }
