package exec

import (
	"github.com/odatagres/odatagres/internal/sqltype"
	"github.com/odatagres/odatagres/internal/vector"
)

// countAgg is count(*) and count(x).
type countAgg struct {
	flatStates[int64]
	any bool
}

func (a *countAgg) addBatch(f *feed) error {
	if a.any && f.args[0].MayHaveNulls() {
		if f.groups == nil && f.rows == nil {
			a.s[f.group] += int64(f.n - f.args[0].CountNulls())
			return nil
		}
		return f.present(f.args[0], func(g int32, _ int) error {
			a.s[g]++
			return nil
		})
	}
	if f.groups == nil {
		a.s[f.group] += int64(f.n)
		return nil
	}
	s := a.s
	for _, g := range f.groups[:f.n] {
		s[g]++
	}
	return nil
}

func (a *countAgg) results(dst *vector.Vector, from, n int) error {
	copy(dst.I64, a.s[from:from+n])
	return nil
}

type boolState struct{ has, val bool }

// boolAgg is bool_and, every and bool_or.
type boolAgg struct {
	flatStates[boolState]
	and bool
}

func (a *boolAgg) addBatch(f *feed) error {
	v := f.args[0]
	p := v.Physical()
	return f.present(v, func(g int32, row int) error {
		x, s := p.Bools[v.Index(row)], &a.s[g]
		switch {
		case !s.has:
			s.has, s.val = true, x
		case a.and:
			s.val = s.val && x
		default:
			s.val = s.val || x
		}
		return nil
	})
}

func (a *boolAgg) results(dst *vector.Vector, from, n int) error {
	for i, s := range a.s[from : from+n] {
		if dst.Bools[i] = s.val; !s.has {
			dst.SetNull(i)
		}
	}
	return nil
}

type bitState struct {
	has bool
	val int64
}

// bitAgg is bit_and, bit_or and bit_xor over integers.
type bitAgg struct {
	flatStates[bitState]
	op func(a, b int64) int64
}

func (a *bitAgg) addBatch(f *feed) error {
	v := f.args[0]
	return f.present(v, func(g int32, row int) error {
		x, s := intAt(v, row), &a.s[g]
		if s.has {
			x = a.op(s.val, x)
		}
		s.has, s.val = true, x
		return nil
	})
}

func (a *bitAgg) results(dst *vector.Vector, from, n int) error {
	for i, s := range a.s[from : from+n] {
		if !s.has {
			dst.SetNull(i)
			continue
		}
		setInt(dst, i, s.val)
	}
	return nil
}

// setInt writes an integer of the vector's kind.
func setInt(dst *vector.Vector, row int, x int64) {
	switch dst.Kind {
	case sqltype.KindInt16:
		dst.I16[row] = int16(x)
	case sqltype.KindInt32:
		dst.I32[row] = int32(x)
	default:
		dst.I64[row] = x
	}
}
