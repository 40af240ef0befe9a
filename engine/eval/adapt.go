package eval

import (
	"unsafe"

	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// fixed are the buffer elements of kinds with a fixed size.
type fixed interface {
	bool | int16 | int32 | int64 | float32 | float64 | sqltype.Interval | [16]byte
}

// buffer returns the vector's buffer of the element type.
func buffer[T fixed](v *vector.Vector) []T {
	var s any
	var zero T
	switch any(zero).(type) {
	case bool:
		s = v.Bools
	case int16:
		s = v.I16
	case int32:
		s = v.I32
	case int64:
		s = v.I64
	case float32:
		s = v.F32
	case float64:
		s = v.F64
	case sqltype.Interval:
		s = v.Intervals
	default:
		s = v.UUIDs
	}
	return s.([]T)
}

// view reads rows of a flat or constant vector without a branch: the value of a row is d[row&mask].
type view[T fixed] struct {
	d    []T
	mask int32
}

func viewOf[T fixed](v *vector.Vector) view[T] {
	switch v.Form {
	case vector.Constant:
		return view[T]{buffer[T](v), 0}
	case vector.Dictionary:
		src, out := buffer[T](v.Dict.Values), make([]T, v.N)
		for i, c := range v.Codes[:v.N] {
			if c >= 0 {
				out[i] = src[c]
			}
		}
		return view[T]{out, -1}
	}
	return view[T]{buffer[T](v), -1}
}

// one makes a kernel of a function of one fixed-size argument that cannot fail.
func one[A, R fixed](name string, op func(A) R) Kernel {
	return Kernel{Name: name, Vec: func(_ *Call, v []*vector.Vector, out *vector.Vector, sel []int32) {
		a, dst := viewOf[A](v[0]), buffer[R](out)
		for _, r := range sel {
			dst[r] = op(a.d[r&a.mask])
		}
	}}
}

// try1 makes a kernel of a function of one fixed-size argument.
func try1[A, R fixed](name string, op func(A) (R, error)) Kernel {
	return Kernel{Name: name, Vec: func(c *Call, v []*vector.Vector, out *vector.Vector, sel []int32) {
		a, dst := viewOf[A](v[0]), buffer[R](out)
		for _, r := range sel {
			x, err := op(a.d[r&a.mask])
			if err != nil {
				c.fail(r, err)
				return
			}
			dst[r] = x
		}
	}}
}

// two makes a kernel of a function of two fixed-size arguments that cannot fail.
func two[A, B, R fixed](name string, op func(A, B) R) Kernel {
	return Kernel{Name: name, Vec: func(_ *Call, v []*vector.Vector, out *vector.Vector, sel []int32) {
		a, b, dst := viewOf[A](v[0]), viewOf[B](v[1]), buffer[R](out)
		for _, r := range sel {
			dst[r] = op(a.d[r&a.mask], b.d[r&b.mask])
		}
	}}
}

// try2 makes a kernel of a function of two fixed-size arguments.
func try2[A, B, R fixed](name string, op func(A, B) (R, error)) Kernel {
	return Kernel{Name: name, Vec: func(c *Call, v []*vector.Vector, out *vector.Vector, sel []int32) {
		a, b, dst := viewOf[A](v[0]), viewOf[B](v[1]), buffer[R](out)
		for _, r := range sel {
			x, err := op(a.d[r&a.mask], b.d[r&b.mask])
			if err != nil {
				c.fail(r, err)
				return
			}
			dst[r] = x
		}
	}}
}

// env1 and env2 are try1 and try2 for functions that read the session.
func env1[A, R fixed](name string, op func(*Call, A) (R, error)) Kernel {
	return Kernel{Name: name, Vec: func(c *Call, v []*vector.Vector, out *vector.Vector, sel []int32) {
		a, dst := viewOf[A](v[0]), buffer[R](out)
		for _, r := range sel {
			x, err := op(c, a.d[r&a.mask])
			if err != nil {
				c.fail(r, err)
				return
			}
			dst[r] = x
		}
	}}
}

func env2[A, B, R fixed](name string, op func(*Call, A, B) (R, error)) Kernel {
	return Kernel{Name: name, Vec: func(c *Call, v []*vector.Vector, out *vector.Vector, sel []int32) {
		a, b, dst := viewOf[A](v[0]), viewOf[B](v[1]), buffer[R](out)
		for _, r := range sel {
			x, err := op(c, a.d[r&a.mask], b.d[r&b.mask])
			if err != nil {
				c.fail(r, err)
				return
			}
			dst[r] = x
		}
	}}
}

// scalar makes a kernel of a function over values.
func scalar(name string, op func(c *Call, a []sqltype.Value) (sqltype.Value, error)) Kernel {
	return Kernel{Name: name, Scalar: op}
}

// shallow is scalar for a function that does not open its arguments.
func shallow(name string, op func(c *Call, a []sqltype.Value) (sqltype.Value, error)) Kernel {
	return Kernel{Name: name, Scalar: op, Shallow: true}
}

// text1 makes a kernel from bytes to bytes: op appends the result to dst.
func text1(name string, op func(dst, s []byte) []byte) Kernel {
	return Kernel{Name: name, Vec: func(c *Call, v []*vector.Vector, out *vector.Vector, sel []int32) {
		for _, r := range sel {
			s := v[0].Bytes(int(r))
			if !c.fits(out, r, len(s)) {
				return
			}
			out.StartBytes(int(r))
			out.Data = op(out.Data, s)
			out.EndBytes(int(r))
		}
	}}
}

// measure makes a kernel from bytes to int4.
func measure(name string, op func(s []byte) int) Kernel {
	return Kernel{Name: name, Vec: func(_ *Call, v []*vector.Vector, out *vector.Vector, sel []int32) {
		for _, r := range sel {
			out.I32[r] = int32(op(v[0].Bytes(int(r))))
		}
	}}
}

// num1 and num2 are kernels over numeric.
func num1(name string, op func(sqltype.Numeric) (sqltype.Numeric, error)) Kernel {
	return Kernel{Name: name, Vec: func(c *Call, v []*vector.Vector, out *vector.Vector, sel []int32) {
		a := numsOf(v[0])
		for _, r := range sel {
			x, err := op(a.at(r))
			if err != nil {
				c.fail(r, err)
				return
			}
			putNumeric(out, r, x)
		}
	}}
}

func num2(name string, op func(a, b sqltype.Numeric) (sqltype.Numeric, error)) Kernel {
	return Kernel{Name: name, Vec: func(c *Call, v []*vector.Vector, out *vector.Vector, sel []int32) {
		a, b := numsOf(v[0]), numsOf(v[1])
		for _, r := range sel {
			x, err := op(a.at(r), b.at(r))
			if err != nil {
				c.fail(r, err)
				return
			}
			putNumeric(out, r, x)
		}
	}}
}

// aliasValue is Vector.Value without the copy of bytes: they are the vector's own, valid until it is written again.
func aliasValue(v *vector.Vector, row int) sqltype.Value {
	if v.Kind != sqltype.KindBytes {
		return v.Value(row)
	}
	if v.IsNull(row) {
		return sqltype.NullValue()
	}
	return sqltype.Value{S: alias(v.Bytes(row))}
}

// alias reads bytes as a string without copying them.
func alias(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
