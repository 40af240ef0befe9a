package eval

import (
	"math"

	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// arith makes an integer operation. many computes rows at once and says whether all are right; op works in int64 and says whether its
// result is right, and bounds are checked here.
func arith[A, B, R integer](name string, rangeErr func() error, many func(a view[A], b view[B], dst []R) bool, op func(a, b int64) (int64, bool)) Kernel {
	return Kernel{Name: name, Vec: func(c *Call, v []*vector.Vector, out *vector.Vector, sel []int32) {
		a, b, dst := viewOf[A](v[0]), viewOf[B](v[1]), buffer[R](out)
		if n := span(sel); n > 0 && many(a, b, dst[:n]) {
			return
		}
		for _, r := range sel {
			x, ok := op(int64(a.d[r&a.mask]), int64(b.d[r&b.mask]))
			if y := R(x); ok && int64(y) == x {
				dst[r] = y
				continue
			}
			c.fail(r, rangeErr())
			return
		}
	}}
}

func addInt(a, b int64) (int64, bool) {
	s := a + b
	return s, (s > a) == (b > 0)
}

func subInt(a, b int64) (int64, bool) {
	s := a - b
	return s, (s < a) == (b > 0)
}

func mulInt(a, b int64) (int64, bool) {
	if a == 0 || b == 0 {
		return 0, true
	}
	p := a * b
	return p, p/b == a && (a != -1 || b != math.MinInt64) && (b != -1 || a != math.MinInt64)
}

// divInt makes / and % of integers. The smallest integer by -1 overflows; its remainder is 0.
func divInt[A, B, R integer](name string, rangeErr func() error, rem bool) Kernel {
	return Kernel{Name: name, Vec: func(c *Call, v []*vector.Vector, out *vector.Vector, sel []int32) {
		a, b, dst := viewOf[A](v[0]), viewOf[B](v[1]), buffer[R](out)
		if n := span(sel); n > 0 && b.mask == 0 && a.mask != 0 && b.d[0] != 0 && b.d[0] != -1 {
			divideByConst(a.d[:n], int64(b.d[0]), rem, dst)
			return
		}
		for _, r := range sel {
			x, y := int64(a.d[r&a.mask]), int64(b.d[r&b.mask])
			switch {
			case y == 0:
				c.fail(r, errDivisionByZero())
				return
			case rem && y == -1:
				dst[r] = 0
			case rem:
				dst[r] = R(x % y)
			case y == -1:
				if z := R(-x); x == math.MinInt64 || int64(z) != -x {
					c.fail(r, rangeErr())
					return
				}
				dst[r] = R(-x)
			default:
				dst[r] = R(x / y)
			}
		}
	}}
}

func addAndKin[A, B, R integer](prefix string, rangeErr func() error) []Kernel {
	return []Kernel{
		arith[A, B, R](prefix+"pl", rangeErr, addInts[A, B, R], addInt),
		arith[A, B, R](prefix+"mi", rangeErr, subInts[A, B, R], subInt),
		arith[A, B, R](prefix+"mul", rangeErr, mulInts[A, B, R], mulInt),
		divInt[A, B, R](prefix+"div", rangeErr, false),
	}
}

// sameInt are the functions of one integer type; bits is its width.
func sameInt[T integer](prefix string, rangeErr func() error, lowest T, bits int32) []Kernel {
	neg := func(a T) (T, error) {
		if a == lowest {
			return 0, rangeErr()
		}
		return -a, nil
	}
	gcd := func(a, b T) (T, error) {
		g, ok := gcdInt(int64(a), int64(b))
		if r := T(g); ok && int64(r) == g {
			return r, nil
		}
		return 0, rangeErr()
	}
	return []Kernel{
		divInt[T, T, T](prefix+"mod", rangeErr, true),
		try1(prefix+"um", neg),
		one(prefix+"up", func(a T) T { return a }),
		try1(prefix+"abs", func(a T) (T, error) {
			if a < 0 {
				return neg(a)
			}
			return a, nil
		}),
		two(prefix+"and", func(a, b T) T { return a & b }),
		two(prefix+"or", func(a, b T) T { return a | b }),
		two(prefix+"xor", func(a, b T) T { return a ^ b }),
		one(prefix+"not", func(a T) T { return ^a }),
		// The hardware that PostgreSQL runs on takes the shift count modulo the register's width, 32 for int2 as well.
		two(prefix+"shl", func(a T, n int32) T { return a << uint(n&(max(bits, 32)-1)) }),
		two(prefix+"shr", func(a T, n int32) T { return a >> uint(n&(max(bits, 32)-1)) }),
		try2(prefix+"gcd", gcd),
		try2(prefix+"lcm", func(a, b T) (T, error) {
			if a == 0 || b == 0 {
				return 0, nil
			}
			g, ok := gcdInt(int64(a), int64(b))
			if !ok {
				return 0, rangeErr()
			}
			l, ok := mulInt(int64(a)/g, int64(b))
			if !ok || l == math.MinInt64 {
				return 0, rangeErr()
			}
			l = max(l, -l)
			if r := T(l); int64(r) == l {
				return r, nil
			}
			return 0, rangeErr()
		}),
	}
}

// gcdInt is the greatest common divisor, never negative; false where that does not fit.
func gcdInt(a, b int64) (int64, bool) {
	for b != 0 {
		if b == -1 {
			return 1, true
		}
		a, b = b, a%b
	}
	if a == math.MinInt64 {
		return 0, false
	}
	return max(a, -a), true
}

// integerKernels are the functions of int2, int4, int8 and oid.
func integerKernels() []Kernel {
	var ks []Kernel
	add := func(more []Kernel) { ks = append(ks, more...) }
	add(addAndKin[int16, int16, int16]("int2", errInt2Range))
	add(addAndKin[int32, int32, int32]("int4", errInt4Range))
	add(addAndKin[int64, int64, int64]("int8", errInt8Range))
	add(addAndKin[int16, int32, int32]("int24", errInt4Range))
	add(addAndKin[int32, int16, int32]("int42", errInt4Range))
	add(addAndKin[int16, int64, int64]("int28", errInt8Range))
	add(addAndKin[int64, int16, int64]("int82", errInt8Range))
	add(addAndKin[int32, int64, int64]("int48", errInt8Range))
	add(addAndKin[int64, int32, int64]("int84", errInt8Range))
	add(sameInt("int2", errInt2Range, int16(math.MinInt16), 16)[:10])
	add(sameInt("int4", errInt4Range, int32(math.MinInt32), 32))
	add(sameInt("int8", errInt8Range, int64(math.MinInt64), 64))
	narrow := func(name string, lo, hi int64, err func() error) Kernel {
		return scalar(name, func(_ *Call, a []sqltype.Value) (sqltype.Value, error) {
			if a[0].I < lo || a[0].I > hi {
				return sqltype.Value{}, err()
			}
			return a[0], nil
		})
	}
	return append(ks,
		try1("int4inc", func(a int32) (int32, error) {
			if a == math.MaxInt32 {
				return 0, errInt4Range()
			}
			return a + 1, nil
		}),
		try1("int8inc", func(a int64) (int64, error) {
			if a == math.MaxInt64 {
				return 0, errInt8Range()
			}
			return a + 1, nil
		}),
		one("i2toi4", func(a int16) int32 { return int32(a) }),
		one("int28", func(a int16) int64 { return int64(a) }),
		one("int48", func(a int32) int64 { return int64(a) }),
		narrow("i4toi2", math.MinInt16, math.MaxInt16, errInt2Range),
		narrow("int82", math.MinInt16, math.MaxInt16, errInt2Range),
		narrow("int84", math.MinInt32, math.MaxInt32, errInt4Range),
		narrow("i8tooid", 0, math.MaxUint32, errOIDRange),
		one("oidtoi8", func(a int64) int64 { return a }),
		one("int4_bool", func(a int32) bool { return a != 0 }),
		one("bool_int4", func(a bool) int32 {
			if a {
				return 1
			}
			return 0
		}),
		two("booland_statefunc", func(a, b bool) bool { return a && b }),
		two("boolor_statefunc", func(a, b bool) bool { return a || b }),
		one("i2tof", func(a int16) float32 { return float32(a) }),
		one("i4tof", func(a int32) float32 { return float32(a) }),
		one("i8tof", func(a int64) float32 { return float32(a) }),
		one("i2tod", func(a int16) float64 { return float64(a) }),
		one("i4tod", func(a int32) float64 { return float64(a) }),
		one("i8tod", func(a int64) float64 { return float64(a) }),
		one("xid8toxid", func(a int64) int64 { return int64(uint32(a)) }),
	)
}
