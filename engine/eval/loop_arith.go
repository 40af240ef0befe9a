package eval

import (
	"math"
	"math/bits"
	"unsafe"
)

// The loops here run over rows that nobody asked for as well (see span) and notice only whether any result is wrong. If one is,
// the caller goes through the rows that count and finds the first.

// wrongSum has its sign bit set if a + b = s overflowed int64.
func wrongSum(a, b, s int64) int64 { return (a ^ s) & (b ^ s) }

// wrongDifference has its sign bit set if a - b = d overflowed int64.
func wrongDifference(a, b, d int64) int64 { return (a ^ b) & (a ^ d) }

// narrowed has its sign bit set if x does not fit R.
func narrowed[R integer](x int64) int64 {
	d := x ^ int64(R(x))
	return d | -d
}

// addInts computes the sums of the first rows; false if one of them overflows.
func addInts[A, B, R integer](a view[A], b view[B], dst []R) bool {
	wrong, n := int64(0), len(dst)
	switch {
	case b.mask == 0 && a.mask != 0:
		y := int64(b.d[0])
		for i, x := range a.d[:n] {
			s := int64(x) + y
			wrong |= wrongSum(int64(x), y, s) | narrowed[R](s)
			dst[i] = R(s)
		}
	case a.mask != 0:
		d := b.d[:n]
		for i, x := range a.d[:n] {
			y := int64(d[i])
			s := int64(x) + y
			wrong |= wrongSum(int64(x), y, s) | narrowed[R](s)
			dst[i] = R(s)
		}
	default:
		return false
	}
	return wrong >= 0
}

// subInts computes differences as addInts computes sums.
func subInts[A, B, R integer](a view[A], b view[B], dst []R) bool {
	wrong, n := int64(0), len(dst)
	switch {
	case b.mask == 0 && a.mask != 0:
		y := int64(b.d[0])
		for i, x := range a.d[:n] {
			s := int64(x) - y
			wrong |= wrongDifference(int64(x), y, s) | narrowed[R](s)
			dst[i] = R(s)
		}
	case a.mask != 0:
		d := b.d[:n]
		for i, x := range a.d[:n] {
			y := int64(d[i])
			s := int64(x) - y
			wrong |= wrongDifference(int64(x), y, s) | narrowed[R](s)
			dst[i] = R(s)
		}
	default:
		return false
	}
	return wrong >= 0
}

// mulInts computes products as addInts computes sums.
func mulInts[A, B, R integer](a view[A], b view[B], dst []R) bool {
	if a.mask == 0 {
		return false
	}
	var zeroA A
	var zeroB B
	wrong, n := int64(0), len(dst)
	if unsafe.Sizeof(zeroA)+unsafe.Sizeof(zeroB) <= 8 { // the product fits int64
		for i, x := range a.d[:n] {
			p := int64(x) * int64(b.d[int32(i)&b.mask])
			wrong |= narrowed[R](p)
			dst[i] = R(p)
		}
		return wrong >= 0
	}
	for i, x := range a.d[:n] {
		p, over := mulWide(int64(x), int64(b.d[int32(i)&b.mask]))
		wrong |= over | narrowed[R](p)
		dst[i] = R(p)
	}
	return wrong >= 0
}

// mulWide multiplies; over has its sign bit set if the product overflows int64.
func mulWide(x, y int64) (p, over int64) {
	hi, lo := bits.Mul64(uint64(x), uint64(y))
	high := int64(hi) - x>>63&y - y>>63&x // of the signed product
	over = high ^ int64(lo)>>63
	return int64(lo), over | -over
}

// divideByConst computes quotients or remainders by a divisor that is neither 0 nor -1.
func divideByConst[A, R integer](a []A, c int64, rem bool, dst []R) {
	dst = dst[:len(a)]
	var zero A
	if unsafe.Sizeof(zero) <= 4 && c >= math.MinInt32 && c <= math.MaxInt32 {
		d := int32(c) // division of 32 bits is faster
		if rem {
			for i, x := range a {
				dst[i] = R(int32(x) % d)
			}
			return
		}
		for i, x := range a {
			dst[i] = R(int32(x) / d)
		}
		return
	}
	if rem {
		for i, x := range a {
			dst[i] = R(int64(x) % c)
		}
		return
	}
	for i, x := range a {
		dst[i] = R(int64(x) / c)
	}
}

// addFloats, subFloats and mulFloats compute the first rows; false if a result is infinite, or 0 of a product, where that may be an error.
func addFloats[A, B, R float](a view[A], b view[B], dst []R) bool {
	if a.mask == 0 {
		return false
	}
	odd := false
	for i, x := range a.d[:len(dst)] {
		s := R(x) + R(b.d[int32(i)&b.mask])
		odd = odd || s*0 != 0 // infinite or NaN
		dst[i] = s
	}
	return !odd
}

func subFloats[A, B, R float](a view[A], b view[B], dst []R) bool {
	if a.mask == 0 {
		return false
	}
	odd := false
	for i, x := range a.d[:len(dst)] {
		s := R(x) - R(b.d[int32(i)&b.mask])
		odd = odd || s*0 != 0
		dst[i] = s
	}
	return !odd
}

func mulFloats[A, B, R float](a view[A], b view[B], dst []R) bool {
	if a.mask == 0 {
		return false
	}
	odd := false
	for i, x := range a.d[:len(dst)] {
		p := R(x) * R(b.d[int32(i)&b.mask])
		odd = odd || p*0 != 0 || p == 0
		dst[i] = p
	}
	return !odd
}
