package exec

import (
	"math"
	"math/big"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

func makeVariance(sample, root bool) makeAggregator {
	return func(c aggCall) aggregator {
		if k := c.types[0].Kind(); k == sqltype.KindFloat32 || k == sqltype.KindFloat64 {
			return &floatVariance{sample: sample, root: root}
		}
		return &numericVariance{sample: sample, root: root}
	}
}

type floatMoments struct{ n, sx, sxx float64 }

// floatVariance follows float8_accum: the Youngs-Cramer update, which does not cancel.
type floatVariance struct {
	flatStates[floatMoments]
	sample, root bool
}

func (a *floatVariance) add(groups, rows []int32, args []*vector.Vector) error {
	for i, g := range groups {
		r := int(rows[i])
		if args[0].IsNull(r) {
			continue
		}
		if err := a.s[g].add(floatAt(args[0], r)); err != nil {
			return err
		}
	}
	return nil
}

func (s *floatMoments) add(x float64) error {
	oldSx := s.sx
	s.n++
	s.sx += x
	if s.n > 1 {
		tmp := x*s.n - s.sx
		s.sxx += tmp * tmp / (s.n * (s.n - 1))
		if math.IsInf(s.sx, 0) || math.IsInf(s.sxx, 0) {
			if !math.IsInf(oldSx, 0) && !math.IsInf(x, 0) {
				return floatOverflow()
			}
			s.sxx = math.NaN()
		}
	} else if math.IsNaN(x) || math.IsInf(x, 0) {
		s.sxx = math.NaN()
	}
	return nil
}

func floatOverflow() error {
	return pgerr.New(pgerr.NumericValueOutOfRange, "value out of range: overflow")
}

func (a *floatVariance) result(g int) (sqltype.Value, error) {
	s := a.s[g]
	by := s.n
	if a.sample {
		by--
	}
	if by <= 0 {
		return null()
	}
	v := s.sxx / by
	if a.root {
		v = math.Sqrt(v)
	}
	return sqltype.Float(v), nil
}

type numericMoments struct {
	n          int64
	sum, sqsum sqltype.Numeric
}

// numericVariance follows numeric_stddev_internal: exact sums, one division at the end.
type numericVariance struct {
	flatStates[numericMoments]
	sample, root bool
}

func (a *numericVariance) add(groups, rows []int32, args []*vector.Vector) error {
	v := args[0]
	for i, g := range groups {
		r := int(rows[i])
		if v.IsNull(r) {
			continue
		}
		var x sqltype.Numeric
		if v.Kind == sqltype.KindNumeric {
			x = v.Numeric(r)
		} else {
			x = sqltype.NumericInt(intAt(v, r))
		}
		s := &a.s[g]
		sq, err := x.Mul(x)
		if err != nil {
			return err
		}
		if s.sum, err = s.sum.Add(x); err != nil {
			return err
		}
		if s.sqsum, err = s.sqsum.Add(sq); err != nil {
			return err
		}
		s.n++
	}
	return nil
}

func (a *numericVariance) result(g int) (sqltype.Value, error) {
	s := a.s[g]
	if s.n == 0 || a.sample && s.n == 1 {
		return null()
	}
	if s.sum.IsSpecial() {
		return sqltype.Num(sqltype.NumericNaN()), nil
	}
	n := sqltype.NumericInt(s.n)
	sq, err := s.sum.Mul(s.sum)
	if err != nil {
		return sqltype.Value{}, err
	}
	nx2, err := s.sqsum.Mul(n)
	if err != nil {
		return sqltype.Value{}, err
	}
	num, err := nx2.Sub(sq)
	if err != nil {
		return sqltype.Value{}, err
	}
	if num.Sign() <= 0 {
		return sqltype.Num(sqltype.NumericInt(0)), nil
	}
	by := n
	if a.sample {
		by = sqltype.NumericInt(s.n - 1)
	}
	den, err := n.Mul(by)
	if err != nil {
		return sqltype.Value{}, err
	}
	v, err := num.Div(den)
	if err != nil || !a.root {
		return sqltype.Num(v), err
	}
	v, err = sqrtKeepingScale(v)
	return sqltype.Num(v), err
}

// sqrtKeepingScale rounds the root to as many digits as n has, where numeric's sqrt would choose its own scale.
func sqrtKeepingScale(n sqltype.Numeric) (sqltype.Numeric, error) {
	coef, scale := n.Big()
	// sqrt(coef / 10^scale) * 10^scale = sqrt(coef * 10^scale); one more digit decides the rounding.
	x := new(big.Int).Mul(coef, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)+2), nil))
	x.Sqrt(x)
	q, r := new(big.Int).QuoRem(x, big.NewInt(10), new(big.Int))
	if r.Int64() >= 5 {
		q.Add(q, big.NewInt(1))
	}
	return sqltype.NumericFromBig(q, scale)
}

type regrMoments struct{ n, sx, sxx, sy, syy, sxy float64 }

// regrAgg follows float8_regr_accum. Its arguments are (Y, X).
type regrAgg struct {
	flatStates[regrMoments]
	name string
}

func makeRegr(c aggCall) aggregator { return &regrAgg{name: c.call.Fn.Name} }

func (a *regrAgg) add(groups, rows []int32, args []*vector.Vector) error {
	for i, g := range groups {
		r := int(rows[i])
		if args[0].IsNull(r) || args[1].IsNull(r) {
			continue
		}
		s, y, x := &a.s[g], floatAt(args[0], r), floatAt(args[1], r)
		old := *s
		s.n++
		if a.name == "regr_count" { // int8inc_float8_float8 looks at no value, so none overflows
			continue
		}
		s.sx += x
		s.sy += y
		if s.n > 1 {
			tx, ty := x*s.n-s.sx, y*s.n-s.sy
			scale := 1 / (s.n * old.n)
			s.sxx += tx * tx * scale
			s.syy += ty * ty * scale
			s.sxy += tx * ty * scale
			if isInfAny(s.sx, s.sxx, s.sy, s.syy, s.sxy) {
				finite := !isInfAny(old.sx, x) && !isInfAny(old.sy, y)
				if (isInfAny(s.sx, s.sxx) && !isInfAny(old.sx, x)) || (isInfAny(s.sy, s.syy) && !isInfAny(old.sy, y)) ||
					(math.IsInf(s.sxy, 0) && finite) {
					return floatOverflow()
				}
				if math.IsInf(s.sxx, 0) {
					s.sxx = math.NaN()
				}
				if math.IsInf(s.syy, 0) {
					s.syy = math.NaN()
				}
				if math.IsInf(s.sxy, 0) {
					s.sxy = math.NaN()
				}
			}
			continue
		}
		if math.IsNaN(x) || math.IsInf(x, 0) {
			s.sxx, s.sxy = math.NaN(), math.NaN()
		}
		if math.IsNaN(y) || math.IsInf(y, 0) {
			s.syy, s.sxy = math.NaN(), math.NaN()
		}
	}
	return nil
}

func isInfAny(fs ...float64) bool {
	for _, f := range fs {
		if math.IsInf(f, 0) {
			return true
		}
	}
	return false
}

func (a *regrAgg) result(g int) (sqltype.Value, error) {
	s := a.s[g]
	if a.name == "regr_count" {
		return sqltype.Int(int64(s.n)), nil
	}
	least := 1.0
	if a.name == "covar_samp" {
		least = 2
	}
	if s.n < least {
		return null()
	}
	switch a.name {
	case "regr_sxx":
		return sqltype.Float(s.sxx), nil
	case "regr_syy":
		return sqltype.Float(s.syy), nil
	case "regr_sxy":
		return sqltype.Float(s.sxy), nil
	case "regr_avgx":
		return sqltype.Float(s.sx / s.n), nil
	case "regr_avgy":
		return sqltype.Float(s.sy / s.n), nil
	case "covar_pop":
		return sqltype.Float(s.sxy / s.n), nil
	case "covar_samp":
		return sqltype.Float(s.sxy / (s.n - 1)), nil
	case "corr":
		if s.sxx == 0 || s.syy == 0 {
			return null()
		}
		return sqltype.Float(s.sxy / math.Sqrt(s.sxx*s.syy)), nil
	case "regr_r2":
		if s.sxx == 0 {
			return null()
		}
		if s.syy == 0 {
			return sqltype.Float(1), nil
		}
		return sqltype.Float(s.sxy * s.sxy / (s.sxx * s.syy)), nil
	case "regr_slope":
		if s.sxx == 0 {
			return null()
		}
		return sqltype.Float(s.sxy / s.sxx), nil
	case "regr_intercept":
		if s.sxx == 0 {
			return null()
		}
		return sqltype.Float((s.sy - s.sx*s.sxy/s.sxx) / s.n), nil
	}
	return sqltype.Value{}, pgerr.Internal("no regression aggregate %q", a.name)
}
