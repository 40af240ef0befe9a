package eval

import (
	"math"

	"github.com/odatagres/odatagres/internal/sqltype"
)

func same(op func(sqltype.Numeric) sqltype.Numeric) func(sqltype.Numeric) (sqltype.Numeric, error) {
	return func(n sqltype.Numeric) (sqltype.Numeric, error) { return op(n), nil }
}

// clampScale bounds the places that round and trunc are given (numeric_round).
func clampScale(places int64) int { return int(max(min(places, 16383), -131073)) }

func numericKernels() []Kernel {
	signOf := func(n sqltype.Numeric) (sqltype.Numeric, error) {
		if n.IsNaN() {
			return n, nil
		}
		return sqltype.NumericInt(int64(n.Sign())), nil
	}
	scaleOf := func(name string, of func(sqltype.Numeric) int) Kernel {
		return scalar(name, func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			if a[0].Num.IsSpecial() {
				return sqltype.NullValue(), nil
			}
			return sqltype.Int(int64(of(a[0].Num))), nil
		})
	}
	round := func(n sqltype.Numeric, p int) (sqltype.Numeric, error) { return n.Round(p) }
	trunc := func(n sqltype.Numeric, p int) (sqltype.Numeric, error) { return n.Trunc(p), nil }
	return []Kernel{
		small2("numeric_add", sqltype.AddSmall, sqltype.Numeric.Add),
		small2("numeric_sub", subSmall, sqltype.Numeric.Sub),
		small2("numeric_mul", sqltype.MulSmall, sqltype.Numeric.Mul),
		small2("numeric_div", sqltype.DivSmall, sqltype.Numeric.Div),
		num2("numeric_div_trunc", sqltype.Numeric.DivTrunc),
		small2("numeric_mod", modSmall, sqltype.Numeric.Mod),
		num2("numeric_gcd", sqltype.Numeric.Gcd),
		num2("numeric_lcm", sqltype.Numeric.Lcm),
		num1("numeric_uminus", same(sqltype.Numeric.Neg)),
		num1("numeric_uplus", same(func(n sqltype.Numeric) sqltype.Numeric { return n })),
		num1("numeric_abs", same(sqltype.Numeric.Abs)),
		num1("numeric_sign", signOf),
		num1("numeric_ceil", sqltype.Numeric.Ceil),
		num1("numeric_floor", sqltype.Numeric.Floor),
		num1("numeric_trim_scale", same(sqltype.Numeric.TrimScale)),
		num1("numeric_inc", func(n sqltype.Numeric) (sqltype.Numeric, error) { return n.Add(sqltype.NumericInt(1)) }),
		num1("numeric_sqrt", sqltype.Numeric.Sqrt),
		num1("numeric_exp", sqltype.Numeric.Exp),
		num1("numeric_ln", sqltype.Numeric.Ln),
		num1("log_numeric", func(n sqltype.Numeric) (sqltype.Numeric, error) { return n.Log(sqltype.NumericInt(10)) }),
		num1("log10_numeric", func(n sqltype.Numeric) (sqltype.Numeric, error) { return n.Log(sqltype.NumericInt(10)) }),
		num2("numeric_log", func(b, n sqltype.Numeric) (sqltype.Numeric, error) { return n.Log(b) }),
		num2("numeric_power", sqltype.Numeric.Power),
		roundKernel("numeric_round", true, round),
		roundKernel("round_numeric", true, round),
		roundKernel("numeric_trunc", false, trunc),
		roundKernel("trunc_numeric", false, trunc),
		scaleOf("numeric_scale", sqltype.Numeric.Dscale),
		scaleOf("numeric_min_scale", sqltype.Numeric.MinScale),
		numericTypmod("numeric"),
		scalar("numeric_fac", func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			n, err := sqltype.Factorial(a[0].I)
			return sqltype.Num(n), err
		}),
		numericTo[int16]("numeric_int2", sqltype.OIDInt2),
		numericTo[int32]("numeric_int4", sqltype.OIDInt4),
		numericTo[int64]("numeric_int8", sqltype.OIDInt8),
		intToNumeric[int16]("int2_numeric"),
		intToNumeric[int32]("int4_numeric"),
		intToNumeric[int64]("int8_numeric"),
		scalar("float8_numeric", func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			n, err := sqltype.NumericFromFloat64(a[0].F)
			return sqltype.Num(n), err
		}),
		scalar("float4_numeric", func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			n, err := sqltype.NumericFromFloat32(a[0].F)
			return sqltype.Num(n), err
		}),
		numericToFloat[float64]("numeric_float8", sqltype.Numeric.Float64),
		numericToFloat[float32]("numeric_float4", sqltype.Numeric.Float32),
		scalar("width_bucket_numeric", widthBucketNumeric),
	}
}

func widthBucketNumeric(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
	x, lo, hi, n := a[0].Num, a[1].Num, a[2].Num, a[3].I
	switch {
	case n <= 0:
		return sqltype.Value{}, errBucket("count must be greater than zero")
	case x.IsNaN() || lo.IsNaN() || hi.IsNaN():
		return sqltype.Value{}, errBucket("operand, lower bound, and upper bound cannot be NaN")
	case lo.IsInf(0) || hi.IsInf(0):
		return sqltype.Value{}, errBucket("lower and upper bounds must be finite")
	}
	order := lo.Cmp(hi)
	if order == 0 {
		return sqltype.Value{}, errBucket("lower bound cannot equal upper bound")
	}
	res := int64(0)
	switch {
	case x.Cmp(lo)*order > 0: // before the first bucket
	case x.Cmp(hi)*order <= 0:
		res = n + 1
	default:
		part, err := x.Sub(lo)
		if err != nil {
			return sqltype.Value{}, err
		}
		whole, err := hi.Sub(lo)
		if err != nil {
			return sqltype.Value{}, err
		}
		if part, err = part.Mul(sqltype.NumericInt(n)); err != nil {
			return sqltype.Value{}, err
		}
		q, err := part.Div(whole) // rounded, as PostgreSQL's is, so it may come out as the next bucket
		if err == nil {
			q, err = q.Floor()
		}
		if err != nil {
			return sqltype.Value{}, err
		}
		res = q.Coef + 1
	}
	if res > math.MaxInt32 {
		return sqltype.Value{}, errInt4Range()
	}
	return sqltype.Int(res), nil
}
