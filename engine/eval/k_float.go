package eval

import (
	"math"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

type float interface{ float32 | float64 }

func inf[T float](x T) bool { return math.IsInf(float64(x), 0) }

// floatArith are + - * / of two float types; the result is computed in R, as the C code does.
func floatArith[A, B, R float](prefix string) []Kernel {
	make1 := func(name string, many func(a view[A], b view[B], dst []R) bool, op func(a, b R) (R, error)) Kernel {
		return Kernel{Name: prefix + name, Vec: func(c *Call, v []*vector.Vector, out *vector.Vector, sel []int32) {
			a, b, dst := viewOf[A](v[0]), viewOf[B](v[1]), buffer[R](out)
			if n := span(sel); n > 0 && many != nil && many(a, b, dst[:n]) {
				return
			}
			for _, r := range sel {
				x, err := op(R(a.d[r&a.mask]), R(b.d[r&b.mask]))
				if err != nil {
					c.fail(r, err)
					return
				}
				dst[r] = x
			}
		}}
	}
	return []Kernel{
		make1("pl", addFloats[A, B, R], func(a, b R) (R, error) {
			s := a + b
			if inf(s) && !inf(a) && !inf(b) {
				return 0, errFloatOverflow()
			}
			return s, nil
		}),
		make1("mi", subFloats[A, B, R], func(a, b R) (R, error) {
			s := a - b
			if inf(s) && !inf(a) && !inf(b) {
				return 0, errFloatOverflow()
			}
			return s, nil
		}),
		make1("mul", mulFloats[A, B, R], func(a, b R) (R, error) {
			p := a * b
			switch {
			case inf(p) && !inf(a) && !inf(b):
				return 0, errFloatOverflow()
			case p == 0 && a != 0 && b != 0:
				return 0, errFloatUnderflow()
			}
			return p, nil
		}),
		make1("div", nil, func(a, b R) (R, error) {
			if b == 0 && !math.IsNaN(float64(a)) {
				return 0, errDivisionByZero()
			}
			q := a / b
			switch {
			case inf(q) && !inf(a):
				return 0, errFloatOverflow()
			case q == 0 && a != 0 && !inf(b):
				return 0, errFloatUnderflow()
			}
			return q, nil
		}),
	}
}

// floatToInt rounds half to even and checks the bounds; hi is the first float that is too large.
func floatToInt[A float, R integer](name string, lo, hi float64, rangeErr func() error) Kernel {
	return try1(name, func(a A) (R, error) {
		x := math.RoundToEven(float64(a))
		if !(x >= lo && x < hi) {
			return 0, rangeErr()
		}
		return R(x), nil
	})
}

// noInf refuses infinite input, as the trigonometric functions do.
func noInf(op func(float64) float64) func(float64) (float64, error) {
	return func(x float64) (float64, error) {
		if math.IsInf(x, 0) {
			return 0, errInputRange()
		}
		y := op(x)
		if math.IsInf(y, 0) {
			return 0, errFloatOverflow()
		}
		return y, nil
	}
}

// within refuses input outside of bounds; NaN passes.
func within(lo, hi float64, op func(float64) float64) func(float64) (float64, error) {
	return func(x float64) (float64, error) {
		if x < lo || x > hi {
			return 0, errInputRange()
		}
		return op(x), nil
	}
}

func errLogZero() error {
	return pgerr.New(pgerr.InvalidArgumentForLogarithm, "cannot take logarithm of zero")
}

func errLogNegative() error {
	return pgerr.New(pgerr.InvalidArgumentForLogarithm, "cannot take logarithm of a negative number")
}

func errSqrtNegative() error {
	return pgerr.New(pgerr.InvalidArgumentForPowerFunction, "cannot take square root of a negative number")
}

func logarithm(op func(float64) float64) func(float64) (float64, error) {
	return func(x float64) (float64, error) {
		switch {
		case x == 0:
			return 0, errLogZero()
		case x < 0:
			return 0, errLogNegative()
		}
		return op(x), nil
	}
}

func expFloat(x float64) (float64, error) {
	switch {
	case x != x:
		return x, nil
	case math.IsInf(x, 1):
		return x, nil
	case math.IsInf(x, -1):
		return 0, nil
	}
	y := preciseExp(x)
	switch {
	case math.IsInf(y, 0):
		return 0, errFloatOverflow()
	case y == 0:
		return 0, errFloatUnderflow()
	}
	return y, nil
}

// powFloat follows dpow of float.c, which goes by the POSIX rules and refuses what has no result.
func powFloat(a, b float64) (float64, error) {
	switch {
	case a != a:
		if b == 0 {
			return 1, nil
		}
		return math.NaN(), nil
	case b != b:
		if a == 1 {
			return 1, nil
		}
		return math.NaN(), nil
	case a == 0 && b < 0:
		return 0, pgerr.New(pgerr.InvalidArgumentForPowerFunction, "zero raised to a negative power is undefined")
	case a < 0 && !math.IsInf(b, 0) && math.Floor(b) != b:
		return 0, pgerr.New(pgerr.InvalidArgumentForPowerFunction, "a negative number raised to a non-integer power yields a complex result")
	}
	y := precisePow(a, b)
	switch {
	case math.IsInf(a, 0) || math.IsInf(b, 0):
		return y, nil
	case math.IsInf(y, 0):
		return 0, errFloatOverflow()
	case y == 0 && a != 0:
		return 0, errFloatUnderflow()
	}
	return y, nil
}

func sameFloat[T float](prefix string) []Kernel {
	return []Kernel{
		one(prefix+"um", func(a T) T { return -a }),
		one(prefix+"up", func(a T) T { return a }),
		one(prefix+"abs", func(a T) T { return T(math.Abs(float64(a))) }),
	}
}

// floatKernels are the functions of float4 and float8.
func floatKernels() []Kernel {
	var ks []Kernel
	add := func(more []Kernel) { ks = append(ks, more...) }
	add(floatArith[float32, float32, float32]("float4"))
	add(floatArith[float64, float64, float64]("float8"))
	add(floatArith[float32, float64, float64]("float48"))
	add(floatArith[float64, float32, float64]("float84"))
	add(sameFloat[float32]("float4"))
	add(sameFloat[float64]("float8"))
	return append(append(ks, trigonometryKernels()...),
		floatToInt[float64, int16]("dtoi2", math.MinInt16, math.MaxInt16+1, errInt2Range),
		floatToInt[float64, int32]("dtoi4", math.MinInt32, math.MaxInt32+1, errInt4Range),
		floatToInt[float64, int64]("dtoi8", math.MinInt64, 1<<63, errInt8Range),
		floatToInt[float32, int16]("ftoi2", math.MinInt16, math.MaxInt16+1, errInt2Range),
		floatToInt[float32, int32]("ftoi4", math.MinInt32, math.MaxInt32+1, errInt4Range),
		floatToInt[float32, int64]("ftoi8", math.MinInt64, 1<<63, errInt8Range),
		one("ftod", func(a float32) float64 { return float64(a) }),
		try1("dtof", func(a float64) (float32, error) {
			x := float32(a)
			switch {
			case inf(x) && !inf(a):
				return 0, errFloatOverflow()
			case x == 0 && a != 0:
				return 0, errFloatUnderflow()
			}
			return x, nil
		}),
		one("dround", math.RoundToEven),
		one("dceil", math.Ceil),
		one("dfloor", math.Floor),
		one("dtrunc", math.Trunc),
		one("dsign", func(a float64) float64 {
			switch {
			case a > 0:
				return 1
			case a < 0:
				return -1
			}
			return 0
		}),
		try1("dsqrt", func(a float64) (float64, error) {
			if a < 0 {
				return 0, errSqrtNegative()
			}
			return math.Sqrt(a), nil
		}),
		one("dcbrt", preciseCbrt),
		try1("dexp", expFloat),
		try1("dlog1", logarithm(preciseLog)),
		try1("dlog10", logarithm(glibcLog10)),
		try2("dpow", powFloat),
		try1("degrees", func(a float64) (float64, error) {
			d := a / (math.Pi / 180)
			if inf(d) && !inf(a) {
				return 0, errFloatOverflow()
			}
			return d, nil
		}),
		try1("radians", func(a float64) (float64, error) {
			r := a * (math.Pi / 180)
			if r == 0 && a != 0 {
				return 0, errFloatUnderflow()
			}
			return r, nil
		}),
		scalar("dpi", func(*Call, []sqltype.Value) (sqltype.Value, error) { return sqltype.Float(math.Pi), nil }),
		scalar("drandom", func(c *Call, _ []sqltype.Value) (sqltype.Value, error) { return sqltype.Float(c.Env().Random()), nil }),
		scalar("setseed", func(c *Call, a []sqltype.Value) (sqltype.Value, error) {
			if !(a[0].F >= -1 && a[0].F <= 1) {
				return sqltype.Value{}, invalid("setseed parameter %s is out of allowed range [-1,1]", sqltype.AppendFloat8(nil, a[0].F, 1))
			}
			c.Env().SeedRandom(a[0].F)
			return sqltype.Text(""), nil
		}),
		scalar("width_bucket_float8", widthBucketFloat),
	)
}

func errBucket(msg string) error { return pgerr.New(pgerr.InvalidArgumentForWidthBucket, msg) }

func widthBucketFloat(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
	x, lo, hi, n := a[0].F, a[1].F, a[2].F, a[3].I
	switch {
	case n <= 0:
		return sqltype.Value{}, errBucket("count must be greater than zero")
	case x != x || lo != lo || hi != hi:
		return sqltype.Value{}, errBucket("operand, lower bound, and upper bound cannot be NaN")
	case math.IsInf(lo, 0) || math.IsInf(hi, 0):
		return sqltype.Value{}, errBucket("lower and upper bounds must be finite")
	}
	var res int64
	switch {
	case lo < hi && x < lo, lo > hi && x > lo:
		res = 0
	case lo < hi && x >= hi, lo > hi && x <= hi:
		res = n + 1
	case lo < hi:
		if !math.IsInf(hi-lo, 0) {
			res = int64(float64(n) * ((x - lo) / (hi - lo)))
		} else {
			res = int64(float64(n) * ((x/2 - lo/2) / (hi/2 - lo/2)))
		}
		res = min(res, n-1) + 1
	case lo > hi:
		if !math.IsInf(lo-hi, 0) {
			res = int64(float64(n) * ((lo - x) / (lo - hi)))
		} else {
			res = int64(float64(n) * ((lo/2 - x/2) / (lo/2 - hi/2)))
		}
		res = min(res, n-1) + 1
	default:
		return sqltype.Value{}, errBucket("lower bound cannot equal upper bound")
	}
	if res > math.MaxInt32 {
		return sqltype.Value{}, errInt4Range()
	}
	return sqltype.Int(res), nil
}
