package exec

import (
	"math"
	"math/big"
	"math/bits"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

func makeSum(c aggCall) aggregator {
	switch c.types[0].OID {
	case sqltype.OIDInt2, sqltype.OIDInt4:
		return &sumIntAgg{finish: func(s *wideSum) (sqltype.Value, error) {
			if !s.fits() {
				return sqltype.Value{}, pgerr.New(pgerr.NumericValueOutOfRange, "bigint out of range")
			}
			return sqltype.Int(int64(s.lo)), nil
		}}
	case sqltype.OIDInt8:
		return &sumIntAgg{finish: func(s *wideSum) (sqltype.Value, error) {
			n, err := s.numeric()
			return sqltype.Num(n), err
		}}
	case sqltype.OIDFloat4:
		return &sumFloatAgg{single: true}
	case sqltype.OIDFloat8:
		return &sumFloatAgg{}
	case sqltype.OIDInterval:
		return &sumIntervalAgg{}
	default:
		return &sumNumericAgg{}
	}
}

func makeAvg(c aggCall) aggregator {
	switch c.types[0].OID {
	case sqltype.OIDInt2, sqltype.OIDInt4, sqltype.OIDInt8:
		return &sumIntAgg{finish: func(s *wideSum) (sqltype.Value, error) {
			n, err := s.numeric()
			if err != nil {
				return sqltype.Value{}, err
			}
			n, err = n.Div(sqltype.NumericInt(s.n))
			return sqltype.Num(n), err
		}}
	case sqltype.OIDFloat4, sqltype.OIDFloat8:
		return &avgFloatAgg{}
	case sqltype.OIDInterval:
		return &sumIntervalAgg{avg: true}
	default:
		return &sumNumericAgg{avg: true}
	}
}

// wideSum is a sum of int64 in 128 bits, with the number of its terms.
type wideSum struct {
	lo uint64
	hi int64
	n  int64
}

func (s *wideSum) add(x int64) {
	lo, carry := bits.Add64(s.lo, uint64(x), 0)
	s.lo = lo
	s.hi += x>>63 + int64(carry)
	s.n++
}

func (s *wideSum) fits() bool { return s.hi == int64(s.lo)>>63 }

func (s *wideSum) numeric() (sqltype.Numeric, error) {
	if s.fits() {
		return sqltype.NumericInt(int64(s.lo)), nil
	}
	b := new(big.Int).Lsh(big.NewInt(s.hi), 64)
	return sqltype.NumericFromBig(b.Add(b, new(big.Int).SetUint64(s.lo)), 0)
}

// sumIntAgg sums integers exactly.
type sumIntAgg struct {
	states[wideSum]
	finish func(*wideSum) (sqltype.Value, error)
}

func (a *sumIntAgg) add(groups, rows []int32, args []*vector.Vector) error {
	v := args[0]
	if v.Form == vector.Flat && v.Valid == nil {
		switch v.Kind {
		case sqltype.KindInt32:
			for i, g := range groups {
				a.s[g].add(int64(v.I32[rows[i]]))
			}
			return nil
		case sqltype.KindInt64:
			for i, g := range groups {
				a.s[g].add(v.I64[rows[i]])
			}
			return nil
		}
	}
	for i, g := range groups {
		if r := int(rows[i]); !v.IsNull(r) {
			a.s[g].add(intAt(v, r))
		}
	}
	return nil
}

func (a *sumIntAgg) result(g int) (sqltype.Value, error) {
	if a.s[g].n == 0 {
		return null()
	}
	return a.finish(&a.s[g])
}

func (a *sumIntAgg) bytes() int64 { return int64(cap(a.s)) * 24 }

type floatSum struct {
	sum float64
	n   int64
}

// avgFloatAgg is avg of floats. PostgreSQL's keeps the moments of the variance with the sum, and fails where they overflow.
type avgFloatAgg struct{ floatVariance }

func (a *avgFloatAgg) result(g int) (sqltype.Value, error) {
	s := a.s[g]
	if s.n == 0 {
		return null()
	}
	return sqltype.Float(s.sx / s.n), nil
}

// sumFloatAgg is sum of floats. sum(float4) adds in single precision, as float4pl does.
type sumFloatAgg struct {
	states[floatSum]
	single bool
}

func (a *sumFloatAgg) add(groups, rows []int32, args []*vector.Vector) error {
	v := args[0]
	for i, g := range groups {
		r := int(rows[i])
		if v.IsNull(r) {
			continue
		}
		x, s := floatAt(v, r), &a.s[g]
		sum := s.sum + x
		if s.n == 0 {
			sum = x
		}
		if a.single {
			sum = float64(float32(sum))
		}
		if math.IsInf(sum, 0) && !math.IsInf(s.sum, 0) && !math.IsInf(x, 0) {
			return pgerr.New(pgerr.NumericValueOutOfRange, "value out of range: overflow")
		}
		s.sum = sum
		s.n++
	}
	return nil
}

func (a *sumFloatAgg) result(g int) (sqltype.Value, error) {
	s := a.s[g]
	if s.n == 0 {
		return null()
	}
	return sqltype.Float(s.sum), nil
}

type numericSum struct {
	sum sqltype.Numeric
	n   int64
}

// sumNumericAgg is sum and avg of numeric.
type sumNumericAgg struct {
	states[numericSum]
	avg bool
}

func (a *sumNumericAgg) add(groups, rows []int32, args []*vector.Vector) error {
	v := args[0]
	for i, g := range groups {
		r := int(rows[i])
		if v.IsNull(r) {
			continue
		}
		s := &a.s[g]
		n, err := s.sum.Add(v.Numeric(r))
		if err != nil {
			return err
		}
		s.sum = n
		s.n++
	}
	return nil
}

func (a *sumNumericAgg) result(g int) (sqltype.Value, error) {
	s := a.s[g]
	if s.n == 0 {
		return null()
	}
	if !a.avg {
		return sqltype.Num(s.sum), nil
	}
	n, err := s.sum.Div(sqltype.NumericInt(s.n))
	return sqltype.Num(n), err
}

func (a *sumNumericAgg) bytes() int64 { return int64(cap(a.s)) * 40 }

type intervalSum struct {
	sum sqltype.Interval
	n   int64
}

// sumIntervalAgg is sum and avg of intervals: each of the three parts on its own.
type sumIntervalAgg struct {
	states[intervalSum]
	avg bool
}

func (a *sumIntervalAgg) add(groups, rows []int32, args []*vector.Vector) error {
	v := args[0]
	for i, g := range groups {
		r := int(rows[i])
		if v.IsNull(r) {
			continue
		}
		x, s := v.Physical().Intervals[v.Index(r)], &a.s[g]
		months, days := int64(s.sum.Months)+int64(x.Months), int64(s.sum.Days)+int64(x.Days)
		micros := s.sum.Micros + x.Micros
		if months != int64(int32(months)) || days != int64(int32(days)) || (micros > s.sum.Micros) != (x.Micros > 0) && x.Micros != 0 {
			return pgerr.New(pgerr.DatetimeFieldOverflow, "interval out of range")
		}
		s.sum = sqltype.Interval{Micros: micros, Days: int32(days), Months: int32(months)}
		s.n++
	}
	return nil
}

func (a *sumIntervalAgg) result(g int) (sqltype.Value, error) {
	s := a.s[g]
	if s.n == 0 {
		return null()
	}
	if !a.avg {
		return sqltype.Value{Iv: s.sum}, nil
	}
	return sqltype.Value{Iv: divideInterval(s.sum, float64(s.n))}, nil
}

// divideInterval is interval_div of PostgreSQL: what is left over of months goes into days, and of days into microseconds.
func divideInterval(iv sqltype.Interval, f float64) sqltype.Interval {
	months, days := float64(iv.Months), float64(iv.Days)
	out := sqltype.Interval{Months: int32(months / f), Days: int32(days / f)}
	rest := roundTo6((months/f - float64(out.Months)) * 30)
	secs := roundTo6((days/f - float64(out.Days) + rest - math.Trunc(rest)) * 86400)
	if math.Abs(secs) >= 86400 {
		out.Days += int32(secs / 86400)
		secs -= math.Trunc(secs/86400) * 86400
	}
	out.Days += int32(rest)
	out.Micros = int64(math.RoundToEven(float64(iv.Micros)/f + secs*1e6))
	return out
}

// roundTo6 is TSROUND.
func roundTo6(x float64) float64 { return math.RoundToEven(x*1e6) / 1e6 }
