package eval

import "math"

// Degrees: PostgreSQL gives exact results at multiples of 30 and 45 degrees by scaling with the value that the same computation has
// there (float.c, "init_degree_constants").
const radiansPerDegree = 0.0174532925199432957692

// radians rounds as PostgreSQL does; a constant expression would not round.
func radians(x float64) float64 { return x * radiansPerDegree }

func sin30() float64         { return math.Sin(radians(30)) }
func oneMinusCos60() float64 { return 1 - math.Cos(radians(60)) }
func asinHalf() float64      { return math.Asin(0.5) }
func acosHalf() float64      { return math.Acos(0.5) }
func atanOne() float64       { return math.Atan(1) }

func sindQ1(x float64) float64 {
	if x <= 30 {
		return math.Sin(radians(x)) / sin30() / 2
	}
	return cosd0to60(90 - x)
}

func cosd0to60(x float64) float64 { return 1 - (1-math.Cos(radians(x)))/oneMinusCos60()/2 }

func cosdQ1(x float64) float64 {
	if x <= 60 {
		return cosd0to60(x)
	}
	return math.Sin(radians(90-x)) / sin30() / 2
}

func tanRatio(s, c float64) float64 { return s / c / (sindQ1(45) / cosdQ1(45)) }

func sind(x float64) float64 {
	x, sign := math.Mod(x, 360), 1.0
	if x < 0 {
		x, sign = -x, -sign
	}
	if x > 180 {
		x, sign = 360-x, -sign
	}
	if x > 90 {
		x = 180 - x
	}
	return sign * sindQ1(x)
}

func cosd(x float64) float64 {
	x, sign := math.Mod(x, 360), 1.0
	if x < 0 {
		x = -x
	}
	if x > 180 {
		x = 360 - x
	}
	if x > 90 {
		x, sign = 180-x, -sign
	}
	return sign * cosdQ1(x)
}

func tand(x float64) float64 {
	x, sign := math.Mod(x, 360), 1.0
	if x < 0 {
		x, sign = -x, -sign
	}
	if x > 180 {
		x, sign = 360-x, -sign
	}
	if x > 90 {
		x, sign = 180-x, -sign
	}
	y := sign * tanRatio(sindQ1(x), cosdQ1(x))
	if y == 0 {
		return 0
	}
	return y
}

func cotd(x float64) float64 {
	x, sign := math.Mod(x, 360), 1.0
	if x < 0 {
		x, sign = -x, -sign
	}
	if x > 180 {
		x, sign = 360-x, -sign
	}
	if x > 90 {
		x, sign = 180-x, -sign
	}
	y := sign * (cosdQ1(x) / sindQ1(x) / (cosdQ1(45) / sindQ1(45)))
	if y == 0 {
		return 0
	}
	return y
}

func asindQ1(x float64) float64 {
	if x <= 0.5 {
		return math.Asin(x) / asinHalf() * 30
	}
	return 90 - math.Acos(x)/acosHalf()*60
}

func acosdQ1(x float64) float64 {
	if x <= 0.5 {
		return 90 - math.Asin(x)/asinHalf()*30
	}
	return math.Acos(x) / acosHalf() * 60
}

func asind(x float64) float64 {
	if x >= 0 {
		return asindQ1(x)
	}
	return -asindQ1(-x)
}

func acosd(x float64) float64 {
	if x >= 0 {
		return acosdQ1(x)
	}
	return 90 + asindQ1(-x)
}

// nan passes NaN through functions that would compute with it.
func nan(op func(float64) float64) func(float64) float64 {
	return func(x float64) float64 {
		if x != x {
			return x
		}
		return op(x)
	}
}

// infinityAsIs refuses infinite input but lets an infinite result stand (cotangents and tangents at their poles).
func infinityAsIs(op func(float64) float64) func(float64) (float64, error) {
	return func(x float64) (float64, error) {
		if math.IsInf(x, 0) {
			return 0, errInputRange()
		}
		return op(x), nil
	}
}

func trigonometryKernels() []Kernel {
	return []Kernel{
		try1("dsin", noInf(math.Sin)),
		try1("dcos", noInf(math.Cos)),
		try1("dtan", infinityAsIs(math.Tan)),
		try1("dcot", infinityAsIs(func(x float64) float64 { return 1 / math.Tan(x) })),
		try1("dasin", within(-1, 1, math.Asin)),
		try1("dacos", within(-1, 1, math.Acos)),
		one("datan", math.Atan),
		two("datan2", math.Atan2),
		try1("dsind", infinityAsIs(nan(sind))),
		try1("dcosd", infinityAsIs(nan(cosd))),
		try1("dtand", infinityAsIs(nan(tand))),
		try1("dcotd", infinityAsIs(nan(cotd))),
		try1("dasind", within(-1, 1, nan(asind))),
		try1("dacosd", within(-1, 1, nan(acosd))),
		one("datand", nan(func(x float64) float64 { return math.Atan(x) / atanOne() * 45 })),
		two("datan2d", func(y, x float64) float64 { return math.Atan2(y, x) / atanOne() * 45 }),
		one("dsinh", math.Sinh),
		one("dcosh", math.Cosh),
		one("dtanh", math.Tanh),
		one("dasinh", math.Asinh),
		try1("dacosh", within(1, math.Inf(1), math.Acosh)),
		try1("datanh", within(-1, 1, func(x float64) float64 {
			switch x {
			case 1:
				return math.Inf(1)
			case -1:
				return math.Inf(-1)
			}
			return math.Atanh(x)
		})),
	}
}
