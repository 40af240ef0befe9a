package eval

import (
	"math"

	"github.com/odatagres/odatagres/internal/vector"
)

// The six comparisons are three tests, a = b, a < b and b < a, and their opposites. Each has a loop per shape of its arguments.

type integer interface{ int16 | int32 | int64 }

// asTest says which test a comparison is, whether its arguments change sides for it, and whether its result is turned round.
func (k comparison) asTest() (equal, swap, not bool) {
	switch k {
	case "eq":
		return true, false, false
	case "ne":
		return true, false, true
	case "lt":
		return false, false, false
	case "ge":
		return false, false, true
	case "gt":
		return false, true, false
	}
	return false, true, true
}

// compareInts runs a comparison of integers.
func compareInts[A, B integer](k comparison, a view[A], b view[B], dst []bool, sel []int32) {
	equal, swap, not := k.asTest()
	n := span(sel)
	switch {
	case n == 0 && equal:
		for _, r := range sel {
			dst[r] = (int64(a.d[r&a.mask]) == int64(b.d[r&b.mask])) != not
		}
	case n == 0 && swap:
		for _, r := range sel {
			dst[r] = (int64(a.d[r&a.mask]) > int64(b.d[r&b.mask])) != not
		}
	case n == 0:
		for _, r := range sel {
			dst[r] = (int64(a.d[r&a.mask]) < int64(b.d[r&b.mask])) != not
		}
	case a.mask == 0: // c op b is b op' c with the sides changed
		compareIntsConst(equal, !swap, not, b.d[:n], int64(a.d[0]), dst[:n])
	case b.mask == 0:
		compareIntsConst(equal, swap, not, a.d[:n], int64(b.d[0]), dst[:n])
	default:
		compareIntColumns(equal, swap, not, a.d[:n], b.d[:n], dst[:n])
	}
}

func compareIntsConst[A integer](equal, greater, not bool, a []A, c int64, dst []bool) {
	dst = dst[:len(a)]
	switch {
	case equal:
		for i, x := range a {
			dst[i] = (int64(x) == c) != not
		}
	case greater:
		for i, x := range a {
			dst[i] = (int64(x) > c) != not
		}
	default:
		for i, x := range a {
			dst[i] = (int64(x) < c) != not
		}
	}
}

func compareIntColumns[A, B integer](equal, greater, not bool, a []A, b []B, dst []bool) {
	b, dst = b[:len(a)], dst[:len(a)]
	switch {
	case equal:
		for i, x := range a {
			dst[i] = (int64(x) == int64(b[i])) != not
		}
	case greater:
		for i, x := range a {
			dst[i] = (int64(x) > int64(b[i])) != not
		}
	default:
		for i, x := range a {
			dst[i] = (int64(x) < int64(b[i])) != not
		}
	}
}

// compareFloats runs a comparison of floats, where NaN equals itself and is greater than everything else.
func compareFloats[A, B float](k comparison, a view[A], b view[B], dst []bool, sel []int32) {
	equal, swap, not := k.asTest()
	n := span(sel)
	if n > 0 && b.mask == 0 && a.mask != 0 && !math.IsNaN(float64(b.d[0])) {
		compareFloatsConst(equal, swap, not, a.d[:n], float64(b.d[0]), dst[:n])
		return
	}
	for _, r := range sel {
		x, y := float64(a.d[r&a.mask]), float64(b.d[r&b.mask])
		if swap {
			x, y = y, x
		}
		if equal {
			dst[r] = (x == y || x != x && y != y) != not
		} else {
			dst[r] = (x < y || y != y && x == x) != not
		}
	}
}

// compareFloatsConst compares with a number; NaN is greater than it.
func compareFloatsConst[A float](equal, greater, not bool, a []A, c float64, dst []bool) {
	dst = dst[:len(a)]
	switch {
	case equal:
		for i, x := range a {
			dst[i] = (float64(x) == c) != not
		}
	case greater:
		not = !not
		for i, x := range a {
			dst[i] = (float64(x) <= c) != not
		}
	default:
		for i, x := range a {
			dst[i] = (float64(x) < c) != not
		}
	}
}

// compareTexts runs a comparison of bytes; trim cuts what does not count off both sides.
func compareTexts(k comparison, l, r *vector.Vector, trimA, trimB func([]byte) []byte, dst []bool, sel []int32) {
	equal, swap, not := k.asTest()
	if l.Form == vector.Constant {
		l, r, trimA, trimB, swap = r, l, trimB, trimA, !swap
	}
	a, b := textsOf(l), textsOf(r)
	switch {
	case trimA != nil || trimB != nil:
		cut := func(s []byte, trim func([]byte) []byte) string {
			if trim != nil {
				s = trim(s)
			}
			return alias(s)
		}
		for _, r := range sel {
			x, y := cut(a.at(r), trimA), cut(b.at(r), trimB)
			switch {
			case equal:
				dst[r] = (x == y) != not
			case swap:
				dst[r] = (x > y) != not
			default:
				dst[r] = (x < y) != not
			}
		}
	case equal && r.Form == vector.Constant && a.codes == nil:
		c := alias(b.at(0))
		size := int32(len(c))
		for _, r := range sel {
			from, to := a.offsets[r], a.offsets[r+1]
			dst[r] = (to-from == size && string(a.data[from:to]) == c) != not
		}
	case equal:
		for _, r := range sel {
			dst[r] = (string(a.at(r)) == string(b.at(r))) != not
		}
	case swap:
		for _, r := range sel {
			dst[r] = (alias(a.at(r)) > alias(b.at(r))) != not
		}
	default:
		for _, r := range sel {
			dst[r] = (alias(a.at(r)) < alias(b.at(r))) != not
		}
	}
}
