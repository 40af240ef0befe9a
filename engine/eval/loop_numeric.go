package eval

import (
	"cmp"

	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// nums reads the rows of a flat or constant numeric vector.
type nums struct {
	coef   []int64
	scale  []uint8
	mask   int32
	vector *vector.Vector
}

func numsOf(v *vector.Vector) nums {
	if v.Form == vector.Constant {
		return nums{v.I64, v.Scales, 0, v}
	}
	return nums{v.I64, v.Scales, -1, v}
}

func (x *nums) at(r int32) sqltype.Numeric {
	i := r & x.mask
	n := sqltype.Numeric{Coef: x.coef[i], Scale: x.scale[i]}
	if n.Scale == sqltype.ScaleOverflow {
		return x.vector.Numeric(int(r))
	}
	return n
}

// putNumeric writes a row. A number without bytes of its own may be written past SetNumeric: its offsets are closed later.
func putNumeric(out *vector.Vector, r int32, n sqltype.Numeric) {
	if n.Scale == sqltype.ScaleOverflow {
		out.SetNumeric(int(r), n)
		return
	}
	out.I64[r], out.Scales[r] = n.Coef, n.Scale
}

// smallOp computes with two numbers in their small form; ok is false where the operation over whole numbers must do it.
type smallOp func(a int64, as uint8, b int64, bs uint8) (c int64, scale uint8, ok bool)

func subSmall(a int64, as uint8, b int64, bs uint8) (c int64, scale uint8, ok bool) {
	if b == -b && b != 0 { // the least integer has no opposite
		return 0, 0, false
	}
	return sqltype.AddSmall(a, as, -b, bs)
}

func modSmall(a int64, as uint8, b int64, bs uint8) (c int64, scale uint8, ok bool) {
	if as != bs || as > sqltype.MaxSmallScale || b == 0 || b == -1 {
		return 0, 0, false
	}
	return a % b, as, true
}

// small2 makes a kernel over two numbers.
func small2(name string, small smallOp, whole func(a, b sqltype.Numeric) (sqltype.Numeric, error)) Kernel {
	return Kernel{Name: name, Vec: func(c *Call, v []*vector.Vector, out *vector.Vector, sel []int32) {
		a, b := numsOf(v[0]), numsOf(v[1])
		coefs, scales := out.I64, out.Scales
		for _, r := range sel {
			i, j := r&a.mask, r&b.mask
			if x, s, ok := small(a.coef[i], a.scale[i], b.coef[j], b.scale[j]); ok {
				coefs[r], scales[r] = x, s
				continue
			}
			x, err := whole(a.at(r), b.at(r))
			if err != nil {
				c.fail(r, err)
				return
			}
			putNumeric(out, r, x)
		}
	}}
}

// compareNumerics runs a comparison of numbers.
func compareNumerics(k comparison, l, r *vector.Vector, dst []bool, sel []int32) {
	equal, swap, not := k.asTest()
	if l.Form == vector.Constant {
		l, r, swap = r, l, !swap
	}
	a, b := numsOf(l), numsOf(r)
	// The constant is brought to the scale of the rows, which most columns have in common.
	fixed := r.Form == vector.Constant && b.scale[0] <= sqltype.MaxSmallScale
	c, scale, known := int64(0), uint8(0), false
	if fixed {
		c, scale, known = b.coef[0], b.scale[0], true
	}
	for _, row := range sel {
		i, j := row&a.mask, row&b.mask
		order, s := 0, a.scale[i]
		if fixed && s != scale {
			scale, known = s, false
			if s <= sqltype.MaxSmallScale && s >= b.scale[0] {
				c, known = sqltype.Upscale(b.coef[0], int(s-b.scale[0]))
			}
		}
		if fixed && known {
			order = cmp.Compare(a.coef[i], c)
		} else if o, ok := sqltype.CmpSmall(a.coef[i], s, b.coef[j], b.scale[j]); ok {
			order = o
		} else {
			order = a.at(row).Cmp(b.at(row))
		}
		switch {
		case equal:
			dst[row] = (order == 0) != not
		case swap:
			dst[row] = (order > 0) != not
		default:
			dst[row] = (order < 0) != not
		}
	}
}

// roundKernel makes round and trunc to a number of places, which is 0 where it is not given.
func roundKernel(name string, half bool, whole func(n sqltype.Numeric, places int) (sqltype.Numeric, error)) Kernel {
	return Kernel{Name: name, Vec: func(c *Call, v []*vector.Vector, out *vector.Vector, sel []int32) {
		a := numsOf(v[0])
		places := view[int32]{d: []int32{0}}
		if len(v) > 1 {
			places = viewOf[int32](v[1])
		}
		for _, r := range sel {
			i, p := r&a.mask, int(places.d[r&places.mask])
			if x, s, ok := sqltype.RoundSmall(a.coef[i], a.scale[i], p, half); ok {
				out.I64[r], out.Scales[r] = x, s
				continue
			}
			n := a.at(r)
			if !n.IsSpecial() {
				var err error
				if n, err = whole(n, clampScale(int64(p))); err != nil {
					c.fail(r, err)
					return
				}
			}
			putNumeric(out, r, n)
		}
	}}
}

func numericTo[R integer](name string, oid uint32) Kernel {
	return Kernel{Name: name, Vec: func(c *Call, v []*vector.Vector, out *vector.Vector, sel []int32) {
		a, dst := numsOf(v[0]), buffer[R](out)
		for _, r := range sel {
			i := r & a.mask
			x, _, ok := sqltype.RoundSmall(a.coef[i], a.scale[i], 0, true)
			if y := R(x); ok && int64(y) == x {
				dst[r] = y
				continue
			}
			x, err := a.at(r).Int64(oid)
			if err != nil {
				c.fail(r, err)
				return
			}
			dst[r] = R(x)
		}
	}}
}

func intToNumeric[A integer](name string) Kernel {
	return Kernel{Name: name, Vec: func(_ *Call, v []*vector.Vector, out *vector.Vector, sel []int32) {
		a := viewOf[A](v[0])
		for _, r := range sel {
			out.I64[r], out.Scales[r] = int64(a.d[r&a.mask]), 0
		}
	}}
}

// numericToFloat makes the casts to float4 and float8.
func numericToFloat[R float](name string, whole func(sqltype.Numeric) (float64, error)) Kernel {
	return Kernel{Name: name, Vec: func(c *Call, v []*vector.Vector, out *vector.Vector, sel []int32) {
		a, dst := numsOf(v[0]), buffer[R](out)
		var zero R
		wide := any(zero) == any(float64(0)) // float4 is read from the text at once: rounding twice is not the same
		for _, r := range sel {
			i := r & a.mask
			if f, ok := sqltype.FloatOfSmall(a.coef[i], a.scale[i]); ok && wide {
				dst[r] = R(f)
				continue
			}
			f, err := whole(a.at(r))
			if err != nil {
				c.fail(r, err)
				return
			}
			dst[r] = R(f)
		}
	}}
}

// numericTypmod makes the cast to a precision and scale.
func numericTypmod(name string) Kernel {
	return Kernel{Name: name, Vec: func(c *Call, v []*vector.Vector, out *vector.Vector, sel []int32) {
		typmod := viewOf[int32](v[1])
		for _, r := range sel {
			if err := fitNumeric(v[0], r, typmod.d[r&typmod.mask], out); err != nil {
				c.fail(r, err)
				return
			}
		}
	}}
}

// fitNumeric makes a row fit a modifier.
func fitNumeric(v *vector.Vector, r, typmod int32, out *vector.Vector) error {
	p, i := v.Physical(), v.Index(int(r))
	if x, s, ok := sqltype.FitSmall(p.I64[i], p.Scales[i], typmod); ok {
		out.I64[r], out.Scales[r] = x, s
		return nil
	}
	n, err := v.Numeric(int(r)), error(nil)
	if typmod >= 0 {
		if n, err = sqltype.FitNumeric(n, typmod); err != nil {
			return err
		}
	}
	putNumeric(out, r, n)
	return nil
}
